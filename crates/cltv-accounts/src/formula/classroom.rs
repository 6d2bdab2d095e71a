//! The classroom example: 500 simulated customers, their formula value, four segments.

use serde::Serialize;

use super::clv::ClvFormula;
use super::error::FormulaError;
use crate::numpy_random::RandomState;

/// The example's discount rate a year.
pub const CLASSROOM_DISCOUNT: f64 = 0.10;
const ORDER_VALUE: (f64, f64) = (1200.0, 200.0);
const ORDERS: f64 = 4.0;
const RETENTION: (f64, f64) = (0.4, 0.9);

/// One simulated customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClassroomCustomer {
    /// The customer's averages; the margin is 1.
    pub averages: ClvFormula,
    /// Their value without a horizon, in money.
    pub clv: f64,
}

/// Customers as published examples draw them: `np.random.seed(seed)`, then `n` order values normal
/// with mean 1200 and standard deviation 200, `n` numbers of orders Poisson with mean 4, `n`
/// retention rates uniform in [0.4, 0.9); discount 10%, margin 1.
///
/// With seed 42 and 500 customers the quarters' means are 2079.55, 4758.47, 8274.89 and 17990.25,
/// 125 customers each. Text published with this table gives 18,400 for the last; the table is
/// right: it is what numpy computes.
///
/// # Errors
/// [`FormulaError::TooFew`] for `n` = 0, and [`FormulaError::OutOfBounds`] should a normal draw be
/// negative (six standard deviations below the mean).
///
/// # Examples
/// ```
/// use cltv_accounts::formula::{classroom, quartile_segments};
/// let values: Vec<f64> = classroom(42, 500)?.iter().map(|customer| customer.clv).collect();
/// let table = quartile_segments(&values)?;
/// let means: Vec<String> = table.rows.iter().map(|row| format!("{:.2}", row.mean)).collect();
/// assert_eq!(means, ["2079.55", "4758.47", "8274.89", "17990.25"]);
/// # Ok::<(), cltv_accounts::formula::FormulaError>(())
/// ```
pub fn classroom(seed: u32, n: usize) -> Result<Vec<ClassroomCustomer>, FormulaError> {
    if n == 0 {
        return Err(FormulaError::TooFew { what: "customers", least: 1 });
    }
    let mut random = RandomState::new(seed);
    // One column after the other, as the example draws them: another order gives other customers.
    let order_values: Vec<f64> =
        (0..n).map(|_| ORDER_VALUE.0 + ORDER_VALUE.1 * random.standard_normal()).collect();
    let orders: Vec<f64> = (0..n).map(|_| random.poisson(ORDERS).unwrap_or_default() as f64).collect();
    order_values
        .into_iter()
        .zip(orders)
        .map(|(order_value, frequency)| {
            let retention = random.uniform(RETENTION.0, RETENTION.1);
            let averages = ClvFormula::new(order_value, frequency, 1.0, retention, CLASSROOM_DISCOUNT)?;
            Ok(ClassroomCustomer { averages, clv: averages.value()? })
        })
        .collect()
}
