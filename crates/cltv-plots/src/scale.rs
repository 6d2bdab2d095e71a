//! An axis of amounts, logarithmic where the tail is long.

use serde_json::{Value, json};

use crate::theme::{axis, merged, money_ticks};
use crate::{bins, text};

/// A value this many times the median makes the tail long enough for a logarithmic axis.
const LONG_TAIL: f64 = 20.0;
/// How far below the largest value the logarithmic axis reaches.
const DEPTH: f64 = 1e-4;

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

    /// Where a value lies along the axis.
    pub(crate) fn drawn(self, value: f64) -> f64 {
        match self {
            Scale::Linear => value,
            Scale::From(_) => self.place(value).log10(),
        }
    }

    /// How many values are drawn at the foot.
    pub(crate) fn cut(self, clv: &[f64]) -> u64 {
        clv.iter().filter(|&&value| self.place(value) != value).count() as u64
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

/// A note on values drawn at the left or lower edge, above the plot on the right.
pub(crate) fn edge_note(note: &str) -> Value {
    json!({
        "x": 1.0, "y": 1.01, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom",
        "text": text::plotly(note), "showarrow": false, "font": {"size": 12}
    })
}

fn foot_note(cut: u64, foot: f64, who: &str, currency: &str) -> Value {
    let note = format!("{} below {currency}{foot} drawn at the foot", text::counted(cut, who));
    json!({
        "x": 1.0, "y": 0.02, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom",
        "text": text::plotly(&note), "showarrow": false, "font": {"size": 12}, "bgcolor": "rgba(255,255,255,0.85)"
    })
}
