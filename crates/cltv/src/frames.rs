//! Results as frames, with the column names that the written files have.

use crate::Error;
use crate::score::Score;
use crate::segments::Customer;
use crate::tables::number_text;
use cltv_purchases::{RfmRow, RfmTable};
use polars::prelude::{Column, DataFrame};

/// Scores, in the columns of `clv_results.csv` without segment and tier.
pub(crate) fn scores(scores: &[Score]) -> Result<DataFrame, Error> {
    frame(score_columns(scores.iter()))
}

/// Segmented customers, in the columns of `clv_results.csv`.
pub(crate) fn customers(customers: &[Customer]) -> Result<DataFrame, Error> {
    let mut columns = score_columns(customers.iter().map(|c| &c.score));
    columns.push(texts("rfm_segment", customers.iter().map(|c| c.rfm_segment.as_str())));
    columns.push(texts("value_tier", customers.iter().map(|c| c.tier.name())));
    frame(columns)
}

fn score_columns<'a>(scores: impl Iterator<Item = &'a Score> + Clone) -> Vec<Column> {
    vec![
        texts("customer_id", scores.clone().map(|s| s.customer_id.as_str())),
        counts("frequency", scores.clone().map(|s| s.frequency)),
        numbers("t_x", scores.clone().map(|s| Some(s.t_x))),
        numbers("T", scores.clone().map(|s| Some(s.age))),
        numbers("monetary", scores.clone().map(|s| s.monetary)),
        numbers("p_alive", scores.clone().map(|s| Some(s.p_alive))),
        numbers("expected_purchases", scores.clone().map(|s| Some(s.expected_purchases))),
        numbers("expected_spend", scores.clone().map(|s| s.expected_spend)),
        numbers("clv", scores.clone().map(|s| s.clv)),
        numbers("clv_low", scores.clone().map(|s| s.clv_low)),
        numbers("clv_high", scores.clone().map(|s| s.clv_high)),
        numbers("value_at_risk", scores.map(|s| s.value_at_risk)),
    ]
}

/// The range of values behind each score, as text: what a 4 in frequency means here.
///
/// # Errors
/// [`Error::Frame`] when polars refuses the table.
pub fn score_ranges(rfm: &RfmTable) -> Result<DataFrame, Error> {
    let range = |of: &dyn Fn(&RfmRow) -> Option<(u8, f64)>, score: u8| {
        let values = rfm.rows.iter().filter_map(of).filter(|(s, _)| *s == score).map(|(_, value)| value);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        match low <= high {
            true if low == high => number_text(low),
            true => format!("{} to {}", number_text(low), number_text(high)),
            false => "nobody".to_owned(),
        }
    };
    let column = |name: &str, of: &dyn Fn(&RfmRow) -> Option<(u8, f64)>| {
        let ranges: Vec<String> = (1..=5).map(|score| range(of, score)).collect();
        texts(name, ranges.iter().map(String::as_str))
    };
    let mut columns = vec![
        counts("score", 1..=5),
        column("recency_days", &|row| Some((row.r_score, f64::from(row.recency.0)))),
        column("frequency", &|row| Some((row.f_score, row.frequency as f64))),
    ];
    if rfm.has_amounts {
        columns.push(column("monetary_total", &|row| Some((row.m_score?, row.monetary_total?))));
    }
    frame(columns)
}

pub(crate) fn frame(columns: Vec<Column>) -> Result<DataFrame, Error> {
    let rows = columns.first().map_or(0, Column::len);
    Ok(DataFrame::new(rows, columns)?)
}

pub(crate) fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

pub(crate) fn counts(name: &str, values: impl Iterator<Item = u64>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

pub(crate) fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}
