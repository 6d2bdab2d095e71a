//! Purchase histories of single customers.

use plotly::common::{HoverInfo, Mode};
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_MARKS, spaced};
use crate::theme::{axis, date_axis, line_note, merge, vertical_line, with_legend};
use crate::trace::Coord;
use crate::{Chart, PlotError, text, theme, trace};

const NAME: &str = "customer_timelines";
/// The most customers that stay readable in one chart.
pub const MAX_TIMELINES: usize = 60;
/// The characters of a customer id that fit beside its row.
const ID_LENGTH: usize = 16;

/// One customer's purchases.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerTimeline {
    /// The customer's id.
    pub customer_id: String,
    /// The days of purchase, first to last, as 1997-01-31.
    pub purchase_dates: Vec<String>,
}

/// A row per customer with a mark per purchase: the history from which recency, frequency and age
/// are read. `calibration_end` draws a second line; "" leaves it out. Of customers with thousands of
/// purchases, evenly spaced ones are drawn, and a sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no customer or more than [`MAX_TIMELINES`], an id appears twice, a
/// customer has no purchase, or a date is not a day, out of order or after `observation_end`.
///
/// # Examples
/// ```
/// use cltv_plots::{CustomerTimeline, customer_timelines};
/// let customer = CustomerTimeline {
///     customer_id: "00004".into(),
///     purchase_dates: vec!["1997-01-01".into(), "1997-01-18".into()],
/// };
/// let chart = customer_timelines(&[customer], "1998-06-30", "1997-09-30")?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn customer_timelines(
    customers: &[CustomerTimeline],
    observation_end: &str,
    calibration_end: &str,
) -> Result<Chart, PlotError> {
    check(customers, observation_end, calibration_end)?;
    let repeats: usize = customers.iter().map(|customer| customer.purchase_dates.len() - 1).sum();
    let purchases = Purchases::of(customers);
    let chart = Chart::from(Parts {
        name: NAME,
        title: format!("Purchase histories of {}", text::counted(customers.len() as u64, "customer")),
        how_to_read: "Each row is a customer: a diamond is the first purchase, a circle each repeat purchase, and the \
                      dotted line the time without a purchase up to the end of observation. A long time without a purchase suggests that a frequent buyer has left; for a rare buyer it is no evidence."
            .to_owned(),
        summary: format!(
            "{} with {} up to {observation_end}.",
            text::counted(customers.len() as u64, "customer"),
            text::counted(repeats as u64, "repeat purchase")
        ),
        data: data(customers, &purchases),
        traces: vec![
            spans(customers, observation_end, Span::Active),
            spans(customers, observation_end, Span::Silent),
            purchases.marks(customers, true),
            purchases.marks(customers, false),
        ],
        layout: layout(customers, observation_end, calibration_end),
    });
    Ok(chart.noted(purchases.note(repeats + customers.len())))
}

/// The purchases of each customer that are drawn, by their place in the customer's history.
struct Purchases(Vec<Vec<usize>>);

impl Purchases {
    fn of(customers: &[CustomerTimeline]) -> Purchases {
        let all: usize = customers.iter().map(|customer| customer.purchase_dates.len()).sum();
        let most = if all > MOST_MARKS { MOST_MARKS / customers.len() } else { all };
        Purchases(customers.iter().map(|customer| spaced(customer.purchase_dates.len(), most)).collect())
    }

    fn note(&self, all: usize) -> Option<String> {
        let drawn: usize = self.0.iter().map(Vec::len).sum();
        (drawn < all).then(|| {
            format!(
                "{} of {} are drawn, evenly spaced for customers with many.",
                text::count(drawn as u64),
                text::counted(all as u64, "purchase")
            )
        })
    }

    fn marks(&self, customers: &[CustomerTimeline], first: bool) -> Value {
        let (mut x, mut y, mut hover) = (vec![], vec![], vec![]);
        for (row, (customer, drawn)) in customers.iter().zip(&self.0).enumerate() {
            for &at in drawn.iter().filter(|at| (**at == 0) == first) {
                let date = &customer.purchase_dates[at];
                x.push(Coord::Text(date.clone()));
                y.push(Coord::Number(row as f64));
                hover.push(text::plotly(&format!("{}: purchase {} on {date}", customer.customer_id, at + 1)));
            }
        }
        let (name, symbol, color) = if first {
            ("First purchase", "diamond", theme::color(3))
        } else {
            ("Repeat purchase", "circle", theme::color(0))
        };
        let marks = trace::marks(x, y, hover, 0, if first { 9 } else { 7 }).name(name);
        trace::json(&marks, json!({"marker": {"symbol": symbol, "color": color}}))
    }
}

fn check(
    customers: &[CustomerTimeline],
    observation_end: &str,
    calibration_end: &str,
) -> Result<(), PlotError> {
    let check = Check(NAME);
    check.not_empty("customers", customers.len())?;
    check.date("observation_end", observation_end)?;
    if !calibration_end.is_empty() {
        check.date("calibration_end", calibration_end)?;
    }
    if customers.len() > MAX_TIMELINES {
        let (input, count) = ("customers", customers.len());
        return Err(PlotError::TooMany { chart: NAME, input, count, limit: MAX_TIMELINES });
    }
    check.unique("customers", customers.iter().map(|customer| customer.customer_id.as_str()))?;
    for (at, customer) in customers.iter().enumerate() {
        let dates = &customer.purchase_dates;
        check.not_empty("purchase_dates", dates.len())?;
        check.dates("purchase_dates", dates)?;
        // ISO dates sort like text.
        if dates.windows(2).any(|pair| pair[1] < pair[0]) || dates[dates.len() - 1].as_str() > observation_end
        {
            let value = dates.join(", ");
            return Err(check.bad("purchase_dates", at, value, "in order and not after `observation_end`"));
        }
    }
    Ok(())
}

fn data(customers: &[CustomerTimeline], purchases: &Purchases) -> ChartData {
    let (mut ids, mut dates, mut kinds) = (vec![], vec![], vec![]);
    for (customer, drawn) in customers.iter().zip(&purchases.0) {
        for &at in drawn {
            ids.push(customer.customer_id.clone());
            dates.push(customer.purchase_dates[at].clone());
            kinds.push(if at == 0 { "first" } else { "repeat" }.to_owned());
        }
    }
    ChartData::new(vec![
        Column::text("customer_id", &ids),
        Column::text("date", &dates),
        Column::text("purchase", &kinds),
    ])
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Span {
    Active,
    Silent,
}

fn spans(customers: &[CustomerTimeline], observation_end: &str, span: Span) -> Value {
    let (mut x, mut y) = (vec![], vec![]);
    for (row, customer) in customers.iter().enumerate() {
        let dates = &customer.purchase_dates;
        let (first, last) = (&dates[0], &dates[dates.len() - 1]);
        let (from, to) = if span == Span::Active {
            (first.as_str(), last.as_str())
        } else {
            (last.as_str(), observation_end)
        };
        x.extend([Coord::Text(from.to_owned()), Coord::Text(to.to_owned()), Coord::Gap]);
        y.extend([Coord::Number(row as f64), Coord::Number(row as f64), Coord::Gap]);
    }
    let (name, dash, width) = match span {
        Span::Active => ("First to last purchase", "solid", 2.0),
        Span::Silent => ("No purchase since", "dot", 1.2),
    };
    let line = trace::line(x, y, Mode::Lines, 0).name(name).hover_info(HoverInfo::Skip);
    trace::json(&line, json!({"line": {"color": "#777777", "dash": dash, "width": width}}))
}

fn layout(customers: &[CustomerTimeline], observation_end: &str, calibration_end: &str) -> Value {
    let rows: Vec<usize> = (0..customers.len()).collect();
    let labels: Vec<String> =
        customers.iter().map(|c| text::plotly(&text::shorten(&c.customer_id, ID_LENGTH))).collect();
    let mut lines = vec![vertical_line(&json!(observation_end), "dash")];
    let mut notes = vec![line_note(&json!(observation_end), 1.0, "end of observation", "right")];
    if !calibration_end.is_empty() {
        lines.push(vertical_line(&json!(calibration_end), "dot"));
        notes.push(line_note(&json!(calibration_end), 1.0, "end of calibration", "right"));
    }
    let y = axis(
        "Customer",
        json!({
            "tickmode": "array", "tickvals": rows, "ticktext": labels, "showgrid": false, "ticks": "",
            "range": [customers.len() as f64 - 0.4, -1.6], "tickfont": {"size": 11}
        }),
    );
    let mut layout = json!({
        "height": (170 + 17 * customers.len()).clamp(320, 1200),
        "xaxis": date_axis("Date of purchase", json!({})), "yaxis": y, "shapes": lines, "annotations": notes
    });
    merge(&mut layout, with_legend());
    layout
}
