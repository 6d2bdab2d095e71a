//! The value formula on real purchases, and beside the probabilistic model.

use crate::load::Data;
use crate::revops::write_page;
use crate::score::{Score, Scores};
use crate::{Error, frames};
use chrono::{Datelike, NaiveDate};
use cltv_purchases::Outputs;
use cltv_models::Grain;
use cltv_report::numbers::{fixed, money, percent, whole};
use cltv_report::{Caveat, ComparedLine, FormulaSummary};
use cltv_accounts::formula::{
    Averages, ClassroomCustomer, ClvFormula, FormulaError, Sensitivity, averages_of_orders,
};
use polars::prelude::DataFrame;
use std::collections::BTreeMap;
use std::fmt;

/// A period counts as whole when so much of it was observed.
const WHOLE: f64 = 0.9;

/// A formula's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Period {
    name: &'static str,
    months: i32,
}

impl Period {
    fn of(word: &str) -> Result<Period, Error> {
        let known = [("month", 1), ("quarter", 3), ("half-year", 6), ("year", 12)];
        let found = known.into_iter().find(|(name, _)| *name == word);
        found.map(|(name, months)| Period { name, months }).ok_or_else(|| Error::UnknownWord {
            name: "formula_period",
            value: word.to_owned(),
            bound: "\"month\", \"quarter\", \"half-year\" or \"year\"",
        })
    }

    /// The number of the period that holds a day.
    fn at(self, day: NaiveDate) -> i64 {
        i64::from((day.year() * 12 + day.month0() as i32).div_euclid(self.months))
    }

    fn first_day(self, at: i64) -> NaiveDate {
        let month = at * i64::from(self.months);
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
        (1.0 + annual).powf(f64::from(self.months) / 12.0) - 1.0
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
    pub fn averages(
        &self,
        grain: &str,
        formula_period: &str,
        discount_annual: f64,
        margin: f64,
    ) -> Result<FormulaBase, Error> {
        let period = Period::of(formula_period)?;
        let grain: Grain = grain.parse()?;
        let (from, to) = (self.periods.start, self.periods.observation_end);
        let is_whole = |at: i64| period.observed(at, from, to) >= WHOLE;
        let (mut customers, mut places, mut amounts, mut left_out) = (vec![], vec![], vec![], 0);
        for customer in self.purchases.purchases(grain, to) {
            for purchase in &customer.purchases {
                let (at, amount) = (period.at(purchase.date), purchase.amount.ok_or(Error::NoAmounts)?);
                if is_whole(at) {
                    customers.push(customer.customer_id.clone());
                    places.push(at);
                    amounts.push(amount);
                } else {
                    left_out += 1;
                }
            }
        }
        let averages = averages_of_orders(&customers, &places, &amounts)?;
        let discount = period.discount(discount_annual);
        Ok(FormulaBase {
            formula: averages.formula(margin, discount)?,
            periods: (period.at(from)..=period.at(to)).filter(|&at| is_whole(at)).count(),
            observed: observed_shares(&customers, &places),
            averages,
            period: period.name.to_owned(),
            months: period.months as u32,
            left_out,
        })
    }
}

/// Of the customers who could be watched so long, the share that bought in each period after their first.
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
    /// Everybody gets the formula's value over as many whole periods as the horizon holds; customers
    /// are grouped by the number of their purchases.
    ///
    /// # Errors
    /// [`Error::NoAmounts`] for scores without money; [`Error::Formula`] for a horizon below one period.
    pub fn compare(&self, scores: &Scores) -> Result<FormulaComparison, Error> {
        let periods = scores.plan.horizon_months / self.months;
        if periods == 0 {
            return Err(FormulaError::TooFew { what: "whole periods in the horizon", least: 1 }.into());
        }
        let each = self.formula.value_over(periods);
        let clv: Option<Vec<f64>> = scores.customers.iter().map(|score| score.clv).collect();
        let clv = clv.ok_or(Error::NoAmounts)?;
        let group = |score: &Score| score.frequency.min(4) as usize;
        let mut sums = vec![(0u64, 0.0); 5];
        for (score, value) in scores.customers.iter().zip(&clv) {
            let sum = &mut sums[group(score)];
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
            "Over {} months the formula gives all customers {}, the model {} ({} months).",
            self.months,
            whole(self.formula_total),
            whole(self.model_total),
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

/// The classroom's customers as a frame.
///
/// # Errors
/// [`Error::Frame`] when polars refuses the table.
pub fn classroom_frame(customers: &[ClassroomCustomer]) -> Result<DataFrame, Error> {
    let rows = || customers.iter();
    frames::frame(vec![
        frames::numbers("order_value", rows().map(|row| Some(row.averages.order_value))),
        frames::numbers("orders", rows().map(|row| Some(row.averages.frequency))),
        frames::numbers("retention", rows().map(|row| Some(row.averages.retention))),
        frames::numbers("clv", rows().map(|row| Some(row.clv))),
    ])
}

/// The classroom example: customers drawn as `np.random.seed(seed)` draws them.
///
/// # Errors
/// [`Error::Formula`] without customers.
pub fn classroom(seed: u64, customers: usize) -> Result<Vec<ClassroomCustomer>, Error> {
    let seed = u32::try_from(seed).map_err(|_| Error::UnknownWord {
        name: "seed",
        value: seed.to_string(),
        bound: "at most 4294967295, the largest that numpy takes",
    })?;
    Ok(cltv_accounts::formula::classroom(seed, customers)?)
}

/// The executive summary of the formula.
///
/// # Errors
/// [`Error::Formula`] where the value has no bound.
pub fn formula_summary(
    data: &Data,
    base: &FormulaBase,
    comparison: &FormulaComparison,
    currency: &str,
) -> Result<FormulaSummary, Error> {
    let formula = base.formula;
    Ok(FormulaSummary {
        source: data.purchases.name(),
        currency: currency.to_owned(),
        customers: base.averages.customers,
        period: base.period.clone(),
        periods: base.periods,
        order_value: formula.order_value,
        frequency: formula.frequency,
        retention: formula.retention,
        margin: formula.margin,
        discount: formula.discount,
        value: formula.value()?,
        steps: base.sensitivity()?.rows.iter().map(|row| row.sentence()).collect(),
        horizon_months: comparison.months,
        formula_total: comparison.formula_total,
        model_total: comparison.model_total,
        groups: comparison.groups.clone(),
        caveats: caveats(base, comparison, currency),
    })
}

fn caveats(base: &FormulaBase, comparison: &FormulaComparison, currency: &str) -> Vec<Caveat> {
    let period = &base.period;
    let mut texts = vec![
        format!(
            "Who skips a {period} counts as lost, and as new when back: with periods shorter than customers' rhythm retention comes out too low, and the value with it."
        ),
        "One retention rate stands for all. In a mixture of loyal and fleeting customers those who stay are ever more loyal, and the formula undervalues them (Fader and Hardie 2010).".to_owned(),
        format!(
            "The formula values a customer who buys now ({} in a {period}); given to everybody on the list it counts those long gone as well.",
            money(currency, base.formula.period_margin())
        ),
    ];
    if let (Some(&last), Some(&constant)) = (base.observed.last(), base.constant().last()) {
        let at = base.observed.len() - 1;
        texts.push(format!(
            "{at} {period}s after the first purchase {} of the customers buy; the constant rate says {}.",
            percent(last),
            percent(constant)
        ));
    }
    if comparison.months != comparison.horizon_months {
        texts.push(format!(
            "The comparison covers {} months by the formula and {} by the model, because a {period} does not divide the horizon.",
            comparison.months, comparison.horizon_months
        ));
    }
    texts.into_iter().map(|text| Caveat { text }).collect()
}

/// Writes the summary to `formula/executive_summary.md` in the outputs.
///
/// # Errors
/// [`Error::Report`] when it cannot be put into words, [`Error::Data`] when it cannot be written.
pub fn write_formula_summary(out: &Outputs, summary: &FormulaSummary) -> Result<(), Error> {
    write_page(out, "formula", &summary.to_markdown()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn periods_know_their_days() {
        let quarter = Period::of("quarter").unwrap();
        let at = quarter.at(day("1997-05-17"));
        assert_eq!(
            (quarter.first_day(at), quarter.first_day(at + 3)),
            (day("1997-04-01"), day("1998-01-01"))
        );
        assert_eq!(quarter.observed(at, day("1997-01-01"), day("1998-06-30")), 1.0);
        assert_eq!(quarter.observed(at, day("1997-01-01"), day("1997-04-30")), 30.0 / 91.0);
        assert!(Period::of("week").is_err());
        let year = Period::of("year").unwrap();
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
