//! Charts of purchases at given opportunities.

use crate::figure::Figure;
use cltv_models::{BgBb, Fitted};
use cltv_plots::{self as plots, OpportunityCell, OpportunityGrid};
use cltv_workflow::{Error, Opportunities, OpportunityScores};
use std::collections::BTreeMap;

/// Customers by number of purchases at their opportunities, observed and as BG/BB expects.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let donors = load_opportunities(&OpportunityInput::new("donations"))?;
/// let fit = cltv_models::BgBb::default().fit(&donors.summary)?;
/// let figure = charts::opportunity_counts(&donors, &fit)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn opportunity_counts(data: &Opportunities, fit: &Fitted<BgBb>) -> Result<Figure, Error> {
    let (observed, expected) = data.counts(fit);
    Figure::drawn(plots::opportunity_counts(&observed, &expected))
}

/// The histories of the length that most customers have: those of several lengths would hide one another.
fn grid(
    scores: &OpportunityScores,
    value: impl Fn(&cltv_workflow::OpportunityScore) -> f64,
) -> OpportunityGrid {
    let mut customers: BTreeMap<u64, u64> = BTreeMap::new();
    for row in &scores.rows {
        *customers.entry(row.history.n).or_default() += row.customers;
    }
    let most = customers.iter().max_by_key(|(_, customers)| **customers);
    let (n, shown) = most.map_or((0, 0), |(n, customers)| (*n, *customers));
    let cell = |row: &cltv_workflow::OpportunityScore| OpportunityCell {
        x: row.history.x,
        t_x: row.history.t_x,
        customers: row.customers,
        value: value(row),
    };
    OpportunityGrid {
        opportunities: n,
        cells: scores.rows.iter().filter(|row| row.history.n == n).map(cell).collect(),
        left_out: customers.values().sum::<u64>() - shown,
    }
}

/// Purchases expected at the opportunities ahead, by frequency and recency, for the histories of the
/// length that most customers have.
///
/// # Errors
/// [`Error::Chart`] when there is no history.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let donors = load_opportunities(&OpportunityInput::new("donations"))?;
/// let fit = cltv_models::BgBb::default().fit(&donors.summary)?;
/// let scores = donors.score(&fit, 5, 0.10)?;
/// let figure = charts::opportunities_expected(&scores, "donation")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn opportunities_expected(scores: &OpportunityScores, thing: &str) -> Result<Figure, Error> {
    let grid = grid(scores, |row| row.expected.estimate);
    Figure::drawn(plots::opportunities_expected(&grid, scores.ahead, thing))
}

/// P(alive), by frequency and recency, for the same histories.
///
/// # Errors
/// [`Error::Chart`] when there is no history.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let donors = load_opportunities(&OpportunityInput::new("donations"))?;
/// let fit = cltv_models::BgBb::default().fit(&donors.summary)?;
/// let scores = donors.score(&fit, 5, 0.10)?;
/// let figure = charts::opportunities_alive(&scores)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn opportunities_alive(scores: &OpportunityScores) -> Result<Figure, Error> {
    Figure::drawn(plots::opportunities_alive(&grid(scores, |row| row.p_alive)))
}
