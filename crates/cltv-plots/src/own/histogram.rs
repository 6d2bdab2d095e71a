//! How often values occur.

use serde_json::{Value, json};

use super::{Along, NAME, OwnChart, file_name, notes};
use crate::bins::{Bins, quantile};
use crate::chart::Parts;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged};
use crate::{Chart, PlotError, text, trace};

pub(super) fn draw(chart: &OwnChart) -> Result<Chart, PlotError> {
    let Along::Numbers(_) = &chart.x else {
        return Err(PlotError::Empty { chart: NAME, input: "x" });
    };
    // A column of numbers in place of x would be counted, not drawn.
    let counted = OwnChart { measures: Vec::new(), ..chart.clone() };
    let rows = counted.rows_of_series()?;
    let left_out = notes([rows.missing_note(), rows.others_note()]);
    let values: Vec<f64> = rows.rows.iter().map(|row| row.1).collect();
    let bins = Bins::new(&values);
    let edge = |value: f64| chart.number(value);
    let mut counts = vec![vec![0u64; bins.lower.len()]; rows.names.len()];
    for &(series, x, _) in &rows.rows {
        counts[series as usize][bins.place(x)] += 1;
    }
    let all = rows.names.len();
    let ranges = bins.ranges(edge);
    let traces = rows.names.iter().zip(&counts).enumerate().map(|(style, (name, counts))| {
        let named = if all > 1 { format!("{name}, ") } else { String::new() };
        let hover = ranges
            .iter()
            .zip(counts)
            .map(|(range, &n)| text::plotly(&format!("{named}{range}: {}", text::counted(n, "row"))));
        let bars =
            trace::bars(trace::numbers(&bins.middles()), trace::counts(counts), hover.collect(), style);
        let extra =
            if all == 1 { json!({"marker": {"pattern": {"shape": bins.patterns()}}}) } else { json!({}) };
        trace::json(&bars.name(text::plotly(name)), merged(json!({"width": bins.width}), extra))
    });
    let mut x_axis = chart.value_axis(&chart.x_name);
    if chart.unit == super::Unit::Plain {
        x_axis = chart.x_axis();
    }
    let layout = json!({
        "xaxis": x_axis, "yaxis": axis("Rows", json!({"rangemode": "tozero"})), "barmode": "stack", "bargap": 0.0,
        "annotations": bins.open_note(edge).into_iter().collect::<Vec<Value>>()
    });
    let mut columns = vec![Column::numbers("from", &bins.lower), Column::optional("below", bins.upper())];
    for (name, counts) in rows.names.iter().zip(&counts) {
        columns.push(Column::integers(if all == 1 { "rows" } else { name }, counts));
    }
    let drawn = Chart::from(Parts {
        name: NAME,
        title: chart.heading(format!("distribution of {}", chart.x_name)),
        how_to_read:
            "Each bar counts the rows whose value lies between its edges; a hatched last bar has all larger \
                      values."
                .to_owned(),
        summary: summary(chart, values),
        data: ChartData::new(columns),
        traces: traces.collect(),
        layout: chart.legend(all, layout),
    });
    drawn.noted(left_out).renamed(&file_name(&["distribution", &chart.x_name]))
}

fn summary(chart: &OwnChart, mut values: Vec<f64>) -> String {
    let rows = text::counted(values.len() as u64, "row");
    let [low, median, high] = [0.25, 0.5, 0.75].map(|q| chart.number(quantile(&mut values, q)));
    format!(
        "The median of {} in {rows} is {median}; half of the values lie between {low} and {high}.",
        chart.x_name
    )
}
