//! The summary that models are fitted on: x, t_x, T and mean spend of every customer.

use chrono::NaiveDate;
use cltv_models::{CustomerIds, Grain, RfmSummary, TimeUnit};

use crate::error::DataError;
use crate::periods::Periods;
use crate::purchases::{CustomerPurchases, in_units, period_of};
use crate::transactions::Transactions;

impl Transactions {
    /// Frequency, recency, age and mean spend of every customer, seen until a day included.
    ///
    /// Rows after `end` are cut first, then the rest is merged by the grain. With period numbers
    /// p of the merged purchases and e of the end, in units of time:
    ///
    /// - x: purchases after the first one;
    /// - t_x = p_last - p_first, T = e - p_first;
    /// - spend: mean over the x repeat purchases of what their rows add up to, 0 when x = 0;
    /// - the sum of the logarithms of the x times between purchases, which CNBD-k models need.
    ///
    /// At grain day and unit week, times are days / 7. Weeks start on Monday. A month is 30.4375
    /// days, so at grain month and unit month times are whole months.
    ///
    /// DIFFERENCE: lifetimes lets days after a mid-week end into its last week at grain week; here
    /// the end is the end at every grain.
    ///
    /// # Errors
    /// [`DataError::NoPurchases`] when nobody bought until `end`.
    ///
    /// # Examples
    /// ```
    /// use cltv_purchases::{Cleaning, Source};
    /// use cltv_models::{Grain, TimeUnit};
    /// let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
    /// let periods = cdnow.periods("", "")?;
    /// let rfm = cdnow.summary(TimeUnit::Week, Grain::Day, periods.calibration_end)?;
    /// assert_eq!((rfm.len(), rfm.repeat_purchases()), (2357, 2457));
    /// # Ok::<(), cltv_purchases::DataError>(())
    /// ```
    pub fn summary(&self, unit: TimeUnit, grain: Grain, end: NaiveDate) -> Result<RfmSummary, DataError> {
        let customers = self.purchases(grain, end);
        if customers.is_empty() {
            return Err(DataError::NoPurchases {
                shown: self.name(),
                rows: self.len(),
                reasons: format!("all are dated after {end}"),
            });
        }
        summarise(&customers, unit, grain, end, self.has_amounts())
    }

    /// Refuses data that no purchase model can learn from: nobody bought again in the calibration.
    ///
    /// # Errors
    /// [`DataError::NoRepeatCustomer`] naming the period, the whole observation or the calibration.
    pub fn check_repeats(&self, periods: &Periods, grain: Grain) -> Result<(), DataError> {
        for end in [periods.observation_end, periods.calibration_end] {
            let customers = self.purchases(grain, end);
            if customers.iter().all(|customer| customer.repeats().is_empty()) {
                return Err(DataError::NoRepeatCustomer {
                    shown: self.name(),
                    customers: customers.len(),
                    grain: grain.name().to_owned(),
                    period: format!("until {end}"),
                });
            }
        }
        Ok(())
    }
}

fn summarise(
    customers: &[CustomerPurchases],
    unit: TimeUnit,
    grain: Grain,
    end: NaiveDate,
    has_amounts: bool,
) -> Result<RfmSummary, DataError> {
    let end = period_of(end, grain);
    let first = |customer: &CustomerPurchases| customer.purchases[0].period;
    let last = |customer: &CustomerPurchases| customer.purchases[customer.purchases.len() - 1].period;
    let monetary = has_amounts.then(|| customers.iter().map(mean_repeat_spend).collect());
    Ok(RfmSummary::try_new(
        unit,
        grain,
        customers.iter().map(|c| c.customer_id.as_str()).collect::<CustomerIds>(),
        customers.iter().map(|c| c.repeats().len() as u32).collect(),
        customers.iter().map(|c| in_units(last(c) - first(c), grain, unit)).collect(),
        customers.iter().map(|c| in_units(end - first(c), grain, unit)).collect(),
        monetary,
    )?
    .with_ln_intervals(customers.iter().map(|c| ln_intervals_of(c, grain, unit)).collect())?)
}

/// Σ ln(time between purchases), which models of regular purchases need.
fn ln_intervals_of(customer: &CustomerPurchases, grain: Grain, unit: TimeUnit) -> f64 {
    let pairs = customer.purchases.windows(2);
    pairs.map(|pair| in_units(pair[1].period - pair[0].period, grain, unit).ln()).sum()
}

fn mean_repeat_spend(customer: &CustomerPurchases) -> f64 {
    let repeats = customer.repeats();
    let total: f64 = repeats.iter().filter_map(|purchase| purchase.amount).sum();
    if repeats.is_empty() { 0.0 } else { total / repeats.len() as f64 }
}
