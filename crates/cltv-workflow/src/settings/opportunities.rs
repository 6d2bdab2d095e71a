//! Purchases at given opportunities: donations, events, seasons.

use crate::choice::setters;
use crate::data::counts::{Counts, Named, period_rate};
use crate::error::Error;
use crate::frames;
use cltv_models::{
    BgBb, DrawPlan, Fitted, IntervalEstimate, OpportunityHistory, OpportunitySummary, ParameterDraws,
    TimeUnit,
};
use cltv_report::numbers::{fixed, percent, whole};
use polars::prelude::DataFrame;
use std::fmt;

/// The name of the embedded donors.
const EMBEDDED: &str = "donations";

/// The parameters of reading histories of opportunities, by their own names; each has a setter of its name.
///
/// A row is a history x, t_x, n with the customers who have it.
///
/// # Examples
/// ```
/// use cltv_workflow::{OpportunityInput, load_opportunities};
/// let donors = load_opportunities(&OpportunityInput::new("donations").period("year"))?;
/// assert_eq!(donors.summary.customers(), 11_104);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OpportunityInput {
    /// `donations`, the embedded ones, or a csv, xlsx, xls or ods file.
    pub opportunities: String,
    /// The column with x: opportunities with a purchase, the first one not counted.
    pub x_column: String,
    /// The column with t_x: the last opportunity with a purchase.
    pub t_x_column: String,
    /// The column with n: the opportunities since the first purchase.
    pub n_column: String,
    /// The column with the customers of that history; "" when a row is a customer.
    pub weights_column: String,
    /// The time from one opportunity to the next: day, week, month or year.
    pub period: String,
}

impl Default for OpportunityInput {
    /// The embedded donors.
    fn default() -> Self {
        let text = |value: &str| value.to_owned();
        OpportunityInput {
            opportunities: text(EMBEDDED),
            x_column: text("frequency"),
            t_x_column: text("recency"),
            n_column: text("periods"),
            weights_column: text("weights"),
            period: text("year"),
        }
    }
}

impl OpportunityInput {
    /// The embedded donors or a file, with the default columns.
    pub fn new(opportunities: impl ToString) -> OpportunityInput {
        OpportunityInput { opportunities: opportunities.to_string(), ..OpportunityInput::default() }
    }
}

setters! {
    OpportunityInput:
    /// Sets [`OpportunityInput::x_column`].
    x_column,
    /// Sets [`OpportunityInput::t_x_column`].
    t_x_column,
    /// Sets [`OpportunityInput::n_column`].
    n_column,
    /// Sets [`OpportunityInput::weights_column`].
    weights_column,
    /// Sets [`OpportunityInput::period`].
    period,
}

/// Histories of opportunities.
#[derive(Debug, Clone)]
pub struct Opportunities {
    /// The file.
    pub source: String,
    /// The histories with their customers.
    pub summary: OpportunitySummary,
}

/// Reads histories of opportunities.
///
/// # Errors
/// [`Error::File`] for a file or column that cannot be read, [`Error::Counts`] for a value that is no
/// count, [`Error::Input`] for a history that cannot be or an unknown period.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// let donors = load_opportunities(&OpportunityInput::new("donations"))?;
/// assert_eq!(donors.summary.customers(), 11_104);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn load_opportunities(input: &OpportunityInput) -> Result<Opportunities, Error> {
    let period: TimeUnit = input.period.parse()?;
    let embedded = (EMBEDDED, include_str!("../../../../data/donations.csv"));
    let columns = [
        ("x_column", input.x_column.as_str()),
        ("t_x_column", &input.t_x_column),
        ("n_column", &input.n_column),
        ("weights_column", &input.weights_column),
    ];
    // "" names no column of weights.
    let named: Vec<Named<'_>> = columns.into_iter().filter(|(_, column)| !column.is_empty()).collect();
    let mut table = Counts::read(&input.opportunities, embedded, &named)?;
    let (x, t_x) = (table.counts(&input.x_column)?, table.counts(&input.t_x_column)?);
    let n = table.periods(&input.n_column)?;
    let customers = match input.weights_column.as_str() {
        "" => vec![1; x.len()],
        column => table.counts(column)?,
    };
    let cell = |i: usize| Ok((OpportunityHistory::try_new(x[i], t_x[i], n[i])?, customers[i]));
    let cells = (0..x.len()).map(cell).collect::<Result<_, Error>>()?;
    Ok(Opportunities { source: table.source, summary: OpportunitySummary::from_cells(period, cells)? })
}

impl fmt::Display for Opportunities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.summary)
    }
}

/// What is expected of the customers with one history.
#[derive(Debug, Clone, PartialEq)]
pub struct OpportunityScore {
    /// The history.
    pub history: OpportunityHistory,
    /// Customers who have it.
    pub customers: u64,
    /// P(at least one purchase at the opportunities ahead).
    pub p_return: f64,
    /// P(alive at the last opportunity).
    pub p_alive: f64,
    /// Purchases expected of one of them at the opportunities ahead, with the interval.
    pub expected: IntervalEstimate,
    /// All purchases still to come of one of them, discounted (DERT).
    pub residual: f64,
}

/// The scores of all histories.
#[derive(Debug, Clone, PartialEq)]
pub struct OpportunityScores {
    /// One a history.
    pub rows: Vec<OpportunityScore>,
    /// Purchases expected of all customers, with the interval.
    pub total: IntervalEstimate,
    /// Level of the intervals.
    pub level: f64,
    /// Opportunities ahead.
    pub ahead: u64,
}

impl Opportunities {
    /// P(at least one purchase), P(alive), and purchases expected at the next `ahead` opportunities with 95% intervals, and DERT, for
    /// each history.
    ///
    /// # Errors
    /// [`Error::Fit`] when the fit is not identified, [`Error::NoDiscount`] for a discount that
    /// is not above 0 and below 1.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let donors = load_opportunities(&OpportunityInput::new("donations"))?;
    /// let fit = cltv_models::BgBb::default().fit(&donors.summary)?;
    /// assert_eq!(donors.score(&fit, 5, 0.10)?.ahead, 5);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn score(
        &self,
        fit: &Fitted<BgBb>,
        ahead: u64,
        discount_annual: f64,
    ) -> Result<OpportunityScores, Error> {
        let (plan, rate) = (DrawPlan::default(), period_rate(self.summary.period(), discount_annual)?);
        let cells = self.summary.cells();
        let one = |&(history, customers): &(OpportunityHistory, u64)| {
            Ok(OpportunityScore {
                history,
                customers,
                p_return: fit.params().p_return(history, ahead),
                p_alive: fit.p_alive(history),
                expected: fit.with_interval(&plan, |params| params.expected_purchases(history, ahead))?,
                residual: fit.discounted_residual_purchases(history, rate),
            })
        };
        let total = fit.with_interval(&plan, |params| {
            let expected = |(history, customers): &(OpportunityHistory, u64)| {
                *customers as f64 * params.expected_purchases(*history, ahead)
            };
            cells.iter().map(expected).sum()
        })?;
        let rows = cells.iter().map(one).collect::<Result<_, Error>>()?;
        Ok(OpportunityScores { rows, total, level: plan.level, ahead })
    }

    /// Customers by number of purchases, observed and as a fit expects: entry k is those with k.
    pub fn counts(&self, fit: &Fitted<BgBb>) -> (Vec<u64>, Vec<f64>) {
        let most = self.summary.cells().iter().map(|(history, _)| history.n).max().unwrap_or(0);
        let (mut observed, mut expected) = (vec![0; most as usize + 1], vec![0.0; most as usize + 1]);
        let params = fit.params();
        for &(history, customers) in self.summary.cells() {
            observed[history.x as usize] += customers;
            for (k, sum) in (0..).zip(&mut expected).take(history.n as usize + 1) {
                *sum += customers as f64 * params.pmf(k, history.n);
            }
        }
        (observed, expected)
    }
}

impl OpportunityScores {
    /// Customers expected to buy at least once at the opportunities ahead.
    pub fn returning(&self) -> f64 {
        self.rows.iter().map(|row| row.p_return * row.customers as f64).sum()
    }

    /// The scores, a row a history.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let counts =
            |name: &str, pick: fn(&OpportunityScore) -> u64| frames::counts(name, self.rows.iter().map(pick));
        let numbers = |name: &str, pick: fn(&OpportunityScore) -> f64| {
            frames::numbers(name, self.rows.iter().map(|row| Some(pick(row))))
        };
        frames::frame(vec![
            counts("x", |row| row.history.x),
            counts("t_x", |row| row.history.t_x),
            counts("n", |row| row.history.n),
            counts("customers", |row| row.customers),
            numbers("p_return", |row| row.p_return),
            numbers("p_alive", |row| row.p_alive),
            numbers("expected", |row| row.expected.estimate),
            numbers("expected_low", |row| row.expected.low),
            numbers("expected_high", |row| row.expected.high),
            numbers("dert", |row| row.residual),
        ])
    }
}

impl fmt::Display for OpportunityScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customers: u64 = self.rows.iter().map(|row| row.customers).sum();
        write!(
            f,
            "{} customers, {} of them expected to buy at the next {} opportunities; {} purchases expected of them ({} interval {} to {}).",
            whole(customers as f64),
            whole(self.returning()),
            self.ahead,
            fixed(self.total.estimate, 1),
            percent(self.level),
            whole(self.total.low),
            whole(self.total.high)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fader, Hardie and Shang (2010): table 4 (parameters) and the BTYD walkthrough (expected, ten ahead).
    #[test]
    fn donors_have_the_papers_figures() {
        let donors = load_opportunities(&OpportunityInput::default()).unwrap();
        let fit = BgBb::default().fit(&donors.summary).unwrap();
        let params = fit.params();
        for (found, expected) in [
            (params.alpha(), 1.204),
            (params.beta(), 0.750),
            (params.gamma(), 0.657),
            (params.delta(), 2.783),
        ] {
            assert!((found - expected).abs() < 1e-3, "{found} {expected}");
        }
        let scores = donors.score(&fit, 10, 0.10).unwrap();
        let of = |x: u64, t_x: u64| {
            scores.rows.iter().find(|row| (row.history.x, row.history.t_x) == (x, t_x)).unwrap()
        };
        assert!((of(0, 0).expected.estimate - 0.130_217).abs() < 1e-4);
        assert!((of(4, 5).expected.estimate - 3.627_858).abs() < 1e-3);
        assert!(
            scores
                .rows
                .iter()
                .all(|row| row.expected.low < row.expected.estimate
                    && row.expected.estimate < row.expected.high)
        );
        let sum: f64 = scores.rows.iter().map(|row| row.customers as f64 * row.expected.estimate).sum();
        assert!((sum - scores.total.estimate).abs() < 1e-6 * sum);
        let (observed, expected) = donors.counts(&fit);
        assert_eq!(observed.iter().sum::<u64>(), 11_104);
        assert!((expected.iter().sum::<f64>() - 11_104.0).abs() < 1e-6);
        assert!(donors.score(&fit, 10, 0.0).is_err());
    }
}
