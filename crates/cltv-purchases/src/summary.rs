//! The summary that models are fitted on: x, t_x, T and mean spend of every customer.

use chrono::NaiveDate;
use cltv_models::{Grain, RfmSummary, TimeUnit};

use crate::columns::{codes, counts, reals, wholes};
use crate::error::DataError;
use crate::periods::Periods;
use crate::plan::queries;
use crate::transactions::Transactions;
use cltv_plan::periods::period_of;

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
        let end_period = period_of(end, grain);
        let plan = queries::summary(unit, grain, end.to_epoch_days(), end_period, self.has_amounts());
        let mut columns = vec!["customer", "frequency", "t_x", "age", "ln_intervals"];
        columns.extend(self.has_amounts().then_some("monetary"));
        let room = self.customers();
        let (mut customers, mut frequency) = (Vec::with_capacity(room), Vec::with_capacity(room));
        let real = || Vec::with_capacity(room);
        let (mut t_x, mut age, mut ln_intervals, mut monetary) = (real(), real(), real(), real());
        self.for_each_block(&plan.select(&columns), |table| {
            customers.extend(codes(table, "customer")?);
            frequency.extend(wholes(table, "frequency")?.into_iter().map(|x| x as u32));
            t_x.extend(reals(table, "t_x")?);
            age.extend(reals(table, "age")?);
            ln_intervals.extend(reals(table, "ln_intervals")?);
            if self.has_amounts() {
                monetary.extend(reals(table, "monetary")?);
            }
            Ok(())
        })?;
        if customers.is_empty() {
            return Err(DataError::NoPurchases {
                shown: self.name(),
                rows: self.len(),
                reasons: format!("all are dated after {end}"),
            });
        }
        let ids = self.ids().of_customers(&customers);
        drop(customers);
        let monetary = self.has_amounts().then_some(monetary);
        let summary = RfmSummary::try_new(unit, grain, ids, frequency, t_x, age, monetary)?;
        Ok(summary.with_ln_intervals(ln_intervals)?)
    }

    /// Refuses data that no purchase model can learn from: nobody bought again in the calibration.
    ///
    /// # Errors
    /// [`DataError::NoRepeatCustomer`] naming the period, the whole observation or the calibration.
    pub fn check_repeats(&self, periods: &Periods, grain: Grain) -> Result<(), DataError> {
        for end in [periods.observation_end, periods.calibration_end] {
            let plan = queries::purchase_counts(grain, end.to_epoch_days());
            let (mut customers, mut repeated) = (0, false);
            self.for_each_block(&plan, |table| {
                let purchases = counts(table, "purchases")?;
                customers += purchases.len();
                repeated |= purchases.iter().any(|&n| n > 1);
                Ok(())
            })?;
            if !repeated {
                return Err(DataError::NoRepeatCustomer {
                    shown: self.name(),
                    customers,
                    grain: grain.name().to_owned(),
                    period: format!("until {end}"),
                });
            }
        }
        Ok(())
    }
}
