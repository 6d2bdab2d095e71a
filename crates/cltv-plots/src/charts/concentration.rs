//! Concentration curves of revenue and of value.

use plotly::common::Mode;
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::concentration::{Concentration, ConcentrationCurve};
use crate::data::{ChartData, Column};
use crate::theme::axis;
use crate::{Chart, text, trace};

/// What is concentrated over whom.
#[derive(Debug, Clone, Copy)]
struct Words {
    name: &'static str,
    what: &'static str,
    who: &'static str,
}

const REVENUE: Words = Words { name: "concentration_curve", what: "revenue", who: "customer" };
const VALUE: Words = Words { name: "account_value_concentration", what: "value", who: "account" };

/// The concentration (Lorenz) curve of revenue, best customers first, with the share of the top 20% and
/// the Gini coefficient.
///
/// # Examples
/// ```
/// use cltv_plots::{ConcentrationCurve, concentration_curve};
/// let curve = ConcentrationCurve::of(&[5.0, 20.0, 75.0, 0.0, 100.0])?;
/// assert!(concentration_curve(&curve, "$").text_summary().contains("Gini"));
/// # Ok::<(), cltv_plots::ConcentrationError>(())
/// ```
pub fn concentration_curve(curve: &ConcentrationCurve, currency: &str) -> Chart {
    chart(curve, currency, REVENUE)
}

/// The same curve of the accounts' values, under the name `account_value_concentration`.
///
/// # Examples
/// ```
/// use cltv_plots::{ConcentrationCurve, account_value_concentration};
/// let curve = ConcentrationCurve::of(&[5.0, 20.0, 75.0, 0.0, 100.0])?;
/// assert!(account_value_concentration(&curve, "$").title().contains("accounts"));
/// # Ok::<(), cltv_plots::ConcentrationError>(())
/// ```
pub fn account_value_concentration(curve: &ConcentrationCurve, currency: &str) -> Chart {
    chart(curve, currency, VALUE)
}

fn chart(curve: &ConcentrationCurve, currency: &str, words: Words) -> Chart {
    let Words { name, what, who } = words;
    let (figures, shares) = (curve.figures(), curve.shares());
    let steps = (shares.len() - 1) as f64;
    let holders: Vec<f64> = (0..shares.len()).map(|step| step as f64 / steps).collect();
    let top = text::percent(figures.top_20_share);
    Parts {
        name,
        title: format!("Concentration of {what} over {who}s"),
        how_to_read: format!(
            "Go right to a share of the {who}s, best first, and up to the curve: that is the share of the {what} they \
             bring. On the dotted line all would bring the same; the further the curve bends away from it, the larger \
             the Gini coefficient (0 to 1)."
        ),
        summary: format!(
            "The top 20% of {} bring {top} of {}; the Gini coefficient is {:.3}.",
            text::counted(curve.holders(), who),
            text::money(currency, curve.total()),
            figures.gini
        ),
        data: ChartData::new(vec![
            Column::numbers(&format!("share_of_{who}s"), &holders),
            Column::numbers(&format!("share_of_{what}"), shares),
        ]),
        traces: vec![curve_trace(&holders, shares, words), equality_trace(words)],
        layout: layout(figures, words),
    }
    .into()
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
