//! Calibration and holdout: learn from the first part, check on the second.

use std::fmt;
use std::sync::Arc;

use cltv_models::{Grain, HoldoutSplit, RfmSummary, TimeUnit};
use polars::prelude::DataFrame;

use crate::columns::{codes, counts, reals};
use crate::error::DataError;
use crate::frame;
use crate::periods::Periods;
use crate::plan::queries;
use crate::transactions::{Transactions, part_of};
use cltv_protocol::text::{count, counted};

/// The calibration's summary and what the same customers did in the holdout.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Summary at the calibration's end; the holdout's vectors are in its order of customers.
    pub calibration: RfmSummary,
    /// The periods.
    pub periods: Periods,
    /// Length of the holdout in time units, as T counts them.
    pub duration: f64,
    /// Purchases of each customer in the holdout.
    pub holdout_purchases: Arc<Vec<u64>>,
    /// What each customer's holdout purchases add up to; `None` without amounts.
    pub holdout_spend: Option<Vec<f64>>,
    /// Customers first seen in the holdout, who are in neither.
    pub excluded_customers: usize,
}

impl Transactions {
    /// Splits at the calibration's end; customers first seen after it are left out.
    ///
    /// The rows are cut at both ends first, then each part is merged by the grain, so a week that
    /// the calibration's end cuts may hold a purchase on either side. The duration is the number
    /// of grain periods from the calibration's end to the observation's end, in time units.
    ///
    /// DIFFERENCE: lifetimes' `monetary_value_holdout` is the mean over rows; here
    /// [`Split::holdout_mean_spend`] is the mean over purchases, as in the calibration.
    ///
    /// # Errors
    /// [`DataError::NoRepeatCustomer`] when nobody bought twice in the calibration.
    ///
    /// # Examples
    /// ```
    /// use cltv_purchases::{Cleaning, Source};
    /// use cltv_models::{Grain, TimeUnit};
    /// let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
    /// let split = cdnow.split(&cdnow.periods("", "")?, TimeUnit::Week, Grain::Day)?;
    /// assert_eq!(split.duration, 39.0);
    /// assert_eq!(split.actual_purchases(), 1882);
    /// # Ok::<(), cltv_purchases::DataError>(())
    /// ```
    pub fn split(&self, periods: &Periods, unit: TimeUnit, grain: Grain) -> Result<Split, DataError> {
        self.check_repeats(periods, grain)?;
        let calibration = self.summary(unit, grain, periods.calibration_end)?;
        let [until, end] = [periods.calibration_end, periods.observation_end].map(|day| day.to_epoch_days());
        let mut customers = Vec::with_capacity(calibration.len());
        self.for_each_block(&queries::first_days(until), |table| {
            customers.extend(codes(table, "customer")?);
            Ok(())
        })?;
        let mut purchases = vec![0; customers.len()];
        let mut spend = if self.has_amounts() { vec![0.0; customers.len()] } else { Vec::new() };
        let (mut excluded, mut at) = (0, 0);
        self.for_each_block(&queries::holdout(grain, until, end, self.has_amounts()), |table| {
            let (buyers, bought) = (codes(table, "customer")?, counts(table, "holdout_purchases")?);
            let spent = self.has_amounts().then(|| reals(table, "holdout_spend")).transpose()?;
            // Both lists of codes rise.
            for (i, buyer) in buyers.into_iter().enumerate() {
                while customers.get(at).is_some_and(|&customer| customer < buyer) {
                    at += 1;
                }
                if customers.get(at) != Some(&buyer) {
                    excluded += 1;
                    continue;
                }
                purchases[at] = bought[i];
                if let Some(spent) = &spent {
                    spend[at] = spent[i];
                }
            }
            Ok(())
        })?;
        Ok(Split {
            calibration,
            periods: *periods,
            duration: periods.holdout_length(unit, grain),
            holdout_purchases: Arc::new(purchases),
            holdout_spend: self.has_amounts().then_some(spend),
            excluded_customers: excluded,
        })
    }
}

impl Split {
    /// What models are compared on: the calibration, and the purchases after it.
    ///
    /// # Errors
    /// [`DataError::Input`] for a split that was put together by hand and does not fit.
    pub fn holdout(&self) -> Result<HoldoutSplit, DataError> {
        let actual = self.holdout_purchases.clone();
        Ok(HoldoutSplit::try_new(self.calibration.clone(), actual, self.duration)?)
    }

    /// Purchases of all customers in the holdout.
    #[must_use]
    pub fn actual_purchases(&self) -> u64 {
        self.holdout_purchases.iter().sum()
    }

    /// Customers with a purchase in the holdout.
    #[must_use]
    pub fn active_customers(&self) -> usize {
        self.holdout_purchases.iter().filter(|&&n| n > 0).count()
    }

    /// Each customer's mean spend a holdout purchase, 0 without one; `None` without amounts.
    #[must_use]
    pub fn holdout_mean_spend(&self) -> Option<Vec<f64>> {
        let spend = self.holdout_spend.as_ref()?;
        let mean = |(&total, &n): (&f64, &u64)| if n == 0 { 0.0 } else { total / n as f64 };
        Some(spend.iter().zip(&*self.holdout_purchases).map(mean).collect())
    }

    /// The split as a table: `customer_id`, `frequency`, `t_x`, `T`, `monetary`,
    /// `holdout_purchases`, `holdout_spend` (the spend columns only with amounts).
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        let mut columns = summary_columns(&self.calibration);
        columns.push(frame::counts("holdout_purchases", self.holdout_purchases.iter().copied()));
        if let Some(spend) = &self.holdout_spend {
            columns.push(frame::numbers("holdout_spend", spend.iter().copied()));
        }
        frame::frame(columns)
    }
}

/// A summary as a table: `customer_id`, `frequency`, `t_x`, `T`, and `monetary` with amounts.
///
/// # Errors
/// [`DataError::Frame`] if polars refuses the table.
pub fn summary_frame(summary: &RfmSummary) -> Result<DataFrame, DataError> {
    frame::frame(summary_columns(summary))
}

fn summary_columns(summary: &RfmSummary) -> Vec<Result<polars::prelude::Column, DataError>> {
    let mut columns = vec![
        frame::texts("customer_id", summary.customer_ids().iter().map(String::from)),
        frame::counts("frequency", summary.frequency().iter().copied().map(u64::from)),
        frame::numbers("t_x", summary.t_x().iter().copied()),
        frame::numbers("T", summary.age().iter().copied()),
    ];
    if let Some(monetary) = summary.monetary() {
        columns.push(frame::numbers("monetary", monetary.iter().copied()));
    }
    columns
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.calibration.unit();
        write!(
            f,
            "Until {}: {} with {} repeat purchases. In the {} {unit}s after it, {} bought {} times.",
            self.periods.calibration_end,
            counted(self.calibration.len(), "customer"),
            count(usize::try_from(self.calibration.repeat_purchases()).unwrap_or(usize::MAX)),
            (self.duration * 100.0).round() / 100.0,
            part_of(self.active_customers(), self.calibration.len()),
            count(usize::try_from(self.actual_purchases()).unwrap_or(usize::MAX)),
        )?;
        match self.excluded_customers {
            0 => Ok(()),
            n => write!(f, " {} first seen after it are left out.", counted(n, "customer")),
        }
    }
}
