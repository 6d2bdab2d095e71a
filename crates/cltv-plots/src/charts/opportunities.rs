//! Predictions for histories of purchases at opportunities.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_PLACES, step};
use crate::theme::{ON_CELLS, axis, merged, scale};
use crate::{Chart, PlotError, text, trace};

/// One history of opportunities with a model's prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpportunityCell {
    /// Purchases so far.
    pub x: u64,
    /// The last opportunity with a purchase; 0 without one.
    pub t_x: u64,
    /// Customers with this history.
    pub customers: u64,
    /// The prediction.
    pub value: f64,
}

/// The histories of one length, which have a cell each. Longer ones than 60 opportunities share cells, and a
/// sentence says so.
#[derive(Debug, Clone, PartialEq)]
pub struct OpportunityGrid {
    /// That length: the opportunities so far.
    pub opportunities: u64,
    /// The histories.
    pub cells: Vec<OpportunityCell>,
    /// Customers with another number of opportunities, who are not among them.
    pub left_out: u64,
}

/// Purchases expected at the next `ahead` opportunities, by frequency and recency; `thing` is what is
/// bought: "donation".
///
/// # Errors
/// [`PlotError`] when there is no cell, or an expectation is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{OpportunityCell, OpportunityGrid, opportunities_expected};
/// let cell = |x, t_x, value| OpportunityCell { x, t_x, customers: 100, value };
/// let cells = vec![cell(0, 0, 0.07), cell(4, 5, 2.03)];
/// let grid = OpportunityGrid { opportunities: 6, cells, left_out: 0 };
/// assert_eq!(opportunities_expected(&grid, 5, "donation")?.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn opportunities_expected(grid: &OpportunityGrid, ahead: u64, thing: &str) -> Result<Chart, PlotError> {
    let (check, cells) = (Check("opportunities_expected"), &grid.cells);
    check.non_negative("value", &values(cells))?;
    let most = values(cells).into_iter().fold(0.0, f64::max);
    let title = format!("Expected {thing}s at the next {}", opportunities(ahead));
    let range = format!("from {} to {} {thing}s", text::number(least(cells), 2), text::number(most, 2));
    chart(check, grid, title, "expected", |value| text::number(value, 2), most, &range)
}

/// The probability of still being alive, by frequency and recency.
///
/// # Errors
/// [`PlotError`] when there is no cell, or a probability is not between 0 and 1.
///
/// # Examples
/// ```
/// use cltv_plots::{OpportunityCell, OpportunityGrid, opportunities_alive};
/// let cell = |x, t_x, value| OpportunityCell { x, t_x, customers: 100, value };
/// let cells = vec![cell(0, 0, 0.11), cell(6, 6, 1.0)];
/// let grid = OpportunityGrid { opportunities: 6, cells, left_out: 40 };
/// assert!(opportunities_alive(&grid)?.text_summary().contains("40 customers"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn opportunities_alive(grid: &OpportunityGrid) -> Result<Chart, PlotError> {
    let (check, cells) = (Check("opportunities_alive"), &grid.cells);
    check.share("value", &values(cells))?;
    let most = values(cells).into_iter().fold(0.0, f64::max);
    let title = "Probability of being alive, by frequency and recency".to_owned();
    let range = format!("from {} to {}", text::percent(least(cells)), text::percent(most));
    chart(check, grid, title, "p_alive", text::whole_percent, 1.0, &range)
}

fn values(cells: &[OpportunityCell]) -> Vec<f64> {
    cells.iter().map(|cell| cell.value).collect()
}

fn least(cells: &[OpportunityCell]) -> f64 {
    cells.iter().map(|cell| cell.value).fold(f64::INFINITY, f64::min)
}

fn opportunities(count: u64) -> String {
    format!("{} opportunit{}", text::count(count), if count == 1 { "y" } else { "ies" })
}

fn chart(
    check: Check,
    grid: &OpportunityGrid,
    title: String,
    quantity: &str,
    label: impl Fn(f64) -> String,
    most: f64,
    range: &str,
) -> Result<Chart, PlotError> {
    check.not_empty("cells", grid.cells.len())?;
    let longest = grid.cells.iter().map(|cell| cell.x.max(cell.t_x)).max().unwrap_or(0);
    let joined = step(longest as usize + 1, MOST_PLACES) as u64;
    let cells = &put_together(&grid.cells, joined);
    let counts = |pick: fn(&OpportunityCell) -> u64| cells.iter().map(pick).collect::<Vec<_>>();
    let ticks = json!({"showgrid": false, "showline": false, "ticks": "", "tickformat": ""});
    let ticks = if joined == 1 { merged(ticks, json!({"dtick": 1})) } else { ticks };
    let chart = Chart::from(Parts {
        name: check.0,
        title,
        how_to_read: "Right means more purchases, up means the last one was more recent; blank cells cannot be, or \
                      nobody has them. Look along a row from left to right: when the last purchase is long ago, many \
                      purchases before it make it worse, because such a customer would have bought again."
            .to_owned(),
        summary: summary(grid, range),
        data: ChartData::new(vec![
            Column::integers("x", &counts(|cell| cell.x)),
            Column::integers("t_x", &counts(|cell| cell.t_x)),
            Column::integers("customers", &counts(|cell| cell.customers)),
            Column::numbers(quantity, &values(cells)),
        ]),
        traces: vec![shades(cells, label, most, joined)],
        layout: json!({
            "xaxis": axis("Purchases so far (x)", ticks.clone()),
            "yaxis": axis("Opportunity of the last one (t_x)", ticks)
        }),
    });
    let note = format!("Each cell is the mean of {joined} by {joined} histories, weighted by customers.");
    Ok(chart.noted((joined > 1).then_some(note)))
}

/// Squares of `joined` by `joined` histories, each at its lowest one, with the mean of their values.
fn put_together(cells: &[OpportunityCell], joined: u64) -> Vec<OpportunityCell> {
    if joined == 1 {
        return cells.to_vec();
    }
    let mut squares: BTreeMap<(u64, u64), (u64, f64, f64)> = BTreeMap::new();
    for cell in cells {
        let square = squares.entry((cell.x / joined, cell.t_x / joined)).or_default();
        // A history that nobody has counts for one, so that its square has a mean.
        let weight = cell.customers.max(1) as f64;
        *square = (square.0 + cell.customers, square.1 + weight, square.2 + weight * cell.value);
    }
    let cell = |((x, t_x), (customers, weight, sum)): ((u64, u64), (u64, f64, f64))| OpportunityCell {
        x: x * joined,
        t_x: t_x * joined,
        customers,
        value: sum / weight,
    };
    squares.into_iter().map(cell).collect()
}

fn summary(grid: &OpportunityGrid, range: &str) -> String {
    let histories =
        format!("Over the histories of {} that occur, {range}", opportunities(grid.opportunities));
    match grid.left_out {
        0 => format!("{histories}."),
        n => format!("{histories}; {} with another number are left out.", text::counted(n, "customer")),
    }
}

fn shades(cells: &[OpportunityCell], label: impl Fn(f64) -> String, most: f64, joined: u64) -> Value {
    let (last_x, last_t) = cells.iter().fold((0, 0), |(x, t), cell| (x.max(cell.x), t.max(cell.t_x)));
    let by_history: BTreeMap<(u64, u64), &OpportunityCell> =
        cells.iter().map(|cell| ((cell.x, cell.t_x), cell)).collect();
    let find = |x: u64, t_x: u64| by_history.get(&(x, t_x)).copied();
    let along = |last: u64| (0..=last).step_by(joined as usize);
    let rows = |of: &dyn Fn(u64, u64) -> String| -> Vec<Vec<String>> {
        along(last_t).map(|t_x| along(last_x).map(|x| of(x, t_x)).collect()).collect()
    };
    let labels =
        rows(&|x, t_x| find(x, t_x).map_or_else(String::new, |cell| text::plotly(&label(cell.value))));
    let hover = rows(&|x, t_x| {
        find(x, t_x).map_or_else(String::new, |cell| {
            let customers = text::counted(cell.customers, "customer");
            let range = |from: u64| match joined {
                1 => from.to_string(),
                joined => format!("{from} to {}", from + joined - 1),
            };
            let history = format!("x = {}, t_x = {}", range(x), range(t_x));
            text::plotly(&format!("{history}, {customers}: {}", label(cell.value)))
        })
    });
    let z = along(last_t)
        .map(|t_x| along(last_x).map(|x| find(x, t_x).map(|cell| cell.value)).collect())
        .collect();
    let places = |last: u64| trace::numbers(&along(last).map(|at| at as f64).collect::<Vec<_>>());
    let cells = trace::cells(places(last_x), places(last_t), z, hover).zmin(0.0);
    trace::json(
        &cells,
        json!({
            "zmax": most.max(f64::MIN_POSITIVE), "colorscale": scale(), "xgap": 2, "ygap": 2, "text": labels,
            "texttemplate": if joined == 1 { "%{text}" } else { "" }, "textfont": {"color": ON_CELLS, "size": 13}
        }),
    )
}
