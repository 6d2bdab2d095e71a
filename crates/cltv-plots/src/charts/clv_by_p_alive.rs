//! Who is worth much, and who of them may be gone.

use plotly::common::Marker;
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, money_ticks, with_legend};
use crate::{Chart, PlotError, bins, text, theme, trace};

const NAME: &str = "clv_by_p_alive";
/// Above this many customers the browser draws with WebGL, which stays fluent.
const SVG_LIMIT: usize = 6000;
/// A value this many times the median makes the tail long enough for a logarithmic axis.
const LONG_TAIL: f64 = 20.0;
/// How far below the largest value the logarithmic axis reaches.
const DEPTH: f64 = 1e-4;

/// A mark per customer: the probability of being alive against expected lifetime value, a symbol and
/// a colour per segment. One entry per customer in all four slices.
///
/// The value axis is logarithmic when the tail is long; values too small for it are drawn at its
/// foot, and a note counts them. [`Chart::data`] holds the true ones.
///
/// # Errors
/// [`PlotError`] when there is no customer, the slices differ in length, a probability is not between
/// 0 and 1, or a value is negative or not finite.
///
/// # Examples
/// ```
/// let ids = ["00004".to_string(), "00021".to_string()];
/// let segments = ["Champions".to_string(), "At Risk".to_string()];
/// let chart = cltv_plots::clv_by_p_alive(&ids, &[0.9, 0.2], &[88.0, 4.0], &segments, 6, "$")?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn clv_by_p_alive(
    customer_ids: &[String],
    p_alive: &[f64],
    clv: &[f64],
    segments: &[String],
    horizon_months: u32,
    currency: &str,
) -> Result<Chart, PlotError> {
    check(customer_ids, p_alive, clv, segments)?;
    let scale = Scale::of(clv);
    let points = Points { customer_ids, p_alive, clv, segments, currency };
    let horizon = text::counted(u64::from(horizon_months), "month");
    let order = points.segments_by_value();
    let traces = order.iter().enumerate().map(|(style, name)| points.trace(name, style, scale)).collect();
    Ok(Parts {
        name: NAME,
        title: format!("Lifetime value (next {horizon}) and P(alive) by segment"),
        how_to_read: "Each mark is a customer: right means more probably still alive, up means worth more. Marks high \
                      up on the left are valuable customers who may be slipping away; the symbol tells the segment. A \
                      click on a segment in the legend hides it."
            .to_owned(),
        summary: points.summary(),
        data: points.data(),
        traces,
        layout: layout(scale, clv, order.len(), &horizon, currency),
    }
    .into())
}

fn check(ids: &[String], p_alive: &[f64], clv: &[f64], segments: &[String]) -> Result<(), PlotError> {
    let check = Check(NAME);
    let customers = ("customer_ids", ids.len());
    check.not_empty("customer_ids", ids.len())?;
    check.same_length(customers, ("p_alive", p_alive.len()))?;
    check.same_length(customers, ("clv", clv.len()))?;
    check.same_length(customers, ("segments", segments.len()))?;
    check.share("p_alive", p_alive)?;
    check.non_negative("clv", clv)
}

/// How the value axis runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scale {
    Linear,
    /// Logarithmic from this value on.
    From(f64),
}

impl Scale {
    pub(crate) fn of(clv: &[f64]) -> Scale {
        let max = clv.iter().copied().fold(0.0, f64::max);
        let (median, _) = bins::centre(clv);
        if max <= 0.0 || max <= LONG_TAIL * median {
            return Scale::Linear;
        }
        let least = clv.iter().copied().filter(|&v| v > 0.0).fold(max, f64::min);
        Scale::From(10f64.powf(least.max(max * DEPTH).log10().floor()))
    }

    pub(crate) fn place(self, value: f64) -> f64 {
        match self {
            Scale::Linear => value,
            Scale::From(foot) => value.max(foot),
        }
    }

    /// How many values are drawn at the foot.
    fn cut(self, clv: &[f64]) -> u64 {
        clv.iter().filter(|&&value| self.place(value) != value).count() as u64
    }
}

struct Points<'a> {
    customer_ids: &'a [String],
    p_alive: &'a [f64],
    clv: &'a [f64],
    segments: &'a [String],
    currency: &'a str,
}

impl Points<'_> {
    /// The segments' names, the most valuable first.
    fn segments_by_value(&self) -> Vec<String> {
        let mut sums: Vec<(String, f64)> = Vec::new();
        for (name, &value) in self.segments.iter().zip(self.clv) {
            match sums.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += value,
                None => sums.push((name.clone(), value)),
            }
        }
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        sums.into_iter().map(|(name, _)| name).collect()
    }

    fn trace(&self, segment: &str, style: usize, scale: Scale) -> Value {
        let members: Vec<usize> = (0..self.clv.len()).filter(|&at| self.segments[at] == segment).collect();
        let x: Vec<f64> = members.iter().map(|&at| self.p_alive[at]).collect();
        let y: Vec<f64> = members.iter().map(|&at| scale.place(self.clv[at])).collect();
        let hover = members.iter().map(|&at| self.hover(at)).collect();
        let marks = trace::marks(trace::numbers(&x), trace::numbers(&y), hover, style, 7)
            .name(text::plotly(segment))
            .opacity(0.75)
            .web_gl_mode(self.clv.len() > SVG_LIMIT);
        // Open symbols are drawn by their outline alone, which needs some weight.
        let outline = Marker::new().line(plotly::common::Line::new().width(if theme::open_symbol(style) {
            1.5
        } else {
            0.0
        }));
        trace::json(&marks, json!({"marker": outline}))
    }

    fn hover(&self, at: usize) -> String {
        let lines = [
            format!("Customer {}", self.customer_ids[at]),
            self.segments[at].clone(),
            format!("P(alive) {}", text::percent(self.p_alive[at])),
            format!("Value {}", text::money(self.currency, self.clv[at])),
        ];
        lines.map(|line| text::plotly(&line)).join("<br>")
    }

    fn data(&self) -> ChartData {
        ChartData::new(vec![
            Column::text("customer_id", self.customer_ids),
            Column::text("segment", self.segments),
            Column::numbers("p_alive", self.p_alive),
            Column::numbers("clv", self.clv),
        ])
    }

    fn summary(&self) -> String {
        let total: f64 = self.clv.iter().sum();
        let doubtful: f64 =
            self.p_alive.iter().zip(self.clv).filter(|(p, _)| **p < 0.5).map(|(_, value)| value).sum();
        let share = if total > 0.0 { doubtful / total } else { 0.0 };
        format!(
            "{} are worth {} together; {} of it comes from customers with P(alive) below 50%.",
            text::counted(self.clv.len() as u64, "customer"),
            text::money(self.currency, total),
            text::percent(share)
        )
    }
}

impl Scale {
    /// The axis of these values, and a note on those at its foot; `who` is "customer".
    pub(crate) fn axis(
        self,
        title: &str,
        values: &[f64],
        who: &str,
        currency: &str,
    ) -> (Value, Option<Value>) {
        let symbol = currency.trim();
        match self {
            Scale::Linear => {
                let ticks = merged(money_ticks(currency), json!({"rangemode": "tozero"}));
                (axis(&format!("{title} ({symbol})"), ticks), None)
            }
            Scale::From(foot) => {
                let top = values.iter().copied().fold(foot, f64::max).log10() + 0.15;
                let range = json!({"type": "log", "range": [foot.log10() - 0.15, top], "dtick": 1});
                let axis =
                    axis(&format!("{title} ({symbol}, log scale)"), merged(money_ticks(currency), range));
                let cut = self.cut(values);
                (axis, (cut > 0).then(|| foot_note(cut, foot, who, currency)))
            }
        }
    }
}

fn layout(scale: Scale, clv: &[f64], segments: usize, horizon: &str, currency: &str) -> Value {
    let (values, note) = scale.axis(&format!("Expected value, next {horizon}"), clv, "customer", currency);
    // The legend stands below the plot, where as many rows fit as the segments need.
    let rows = segments.div_ceil(4);
    merged(
        with_legend(),
        json!({
            "height": 470 + 22 * rows,
            "margin": {"t": 60, "b": 76 + 22 * rows},
            "legend": {"y": -0.2, "yanchor": "top", "itemsizing": "constant"},
            "xaxis": axis("P(alive)", json!({"tickformat": ".0%", "range": [-0.02, 1.02], "dtick": 0.2})),
            "yaxis": values,
            "annotations": note.into_iter().collect::<Vec<Value>>()
        }),
    )
}

fn foot_note(cut: u64, foot: f64, who: &str, currency: &str) -> Value {
    let note = format!("{} below {currency}{foot} drawn at the foot", text::counted(cut, who));
    json!({
        "x": 1.0, "y": 0.02, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom",
        "text": text::plotly(&note), "showarrow": false, "font": {"size": 12}, "bgcolor": "rgba(255,255,255,0.85)"
    })
}
