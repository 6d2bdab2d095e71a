//! How much of the revenue comes from how few of the customers.

use plotly::common::Mode;
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::axis;
use crate::{Chart, PlotError, text, trace};

/// What is concentrated over whom.
#[derive(Debug, Clone, Copy)]
struct Words {
    name: &'static str,
    /// The input's name in messages.
    input: &'static str,
    what: &'static str,
    who: &'static str,
    /// What the sum must be, for a message.
    above_zero: &'static str,
}

const REVENUE: Words = Words {
    name: "concentration_curve",
    input: "revenue",
    what: "revenue",
    who: "customer",
    above_zero: "above zero for at least one customer",
};
const VALUE: Words = Words {
    name: "account_value_concentration",
    input: "values",
    what: "value",
    who: "account",
    above_zero: "above zero for at least one account",
};

/// Points drawn at most: one per half percent of the customers.
const POINTS: usize = 200;

/// How concentrated an amount is over customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concentration {
    /// 0 when all customers spend the same, towards 1 when one customer spends everything.
    pub gini: f64,
    /// The share of the amount that the top 20% of the customers bring, between 0 and 1.
    pub top_20_share: f64,
}

/// The Gini coefficient and the share of the top 20% of customers.
///
/// With the `n` amounts sorted from the smallest, `G = sum((2i - n - 1) x_i) / (n sum(x))`. The top
/// share is read off the concentration curve at 20% of the customers, between two customers in
/// proportion.
///
/// # Errors
/// [`PlotError`] when there is no customer, a value is negative or not finite, or all are zero.
///
/// # Examples
/// ```
/// let figures = cltv_plots::concentration_of(&[0.0, 0.0, 0.0, 0.0, 10.0])?;
/// assert_eq!(figures.top_20_share, 1.0);
/// assert!((figures.gini - 0.8).abs() < 1e-12);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn concentration_of(revenue: &[f64]) -> Result<Concentration, PlotError> {
    Ok(Curve::new(revenue, REVENUE)?.figures())
}

/// The concentration (Lorenz) curve, best customers first, with the share of the top 20% and the
/// Gini coefficient.
///
/// # Errors
/// As [`concentration_of`].
///
/// # Examples
/// ```
/// let chart = cltv_plots::concentration_curve(&[5.0, 20.0, 75.0, 0.0, 100.0], "$")?;
/// assert!(chart.text_summary().contains("Gini"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn concentration_curve(revenue: &[f64], currency: &str) -> Result<Chart, PlotError> {
    chart(revenue, currency, REVENUE)
}

/// The same curve of the accounts' values, under the name `account_value_concentration`.
///
/// # Errors
/// As [`concentration_of`]; nobody holds a negative share, so set values below zero to zero first.
///
/// # Examples
/// ```
/// let chart = cltv_plots::account_value_concentration(&[5.0, 20.0, 75.0, 0.0, 100.0], "$")?;
/// assert!(chart.title().contains("accounts"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn account_value_concentration(values: &[f64], currency: &str) -> Result<Chart, PlotError> {
    chart(values, currency, VALUE)
}

fn chart(amounts: &[f64], currency: &str, words: Words) -> Result<Chart, PlotError> {
    let Words { name, what, who, .. } = words;
    let curve = Curve::new(amounts, words)?;
    let figures = curve.figures();
    let (holders, shares) = curve.points();
    let top = text::percent(figures.top_20_share);
    Ok(Parts {
        name,
        title: format!("Concentration of {what} over {who}s"),
        how_to_read: format!(
            "Go right to a share of the {who}s, best first, and up to the curve: that is the share of the {what} they \
             bring. On the dotted line all would bring the same; the further the curve bends away from it, the larger \
             the Gini coefficient (0 to 1)."
        ),
        summary: format!(
            "The top 20% of {} bring {top} of {}; the Gini coefficient is {:.3}.",
            text::counted(amounts.len() as u64, who),
            text::money(currency, curve.total),
            figures.gini
        ),
        data: ChartData::new(vec![
            Column::numbers(&format!("share_of_{who}s"), &holders),
            Column::numbers(&format!("share_of_{what}"), &shares),
        ]),
        traces: vec![curve_trace(&holders, &shares, words), equality_trace(words)],
        layout: layout(figures, words),
    }
    .into())
}

/// The amounts from the largest on, with their running sum.
struct Curve {
    cumulative: Vec<f64>,
    total: f64,
    gini: f64,
}

impl Curve {
    fn new(amounts: &[f64], words: Words) -> Result<Curve, PlotError> {
        let (check, input) = (Check(words.name), words.input);
        check.not_empty(input, amounts.len())?;
        check.non_negative(input, amounts)?;
        let mut sorted = amounts.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let mut total = 0.0;
        let mut cumulative = vec![0.0];
        cumulative.extend(sorted.iter().map(|v| {
            total += v;
            total
        }));
        if total <= 0.0 {
            return Err(check.bad(input, 0, "0 like all others", words.above_zero));
        }
        let n = sorted.len() as f64;
        let ranked: f64 = sorted.iter().enumerate().map(|(at, v)| (n - 1.0 - 2.0 * at as f64) * v).sum();
        Ok(Curve { cumulative, total, gini: ranked / (n * total) })
    }

    /// The share of the amount that this share of the customers brings.
    fn at(&self, share: f64) -> f64 {
        let place = share * (self.cumulative.len() - 1) as f64;
        let (below, above) = (place.floor() as usize, place.ceil() as usize);
        let value =
            self.cumulative[below] + (self.cumulative[above] - self.cumulative[below]) * place.fract();
        value / self.total
    }

    fn figures(&self) -> Concentration {
        Concentration { gini: self.gini, top_20_share: self.at(0.2) }
    }

    fn points(&self) -> (Vec<f64>, Vec<f64>) {
        let steps = POINTS.min(self.cumulative.len() - 1);
        let shares: Vec<f64> = (0..=steps).map(|at| at as f64 / steps as f64).collect();
        let values = shares.iter().map(|&share| self.at(share)).collect();
        (shares, values)
    }
}

fn curve_trace(holders: &[f64], shares: &[f64], Words { what, who, .. }: Words) -> Value {
    let line = trace::line(trace::numbers(holders), trace::numbers(shares), Mode::Lines, 0)
        .name(text::capital(what))
        .hover_template(format!("Top %{{x:.1%}} of {who}s: %{{y:.1%}} of {what}<extra></extra>"));
    trace::json(&line, json!({"line": {"width": 3}}))
}

fn equality_trace(words: Words) -> Value {
    let line = trace::line(trace::numbers(&[0.0, 1.0]), trace::numbers(&[0.0, 1.0]), Mode::Lines, 2)
        .name(format!("All {}s equal", words.who))
        .hover_info(plotly::common::HoverInfo::Skip);
    trace::json(&line, json!({"line": {"color": crate::theme::MUTED, "width": 1.5}}))
}

fn layout(figures: Concentration, Words { what, who, .. }: Words) -> Value {
    let share = figures.top_20_share;
    let guide = json!({"color": crate::theme::MUTED, "width": 1.5, "dash": "dash"});
    let note = |x: f64, y: f64, note: String| {
        json!({
            "x": x, "y": y, "text": text::plotly(&note), "showarrow": false, "xanchor": "left",
            "yanchor": "top", "align": "left", "font": {"size": 14}, "bgcolor": "rgba(255,255,255,0.85)"
        })
    };
    json!({
        "xaxis": axis(&format!("Share of {who}s, best first"), json!({"tickformat": ".0%", "range": [0, 1.0], "dtick": 0.2})),
        "yaxis": axis(&format!("Share of {what}"), json!({"tickformat": ".0%", "range": [0, 1.02], "dtick": 0.2})),
        "shapes": [
            {"type": "line", "x0": 0.2, "x1": 0.2, "y0": 0, "y1": share, "line": guide},
            {"type": "line", "x0": 0.0, "x1": 0.2, "y0": share, "y1": share, "line": guide},
            {"type": "circle", "xsizemode": "pixel", "ysizemode": "pixel", "xanchor": 0.2, "yanchor": share,
             "x0": -5, "x1": 5, "y0": -5, "y1": 5, "fillcolor": crate::theme::color(3), "line": {"color": crate::theme::INK}}
        ],
        "annotations": [
            note(0.225, share - 0.02, format!("top 20% bring {}", text::percent(share))),
            {"x": 0.97, "y": 0.06, "text": format!("Gini {:.3}", figures.gini), "showarrow": false,
             "xanchor": "right", "yanchor": "bottom", "font": {"size": 16}},
            {"x": 0.62, "y": 0.60, "text": "everybody equal", "showarrow": false, "textangle": 0,
             "xanchor": "left", "yanchor": "top", "bgcolor": "#FFFFFF", "font": {"size": 12, "color": crate::theme::MUTED}}
        ]
    })
}
