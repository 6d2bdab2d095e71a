//! The value formula on real purchases, and beside the probabilistic model.

use crate::choice::{Choice, Named, one_of};
use crate::data::Data;
use crate::error::Error;
use crate::frames;
use crate::values::score::Scores;
use chrono::{Datelike, NaiveDate};
use cltv_accounts::formula::{Averages, ClvFormula, FormulaError, Sensitivity, averages_of_orders};
use cltv_models::Grain;
use cltv_purchases::date;
use cltv_report::ComparedLine;
use cltv_report::numbers::{fixed, whole};
use polars::prelude::DataFrame;
use std::collections::BTreeMap;
use std::fmt;

/// A period counts as whole when so much of it was observed.
const WHOLE: f64 = 0.9;

/// The period of the formula's averages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormulaPeriod {
    /// A month.
    Month,
    /// Three months.
    Quarter,
    /// Six months.
    HalfYear,
    /// Twelve months.
    Year,
}

/// The periods by name.
const PERIODS: [(&str, FormulaPeriod); 4] = [
    ("month", FormulaPeriod::Month),
    ("quarter", FormulaPeriod::Quarter),
    ("half-year", FormulaPeriod::HalfYear),
    ("year", FormulaPeriod::Year),
];

impl Named for FormulaPeriod {
    fn named(name: &str) -> Result<FormulaPeriod, Error> {
        one_of("formula_period", name, &PERIODS)
    }
}

impl FormulaPeriod {
    /// The period's name: "half-year".
    pub fn name(self) -> &'static str {
        PERIODS[self as usize].0
    }

    fn months(self) -> i32 {
        [1, 3, 6, 12][self as usize]
    }

    /// The number of the period that contains a day.
    fn at(self, day: NaiveDate) -> i64 {
        i64::from((day.year() * 12 + day.month0() as i32).div_euclid(self.months()))
    }

    fn first_day(self, at: i64) -> NaiveDate {
        let month = at * i64::from(self.months());
        let (year, month) = (month.div_euclid(12) as i32, month.rem_euclid(12) as u32 + 1);
        NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default()
    }

    /// Share of a period's days between two days, both included.
    fn observed(self, at: i64, from: NaiveDate, to: NaiveDate) -> f64 {
        let (first, next) = (self.first_day(at), self.first_day(at + 1));
        let seen = (to.succ_opt().unwrap_or(to).min(next) - from.max(first)).num_days();
        seen as f64 / (next - first).num_days() as f64
    }

    fn discount(self, annual: f64) -> f64 {
        (1.0 + annual).powf(f64::from(self.months()) / 12.0) - 1.0
    }
}

/// The averages of a customer base with the formula at them.
#[derive(Debug, Clone)]
pub struct FormulaBase {
    /// The averages.
    pub averages: Averages,
    /// The formula at the averages, the margin and the discount of a period.
    pub formula: ClvFormula,
    /// The period: "quarter".
    pub period: String,
    /// Whole periods that were used.
    pub periods: usize,
    /// The share of customers that buy in each period after their first, from the first period itself on.
    pub observed: Vec<f64>,
    months: u32,
    left_out: usize,
}

/// What this file needs of the purchases in whole periods: customer, period and amount of each.
struct Orders {
    customers: Vec<String>,
    places: Vec<i64>,
    amounts: Vec<f64>,
    /// Purchases in periods that were not observed as a whole.
    left_out: usize,
}

impl Orders {
    fn of(
        data: &Data,
        grain: Grain,
        place: impl Fn(NaiveDate) -> i64,
        is_whole: impl Fn(i64) -> bool,
    ) -> Result<Orders, Error> {
        let mut orders = Orders { customers: vec![], places: vec![], amounts: vec![], left_out: 0 };
        let purchases = data.purchases.purchases(grain, data.periods.observation_end)?;
        let (ids, amounts) = (data.purchases.ids(), purchases.amount.as_ref().ok_or(Error::NoAmounts)?);
        for (i, &amount) in amounts.iter().enumerate() {
            let at = place(date(purchases.day[i]).unwrap_or_default());
            if is_whole(at) {
                orders.customers.push(ids.get(purchases.customer[i]).to_owned());
                orders.places.push(at);
                orders.amounts.push(amount);
            } else {
                orders.left_out += 1;
            }
        }
        Ok(orders)
    }
}

impl Data {
    /// Order value, frequency and retention by whole periods ("month", "quarter", "half-year" or "year"),
    /// and the formula at them with this margin and discount a year.
    ///
    /// Purchases in periods of which less than nine tenths were observed are left out: a quarter that has
    /// only begun looks like one in which nobody returns.
    ///
    /// # Errors
    /// [`Error::NoAmounts`] without amounts, [`Error::UnknownWord`] for another period,
    /// [`Error::Formula`] when all purchases lie in one period or an input is out of bounds.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::{FormulaPeriod, Input, load};
    /// let base = load(&Input::new("cdnow"))?.averages("day", FormulaPeriod::Quarter, 0.10, 1.0)?;
    /// assert_eq!(base.periods, 6);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn averages(
        &self,
        grain: impl Choice<Grain>,
        formula_period: impl Choice<FormulaPeriod>,
        discount_annual: f64,
        margin: f64,
    ) -> Result<FormulaBase, Error> {
        averages(self, grain.chosen()?, formula_period.chosen()?, discount_annual, margin)
    }
}

fn averages(
    data: &Data,
    grain: Grain,
    period: FormulaPeriod,
    discount_annual: f64,
    margin: f64,
) -> Result<FormulaBase, Error> {
    // An annual discount has the same bounds in every workflow.
    cltv_models::ValuePlan::new(1, discount_annual, 1.0)?;
    let (from, to) = (data.periods.start, data.periods.observation_end);
    let is_whole = |at: i64| period.observed(at, from, to) >= WHOLE;
    let orders = Orders::of(data, grain, |day| period.at(day), is_whole)?;
    let averages = averages_of_orders(&orders.customers, &orders.places, &orders.amounts)?;
    let discount = period.discount(discount_annual);
    Ok(FormulaBase {
        formula: averages.formula(margin, discount)?,
        periods: (period.at(from)..=period.at(to)).filter(|&at| is_whole(at)).count(),
        observed: observed_shares(&orders.customers, &orders.places),
        averages,
        period: period.name().to_owned(),
        months: period.months() as u32,
        left_out: orders.left_out,
    })
}

/// The share of customers that bought in each period after their first, of those observed that long.
fn observed_shares(customers: &[String], places: &[i64]) -> Vec<f64> {
    let mut bought: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (customer, &at) in customers.iter().zip(places) {
        bought.entry(customer).or_default().push(at);
    }
    let last = places.iter().copied().max().unwrap_or(0);
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for periods in bought.values_mut() {
        periods.sort_unstable();
        periods.dedup();
        let ages = (last - periods[0]) as usize;
        counts.resize(counts.len().max(ages + 1), (0, 0));
        counts[..=ages].iter_mut().for_each(|count| count.0 += 1);
        periods.iter().for_each(|at| counts[(at - periods[0]) as usize].1 += 1);
    }
    counts.into_iter().map(|(watched, buyers)| buyers as f64 / watched.max(1) as f64).collect()
}

impl FormulaBase {
    /// What one step of each input is worth.
    ///
    /// # Errors
    /// [`Error::Formula`] where the value has no bound.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// let base = data.averages("day", "quarter", 0.10, 1.0)?;
    /// assert_eq!(base.sensitivity()?.rows.len(), 5);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn sensitivity(&self) -> Result<Sensitivity, Error> {
        Ok(self.formula.sensitivity()?)
    }

    /// The retention curve of one constant rate, as long as the one observed.
    pub fn constant(&self) -> Vec<f64> {
        (0..self.observed.len()).map(|at| self.formula.retention.powi(at as i32)).collect()
    }

    /// Customers who buy, by periods since their first purchase: observed, and by the constant rate.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// let base = data.averages("day", "quarter", 0.10, 1.0)?;
    /// assert_eq!(base.retention()?.width(), 3);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn retention(&self) -> Result<DataFrame, Error> {
        let constant = self.constant();
        frames::frame(vec![
            frames::counts("periods_since_first", 0..self.observed.len() as u64),
            frames::numbers("observed", self.observed.iter().copied().map(Some)),
            frames::numbers("constant_rate", constant.into_iter().map(Some)),
        ])
    }

    /// The formula beside the model's scores of the same customers, over the scores' horizon.
    ///
    /// Every customer has the formula's value over as many whole periods as fit into the horizon; customers
    /// are grouped by the number of their purchases.
    ///
    /// # Errors
    /// [`Error::NoAmounts`] for scores without money; [`Error::Formula`] for a horizon below one period.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::ValuePlan;
    /// use cltv_workflow::{Input, fit_models, load, score};
    /// let data = load(&Input::new("cdnow"))?;
    /// let history = data.summary("week", "day")?;
    /// let scores = score(&history, &fit_models(&history, "bg_nbd")?, &ValuePlan::new(6, 0.10, 1.0)?)?;
    /// let comparison = data.averages("day", "quarter", 0.10, 1.0)?.compare(&scores)?;
    /// assert_eq!(comparison.groups.len(), 5);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn compare(&self, scores: &Scores) -> Result<FormulaComparison, Error> {
        let periods = scores.plan.horizon_months / self.months;
        if periods == 0 {
            return Err(FormulaError::TooFew { what: "whole periods in the horizon", least: 1 }.into());
        }
        let each = self.formula.value_over(periods);
        let clv = scores.clv().ok_or(Error::NoAmounts)?;
        let mut sums = vec![(0u64, 0.0); 5];
        for (&frequency, value) in scores.history().frequency().iter().zip(clv) {
            let sum = &mut sums[frequency.min(4) as usize];
            *sum = (sum.0 + 1, sum.1 + value);
        }
        let names = ["1 purchase", "2 purchases", "3 purchases", "4 purchases", "5 and more"];
        let line = |(name, (customers, model)): (&str, (u64, f64))| ComparedLine {
            name: name.to_owned(),
            customers,
            formula: each,
            model: model / customers as f64,
        };
        let filled = names.into_iter().zip(sums).filter(|(_, sum)| sum.0 > 0);
        Ok(FormulaComparison {
            months: periods * self.months,
            horizon_months: scores.plan.horizon_months,
            formula_total: each * clv.len() as f64,
            model: scores.model,
            model_total: clv.iter().sum(),
            groups: filled.map(line).collect(),
        })
    }
}

impl fmt::Display for FormulaBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} whole {}s: {}", self.periods, self.period, self.averages)?;
        if self.left_out > 0 {
            writeln!(
                f,
                "{} purchases lie in {}s of which less than nine tenths were observed, and are left out.",
                whole(self.left_out as f64),
                self.period
            )?;
        }
        write!(f, "{}", self.formula)
    }
}

/// The formula and the probabilistic model on the same customers.
#[derive(Debug, Clone)]
pub struct FormulaComparison {
    /// The purchase model's name.
    pub model: &'static str,
    /// Months that the formula's whole periods make.
    pub months: u32,
    /// Months of the model's horizon.
    pub horizon_months: u32,
    /// Value of all customers by the formula.
    pub formula_total: f64,
    /// Value of all customers by the model.
    pub model_total: f64,
    /// Customers by the number of their purchases.
    pub groups: Vec<ComparedLine>,
}

impl FormulaComparison {
    /// The groups as a frame.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let rows = || self.groups.iter();
        frames::frame(vec![
            frames::texts("purchases_so_far", rows().map(|row| row.name.as_str())),
            frames::counts("customers", rows().map(|row| row.customers)),
            frames::numbers("mean_value_formula", rows().map(|row| Some(row.formula))),
            frames::numbers("mean_value_model", rows().map(|row| Some(row.model))),
            frames::numbers("formula_by_model", rows().map(|row| Some(row.formula / row.model))),
        ])
    }
}

impl fmt::Display for FormulaComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Over {} months the value of all customers is {} by the formula, {} by {} ({} months).",
            self.months,
            whole(self.formula_total),
            whole(self.model_total),
            self.model,
            self.horizon_months
        )?;
        for group in &self.groups {
            let (formula, model) = (fixed(group.formula, 2), fixed(group.model, 2));
            write!(
                f,
                "\n{}: {} customers, {formula} by the formula, {model} by the model.",
                group.name,
                whole(group.customers as f64)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn periods_know_their_days() {
        let quarter = FormulaPeriod::named("quarter").unwrap();
        let at = quarter.at(day("1997-05-17"));
        assert_eq!(
            (quarter.first_day(at), quarter.first_day(at + 3)),
            (day("1997-04-01"), day("1998-01-01"))
        );
        assert_eq!(quarter.observed(at, day("1997-01-01"), day("1998-06-30")), 1.0);
        assert_eq!(quarter.observed(at, day("1997-01-01"), day("1997-04-30")), 30.0 / 91.0);
        assert!(FormulaPeriod::named("week").unwrap_err().to_string().contains("half-year"));
        let year = FormulaPeriod::Year;
        for (name, period) in PERIODS {
            assert_eq!(period.name(), name);
        }
        assert!((quarter.discount(0.1) - (1.1_f64.powf(0.25) - 1.0)).abs() < 1e-15);
        assert!((year.discount(0.1) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn shares_are_of_those_who_could_be_watched() {
        let ids = ["a", "a", "a", "b", "b", "c"].map(str::to_owned);
        // c began in the last period: nobody can have watched it for longer.
        let shares = observed_shares(&ids, &[0, 1, 2, 0, 2, 2]);
        assert_eq!(shares, [1.0, 0.5, 1.0]);
    }
}
