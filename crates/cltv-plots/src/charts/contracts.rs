//! How many customers under contract stay, and for how much longer.

use plotly::common::{HoverInfo, Mode};
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, line_note, merged, vertical_line, with_legend};
use crate::{Chart, PlotError, text, trace};

/// A curve over renewals.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractCurve {
    /// What the legend calls it.
    pub name: String,
    /// One value a period, from the first period of the chart on.
    pub values: Vec<f64>,
    /// Whether it was observed; models are drawn as lines.
    pub observed: bool,
}

/// Curves of one cohort.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractCurves {
    /// The cohort.
    pub cohort: String,
    /// The time from one renewal to the next: "year".
    pub period: String,
    /// The last renewal that the models were fitted on.
    pub fitted_until: u64,
    /// Observed and modelled curves.
    pub curves: Vec<ContractCurve>,
}

/// The share of customers left after each renewal, from renewal 0 on, where it is 1.
///
/// # Errors
/// [`PlotError`] when there is no curve, one is empty, or a share is not between 0 and 1.
///
/// # Examples
/// ```
/// use cltv_plots::{ContractCurve, ContractCurves, contract_survival};
/// let curve = |name: &str, observed| ContractCurve { name: name.into(), values: vec![1.0, 0.63, 0.47], observed };
/// let curves = ContractCurves {
///     cohort: "regular".into(), period: "year".into(), fitted_until: 1,
///     curves: vec![curve("Observed", true), curve("sBG", false)],
/// };
/// assert_eq!(contract_survival(&curves)?.data().rows(), 6);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn contract_survival(curves: &ContractCurves) -> Result<Chart, PlotError> {
    let period = &curves.period;
    Drawing {
        name: "contract_survival",
        title: format!("Customers left after each renewal: {}", curves.cohort),
        how_to_read: "Marks are the observed shares of customers left, lines those of the models, fitted up to the \
             vertical line; data right of it were not used. A model with a constant renewal rate is usually too high at first and too low later."
            .to_owned(),
        x_title: format!("Renewals, one a {period}"),
        y_title: "Share of customers left",
        first: 0,
        curves,
    }
    .chart()
}

/// The share of customers who renew, of those who were there, at each renewal from the first on.
///
/// # Errors
/// As [`contract_survival`].
///
/// # Examples
/// ```
/// use cltv_plots::{ContractCurve, ContractCurves, contract_retention};
/// let curve = ContractCurve { name: "sBG".into(), values: vec![0.63, 0.74], observed: false };
/// let curves = ContractCurves {
///     cohort: "regular".into(), period: "year".into(), fitted_until: 1, curves: vec![curve],
/// };
/// assert_eq!(contract_retention(&curves)?.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn contract_retention(curves: &ContractCurves) -> Result<Chart, PlotError> {
    let period = &curves.period;
    Drawing {
        name: "contract_retention",
        title: format!("Share who renew, of those who were there: {}", curves.cohort),
        how_to_read: format!(
            "Marks are the observed renewal rates, lines those of the models, fitted up to the vertical line. A rate that rises from {period} to {period} need not mean that customers become more loyal: those likely to leave have already left."
        ),
        x_title: format!("Renewal, one a {period}"),
        y_title: "Share who renew",
        first: 1,
        curves,
    }
    .chart()
}

/// What is drawn of the curves.
struct Drawing<'a> {
    name: &'static str,
    title: String,
    how_to_read: String,
    x_title: String,
    y_title: &'static str,
    /// The renewal of every curve's first value.
    first: u64,
    curves: &'a ContractCurves,
}

impl Drawing<'_> {
    fn chart(self) -> Result<Chart, PlotError> {
        let check = Check(self.name);
        let curves = &self.curves.curves;
        check.not_empty("curves", curves.len())?;
        check.unique("curves", curves.iter().map(|curve| curve.name.as_str()))?;
        for curve in curves {
            check.not_empty("values", curve.values.len())?;
            check.share("values", &curve.values)?;
        }
        let until = json!(self.curves.fitted_until);
        let traces = curves.iter().enumerate().map(|(style, curve)| self.trace(curve, style)).collect();
        Ok(Parts {
            name: self.name,
            title: text::shorten(&self.title, 60),
            summary: self.summary(),
            data: self.data(),
            traces,
            layout: merged(with_legend(), json!({
                "xaxis": axis(&self.x_title, json!({"dtick": 1, "tickformat": ""})),
                "yaxis": axis(self.y_title, json!({"tickformat": ".0%", "range": [0, 1.04]})),
                "shapes": [vertical_line(&until, "dot")],
                "annotations": [
                    line_note(&until, 0.08, "fitted", "right"), line_note(&until, 0.08, "projected", "left")
                ]
            })),
            how_to_read: self.how_to_read,
        }
        .into())
    }

    fn at(&self, curve: &ContractCurve) -> Vec<f64> {
        (0..curve.values.len() as u64).map(|k| (self.first + k) as f64).collect()
    }

    fn trace(&self, curve: &ContractCurve, style: usize) -> Value {
        let at = self.at(curve);
        let hover: Vec<String> = at
            .iter()
            .zip(&curve.values)
            .map(|(at, share)| {
                text::plotly(&format!("{}, renewal {at}: {}", curve.name, text::percent(*share)))
            })
            .collect();
        let (x, y) = (trace::numbers(&at), trace::numbers(&curve.values));
        if curve.observed {
            let marks = trace::marks(x, y, hover, 6, 10).name(text::plotly(&curve.name));
            return trace::json(&marks, json!({"marker": {"symbol": "circle"}}));
        }
        // One value alone makes no line.
        let mode = if at.len() > 1 { Mode::Lines } else { Mode::LinesMarkers };
        let line = trace::line(x, y, mode, style)
            .name(text::plotly(&curve.name))
            .hover_text_array(hover)
            .hover_info(HoverInfo::Text);
        trace::json(&line, json!({}))
    }

    fn data(&self) -> ChartData {
        let (mut names, mut at, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for curve in &self.curves.curves {
            names.extend(std::iter::repeat_n(curve.name.clone(), curve.values.len()));
            at.extend((0..curve.values.len() as u64).map(|k| self.first + k));
            values.extend_from_slice(&curve.values);
        }
        ChartData::new(vec![
            Column::text("curve", &names),
            Column::integers("renewal", &at),
            Column::numbers("share", &values),
        ])
    }

    fn summary(&self) -> String {
        let last = |curve: &ContractCurve| {
            let at = self.first + curve.values.len() as u64 - 1;
            format!("{} {} at {at}", curve.name, text::percent(*curve.values.last().unwrap_or(&0.0)))
        };
        let ends: Vec<String> = self.curves.curves.iter().map(last).collect();
        format!("{} at the last renewal shown: {}.", self.y_title, ends.join(", "))
    }
}

/// Expected periods still to be paid by a customer, discounted, by the renewals made so far: a curve a
/// model, from a new customer's first renewal on.
///
/// # Errors
/// [`PlotError`] when there is no curve, one is empty, or a value is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{ContractCurve, residual_lifetime};
/// let curve = |name: &str, values: &[f64]| ContractCurve { name: name.into(), values: values.to_vec(), observed: false };
/// let chart = residual_lifetime(&[curve("sBG", &[3.6, 5.1]), curve("Constant rate", &[2.9, 2.9])], "year", 0.1)?;
/// assert!(chart.text_summary().contains("sBG"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn residual_lifetime(curves: &[ContractCurve], period: &str, rate: f64) -> Result<Chart, PlotError> {
    let check = Check("residual_lifetime");
    check.not_empty("curves", curves.len())?;
    check.unique("curves", curves.iter().map(|curve| curve.name.as_str()))?;
    check.non_negative("rate", &[rate])?;
    for curve in curves {
        check.not_empty("values", curve.values.len())?;
        check.non_negative("values", &curve.values)?;
    }
    let line = |(style, curve): (usize, &ContractCurve)| {
        let at: Vec<f64> = (0..curve.values.len()).map(|at| at as f64).collect();
        let hover = at.iter().zip(&curve.values).map(|(at, value)| {
            text::plotly(&format!(
                "{}, {at} renewals made: {} {period}s",
                curve.name,
                text::number(*value, 2)
            ))
        });
        let line = trace::line(trace::numbers(&at), trace::numbers(&curve.values), Mode::LinesMarkers, style)
            .name(text::plotly(&curve.name))
            .hover_text_array(hover.collect())
            .hover_info(HoverInfo::Text);
        trace::json(&line, json!({"marker": {"size": 7}}))
    };
    let first = |curve: &ContractCurve| {
        let (new, old) = (curve.values[0], curve.values[curve.values.len() - 1]);
        let made = curve.values.len() - 1;
        format!(
            "{} {} for a new customer and {} after {made} renewals",
            curve.name,
            text::number(new, 2),
            text::number(old, 2)
        )
    };
    let rows = curves.iter().flat_map(|curve| (0..curve.values.len() as u64).map(move |at| (at, curve)));
    let rows: Vec<(u64, &ContractCurve)> = rows.collect();
    Ok(Parts {
        name: "residual_lifetime",
        title: format!("Discounted {period}s still to come, by renewals made"),
        how_to_read: format!(
            "Each line is how many {period}s a customer is still expected to pay for, discounted at {} a {period}, just \
             before the next renewal. Under one constant rate loyalty proves nothing and the line is flat; in a \
             mixture, every renewal made is evidence of a loyal customer.",
            text::percent(rate)
        ),
        summary: format!("{}.", curves.iter().map(first).collect::<Vec<_>>().join("; ")),
        data: ChartData::new(vec![
            Column::text("curve", &rows.iter().map(|(_, curve)| curve.name.clone()).collect::<Vec<_>>()),
            Column::integers("renewals_made", &rows.iter().map(|(at, _)| *at).collect::<Vec<_>>()),
            Column::numbers("residual_lifetime", &rows.iter().map(|(at, curve)| curve.values[*at as usize]).collect::<Vec<_>>()),
        ]),
        traces: curves.iter().enumerate().map(line).collect(),
        layout: merged(with_legend(), json!({
            "xaxis": axis("Renewals made so far", json!({"dtick": 1, "tickformat": ""})),
            "yaxis": axis(&format!("Discounted {period}s to come"), json!({"rangemode": "tozero"}))
        })),
    }
    .into())
}
