//! How sure is the value of a single customer?

use serde_json::{Value, json};

use super::whiskers::Whiskers;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, money_ticks};
use crate::{Chart, PlotError, text};

const NAME: &str = "value_intervals";
/// Customers that are drawn: every n-th by falling value.
const DRAWN: usize = 48;

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

/// Values of customers with their intervals, by falling value; of many customers, evenly spaced ones.
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
    Ok(Parts {
        name: NAME,
        title: "Values of single customers, with their intervals".to_owned(),
        how_to_read: "Customers from the most to the least valuable, evenly spaced; each mark is one of them with the \
                      interval of the expected value. The scale is logarithmic: equal lengths are equal factors. \
                      Customers whose intervals overlap widely cannot be told apart, whatever their ranks. What a \
                      single customer will really do varies far more than the expectation shown."
            .to_owned(),
        summary: summary(customers, &level),
        data: data(&drawn),
        traces: vec![marks(&drawn, &level, currency)],
        layout: json!({
            "xaxis": axis("Customers by falling value (share of all)", json!({"tickformat": ".0%", "range": [-0.02, 1.02]})),
            "yaxis": axis(&format!("Expected value, next {horizon} ({}), logarithmic", currency.trim()), merged(money_ticks(currency), json!({
                "type": "log", "tickformat": ",~g", "dtick": 1, "minor": {"ticks": ""}
            })))
        }),
    }
    .into())
}

/// A customer with the share of customers before them.
struct Ranked<'a> {
    share: f64,
    customer: &'a CustomerInterval,
}

/// Those with a value above 0, which alone a logarithmic scale can show.
fn spaced(customers: &[CustomerInterval]) -> Vec<Ranked<'_>> {
    let mut order: Vec<&CustomerInterval> = customers.iter().collect();
    order.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.customer_id.cmp(&b.customer_id)));
    let (all, count) = (order.len(), order.len().min(DRAWN));
    let place = |k: usize| if count < 2 { 0 } else { k * (all - 1) / (count - 1) };
    let ranked = |at: usize| Ranked { share: at as f64 / all as f64, customer: order[at] };
    (0..count).map(place).map(ranked).filter(|one| one.customer.low > 0.0).collect()
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
        middle: &drawn.iter().map(|one| one.customer.value).collect::<Vec<_>>(),
        low: &drawn.iter().map(|one| Some(one.customer.low)).collect::<Vec<_>>(),
        high: &drawn.iter().map(|one| Some(one.customer.high)).collect::<Vec<_>>(),
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
    let mut factors: Vec<f64> =
        customers.iter().filter(|one| one.low > 0.0).map(|one| one.high / one.low).collect();
    factors.sort_by(f64::total_cmp);
    match factors.get(factors.len() / 2) {
        Some(middle) => format!(
            "Of the middle customer's {level} interval the upper end is {} times the lower.",
            text::number(*middle, 2)
        ),
        None => "No customer has a value above zero.".to_owned(),
    }
}
