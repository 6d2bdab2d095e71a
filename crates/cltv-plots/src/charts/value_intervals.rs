//! Intervals of the values of single customers.

use serde_json::{Value, json};

use super::whiskers::Whiskers;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_ROWS, spaced};
use crate::theme::{MUTED, axis};
use crate::{Chart, PlotError, Texts, text};

const NAME: &str = "value_intervals";
/// Customers that are drawn: every n-th by falling value.
const DRAWN: usize = 60;
/// The axis ends here; a longer whisker is cut, which its hover text and the table are not.
const FURTHEST: f64 = 1.0;

/// How far the values of customers may be off: the ends of their intervals relative to the values, by
/// falling value. One entry per customer in all four columns; of more than 60 customers, evenly spaced
/// ones are drawn, and of more than 5,000 a sentence in the chart says so.
///
/// # Errors
/// [`PlotError`] when there is no customer, the columns differ in length, or a figure is negative or not
/// finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::value_intervals(&["7", "9"], &[3.0, 88.0], &[2.4, 70.0], &[3.6, 106.0], 0.95, 6, "$")?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn value_intervals(
    customer_ids: &(impl Texts + ?Sized),
    value: &[f64],
    low: &[f64],
    high: &[f64],
    level: f64,
    horizon_months: u32,
    currency: &str,
) -> Result<Chart, PlotError> {
    let columns = Columns { value, low, high };
    check(customer_ids.rows(), &columns, level)?;
    let drawn: Vec<Drawn> = by_falling_value(customer_ids, value)
        .into_iter()
        .map(|(place, row)| columns.drawn(place, row, customer_ids.text(row)))
        .filter(|one| one.value > 0.0)
        .collect();
    let horizon = text::counted(u64::from(horizon_months), "month");
    let level = text::whole_percent(level);
    let off = |one: &Drawn| [one.relative(one.low), one.relative(one.high)];
    let furthest = drawn.iter().flat_map(off).fold(0.0, |most: f64, off| most.max(off.abs()));
    let reach = (1.1 * furthest).clamp(0.05, FURTHEST);
    let chart = Chart::from(Parts {
        name: NAME,
        title: format!("How far single values over the next {horizon} may be off"),
        how_to_read: "Customers from the most to the least valuable, evenly spaced; each whisker is the interval of one's \
                      expected value, relative to that value. Short whiskers are values with little parameter uncertainty. \
                      All customers share the same parameters, so their values are too high or too low together. \
                      The purchases of a single customer vary far more than this expectation."
            .to_owned(),
        summary: summary(&columns, &level),
        data: data(&drawn),
        traces: vec![marks(&drawn, &level, currency)],
        layout: json!({
            "xaxis": axis("Customers by falling value (share of all)", json!({"tickformat": ".0%", "range": [-0.02, 1.02]})),
            "yaxis": axis(&format!("{level} interval, relative to the value"), json!({
                "tickformat": "+.0%", "range": [-reach, reach], "zeroline": true, "zerolinecolor": MUTED
            }))
        }),
    });
    Ok(chart.noted(note(value.len())))
}

fn check(ids: usize, Columns { value, low, high }: &Columns<'_>, level: f64) -> Result<(), PlotError> {
    let check = Check(NAME);
    check.not_empty("customer_ids", ids)?;
    check.share("level", &[level])?;
    for (name, column) in [("value", value), ("low", low), ("high", high)] {
        check.same_length(("customer_ids", ids), (name, column.len()))?;
        check.non_negative(name, column)?;
    }
    Ok(())
}

fn note(customers: usize) -> Option<String> {
    let all = text::counted(customers as u64, "customer");
    (customers > MOST_ROWS).then(|| format!("{DRAWN} of {all} are drawn, evenly spaced by falling value."))
}

/// A row for each customer.
struct Columns<'a> {
    value: &'a [f64],
    low: &'a [f64],
    high: &'a [f64],
}

impl Columns<'_> {
    fn drawn(&self, place: usize, row: usize, id: &str) -> Drawn {
        let share = place as f64 / self.value.len() as f64;
        let (value, low, high) = (self.value[row], self.low[row], self.high[row]);
        Drawn { share, customer_id: id.to_owned(), value, low, high }
    }
}

/// A customer with the share of customers before them.
struct Drawn {
    share: f64,
    customer_id: String,
    value: f64,
    low: f64,
    high: f64,
}

impl Drawn {
    /// An end of the interval as a share of the value, from it.
    fn relative(&self, end: f64) -> f64 {
        end / self.value - 1.0
    }
}

/// Evenly spaced places in the order of falling value, customers of one value by id, with their rows.
fn by_falling_value(ids: &(impl Texts + ?Sized), value: &[f64]) -> Vec<(usize, usize)> {
    let mut order: Vec<(f64, usize)> = value.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut sorted = 0;
    let place = |place: usize| {
        // Only customers who share the value of a place that is drawn need an order among them.
        if place >= sorted {
            let same = |one: &(f64, usize)| one.0 == order[place].0;
            let from = place - order[..place].iter().rev().take_while(|one| same(one)).count();
            sorted = place + order[place..].iter().take_while(|one| same(one)).count();
            order[from..sorted].sort_unstable_by(|a, b| ids.text(a.1).cmp(ids.text(b.1)).then(a.1.cmp(&b.1)));
        }
        (place, order[place].1)
    };
    spaced(value.len(), DRAWN).into_iter().map(place).collect()
}

fn marks(drawn: &[Drawn], level: &str, currency: &str) -> Value {
    let hover = drawn.iter().map(|one| {
        let money = |value: f64| text::money(currency, value);
        let ends = format!("{level} {} to {}", money(one.low), money(one.high));
        text::plotly(&format!("{}: {}, {ends}", one.customer_id, money(one.value)))
    });
    Whiskers {
        name: "Expected value",
        at: &drawn.iter().map(|one| one.share).collect::<Vec<_>>(),
        middle: &vec![0.0; drawn.len()],
        low: &drawn.iter().map(|one| one.relative(one.low)).collect::<Vec<_>>(),
        high: &drawn.iter().map(|one| one.relative(one.high)).collect::<Vec<_>>(),
        hover: hover.collect(),
        style: 0,
    }
    .upright()
}

fn data(drawn: &[Drawn]) -> ChartData {
    let numbers = |pick: fn(&Drawn) -> f64| drawn.iter().map(pick).collect::<Vec<_>>();
    ChartData::new(vec![
        Column::text("customer_id", &drawn.iter().map(|one| one.customer_id.clone()).collect::<Vec<_>>()),
        Column::numbers("share_before", &numbers(|one| one.share)),
        Column::numbers("value", &numbers(|one| one.value)),
        Column::numbers("low", &numbers(|one| one.low)),
        Column::numbers("high", &numbers(|one| one.high)),
    ])
}

fn summary(columns: &Columns<'_>, level: &str) -> String {
    let ends = columns.low.iter().zip(columns.high);
    let customers = columns.value.iter().zip(ends).filter(|(value, _)| **value > 0.0);
    let mut widths: Vec<f64> = customers.map(|(value, (low, high))| (high - low) / value).collect();
    widths.sort_unstable_by(f64::total_cmp);
    match widths.get(widths.len() / 2) {
        Some(middle) => format!(
            "The middle customer's {level} interval is {} of the value wide.",
            text::whole_percent(*middle)
        ),
        None => "No customer has a value above zero.".to_owned(),
    }
}
