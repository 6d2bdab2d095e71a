//! How sure is the value of a single customer?

use serde_json::{Value, json};

use super::whiskers::Whiskers;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{MUTED, axis};
use crate::{Chart, PlotError, text};

const NAME: &str = "value_intervals";
/// Customers that are drawn: every n-th by falling value.
const DRAWN: usize = 60;
/// The axis ends here; a longer whisker is cut, which its hover text and the table are not.
const FURTHEST: f64 = 1.0;

/// A customer's value with its interval.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerInterval {
    /// The customer.
    pub customer_id: String,
    /// The value.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How far the values of customers may be off: the ends of their intervals relative to the values, by
/// falling value; of many customers, evenly spaced ones.
///
/// # Errors
/// [`PlotError`] when there is no customer, or a figure is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{CustomerInterval, value_intervals};
/// let one = |id: &str, value: f64| CustomerInterval { customer_id: id.into(), value, low: 0.8 * value, high: 1.2 * value };
/// let chart = value_intervals(&[one("7", 3.0), one("9", 88.0)], 0.95, 6, "$")?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn value_intervals(
    customers: &[CustomerInterval],
    level: f64,
    horizon_months: u32,
    currency: &str,
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("customers", customers.len())?;
    check.share("level", &[level])?;
    let picks: [fn(&CustomerInterval) -> f64; 3] = [|one| one.value, |one| one.low, |one| one.high];
    for pick in picks {
        check.non_negative("customers", &customers.iter().map(pick).collect::<Vec<_>>())?;
    }
    let drawn = spaced(customers);
    let horizon = text::counted(u64::from(horizon_months), "month");
    let level = text::whole_percent(level);
    let off = |one: &Ranked<'_>| {
        [relative(one.customer.low, one.customer), relative(one.customer.high, one.customer)]
    };
    let furthest = drawn.iter().flat_map(off).fold(0.0, |most: f64, off| most.max(off.abs()));
    let reach = (1.1 * furthest).clamp(0.05, FURTHEST);
    Ok(Parts {
        name: NAME,
        title: format!("How far single values over the next {horizon} may be off"),
        how_to_read: "Customers from the most to the least valuable, evenly spaced; each whisker is the interval of one's \
                      expected value, relative to that value. Short whiskers are values that the data know well. \
                      All customers share the same parameters, so their values are too high or too low together. \
                      What a single customer will really do varies far more than the expectation shown."
            .to_owned(),
        summary: summary(customers, &level),
        data: data(&drawn),
        traces: vec![marks(&drawn, &level, currency)],
        layout: json!({
            "xaxis": axis("Customers by falling value (share of all)", json!({"tickformat": ".0%", "range": [-0.02, 1.02]})),
            "yaxis": axis(&format!("{level} interval, relative to the value"), json!({
                "tickformat": "+.0%", "range": [-reach, reach], "zeroline": true, "zerolinecolor": MUTED
            }))
        }),
    }
    .into())
}

/// A customer with the share of customers before them.
struct Ranked<'a> {
    share: f64,
    customer: &'a CustomerInterval,
}

/// An end of the interval as a share of the value, from it.
fn relative(end: f64, customer: &CustomerInterval) -> f64 {
    end / customer.value - 1.0
}

/// Those with a value above 0, to which an end can be relative.
fn spaced(customers: &[CustomerInterval]) -> Vec<Ranked<'_>> {
    let mut order: Vec<&CustomerInterval> = customers.iter().collect();
    order.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.customer_id.cmp(&b.customer_id)));
    let (all, count) = (order.len(), order.len().min(DRAWN));
    let place = |k: usize| if count < 2 { 0 } else { k * (all - 1) / (count - 1) };
    let ranked = |at: usize| Ranked { share: at as f64 / all as f64, customer: order[at] };
    (0..count).map(place).map(ranked).filter(|one| one.customer.value > 0.0).collect()
}

fn marks(drawn: &[Ranked<'_>], level: &str, currency: &str) -> Value {
    let hover = drawn.iter().map(|Ranked { customer, .. }| {
        let money = |value: f64| text::money(currency, value);
        let ends = format!("{level} {} to {}", money(customer.low), money(customer.high));
        text::plotly(&format!("{}: {}, {ends}", customer.customer_id, money(customer.value)))
    });
    Whiskers {
        name: "Expected value",
        at: &drawn.iter().map(|one| one.share).collect::<Vec<_>>(),
        middle: &vec![0.0; drawn.len()],
        low: &drawn.iter().map(|one| relative(one.customer.low, one.customer)).collect::<Vec<_>>(),
        high: &drawn.iter().map(|one| relative(one.customer.high, one.customer)).collect::<Vec<_>>(),
        hover: hover.collect(),
        style: 0,
    }
    .upright()
}

fn data(drawn: &[Ranked<'_>]) -> ChartData {
    let numbers =
        |pick: fn(&CustomerInterval) -> f64| drawn.iter().map(|one| pick(one.customer)).collect::<Vec<_>>();
    ChartData::new(vec![
        Column::text(
            "customer_id",
            &drawn.iter().map(|one| one.customer.customer_id.clone()).collect::<Vec<_>>(),
        ),
        Column::numbers("share_before", &drawn.iter().map(|one| one.share).collect::<Vec<_>>()),
        Column::numbers("value", &numbers(|one| one.value)),
        Column::numbers("low", &numbers(|one| one.low)),
        Column::numbers("high", &numbers(|one| one.high)),
    ])
}

fn summary(customers: &[CustomerInterval], level: &str) -> String {
    let mut widths: Vec<f64> =
        customers.iter().filter(|one| one.value > 0.0).map(|one| (one.high - one.low) / one.value).collect();
    widths.sort_by(f64::total_cmp);
    match widths.get(widths.len() / 2) {
        Some(middle) => format!(
            "The middle customer's {level} interval is {} of the value wide.",
            text::whole_percent(*middle)
        ),
        None => "No customer has a value above zero.".to_owned(),
    }
}
