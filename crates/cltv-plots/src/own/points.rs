//! A mark for each row.

use serde_json::{Value, json};

use super::series::Rows;
use super::{NAME, OwnChart, file_name, notes};
use crate::chart::Parts;
use crate::data::{ChartData, Column};
use crate::reduce::{Axis, Marks};
use crate::scale::Scale;
use crate::{Chart, PlotError, text, theme, trace};

pub(super) fn draw(chart: &OwnChart) -> Result<Chart, PlotError> {
    if chart.measures.is_empty() {
        return Err(PlotError::Empty { chart: NAME, input: "y" });
    }
    let rows = chart.rows_of_series()?;
    let left_out = notes([rows.missing_note(), rows.others_note()]);
    let x: Vec<f64> = rows.rows.iter().map(|row| row.1).collect();
    let y: Vec<f64> = rows.rows.iter().map(|row| row.2).collect();
    let linear = |values| Axis { values, scale: Scale::Linear };
    let marks = Marks::new(linear(&x), linear(&y), rows.names.len(), |row| rows.rows[row].0 as usize);
    let (at, up) = (marks.mean(&x), marks.mean(&y));
    let measured = chart.measured(false);
    let kinds: Vec<usize> = (0..rows.names.len()).filter(|&kind| !marks.of_kind(kind).is_empty()).collect();
    let points = Points { chart, rows: &rows, marks: &marks, x: &at, y: &up };
    let layout = json!({
        "xaxis": chart.x_axis(), "yaxis": chart.value_axis(&text::capital(&measured))
    });
    let drawn = Chart::from(Parts {
        name: NAME,
        title: chart.heading(format!("{measured} and {}", chart.x_name)),
        how_to_read: format!(
            "{}: along the x axis stands {}, upwards {measured}.",
            marks.each("a row"),
            chart.x_name
        ),
        summary: summary(&rows, &x, &y),
        data: points.table(&measured),
        traces: kinds.iter().map(|&kind| points.trace(kind, kinds.len())).collect(),
        layout: chart.legend(kinds.len(), layout),
    });
    let parts = [chart.measures[0].name.as_str(), chart.x_name.as_str()];
    drawn.noted(notes([marks.note("row"), left_out])).renamed(&file_name(&parts))
}

struct Points<'a> {
    chart: &'a OwnChart,
    rows: &'a Rows,
    marks: &'a Marks,
    x: &'a [f64],
    y: &'a [f64],
}

impl Points<'_> {
    fn trace(&self, kind: usize, all: usize) -> Value {
        let marks = self.marks.of_kind(kind);
        let of = |values: &[f64]| -> Vec<f64> { marks.iter().map(|&mark| values[mark]).collect() };
        let name = &self.rows.names[kind];
        let hover = |&mark: &usize| {
            let name = if all > 1 { format!("{name}, ") } else { String::new() };
            let (x, y) = (self.chart.place(self.x[mark]), self.chart.number(self.y[mark]));
            let several = self.marks.several(mark, "row");
            text::plotly(&format!("{several}{name}{} {x}: {y}", self.chart.x_name))
        };
        let hover = marks.iter().map(hover).collect();
        let size = if theme::open_symbol(kind) { 8 } else { 7 };
        let points =
            trace::marks(self.chart.coords(&of(self.x)), trace::numbers(&of(self.y)), hover, kind, size);
        let mut json = trace::json(
            &points.name(text::plotly(name)),
            json!({"marker": {"opacity": if self.marks.shared() { 0.7 } else { 0.8 }}}),
        );
        trace::resize(&mut json, self.marks.diameters(&marks));
        json
    }

    fn table(&self, measured: &str) -> ChartData {
        let mut columns = self.marks.count_column("rows");
        if self.rows.names.len() > 1 {
            let name = |mark| self.rows.names[self.marks.kind(mark)].clone();
            let names: Vec<String> = (0..self.marks.len()).map(name).collect();
            let head = self.chart.groups.as_ref().map_or("series", |(name, _)| name.as_str());
            columns.push(Column::text(head, &names));
        }
        columns.push(self.chart.places(self.x));
        columns.push(Column::numbers(measured, self.y));
        ChartData::new(columns)
    }
}

/// Pearson's correlation of the rows of one series of numbers; else how many rows there are.
fn summary(rows: &Rows, x: &[f64], y: &[f64]) -> String {
    let count = text::counted(x.len() as u64, "row");
    match correlation(x, y) {
        Some(r) if rows.names.len() == 1 => {
            format!("{count}; Pearson's correlation is {}.", text::number(r, 2))
        }
        _ => format!("{count} in {}.", text::counted(rows.names.len() as u64, "group")),
    }
}

fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mx, my) = (mean(x), mean(y));
    let product = |a: &[f64], ma: f64, b: &[f64], mb: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum()
    };
    let spread = (product(x, mx, x, mx) * product(y, my, y, my)).sqrt();
    (spread > 0.0).then(|| product(x, mx, y, my) / spread).filter(|r| r.is_finite())
}
