//! Expected purchases and value of every customer, in columns.

use crate::error::Error;
use crate::frames::{self, Figures};
use crate::models::{Models, Spend};
use crate::progress::working;
use crate::values::predicted::Predicted;
use cltv_models::audit::dropout_identified;
use cltv_models::{
    AuditLevel, DrawPlan, FitError, Fitted, GammaGamma, InputError, IntervalEstimate, PurchaseFit,
    RfmSummary, SumForecast, ValueIntervals, ValuePlan, customer_activity, lifetime_value,
    lifetime_value_intervals,
};
use cltv_report::numbers::{fixed, percent, whole};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::ops::Range;

/// Customers above whom fewer draws are made for the intervals of values.
const MANY: usize = 100_000;

/// The figures of one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The customer.
    pub customer_id: String,
    /// Repeat purchases.
    pub frequency: u64,
    /// Age at the last purchase, in time units.
    pub t_x: f64,
    /// Age at the end of the observation, in time units.
    pub age: f64,
    /// Mean spend a repeat purchase, 0 without one; none without amounts.
    pub monetary: Option<f64>,
    /// P(at least one purchase within the horizon).
    pub p_return: f64,
    /// P(alive) at the end of the observation. Nobody can observe it, and models with equal forecasts differ in it.
    pub p_alive: f64,
    /// Purchases expected within the horizon.
    pub expected_purchases: f64,
    /// Lower end of the 95% prediction interval of the number of purchases within the horizon.
    pub purchases_low: u64,
    /// Upper end of the same interval.
    pub purchases_high: u64,
    /// Mean spend expected a purchase; none without amounts.
    pub expected_spend: Option<f64>,
    /// Lower end of the 95% prediction interval of the revenue within the horizon, without discount and margin; none
    /// without amounts.
    pub revenue_low: Option<f64>,
    /// Upper end of the same interval.
    pub revenue_high: Option<f64>,
    /// Discounted value within the horizon; none without amounts.
    pub clv: Option<f64>,
    /// Lower end of the interval of [`Score::clv`], an expectation: it reflects parameter uncertainty of purchases and
    /// spend, not what the customer will happen to do; none without amounts, or where a fit is not identified.
    pub clv_low: Option<f64>,
    /// Upper end of the same interval.
    pub clv_high: Option<f64>,
    /// Value within the horizon, were the customer to have dropped out and to start again at the end of the
    /// observation; none without amounts, where the data do not identify dropout, or where the model leaves this
    /// history no chance to have dropped out.
    pub value_if_reactivated: Option<f64>,
}

/// The scores of all customers: a column a figure, in the order of the customers' ids. A clone shares them.
#[derive(Debug, Clone)]
pub struct Scores {
    history: RfmSummary,
    p_return: Figures,
    p_alive: Figures,
    expected_purchases: Figures,
    predicted: Predicted,
    values: Option<Values>,
    /// The purchase model's name: "BG/NBD".
    pub model: &'static str,
    /// Horizon, discount and margin.
    pub plan: ValuePlan,
}

/// The figures of money.
#[derive(Debug, Clone)]
struct Values {
    expected_spend: Figures,
    clv: Figures,
    /// None where the data do not identify dropout; NaN of a customer who cannot have dropped out.
    if_reactivated: Option<Figures>,
    intervals: Option<Intervals>,
}

/// The intervals of the values and of their sum.
#[derive(Debug, Clone)]
struct Intervals {
    low: Figures,
    high: Figures,
    total: TotalInterval,
}

/// The value of all customers with its interval, and how the interval was made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TotalInterval {
    /// The value and both ends.
    pub value: IntervalEstimate,
    /// Level, and the draws of the parameters.
    pub draws: DrawPlan,
}

/// Scores every customer of a summary.
///
/// There are two kinds of 95% intervals, both from 200 seeded draws of the parameters; above 100,000 customers those
/// of values are from 60 draws and those of predictions from 20. Intervals of values are those of an expectation, by parameter uncertainty. Prediction intervals of
/// purchases and revenue also contain the customer's own chance, with the spend model at its estimates: with the probability 95% the outcome lies in them,
/// if the model is right.
///
/// # Errors
/// [`Error::Input`] when models and summary are of different time units, when the plan is out of
/// bounds, or when a spend model meets a summary without amounts.
///
/// # Examples
/// ```
/// use cltv_models::ValuePlan;
/// use cltv_workflow::{Input, fit_models, load, score};
/// let history = load(&Input::new("cdnow"))?.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let scores = score(&history, &models, &ValuePlan::new(6, 0.10, 1.0)?)?;
/// assert_eq!((scores.len(), scores.frame()?.width()), (2357, 17));
/// assert!(scores.total_value().unwrap() > 0.0);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn score(history: &RfmSummary, models: &Models, plan: &ValuePlan) -> Result<Scores, Error> {
    let step = format!("Scoring {} customers", whole(history.len() as f64));
    working(&step, || match &models.spend {
        Spend::Fitted(spend) => valued(history, &models.purchases, spend, plan),
        Spend::Skipped => active(history, &models.purchases, plan),
    })
}

/// The figures of values.
fn valued(
    history: &RfmSummary,
    purchases: &PurchaseFit,
    spend: &Fitted<GammaGamma>,
    plan: &ValuePlan,
) -> Result<Scores, Error> {
    let values = lifetime_value(purchases, spend, history, plan)?;
    let intervals = intervals(history, purchases, spend, plan)?;
    let params = spend.params();
    let is_known = dropout_identified(purchases).is_some_and(|audit| audit.level != AuditLevel::Warning);
    Ok(Scores {
        history: history.clone(),
        p_return: Figures::new("p_return", values.p_return),
        p_alive: Figures::new("p_alive", values.p_alive),
        expected_purchases: Figures::new("expected_purchases", values.expected_purchases),
        predicted: Predicted::of(history, purchases, Some(&params), plan.horizon_months)?,
        values: Some(Values {
            expected_spend: Figures::new("expected_spend", values.expected_spend),
            clv: Figures::new("clv", values.clv),
            if_reactivated: is_known
                .then(|| Figures::new("value_if_reactivated", values.value_if_reactivated)),
            intervals: intervals.map(Intervals::from),
        }),
        model: purchases.name(),
        plan: *plan,
    })
}

/// None where a fit is not identified, which the audits report.
fn intervals(
    history: &RfmSummary,
    purchases: &PurchaseFit,
    spend: &Fitted<GammaGamma>,
    plan: &ValuePlan,
) -> Result<Option<ValueIntervals>, Error> {
    let count = if history.len() > MANY { 60 } else { 200 };
    let draws = DrawPlan { count, ..DrawPlan::default() };
    match lifetime_value_intervals(purchases, spend, history, plan, &draws) {
        Ok(found) => Ok(Some(found)),
        Err(FitError::NotIdentified { .. } | FitError::Input(InputError::NoFiniteMeanSpend { .. })) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

impl From<ValueIntervals> for Intervals {
    fn from(found: ValueIntervals) -> Self {
        Intervals {
            low: Figures::new("clv_low", found.low),
            high: Figures::new("clv_high", found.high),
            total: TotalInterval { value: found.total, draws: found.plan },
        }
    }
}

/// The same without amounts.
fn active(history: &RfmSummary, purchases: &PurchaseFit, plan: &ValuePlan) -> Result<Scores, Error> {
    let activity = customer_activity(purchases, history, plan)?;
    Ok(Scores {
        history: history.clone(),
        p_return: Figures::new("p_return", activity.p_return),
        p_alive: Figures::new("p_alive", activity.p_alive),
        expected_purchases: Figures::new("expected_purchases", activity.expected_purchases),
        predicted: Predicted::of(history, purchases, None, plan.horizon_months)?,
        values: None,
        model: purchases.name(),
        plan: *plan,
    })
}

impl Scores {
    /// Customers.
    pub fn len(&self) -> usize {
        self.history.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.history.is_empty()
    }

    /// The summary that was scored.
    pub fn history(&self) -> &RfmSummary {
        &self.history
    }

    /// P(at least one purchase within the horizon) of each customer.
    pub fn p_return(&self) -> &[f64] {
        &self.p_return
    }

    /// P(alive) of each customer.
    pub fn p_alive(&self) -> &[f64] {
        &self.p_alive
    }

    /// Purchases expected of each customer within the horizon.
    pub fn expected_purchases(&self) -> &[f64] {
        &self.expected_purchases
    }

    /// The value of each customer within the horizon; none without amounts.
    pub fn clv(&self) -> Option<&[f64]> {
        self.values.as_ref().map(|values| &*values.clv)
    }

    /// The value of each customer within the horizon, were they to have dropped out and to start again; NaN of
    /// those who cannot have dropped out. None without amounts, or where the data do not identify dropout.
    pub fn value_if_reactivated(&self) -> Option<&[f64]> {
        self.values.as_ref()?.if_reactivated.as_deref()
    }

    /// Both ends of the interval of each customer's value; none where there are no intervals.
    pub fn clv_interval(&self) -> Option<(&[f64], &[f64])> {
        let intervals = self.values.as_ref()?.intervals.as_ref()?;
        Some((&intervals.low, &intervals.high))
    }

    /// The value of each customer, or the expected purchases without amounts: what ranks customers.
    pub fn ranked_by(&self) -> &[f64] {
        self.clv().unwrap_or(&self.expected_purchases)
    }

    /// The scores of one customer, by their place; none beyond the last.
    pub fn row(&self, at: usize) -> Option<Score> {
        if at >= self.len() {
            return None;
        }
        let id = self.history.customer_ids().get(at);
        let values = self.values.as_ref();
        let intervals = values.and_then(|values| values.intervals.as_ref());
        Some(Score {
            customer_id: id.to_string(),
            frequency: u64::from(self.history.frequency()[at]),
            t_x: self.history.t_x()[at],
            age: self.history.age()[at],
            monetary: self.history.monetary().map(|monetary| monetary[at]),
            p_return: self.p_return[at],
            p_alive: self.p_alive[at],
            expected_purchases: self.expected_purchases[at],
            purchases_low: u64::from(self.predicted.purchases[0][at]),
            purchases_high: u64::from(self.predicted.purchases[1][at]),
            expected_spend: values.map(|values| values.expected_spend[at]),
            revenue_low: self.predicted.revenue.as_ref().map(|[low, _]| low[at]),
            revenue_high: self.predicted.revenue.as_ref().map(|[_, high]| high[at]),
            clv: values.map(|values| values.clv[at]),
            clv_low: intervals.map(|intervals| intervals.low[at]),
            clv_high: intervals.map(|intervals| intervals.high[at]),
            value_if_reactivated: self
                .value_if_reactivated()
                .map(|values| values[at])
                .filter(|value| !value.is_nan()),
        })
    }

    /// All scores as a table, one row a customer.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the columns.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        frames::frame(self.columns(0..self.len()))
    }

    /// The first scores as a table.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the columns.
    pub fn head(&self, rows: usize) -> Result<DataFrame, Error> {
        frames::frame(self.columns(0..self.len().min(rows)))
    }

    /// The columns of `clv_results.csv` without segment and tier, for some of the rows.
    pub(super) fn columns(&self, rows: Range<usize>) -> Vec<Column> {
        let history = &self.history;
        let values = self.values.as_ref();
        let intervals = values.and_then(|values| values.intervals.as_ref());
        let part = |name: &str, of: &[f64]| Figures::new(name, of[rows.clone()].to_vec()).column();
        let figure = |name: &str, of: Option<&Figures>| match of {
            Some(figures) => part(name, figures),
            None => frames::missing(name, rows.len()),
        };
        let monetary = history.monetary();
        let [purchases_low, purchases_high] = &self.predicted.purchases;
        let whole =
            |name: &str, of: &[u32]| frames::counts(name, of[rows.clone()].iter().copied().map(u64::from));
        let revenue = self.predicted.revenue.as_ref();
        vec![
            frames::ids(history.customer_ids(), rows.clone()),
            whole("frequency", history.frequency()),
            part("t_x", history.t_x()),
            part("T", history.age()),
            monetary.map_or_else(
                || frames::missing("monetary", rows.len()),
                |monetary| part("monetary", monetary),
            ),
            part("p_return", &self.p_return),
            part("p_alive", &self.p_alive),
            part("expected_purchases", &self.expected_purchases),
            whole("purchases_low", purchases_low),
            whole("purchases_high", purchases_high),
            figure("expected_spend", values.map(|values| &values.expected_spend)),
            figure("revenue_low", revenue.map(|[low, _]| low)),
            figure("revenue_high", revenue.map(|[_, high]| high)),
            figure("clv", values.map(|values| &values.clv)),
            figure("clv_low", intervals.map(|intervals| &intervals.low)),
            figure("clv_high", intervals.map(|intervals| &intervals.high)),
            match self.value_if_reactivated() {
                Some(values) => {
                    let known = values[rows].iter().map(|value| Some(*value).filter(|value| !value.is_nan()));
                    frames::numbers("value_if_reactivated", known)
                }
                None => frames::missing("value_if_reactivated", rows.len()),
            },
        ]
    }

    /// Value of all customers within the horizon; none without amounts.
    pub fn total_value(&self) -> Option<f64> {
        self.clv().map(|clv| clv.iter().sum())
    }

    /// The same with its interval; none where there is no interval.
    pub fn total_interval(&self) -> Option<TotalInterval> {
        Some(self.values.as_ref()?.intervals.as_ref()?.total)
    }

    /// Purchases expected of all customers within the horizon.
    pub fn total_purchases(&self) -> f64 {
        self.expected_purchases.iter().sum()
    }

    /// The purchases of all customers within the horizon with their 95% prediction interval: parameter uncertainty, which
    /// customers share, and each customer's own chance. The error of the model is not in it.
    pub fn predicted_purchases(&self) -> SumForecast {
        self.predicted.total
    }

    /// Whether prediction intervals contain parameter uncertainty; they do not where the data do not identify the
    /// parameters.
    pub fn predicted_with_parameters(&self) -> bool {
        self.predicted.with_parameters
    }

    /// Both ends of the 95% prediction interval of each customer's purchases within the horizon.
    pub fn purchases_interval(&self) -> (&[u32], &[u32]) {
        let [low, high] = &self.predicted.purchases;
        (low, high)
    }

    /// Customers expected to buy at least once within the horizon: the sum of P(return).
    pub fn returning(&self) -> f64 {
        self.p_return.iter().sum()
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let months = self.plan.horizon_months;
        write!(
            f,
            "{} customers, {} of them expected to buy again within {months} months; {} purchases expected of them ({} prediction interval {} to {})",
            whole(self.len() as f64),
            whole(self.returning()),
            whole(self.total_purchases()),
            percent(self.predicted.level),
            whole(self.predicted.total.low),
            whole(self.predicted.total.high),
        )?;
        match self.total_value() {
            Some(value) => write!(f, ", worth {}", fixed(value, 2))?,
            None => return write!(f, ". The data contain no amounts, so there is no value."),
        }
        match self.total_interval() {
            Some(TotalInterval { value, draws }) => write!(
                f,
                " ({} interval {} to {}).",
                percent(draws.level),
                fixed(value.low, 2),
                fixed(value.high, 2)
            ),
            None => write!(f, "."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Input, load};
    use crate::models::fit_models;

    #[test]
    fn columns_and_rows_agree_and_without_amounts_money_is_missing() {
        let data = load(&Input::default()).unwrap();
        let history = data.summary("week", "day").unwrap();
        let models = fit_models(&history, "bg_nbd").unwrap();
        let plan = ValuePlan::new(6, 0.10, 1.0).unwrap();
        let scores = score(&history, &models, &plan).unwrap();
        let frame = scores.frame().unwrap();
        let row = scores.row(7).unwrap();
        let at = |name: &str| frame.column(name).unwrap().f64().unwrap().get(7);
        assert_eq!((at("clv"), at("clv_low"), at("t_x")), (row.clv, row.clv_low, Some(row.t_x)));
        assert_eq!(at("revenue_high"), row.revenue_high);
        assert_eq!(scores.row(scores.len()), None);
        let without = score(&history, &Models { spend: Spend::Skipped, ..models }, &plan).unwrap();
        assert_eq!(without.frame().unwrap().column("clv").unwrap().null_count(), without.len());
        assert_eq!((without.total_value(), without.total_interval()), (None, None));
        assert_eq!(without.ranked_by(), without.expected_purchases());
        // Purchases do not depend on amounts.
        assert_eq!(without.purchases_interval(), scores.purchases_interval());
    }
}
