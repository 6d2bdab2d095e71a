//! The classroom example of the value formula.

use crate::error::Error;
use crate::frames;
use cltv_accounts::formula::ClassroomCustomer;
use polars::prelude::DataFrame;

/// Customers drawn for the classroom example, with their averages and value.
#[derive(Debug, Clone)]
pub struct Classroom {
    /// The customers.
    pub customers: Vec<ClassroomCustomer>,
}

/// The classroom example: customers drawn as `np.random.seed(seed)` draws them.
///
/// # Errors
/// [`Error::Formula`] without customers, [`Error::UnknownWord`] for a seed that numpy does not take.
///
/// # Examples
/// ```
/// let pupils = cltv_workflow::classroom(42, 500)?;
/// assert_eq!(pupils.values().len(), 500);
/// assert_eq!(pupils.frame()?.width(), 4);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn classroom(seed: u64, customers: usize) -> Result<Classroom, Error> {
    let seed = u32::try_from(seed).map_err(|_| Error::UnknownWord {
        name: "seed",
        value: seed.to_string(),
        bound: "at most 4294967295, the largest that numpy takes".to_owned(),
    })?;
    Ok(Classroom { customers: cltv_accounts::formula::classroom(seed, customers)? })
}

impl Classroom {
    /// The value of each customer.
    pub fn values(&self) -> Vec<f64> {
        self.customers.iter().map(|customer| customer.clv).collect()
    }

    /// The customers as a table.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let rows = || self.customers.iter();
        frames::frame(vec![
            frames::numbers("order_value", rows().map(|row| Some(row.averages.order_value))),
            frames::numbers("orders", rows().map(|row| Some(row.averages.frequency))),
            frames::numbers("retention", rows().map(|row| Some(row.averages.retention))),
            frames::numbers("clv", rows().map(|row| Some(row.clv))),
        ])
    }
}
