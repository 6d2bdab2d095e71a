//! A chart in a notebook: shown, saved, or skipped with a reason.

use crate::bundle::{Bundle, emit};
use cltv_plots::{Chart, PLOTLY_FILE, PlotError, Values, plotly_js};
use cltv_purchases::Outputs;
use cltv_workflow::{Error, NO_AMOUNTS};
use polars::prelude::{Column, DataFrame};
use std::fmt;

/// A chart, or the reason why there is none.
#[derive(Debug, Clone)]
pub struct Figure {
    chart: Result<Chart, &'static str>,
}

impl Figure {
    /// The chart, or the chart crate's error as one of the workflow.
    pub(crate) fn drawn(chart: Result<Chart, PlotError>) -> Result<Figure, Error> {
        chart.map(|chart| Figure { chart: Ok(chart) }).map_err(|error| Error::Chart(error.to_string()))
    }

    /// No chart, with the reason.
    pub(crate) fn skipped(reason: &'static str) -> Figure {
        Figure { chart: Err(reason) }
    }

    pub(crate) fn without_amounts() -> Figure {
        Figure::skipped(NO_AMOUNTS)
    }

    /// The chart, if there is one.
    pub fn chart(&self) -> Option<&Chart> {
        self.chart.as_ref().ok()
    }

    /// Exactly the values shown, as a frame; an empty one when the chart was skipped.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the columns.
    pub fn data(&self) -> Result<DataFrame, Error> {
        let columns = self.chart.iter().flat_map(|chart| chart.data().columns()).map(|column| {
            let name = column.name().into();
            match column.values() {
                Values::Numbers(values) => Column::new(name, values.clone()),
                Values::Integers(values) => Column::new(name, values.clone()),
                Values::Text(values) => Column::new(name, values.clone()),
                _ => Column::new_empty(name, &polars::prelude::DataType::String),
            }
        });
        let columns: Vec<Column> = columns.collect();
        let rows = columns.first().map_or(0, Column::len);
        Ok(DataFrame::new(rows, columns)?)
    }

    /// Writes the chart to `visualizations/<name>.html` in the outputs, plotly.js once beside it.
    ///
    /// # Errors
    /// [`Error::Data`] when the folder cannot be written.
    pub fn save(self, out: &Outputs) -> Result<Figure, Error> {
        if let Ok(chart) = &self.chart {
            if !out.folder().join("visualizations").join(PLOTLY_FILE).is_file() {
                out.write_text(&format!("visualizations/{PLOTLY_FILE}"), plotly_js())?;
            }
            out.write_text(&format!("visualizations/{}.html", chart.name()), &chart.html_page(PLOTLY_FILE))?;
        }
        Ok(self)
    }

    /// The forms in which the figure is shown.
    pub(crate) fn forms(&self) -> Bundle {
        match &self.chart {
            Ok(chart) => chart.mime_bundle().into(),
            Err(reason) => vec![("text/plain", (*reason).to_owned())],
        }
    }

    /// Shows the chart now, before the cell ends.
    pub fn show(&self) {
        emit(&self.forms());
    }

    /// Shows the chart as a cell's last line.
    pub fn evcxr_display(&self) {
        self.show();
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.chart {
            Ok(chart) => write!(f, "{chart}"),
            Err(reason) => f.write_str(reason),
        }
    }
}
