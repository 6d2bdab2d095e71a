//! Volatility of accounts' spending, with their churn risk.

use serde_json::{Value, json};

use super::cloud;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{Axis, Kinds, Marks};
use crate::scale::{Scale, edge_note};
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, Texts, text};

const NAME: &str = "volatility_map";

/// A mark an account: mean monthly spending against volatility (standard deviation by mean), a symbol
/// for each level of churn risk. One entry an account in all four slices; from `volatile_from` on an
/// account counts as volatile. Of more than 5,000 accounts, those of one level who lie close together
/// share a mark at their mean, and a sentence says so.
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
    ids: &(impl Texts + ?Sized),
    spending: &[f64],
    volatility: &[f64],
    risk: &(impl Texts + ?Sized),
    volatile_from: f64,
    currency: &str,
) -> Result<Chart, PlotError> {
    check(ids.rows(), spending, volatility, risk.rows(), volatile_from)?;
    let scale = Scale::of(spending);
    let (x, _) = scale.axis("Mean spending a month", spending, "account", currency);
    let note = match scale.cut(spending) {
        0 => None,
        cut => Some(edge_note(&format!(
            "{} too small for the scale, on the left",
            text::counted(cut, "account")
        ))),
    };
    let kinds = Kinds::by_appearance(risk, "level");
    let (across, up) = (Axis { values: spending, scale }, Axis { values: volatility, scale: Scale::Linear });
    let marks = Marks::new(across, up, kinds.names().len(), |row| kinds.of(row));
    let points = Points {
        spending: marks.mean(spending),
        volatility: marks.mean(volatility),
        marks: &marks,
        kinds: &kinds,
        currency,
    };
    let volatile = volatility.iter().filter(|&&v| v >= volatile_from).count();
    let chart = Chart::from(Parts {
        name: NAME,
        title: "Volatility of spending and churn risk".to_owned(),
        how_to_read: "Right means more spending a month, up means less steady. Above the dotted line an account is \
                      volatile: its forecast is wide, and one good month is no evidence. The symbol shows the churn \
                      risk; a click on a level in the legend hides it."
            .to_owned(),
        summary: format!(
            "{} of {} are volatile: their spending varies by {} of its mean or more.",
            text::count(volatile as u64),
            text::counted(volatility.len() as u64, "account"),
            text::whole_percent(volatile_from)
        ),
        data: points.data(ids),
        traces: (0..kinds.names().len()).map(|level| points.trace(level, scale, ids)).collect(),
        layout: merged(with_legend(), json!({
            "xaxis": x,
            "yaxis": axis("Volatility (standard deviation by mean)", json!({"tickformat": ".0%", "rangemode": "tozero"})),
            "shapes": [cloud::level(volatile_from, "dot")],
            "annotations": note.into_iter().collect::<Vec<Value>>()
        })),
    });
    Ok(chart.noted(marks.note("account")))
}

fn check(
    ids: usize,
    spending: &[f64],
    volatility: &[f64],
    risk: usize,
    volatile_from: f64,
) -> Result<(), PlotError> {
    let check = Check(NAME);
    let accounts = ("ids", ids);
    check.not_empty("ids", ids)?;
    check.same_length(accounts, ("spending", spending.len()))?;
    check.same_length(accounts, ("volatility", volatility.len()))?;
    check.same_length(accounts, ("risk", risk))?;
    check.finite("spending", spending)?;
    check.non_negative("volatility", volatility)?;
    check.non_negative("volatile_from", &[volatile_from])
}

/// The marks with their values.
struct Points<'a> {
    marks: &'a Marks,
    kinds: &'a Kinds,
    spending: Vec<f64>,
    volatility: Vec<f64>,
    currency: &'a str,
}

impl Points<'_> {
    fn trace(&self, level: usize, scale: Scale, ids: &(impl Texts + ?Sized)) -> Value {
        let name = &self.kinds.names()[level];
        let x: Vec<f64> = self.spending.iter().map(|&value| scale.place(value)).collect();
        let hover = |mark: usize| {
            let who = self.marks.who(mark, "account", |row| ids.text(row).to_owned());
            let spending = text::money(self.currency, self.spending[mark]);
            let volatility = text::whole_percent(self.volatility[mark]);
            format!("{who}: {spending} a month, volatility {volatility}, risk {name}")
        };
        cloud::marks(name, (self.marks, &self.marks.of_kind(level)), (&x, &self.volatility), hover, level)
    }

    fn data(&self, ids: &(impl Texts + ?Sized)) -> ChartData {
        let risk = |mark| self.kinds.names()[self.marks.kind(mark)].clone();
        let risks: Vec<String> = (0..self.marks.len()).map(risk).collect();
        let mut columns = self.marks.named_columns("account_id", ids, "accounts");
        columns.extend([
            Column::numbers("mean_spending", &self.spending),
            Column::numbers("volatility", &self.volatility),
            Column::text("risk", &risks),
        ]);
        ChartData::new(columns)
    }
}
