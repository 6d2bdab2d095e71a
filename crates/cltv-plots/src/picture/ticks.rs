//! Where an axis has ticks, and what stands there.

use serde_json::Value;

use crate::calendar::{DAY, civil, days_to};
use crate::text;

/// How values become places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Linear,
    Log,
    Date,
    Names,
}

/// Round steps between `low` and `high` of which there are about `wanted`.
pub(super) fn linear(low: f64, high: f64, wanted: f64) -> Vec<f64> {
    let rough = (high - low) / wanted.max(1.0);
    if !(rough.is_finite() && rough > 0.0) {
        return vec![low];
    }
    let power = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * power).find(|step| *step >= rough).unwrap_or(rough);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last.min(first + 100)).map(|n| n as f64 * step).collect()
}

/// Powers of ten, in exponents.
pub(super) fn logarithmic(low: f64, high: f64) -> Vec<f64> {
    let step = ((high - low) / 8.0).ceil().max(1.0) as i64;
    let (first, last) = (low.ceil() as i64, high.floor() as i64);
    (first..=last).step_by(step.max(1) as usize).map(|n| n as f64).collect()
}

/// Days, firsts of months or of years, in milliseconds.
pub(super) fn moments(low: f64, high: f64) -> Vec<f64> {
    let days = (high - low) / DAY as f64;
    if days < 45.0 {
        let step =
            [1.0, 2.0, 7.0, 14.0].into_iter().find(|step| days / step <= 8.0).unwrap_or(14.0) * DAY as f64;
        return (0..10)
            .map(|n| (low / step).ceil() * step + n as f64 * step)
            .filter(|at| *at <= high)
            .collect();
    }
    let months = days / 30.4;
    let step = [1, 2, 3, 6, 12, 24, 60, 120]
        .into_iter()
        .find(|step| months / f64::from(*step) <= 9.0)
        .unwrap_or(600);
    let (year, month, _) = civil((low / DAY as f64).floor() as i64);
    let first = year * 12 + i64::from(month) - 1;
    let first = first - first.rem_euclid(i64::from(step));
    (0..14)
        .map(|n| first + n * i64::from(step))
        .map(|month| (days_to(month.div_euclid(12), month.rem_euclid(12) as u32 + 1) * DAY) as f64)
        .filter(|at| (low..=high).contains(at))
        .collect()
}

/// The milliseconds of an ISO date with or without a time.
pub(super) fn parse_date(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let time = match (number(11, 13), number(14, 16)) {
        (Some(hour), Some(minute)) => (hour * 60 + minute) * 60_000 + number(17, 19).unwrap_or(0) * 1_000,
        _ => 0,
    };
    Some(((days_to(year, month as u32) + day - 1) * DAY + time) as f64)
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What stands at a tick of an axis in this format of d3; `all` are all ticks.
pub(super) fn label(kind: Kind, value: f64, all: &[f64], axis: &Value) -> String {
    let format = axis["tickformat"].as_str().unwrap_or_default();
    if kind == Kind::Date {
        let (year, month, day) = civil((value / DAY as f64).floor() as i64);
        let name = MONTHS[(month as usize + 11) % 12];
        let close = all.len() > 1 && all[1] - all[0] < 27.0 * DAY as f64;
        return if close { format!("{day} {name}<br>{year}") } else { format!("{name}<br>{year}") };
    }
    let value = if kind == Kind::Log { 10f64.powf(value) } else { value };
    let gap = all.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(f64::INFINITY, f64::min);
    let number = if format.contains('%') {
        let decimals = if gap < 0.00999 { 1 } else { 0 };
        format!("{}%", text::number(value * 100.0, decimals))
    } else if format == "d" {
        format!("{value:.0}")
    } else {
        let decimals = if kind == Kind::Log || !gap.is_finite() {
            (-value.abs().log10().floor()).clamp(0.0, 6.0) as usize
        } else {
            (-gap.log10().floor()).clamp(0.0, 8.0) as usize
        };
        text::number(value, if value == 0.0 { 0 } else { decimals })
    };
    let sign = if format.starts_with('$') { "$" } else { axis["tickprefix"].as_str().unwrap_or_default() };
    let number = match number.strip_prefix('-') {
        Some(rest) => format!("-{sign}{rest}"),
        None => format!("{sign}{number}"),
    };
    number + axis["ticksuffix"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ticks_are_round() {
        assert_eq!(linear(0.0, 10.0, 5.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(linear(-0.3, 0.31, 4.0).len(), 3);
        assert_eq!(logarithmic(-0.2, 3.1), [0.0, 1.0, 2.0, 3.0]);
        let ticks = moments(parse_date("1997-01-10").unwrap(), parse_date("1998-06-30").unwrap());
        let labels: Vec<String> = ticks.iter().map(|&at| label(Kind::Date, at, &ticks, &json!({}))).collect();
        assert_eq!(labels[0], "Mar<br>1997");
        assert_eq!(labels.last().map(String::as_str), Some("May<br>1998"));
    }

    #[test]
    fn dates_are_read_back() {
        for text in ["1969-12-31", "2000-02-29", "2024-01-31 12:30:00"] {
            assert_eq!(crate::calendar::iso(parse_date(text).unwrap() as i64), text);
        }
        assert_eq!((parse_date("customer 7"), parse_date("2024-13-01")), (None, None));
    }

    #[test]
    fn labels_follow_their_format() {
        let text = |format: &str, value: f64| {
            label(Kind::Linear, value, &[0.0, 0.5], &json!({"tickformat": format}))
        };
        assert_eq!(
            [text(",", 1234.5), text("$,", -2.0), text(".0%", 0.5), text("d", 2024.0)],
            ["1,234.5", "-$2.0", "50%", "2024"]
        );
        assert_eq!(label(Kind::Log, 3.0, &[2.0, 3.0], &json!({"tickprefix": "€"})), "€1,000");
        assert_eq!(label(Kind::Log, -2.0, &[], &json!({})), "0.01");
    }
}
