//! The definitions by name, as plans for another engine.

use cltv_models::{Grain, TimeUnit};
use polars::prelude::DataFrame;

use crate::error::DataError;
use crate::periods::Periods;
use crate::plan::{Plan, queries};
use crate::transactions::Transactions;
use cltv_plan::periods::period_of;

/// A definition: its plan, and whether its rows are sums over customers rather than one for each.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// Its plan over the table `rows` (`customer`, `day` since 1970-01-01, `amount`).
    pub plan: Plan,
    /// The keys of a result that is summed over customers; empty where there is a row for each customer.
    pub keys: Vec<&'static str>,
}

impl Transactions {
    /// What is computed from these purchases, as plans: [`crate::sql_of`] prints them for a database.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{Grain, TimeUnit};
    /// use cltv_purchases::{Cleaning, Dialect, Source, sql_of};
    /// let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
    /// let all = cdnow.definitions(&cdnow.periods("", "")?, TimeUnit::Week, Grain::Day);
    /// let summary = all.iter().find(|one| one.name == "calibration").unwrap();
    /// assert!(sql_of(&summary.plan, Dialect::DuckDb).contains("GROUP BY \"customer\""));
    /// assert_eq!(cdnow.computed(summary)?.height(), 2357);
    /// # Ok::<(), cltv_purchases::DataError>(())
    /// ```
    #[must_use]
    pub fn definitions(&self, periods: &Periods, unit: TimeUnit, grain: Grain) -> Vec<Definition> {
        let amounts = self.has_amounts();
        let [until, end] = [periods.calibration_end, periods.observation_end].map(|day| day.to_epoch_days());
        let period = |day| period_of(day, grain);
        let summary = |until, last| queries::summary(unit, grain, until, period(last), amounts);
        let each = |name, plan| Definition { name, plan, keys: Vec::new() };
        let sums = |name, plan, keys: &[&'static str]| Definition { name, plan, keys: keys.to_vec() };
        vec![
            each("purchases", queries::purchases(grain, None, end, amounts)),
            each("calibration", summary(until, periods.calibration_end)),
            each("full", summary(end, periods.observation_end)),
            each("holdout", queries::holdout(grain, until, end, amounts)),
            each("rfm", queries::rfm(grain, end, amounts)),
            sums("cohorts", queries::cohorts(end, amounts), &["cohort", "age"]),
            sums("births", queries::births(end), &["first_day"]),
            sums("repeats_by_day", queries::repeats_by_day(grain, until, end), &["day"]),
            sums("repeats_by_day_after", queries::repeats_by_day_after(grain, until, until, end), &["day"]),
            sums("purchases_by_week", queries::purchases_by_period(Grain::Week, grain, end), &["start"]),
            sums("customers_by_month", queries::customers_by_period(Grain::Month, end, amounts), &["start"]),
        ]
    }

    /// The table of a definition, as polars computes it.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn computed(&self, definition: &Definition) -> Result<DataFrame, DataError> {
        if definition.keys.is_empty() {
            return self.by_customer(&definition.plan);
        }
        self.summed(&definition.plan, &definition.keys)
    }
}
