//! How steadily accounts spend, and who may leave.

use serde_json::{Value, json};

use super::cloud;
use super::clv_by_p_alive::{Scale, edge_note};
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, text};

const NAME: &str = "volatility_map";

/// A mark an account: mean monthly spending against volatility (standard deviation by mean), a symbol
/// for each level of churn risk. One entry an account in all four slices; from `volatile_from` on an
/// account counts as volatile.
///
/// # Errors
/// [`PlotError`] when there is no account, the slices differ in length, or a number is negative or
/// not finite.
///
/// # Examples
/// ```
/// let ids = ["A".to_owned(), "B".to_owned()];
/// let risk = ["none".to_owned(), "high".to_owned()];
/// let chart = cltv_plots::volatility_map(&ids, &[80.0, 40.0], &[0.2, 0.9], &risk, 0.5, "$")?;
/// assert!(chart.text_summary().starts_with("1 of 2"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn volatility_map(
    ids: &[String],
    spending: &[f64],
    volatility: &[f64],
    risk: &[String],
    volatile_from: f64,
    currency: &str,
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    let accounts = ("ids", ids.len());
    check.not_empty("ids", ids.len())?;
    check.same_length(accounts, ("spending", spending.len()))?;
    check.same_length(accounts, ("volatility", volatility.len()))?;
    check.same_length(accounts, ("risk", risk.len()))?;
    check.finite("spending", spending)?;
    check.non_negative("volatility", volatility)?;
    check.non_negative("volatile_from", &[volatile_from])?;
    let scale = Scale::of(spending);
    let (x, _) = scale.axis("Mean spending a month", spending, "account", currency);
    let note = match scale.cut(spending) {
        0 => None,
        cut => Some(edge_note(&format!(
            "{} too small for the scale, on the left",
            text::counted(cut, "account")
        ))),
    };
    let levels = text::distinct(risk.iter().map(String::as_str));
    let points = Points { ids, spending, volatility, risk, currency };
    let volatile = volatility.iter().filter(|&&v| v >= volatile_from).count();
    Ok(Parts {
        name: NAME,
        title: "Volatility of spending and churn risk".to_owned(),
        how_to_read: "Right means more spending a month, up means less steady. Above the dotted line an account is \
                      volatile: its forecast is wide, and one good month says little. The symbol tells the churn \
                      risk; a click on a level in the legend hides it."
            .to_owned(),
        summary: format!(
            "{} of {} are volatile: their spending varies by {} of its mean or more.",
            text::count(volatile as u64),
            text::counted(ids.len() as u64, "account"),
            text::whole_percent(volatile_from)
        ),
        data: ChartData::new(vec![
            Column::text("account_id", ids),
            Column::numbers("mean_spending", spending),
            Column::numbers("volatility", volatility),
            Column::text("risk", risk),
        ]),
        traces: levels.iter().enumerate().map(|(style, level)| points.trace(level, style, scale)).collect(),
        layout: merged(with_legend(), json!({
            "xaxis": x,
            "yaxis": axis("Volatility (standard deviation by mean)", json!({"tickformat": ".0%", "rangemode": "tozero"})),
            "shapes": [cloud::level(volatile_from, "dot")],
            "annotations": note.into_iter().collect::<Vec<Value>>()
        })),
    }
    .into())
}

struct Points<'a> {
    ids: &'a [String],
    spending: &'a [f64],
    volatility: &'a [f64],
    risk: &'a [String],
    currency: &'a str,
}

impl Points<'_> {
    fn trace(&self, level: &str, style: usize, scale: Scale) -> Value {
        let members: Vec<usize> = (0..self.ids.len()).filter(|&at| self.risk[at] == level).collect();
        let x: Vec<f64> = members.iter().map(|&at| scale.place(self.spending[at])).collect();
        let y: Vec<f64> = members.iter().map(|&at| self.volatility[at]).collect();
        let hover = members.iter().map(|&at| {
            let spending = text::money(self.currency, self.spending[at]);
            let volatility = text::whole_percent(self.volatility[at]);
            text::plotly(&format!(
                "{}: {spending} a month, volatility {volatility}, risk {level}",
                self.ids[at]
            ))
        });
        cloud::marks(level, &x, &y, hover.collect(), style)
    }
}
