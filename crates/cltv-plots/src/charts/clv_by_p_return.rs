//! Lifetime value of customers and their probability to buy again.

use plotly::common::{Line, Marker};
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{Axis, Kinds, Marks};
use crate::scale::Scale;
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, Texts, text, theme, trace};

const NAME: &str = "clv_by_p_return";

/// The probability of at least one purchase within the horizon against expected lifetime value, a mark per customer, a symbol and
/// a colour per segment. One entry per customer in all four columns.
///
/// Of more than 5,000 customers, those of one segment who lie close together share a mark at their mean,
/// the larger the more they are; a sentence in the chart says so. Of more than 30 segments, those of
/// least value share a symbol. The value axis is logarithmic when the tail is long; values too small for
/// it are drawn at its foot, and a note counts them. [`Chart::data`] holds the values of the marks.
///
/// # Errors
/// [`PlotError`] when there is no customer, the columns differ in length, a probability is not between
/// 0 and 1, or a value is negative or not finite.
///
/// # Examples
/// ```
/// let ids = ["00004", "00021"];
/// let segments = ["Champions", "At Risk"];
/// let chart = cltv_plots::clv_by_p_return(&ids, &[0.9, 0.2], &[88.0, 4.0], &segments, 6, "$")?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn clv_by_p_return(
    customer_ids: &(impl Texts + ?Sized),
    p_return: &[f64],
    clv: &[f64],
    segments: &(impl Texts + ?Sized),
    horizon_months: u32,
    currency: &str,
) -> Result<Chart, PlotError> {
    check(customer_ids.rows(), p_return, clv, segments.rows())?;
    let scale = Scale::of(clv);
    let kinds = Kinds::by_weight(segments, clv, "segment");
    let (x, y) = (Axis { values: p_return, scale: Scale::Linear }, Axis { values: clv, scale });
    let marks = Marks::new(x, y, kinds.names().len(), |row| kinds.of(row));
    let points = Points {
        p_return: marks.mean(p_return),
        clv: marks.mean(clv),
        marks: &marks,
        kinds: &kinds,
        currency,
    };
    let horizon = text::counted(u64::from(horizon_months), "month");
    let traces = (0..kinds.names().len()).map(|kind| points.trace(kind, scale, customer_ids)).collect();
    let chart = Chart::from(Parts {
        name: NAME,
        title: format!("Lifetime value and chance to buy again, next {horizon}, by segment"),
        how_to_read: format!(
            "{}: right means more likely to buy at least once, up means worth more. Marks high up on the left are valuable customers of whom little is expected; the symbol shows the segment. A click on a segment in the legend \
             hides it.",
            marks.each("a customer")
        ),
        summary: summary(p_return, clv, currency),
        data: points.data(customer_ids),
        traces,
        layout: layout(scale, clv, kinds.names().len(), &horizon, currency),
    });
    Ok(chart.noted(marks.note("customer")))
}

fn check(ids: usize, p_return: &[f64], clv: &[f64], segments: usize) -> Result<(), PlotError> {
    let check = Check(NAME);
    let customers = ("customer_ids", ids);
    check.not_empty("customer_ids", ids)?;
    check.same_length(customers, ("p_return", p_return.len()))?;
    check.same_length(customers, ("clv", clv.len()))?;
    check.same_length(customers, ("segments", segments))?;
    check.share("p_return", p_return)?;
    check.non_negative("clv", clv)
}

/// The marks with their values.
struct Points<'a> {
    marks: &'a Marks,
    kinds: &'a Kinds,
    p_return: Vec<f64>,
    clv: Vec<f64>,
    currency: &'a str,
}

impl Points<'_> {
    fn trace(&self, kind: usize, scale: Scale, ids: &(impl Texts + ?Sized)) -> Value {
        let own = self.marks.of_kind(kind);
        let x: Vec<f64> = own.iter().map(|&mark| self.p_return[mark]).collect();
        let y: Vec<f64> = own.iter().map(|&mark| scale.place(self.clv[mark])).collect();
        let hover = own.iter().map(|&mark| self.hover(mark, ids)).collect();
        let marks = trace::marks(trace::numbers(&x), trace::numbers(&y), hover, kind, 7)
            .name(text::plotly(&self.kinds.names()[kind]))
            .opacity(0.75);
        // Open symbols are drawn by their outline alone, which needs some weight.
        let outline = if theme::open_symbol(kind) { 1.5 } else { 0.0 };
        let outline = Marker::new().line(Line::new().width(outline));
        let mut trace = trace::json(&marks, json!({"marker": outline}));
        trace::resize(&mut trace, self.marks.diameters(&own));
        trace
    }

    fn hover(&self, mark: usize, ids: &(impl Texts + ?Sized)) -> String {
        let lines = [
            self.marks.who(mark, "customer", |row| format!("Customer {}", ids.text(row))),
            self.kinds.names()[self.marks.kind(mark)].clone(),
            format!("Chance to buy again {}", text::percent(self.p_return[mark])),
            format!("Value {}", text::money(self.currency, self.clv[mark])),
        ];
        lines.map(|line| text::plotly(&line)).join("<br>")
    }

    fn data(&self, ids: &(impl Texts + ?Sized)) -> ChartData {
        let segment = |mark| self.kinds.names()[self.marks.kind(mark)].clone();
        let segments: Vec<String> = (0..self.marks.len()).map(segment).collect();
        let mut columns = self.marks.named_columns("customer_id", ids, "customers");
        columns.extend([
            Column::text("segment", &segments),
            Column::numbers("p_return", &self.p_return),
            Column::numbers("clv", &self.clv),
        ]);
        ChartData::new(columns)
    }
}

fn summary(p_return: &[f64], clv: &[f64], currency: &str) -> String {
    let total: f64 = clv.iter().sum();
    let doubtful: f64 = p_return.iter().zip(clv).filter(|(p, _)| **p < 0.5).map(|(_, value)| value).sum();
    let share = if total > 0.0 { doubtful / total } else { 0.0 };
    format!(
        "{} are worth {} together; {} of it comes from customers who are less likely than not to buy again.",
        text::counted(clv.len() as u64, "customer"),
        text::money(currency, total),
        text::percent(share)
    )
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
            "xaxis": axis("Chance to buy again within the horizon", json!({"tickformat": ".0%", "range": [-0.02, 1.02], "dtick": 0.2})),
            "yaxis": values,
            "annotations": note.into_iter().collect::<Vec<Value>>()
        }),
    )
}
