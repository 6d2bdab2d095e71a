//! Repeat purchases over time against the model: cumulative and period by period.

use plotly::common::{HoverInfo, Mode};
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_PERIODS, step};
use crate::theme::{axis, line_note, merged, vertical_line, with_legend};
use crate::{Chart, PlotError, text, trace};

/// Repeat purchases of all customers in each period, as they happened and as the model expects.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracking {
    /// The model's time unit, which is also the length of a period: "week".
    pub unit: String,
    /// The end of each period, in units since the first purchase in the data: 1, 2, 3, ...; the first and the last
    /// period may be shorter, so that one ends with the calibration.
    pub elapsed: Vec<f64>,
    /// Repeat purchases in each period.
    pub actual: Vec<f64>,
    /// Expected repeat purchases in each period.
    pub expected: Vec<f64>,
    /// The end of the calibration period, in units since the first purchase in the data.
    pub calibration_end: f64,
}

/// Cumulative repeat purchases, actual and expected, with a line where the holdout begins. Of more than
/// 2,000 periods, evenly spaced ones are drawn, and a sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no period, the columns differ in length, time does not rise, or a
/// value is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{Tracking, cumulative_tracking};
/// let weeks = Tracking {
///     unit: "week".into(),
///     elapsed: vec![1.0, 2.0, 3.0],
///     actual: vec![12.0, 20.0, 25.0],
///     expected: vec![14.0, 19.0, 23.5],
///     calibration_end: 2.0,
/// };
/// assert_eq!(cumulative_tracking(&weeks)?.data().rows(), 3);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn cumulative_tracking(tracking: &Tracking) -> Result<Chart, PlotError> {
    let name = "cumulative_tracking";
    check(name, tracking)?;
    let (summary, together) = (summary(tracking), step(tracking.elapsed.len(), MOST_PERIODS));
    let tracking = &added_up(tracking, together);
    let chart = Lines {
        summary,
        name,
        title: "Cumulative repeat purchases: actual and expected".to_owned(),
        how_to_read: "The solid line adds up the repeat purchases that happened, the dashed line those the model \
                      expects. It was fitted on what lies left of the vertical line; the gap that opens to the right \
                      of it is the error of the forecast.",
        axis_title: "Cumulative repeat purchases".to_owned(),
        prefix: "cumulative_",
        actual: running_sum(&tracking.actual),
        expected: running_sum(&tracking.expected),
        mode: Mode::Lines,
        tracking,
    }
    .chart();
    let note = format!("A point is drawn every {}.", text::counted(together as u64, &tracking.unit));
    Ok(chart.noted((together > 1).then_some(note)))
}

/// Repeat purchases period by period, actual and expected, with a line where the holdout begins. More
/// than 2,000 periods are added up in equal groups, and a sentence says so.
///
/// # Errors
/// As [`cumulative_tracking`].
///
/// # Examples
/// ```
/// use cltv_plots::{Tracking, incremental_tracking};
/// let weeks = Tracking {
///     unit: "week".into(),
///     elapsed: vec![1.0, 2.0],
///     actual: vec![12.0, 20.0],
///     expected: vec![14.0, 19.0],
///     calibration_end: 1.0,
/// };
/// assert_eq!(incremental_tracking(&weeks)?.title(), "Repeat purchases per week: actual and expected");
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn incremental_tracking(tracking: &Tracking) -> Result<Chart, PlotError> {
    let name = "incremental_tracking";
    check(name, tracking)?;
    let (summary, together) = (summary(tracking), step(tracking.elapsed.len(), MOST_PERIODS));
    let tracking = &added_up(tracking, together);
    let each = text::each(together, &tracking.unit);
    let chart = Lines {
        summary,
        name,
        title: format!("Repeat purchases per {each}: actual and expected"),
        how_to_read: "The solid line is what happened, the dashed line what the model expects. The model has no seasons, so its line should run through the middle of the observed one; data right of the vertical line were not used to fit it.",
        axis_title: format!("Repeat purchases per {each}"),
        prefix: "",
        actual: tracking.actual.clone(),
        expected: tracking.expected.clone(),
        mode: Mode::Lines,
        tracking,
    }
    .chart();
    Ok(chart.noted((together > 1).then(|| format!("Each point adds up {each}."))))
}

/// The purchases of `together` neighbouring periods, at the end of the last one.
fn added_up(tracking: &Tracking, together: usize) -> Tracking {
    let sums = |values: &[f64]| values.chunks(together).map(|group| group.iter().sum()).collect();
    Tracking {
        unit: tracking.unit.clone(),
        elapsed: tracking.elapsed.chunks(together).map(|group| group[group.len() - 1]).collect(),
        actual: sums(&tracking.actual),
        expected: sums(&tracking.expected),
        calibration_end: tracking.calibration_end,
    }
}

fn check(name: &'static str, tracking: &Tracking) -> Result<(), PlotError> {
    let check = Check(name);
    let periods = ("elapsed", tracking.elapsed.len());
    check.not_empty("elapsed", periods.1)?;
    check.same_length(periods, ("actual", tracking.actual.len()))?;
    check.same_length(periods, ("expected", tracking.expected.len()))?;
    check.increasing("elapsed", &tracking.elapsed)?;
    check.non_negative("actual", &tracking.actual)?;
    check.non_negative("expected", &tracking.expected)?;
    check.non_negative("calibration_end", &[tracking.calibration_end])
}

fn running_sum(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .scan(0.0, |sum, value| {
            *sum += value;
            Some(*sum)
        })
        .collect()
}

struct Lines<'a> {
    /// Of the periods as they were given.
    summary: String,
    name: &'static str,
    title: String,
    how_to_read: &'static str,
    axis_title: String,
    prefix: &'static str,
    actual: Vec<f64>,
    expected: Vec<f64>,
    mode: Mode,
    tracking: &'a Tracking,
}

impl Lines<'_> {
    fn chart(self) -> Chart {
        let column = |name: &str| format!("{}{name}", self.prefix);
        let data = ChartData::new(vec![
            Column::numbers(&format!("{}s_elapsed", self.tracking.unit), &self.tracking.elapsed),
            Column::numbers(&column("actual"), &self.actual),
            Column::numbers(&column("expected"), &self.expected),
        ]);
        Parts {
            name: self.name,
            data,
            traces: vec![
                self.line("Actual", &self.actual, 0),
                self.line("Expected by the model", &self.expected, 1),
            ],
            layout: self.layout(),
            summary: self.summary,
            title: self.title,
            how_to_read: self.how_to_read.to_owned(),
        }
        .into()
    }

    fn line(&self, name: &str, values: &[f64], style: usize) -> Value {
        let unit = text::capital(&self.tracking.unit);
        let hover = |(at, value): (&f64, &f64)| {
            let at = text::number(*at, if at.fract() == 0.0 { 0 } else { 1 });
            text::plotly(&format!("{name}, {unit} {at}: {}", text::number(*value, 1)))
        };
        let hover: Vec<String> = self.tracking.elapsed.iter().zip(values).map(hover).collect();
        let line = trace::line(
            trace::numbers(&self.tracking.elapsed),
            trace::numbers(values),
            self.mode.clone(),
            [0, 3][style],
        )
        .name(name)
        .hover_text_array(hover)
        .hover_info(HoverInfo::Text);
        trace::json(&line, json!({"line": {"dash": if style == 0 { "solid" } else { "dash" }}}))
    }

    fn layout(&self) -> Value {
        let end = json!(self.tracking.calibration_end);
        let units = text::units(&self.tracking.unit);
        merged(
            with_legend(),
            json!({
                "xaxis": axis(&format!("{units} since the first purchase in the data"), json!({"rangemode": "tozero"})),
                "yaxis": axis(&self.axis_title, json!({"rangemode": "tozero"})),
                "shapes": [vertical_line(&end, "dot")],
                "annotations": [
                    line_note(&end, 0.1, "calibration", "right"), line_note(&end, 0.1, "holdout", "left")
                ]
            }),
        )
    }
}

/// The total of both charts: that of the holdout, or of all periods when there is none.
fn summary(tracking: &Tracking) -> String {
    // A period belongs to the holdout when it ends after the calibration period, beyond rounding.
    let held = |at: &usize| tracking.elapsed[*at] > tracking.calibration_end + 1e-9;
    let mut periods: Vec<usize> = (0..tracking.elapsed.len()).filter(held).collect();
    let part = if periods.is_empty() { "calibration" } else { "holdout" };
    if periods.is_empty() {
        periods = (0..tracking.elapsed.len()).collect();
    }
    let first = periods.first().map_or(0, |&at| at);
    let from = first.checked_sub(1).map_or(0.0, |before| tracking.elapsed[before]);
    let length = tracking.elapsed[tracking.elapsed.len() - 1] - from;
    let sum = |values: &[f64]| periods.iter().map(|&at| values[at]).sum::<f64>();
    let (actual, expected) = (sum(&tracking.actual), sum(&tracking.expected));
    let error = if actual > 0.0 {
        format!(" ({})", text::signed_percent(expected / actual - 1.0))
    } else {
        String::new()
    };
    format!(
        "{} repeat purchases in the {} {}s of the {part}; {} expected from first purchases alone{error}.",
        text::number(actual, 0),
        text::number(length, if (length - length.round()).abs() < 1e-9 { 0 } else { 1 }),
        tracking.unit,
        text::number(expected, 1)
    )
}
