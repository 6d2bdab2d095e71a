//! Predictions of the purchase model for all histories of one age.

use plotly::Contour;
use plotly::common::Line;
use plotly::contour::{Coloring, Contours};
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_PLACES, spaced};
use crate::theme::{ON_CELLS, axis, scale};
use crate::{Chart, PlotError, text, trace};

/// A model's prediction for each pair of frequency and recency, at one age. Of more than 60 values along an
/// axis, evenly spaced ones are drawn, and a sentence says so.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryGrid {
    /// The model's time unit: "week".
    pub unit: String,
    /// The customers' age T, in units.
    pub age: f64,
    /// Repeat purchases, the columns of `values`.
    pub frequency: Vec<u64>,
    /// Age at the last purchase (t_x), in units, the rows of `values`.
    pub recency: Vec<f64>,
    /// A row per recency, a value per frequency; `None` where no such history can be.
    pub values: Vec<Vec<Option<f64>>>,
}

/// Expected purchases in the next `horizon` units, by frequency and recency.
///
/// # Errors
/// [`PlotError`] when the grid is empty, its rows do not fit its axes, an axis does not rise, or an
/// expectation is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{HistoryGrid, expected_purchases_matrix};
/// let grid = HistoryGrid {
///     unit: "week".into(),
///     age: 39.0,
///     frequency: vec![1, 2],
///     recency: vec![13.0, 26.0, 39.0],
///     values: vec![vec![Some(0.5), Some(0.4)], vec![Some(0.9), Some(1.2)], vec![Some(1.0), Some(1.7)]],
/// };
/// assert_eq!(expected_purchases_matrix(&grid, 39.0)?.data().rows(), 6);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn expected_purchases_matrix(grid: &HistoryGrid, horizon: f64) -> Result<Chart, PlotError> {
    let name = "expected_purchases_matrix";
    check(name, grid, "finite and zero or more", |v| v.is_finite() && v >= 0.0)?;
    let next = text::span(horizon, &grid.unit);
    let most = largest(grid);
    Ok(Matrix {
        name,
        title: format!("Expected purchases in the next {next}"),
        quantity: "expected_purchases",
        bar_title: "Expected<br>purchases",
        how_to_read: format!(
            "A point is a customer {} old: right means more repeat purchases, up means the last one was more recent. \
             Darker is more purchases expected, and along a line the expectation is equal. Many purchases that \
             stopped long ago (bottom right) mean few expected purchases: the customer has probably left.",
            text::span(grid.age, &grid.unit)
        ),
        summary: format!(
            "Up to {} purchases are expected in the next {next}, for {} with the last one {} after the first purchase.",
            text::number(most.value, 2),
            text::counted(most.frequency, "repeat purchase"),
            text::span(most.recency, &grid.unit)
        ),
        top: most.value,
        levels: round_levels(most.value),
        format: ".2~f",
        grid: thinned(grid),
    }
    .chart(grid))
}

/// The probability of still being alive, by frequency and recency.
///
/// # Errors
/// [`PlotError`] when the grid is empty, its rows do not fit its axes, an axis does not rise, or a
/// probability is not between 0 and 1.
///
/// # Examples
/// ```
/// use cltv_plots::{HistoryGrid, p_alive_matrix};
/// let grid = HistoryGrid {
///     unit: "week".into(),
///     age: 39.0,
///     frequency: vec![1, 2],
///     recency: vec![13.0, 39.0],
///     values: vec![vec![Some(0.6), Some(0.4)], vec![Some(0.8), Some(0.9)]],
/// };
/// assert_eq!(p_alive_matrix(&grid)?.name(), "p_alive_matrix");
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn p_alive_matrix(grid: &HistoryGrid) -> Result<Chart, PlotError> {
    let name = "p_alive_matrix";
    check(name, grid, "between 0 and 1", |v| (0.0..=1.0).contains(&v))?;
    Ok(Matrix {
        name,
        title: "Probability of being alive, by frequency and recency".to_owned(),
        quantity: "p_alive",
        bar_title: "P(alive)<br> ",
        how_to_read: format!(
            "A point is a customer {} old: right means more repeat purchases, up means the last one was more recent. \
             Darker is more probably alive, and along a line the probability is equal. For the same time without a purchase, a frequent buyer (right) is more likely to have left than a rare one (left).",
            text::span(grid.age, &grid.unit)
        ),
        summary: alive_summary(grid),
        top: 1.0,
        levels: vec![0.1, 0.3, 0.5, 0.7, 0.9],
        format: ".1f",
        grid: thinned(grid),
    }
    .chart(grid))
}

/// Without a repeat purchase the model sees no dropout, so only repeat customers are summed up.
fn alive_summary(grid: &HistoryGrid) -> String {
    let repeaters: Vec<Cell> = cells(grid).filter(|cell| cell.frequency > 0).collect();
    let least = repeaters.iter().map(|cell| cell.value).fold(1.0, f64::min);
    let most = repeaters.iter().map(|cell| cell.value).fold(0.0, f64::max);
    if repeaters.is_empty() {
        return "The grid holds no customer with a repeat purchase.".to_owned();
    }
    format!(
        "After {} and at least one repeat purchase, P(alive) runs from {} to {}.",
        text::span(grid.age, &grid.unit),
        text::percent(least),
        text::percent(most)
    )
}

fn check(
    name: &'static str,
    grid: &HistoryGrid,
    bound: &'static str,
    holds: impl Fn(f64) -> bool,
) -> Result<(), PlotError> {
    let check = Check(name);
    check.not_empty("frequency", grid.frequency.len())?;
    check.not_empty("recency", grid.recency.len())?;
    check.same_length(("recency", grid.recency.len()), ("values", grid.values.len()))?;
    check.increasing("recency", &grid.recency)?;
    check.increasing("frequency", &grid.frequency.iter().map(|&x| x as f64).collect::<Vec<_>>())?;
    for (at, row) in grid.values.iter().enumerate() {
        check.same_length(("frequency", grid.frequency.len()), ("a row of values", row.len()))?;
        if let Some(value) = row.iter().flatten().find(|value| !holds(**value)) {
            return Err(check.bad("values", at, value, bound));
        }
    }
    check.not_empty("values", grid.values.iter().flatten().flatten().count())
}

/// A cell of the grid.
struct Cell {
    frequency: u64,
    recency: f64,
    value: f64,
}

fn cells(grid: &HistoryGrid) -> impl Iterator<Item = Cell> {
    grid.recency.iter().zip(&grid.values).flat_map(|(&recency, row)| {
        let cell = move |(&frequency, value): (&u64, &Option<f64>)| {
            value.map(|value| Cell { frequency, recency, value })
        };
        grid.frequency.iter().zip(row).filter_map(cell)
    })
}

fn largest(grid: &HistoryGrid) -> Cell {
    let none = Cell { frequency: 0, recency: 0.0, value: 0.0 };
    cells(grid).max_by(|a, b| a.value.total_cmp(&b.value)).unwrap_or(none)
}

/// Evenly spaced rows and columns of a grid with more than can be told apart.
fn thinned(grid: &HistoryGrid) -> HistoryGrid {
    let (columns, rows) =
        (spaced(grid.frequency.len(), MOST_PLACES), spaced(grid.recency.len(), MOST_PLACES));
    let row = |&at: &usize| columns.iter().map(|&column| grid.values[at][column]).collect();
    HistoryGrid {
        unit: grid.unit.clone(),
        age: grid.age,
        frequency: columns.iter().map(|&at| grid.frequency[at]).collect(),
        recency: rows.iter().map(|&at| grid.recency[at]).collect(),
        values: rows.iter().map(row).collect(),
    }
}

fn note(drawn: &HistoryGrid, whole: &HistoryGrid) -> Option<String> {
    let histories = |grid: &HistoryGrid| (grid.frequency.len() * grid.recency.len()) as u64;
    let (some, all) = (histories(drawn), histories(whole));
    (some < all)
        .then(|| format!("{} of {} are drawn, evenly spaced.", text::count(some), text::counted(all, "pair")))
}

/// The highest seven of 1, 2, 5 times a power of ten below the top.
fn round_levels(top: f64) -> Vec<f64> {
    let mut levels = Vec::new();
    let mut power = 10f64.powf(top.max(1e-9).log10().floor());
    // Four powers of ten hold more than six levels, unless nothing is expected at all; a seventh
    // would run into the labels of the others.
    for _ in 0..4 {
        levels.extend([5.0, 2.0, 1.0].map(|step| step * power).into_iter().filter(|&level| level < top));
        power /= 10.0;
    }
    levels.truncate(6);
    levels
}

struct Matrix {
    name: &'static str,
    title: String,
    quantity: &'static str,
    bar_title: &'static str,
    how_to_read: String,
    summary: String,
    top: f64,
    levels: Vec<f64>,
    format: &'static str,
    grid: HistoryGrid,
}

impl Matrix {
    /// The chart; `whole` is the grid as it was given.
    fn chart(self, whole: &HistoryGrid) -> Chart {
        let cells: Vec<Cell> = cells(&self.grid).collect();
        let column = |pick: fn(&Cell) -> f64| cells.iter().map(pick).collect::<Vec<f64>>();
        let frequencies: Vec<u64> = cells.iter().map(|cell| cell.frequency).collect();
        let note = note(&self.grid, whole);
        let chart = Chart::from(Parts {
            name: self.name,
            data: ChartData::new(vec![
                Column::integers("frequency", &frequencies),
                Column::numbers("recency", &column(|cell| cell.recency)),
                Column::numbers(self.quantity, &column(|cell| cell.value)),
            ]),
            traces: std::iter::once(self.heatmap())
                .chain(self.levels.iter().map(|&level| self.contour(level)))
                .collect(),
            layout: self.layout(),
            title: self.title,
            how_to_read: self.how_to_read,
            summary: self.summary,
        });
        chart.noted(note)
    }

    fn axes(&self) -> (Vec<f64>, Vec<f64>) {
        (self.grid.frequency.iter().map(|&x| x as f64).collect(), self.grid.recency.clone())
    }

    fn heatmap(&self) -> Value {
        let (x, y) = self.axes();
        let hover = |(recency, row): (&f64, &Vec<Option<f64>>)| -> Vec<String> {
            let cell = |(frequency, value): (&u64, &Option<f64>)| {
                let history = format!(
                    "{}, last one at {}",
                    text::counted(*frequency, "repeat purchase"),
                    text::span(*recency, &self.grid.unit)
                );
                value.map(|v| text::plotly(&format!("{history}: {}", text::number(v, 3)))).unwrap_or_default()
            };
            self.grid.frequency.iter().zip(row).map(cell).collect()
        };
        let hover = self.grid.recency.iter().zip(&self.grid.values).map(hover).collect();
        let cells = trace::cells(trace::numbers(&x), trace::numbers(&y), self.grid.values.clone(), hover)
            .show_scale(true)
            .zmin(0.0)
            .zmax(if self.top > 0.0 { self.top } else { 1.0 });
        trace::json(
            &cells,
            json!({
                "colorscale": scale(),
                "colorbar": {"title": {"text": self.bar_title, "side": "top"}, "thickness": 16, "outlinewidth": 0, "tickformat": self.format}
            }),
        )
    }

    /// A line of equal value, with the value on it: the chart then needs no colour. One trace a level,
    /// because plotly's own levels are evenly spaced, and expectations are not.
    fn contour(&self, level: f64) -> Value {
        let (x, y) = self.axes();
        let contour = Contour::new(x, y, self.grid.values.clone())
            .contours(
                Contours::new().coloring(Coloring::None).show_labels(true).start(level).end(level).size(1.0),
            )
            .line(Line::new().color(ON_CELLS).width(1.0))
            .show_scale(false);
        trace::json(
            &contour,
            json!({
                "autocontour": false, "hoverinfo": "skip", "showlegend": false,
                "contours": {"labelfont": {"size": 12, "color": ON_CELLS}, "labelformat": ".2~f"}
            }),
        )
    }

    fn layout(&self) -> Value {
        let units = text::units(&self.grid.unit);
        json!({
            "height": 470,
            "margin": {"r": 20},
            "xaxis": axis("Frequency (repeat purchases)", json!({"showgrid": false})),
            "yaxis": axis(&format!("Recency ({} from first to last purchase)", units.to_lowercase()), json!({"showgrid": false}))
        })
    }
}
