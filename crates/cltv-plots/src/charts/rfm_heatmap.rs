//! Customers and spend over the grid of R and F scores.

use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{ON_CELLS, axis, merged, panel_heading, scale};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "rfm_heatmap";

/// The customers who share an R and an F score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RfmCell {
    /// Recency score, 1 (long ago) to 5 (recent).
    pub r: u8,
    /// Frequency score, 1 (rare) to 5 (often).
    pub f: u8,
    /// Customers with these scores.
    pub customers: u64,
    /// Their mean monetary value; `None` when there are none, or no amounts.
    pub mean_monetary: Option<f64>,
}

/// Customers, and their mean monetary value, for each pair of R and F scores. Pairs that are not
/// given hold no customer.
///
/// # Errors
/// [`PlotError`] when there is no cell, a score is not 1 to 5, a pair appears twice, or an amount is
/// not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{RfmCell, rfm_heatmap};
/// let cells = [RfmCell { r: 5, f: 5, customers: 120, mean_monetary: Some(42.5) }];
/// assert_eq!(rfm_heatmap(&cells, "$")?.data().rows(), 25);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn rfm_heatmap(cells: &[RfmCell], currency: &str) -> Result<Chart, PlotError> {
    let grid = grid(cells)?;
    let amounts = cells.iter().any(|cell| cell.mean_monetary.is_some());
    let mut traces = vec![customers_panel(&grid)];
    if amounts {
        traces.push(monetary_panel(&grid, currency));
    }
    Ok(Parts {
        name: NAME,
        title: "Customers by recency and frequency score".to_owned(),
        how_to_read:
            "Up means bought more recently, right means bought more often. The top right corner holds the \
                      best customers; the bottom right those who bought often but not lately."
                .to_owned(),
        summary: summary(&grid),
        data: data(&grid, amounts),
        traces,
        layout: layout(amounts),
    }
    .into())
}

/// All 25 cells, R from 1 to 5 and within it F from 1 to 5.
fn grid(cells: &[RfmCell]) -> Result<Vec<RfmCell>, PlotError> {
    let check = Check(NAME);
    check.not_empty("cells", cells.len())?;
    let pairs: Vec<String> = cells.iter().map(|cell| format!("R{} F{}", cell.r, cell.f)).collect();
    check.unique("cells", pairs.iter().map(String::as_str))?;
    let empty = |at: u8| RfmCell { r: at / 5 + 1, f: at % 5 + 1, customers: 0, mean_monetary: None };
    let mut grid: Vec<RfmCell> = (0..25).map(empty).collect();
    for (at, cell) in cells.iter().enumerate() {
        if !(1..=5).contains(&cell.r) || !(1..=5).contains(&cell.f) {
            return Err(check.bad("cells", at, &pairs[at], "scored 1 to 5 in R and F"));
        }
        if cell.mean_monetary.is_some_and(|mean| !mean.is_finite()) {
            return Err(check.bad(
                "mean_monetary",
                at,
                cell.mean_monetary.unwrap_or(f64::NAN),
                "a finite number",
            ));
        }
        grid[usize::from(cell.r - 1) * 5 + usize::from(cell.f - 1)] = *cell;
    }
    Ok(grid)
}

fn data(grid: &[RfmCell], amounts: bool) -> ChartData {
    let score = |pick: fn(&RfmCell) -> u8| grid.iter().map(|cell| u64::from(pick(cell))).collect::<Vec<_>>();
    let customers: Vec<u64> = grid.iter().map(|cell| cell.customers).collect();
    let mut columns = vec![
        Column::integers("r_score", &score(|cell| cell.r)),
        Column::integers("f_score", &score(|cell| cell.f)),
        Column::integers("customers", &customers),
    ];
    if amounts {
        columns.push(Column::optional("mean_monetary", grid.iter().map(|cell| cell.mean_monetary).collect()));
    }
    ChartData::new(columns)
}

fn customers_panel(grid: &[RfmCell]) -> Value {
    panel(grid, |cell| Some(cell.customers as f64), |cell| text::count(cell.customers), "x", "y")
}

fn monetary_panel(grid: &[RfmCell], currency: &str) -> Value {
    let label =
        |cell: &RfmCell| cell.mean_monetary.map(|mean| short_money(currency, mean)).unwrap_or_default();
    panel(grid, |cell| cell.mean_monetary, label, "x2", "y2")
}

/// Whole amounts from 10 on, so that they fit a cell.
fn short_money(currency: &str, value: f64) -> String {
    if value.abs() >= 10.0 {
        format!("{currency}{}", text::number(value, 0))
    } else {
        text::money(currency, value)
    }
}

fn panel(
    grid: &[RfmCell],
    value: impl Fn(&RfmCell) -> Option<f64>,
    label: impl Fn(&RfmCell) -> String,
    x_axis: &str,
    y_axis: &str,
) -> Value {
    let rows = || grid.chunks(5);
    let z: Vec<Vec<Option<f64>>> = rows().map(|row| row.iter().map(&value).collect()).collect();
    let labels: Vec<Vec<String>> =
        rows().map(|row| row.iter().map(|cell| text::plotly(&label(cell))).collect()).collect();
    let hover = rows()
        .map(|row| {
            row.iter()
                .map(|cell| format!("R {}, F {}: {}", cell.r, cell.f, text::plotly(&label(cell))))
                .collect()
        })
        .collect();
    let scores = || trace::numbers(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let cells = trace::cells(scores(), scores(), z, hover).x_axis(x_axis).y_axis(y_axis).zmin(0.0);
    // plotly reads a lower bound only together with an upper one.
    let most = grid.iter().filter_map(value).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    trace::json(
        &cells,
        json!({
            "zmax": most, "colorscale": scale(), "xgap": 2, "ygap": 2, "text": labels, "texttemplate": "%{text}",
            "textfont": {"color": ON_CELLS, "size": 13}
        }),
    )
}

fn layout(amounts: bool) -> Value {
    let scores = json!({"dtick": 1, "showgrid": false, "showline": false, "ticks": ""});
    let r = "R score (5 = most recent)";
    let f = "F score (5 = most often)";
    if !amounts {
        return json!({"xaxis": axis(f, scores.clone()), "yaxis": axis(r, scores)});
    }
    json!({
        "margin": {"t": 84},
        "xaxis": axis(f, merged(scores.clone(), json!({"domain": [0.0, 0.47]}))),
        "yaxis": axis(r, scores.clone()),
        "xaxis2": axis(f, merged(scores.clone(), json!({"domain": [0.54, 1.0], "anchor": "y2"}))),
        "yaxis2": axis("", merged(scores, json!({"anchor": "x2"}))),
        "annotations": [
            panel_heading(0.235, 1.01, "Customers"), panel_heading(0.77, 1.01, "Mean monetary value")
        ]
    })
}

fn summary(grid: &[RfmCell]) -> String {
    let total: u64 = grid.iter().map(|cell| cell.customers).sum();
    let best: u64 = grid.iter().filter(|cell| cell.r >= 4 && cell.f >= 4).map(|cell| cell.customers).sum();
    let share = if total == 0 { 0.0 } else { best as f64 / total as f64 };
    format!(
        "{} of {} ({}) score 4 or 5 in both recency and frequency.",
        text::count(best),
        text::counted(total, "customer"),
        text::percent(share)
    )
}
