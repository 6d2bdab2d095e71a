//! Customers drawn from the models, for recovery tests, examples and teaching.
//!
//! The generator is ChaCha12 with a given seed: the same seed gives the same customers everywhere.

use crate::base::error::InputError;
use crate::base::units::{Grain, TimeUnit};
use crate::numeric::random::Draws;
use crate::purchases::process::{PurchaseParameters, PurchaseProcess};
use crate::summary::customer_ids::CustomerIds;
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;

/// One random history for each age, in the parameters' unit, by any model of purchases.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbdParams, TimeUnit, simulate_histories};
/// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let histories = simulate_histories(&params, &[39.0, 27.0], 42);
/// assert_eq!(histories, simulate_histories(&params, &[39.0, 27.0], 42));
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[must_use]
pub fn simulate_histories(params: &impl PurchaseParameters, ages: &[f64], seed: u64) -> Vec<History> {
    let (process, mut draws) = (params.process(), Draws::new(seed));
    let history = |&age: &f64| {
        let times = process.draw(&mut draws, age);
        History { x: times.len() as u64, t_x: times.last().copied().unwrap_or(0.0), T: age }
    };
    ages.iter().map(history).collect()
}

/// The rising times of each random customer's repeat purchases up to their age.
#[must_use]
pub fn simulate_purchase_times(params: &impl PurchaseParameters, ages: &[f64], seed: u64) -> Vec<Vec<f64>> {
    let (process, mut draws) = (params.process(), Draws::new(seed));
    ages.iter().map(|&age| process.draw(&mut draws, age)).collect()
}

/// A summary of simulated histories, without ids (rows are named from 1 on); the grain is day, which simulated times
/// do not need.
///
/// # Errors
/// As [`RfmSummary::try_new`]; [`InputError::BadHistory`] for 2^32 purchases or more.
pub fn summary_of(
    unit: TimeUnit,
    histories: &[History],
    monetary: Option<Vec<f64>>,
) -> Result<RfmSummary, InputError> {
    let count = |history: &History| {
        u32::try_from(history.x).map_err(|_| {
            let (t_x, age) = (history.t_x, history.T);
            InputError::BadHistory { x: history.x, t_x, age, problem: "x must be below 2^32".to_owned() }
        })
    };
    RfmSummary::try_new(
        unit,
        Grain::Day,
        CustomerIds::numbered(histories.len()),
        histories.iter().map(count).collect::<Result<_, _>>()?,
        histories.iter().map(|history| history.t_x).collect(),
        histories.iter().map(|history| history.T).collect(),
        monetary,
    )
}
