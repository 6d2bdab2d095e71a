//! How the numbers of a frame's column are written: by the words of its name and by its type.

use cltv_report::numbers;
use polars::prelude::{AnyValue, DataType};

/// Numbers that name something: their digits are not grouped.
const NAMES: [&str; 11] =
    ["id", "ids", "code", "zip", "zipcode", "postcode", "plz", "year", "phone", "sku", "ean"];
const SHARES: [&str; 4] = ["share", "shares", "percentage", "margin"];
/// A rate is a share beside one of these words; others, such as those of purchases in a week, are not.
const RATES: [&str; 12] = [
    "churn",
    "retention",
    "conversion",
    "response",
    "discount",
    "interest",
    "growth",
    "tax",
    "renewal",
    "repeat",
    "open",
    "click",
];
const PERCENTS: [&str; 2] = ["percent", "pct"];
const AMOUNTS: [&str; 21] = [
    "amount", "amounts", "revenue", "revenues", "spend", "spending", "spent", "price", "prices", "cost",
    "costs", "sales", "income", "profit", "fee", "fees", "payment", "payments", "turnover", "clv", "ltv",
];
/// Words that say that a column counts or compares, also where it speaks of amounts.
const COUNTS: [&str; 10] =
    ["count", "counts", "number", "rank", "ratio", "index", "score", "log", "ln", "quantile"];
const CURRENCIES: [(&str, &str); 11] = [
    ("usd", "$"),
    ("dollar", "$"),
    ("dollars", "$"),
    ("eur", "€"),
    ("euro", "€"),
    ("euros", "€"),
    ("gbp", "£"),
    ("pounds", "£"),
    ("chf", "CHF "),
    ("jpy", "¥"),
    ("inr", "₹"),
];

/// How a column's numbers are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Format {
    /// As they are, without groups: 2024.
    Name,
    /// With groups of three and as few decimals as show the column's numbers.
    Number,
    /// With a sign, groups and two decimals.
    Money(&'static str),
    /// A share as a percentage: 0.123 is 12.3%.
    Share,
    /// A number that is a percentage already: 12.3 is 12.3%.
    Percent,
}

impl Format {
    /// The format of a column with this name and these shown values.
    pub(crate) fn of(name: &str, dtype: &DataType, values: &[AnyValue<'_>]) -> Format {
        let words = words(name);
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let numbers = || values.iter().filter_map(float).filter(|number| number.is_finite());
        if dtype.is_integer() && has(&NAMES) {
            return Format::Name;
        }
        let is_numeric = dtype.is_primitive_numeric() || dtype.is_decimal();
        let fraction = dtype.is_float() || dtype.is_decimal();
        let up_to_one = || numbers().next().is_some() && numbers().all(|number| number.abs() <= 1.0);
        if fraction && (has(&SHARES) || has(&["rate"]) && has(&RATES)) && up_to_one() {
            return Format::Share;
        }
        if is_numeric && (has(&PERCENTS) || name.contains('%')) && numbers().any(|n| n.abs() > 1.0) {
            return Format::Percent;
        }
        let by_word = CURRENCIES.iter().find(|(word, _)| has(&[word])).map(|(_, sign)| *sign);
        let by_sign = ["$", "€", "£", "¥", "₹"].into_iter().find(|sign| name.contains(sign));
        let sign = by_word.or(by_sign);
        match sign {
            Some(sign) if is_numeric && !has(&COUNTS) => Format::Money(sign),
            _ if fraction && has(&AMOUNTS) && !has(&COUNTS) && !has(&SHARES) => Format::Money(""),
            _ => Format::Number,
        }
    }

    /// A number in this format; `decimals` are those of its column.
    pub(crate) fn write(&self, value: &AnyValue<'_>, decimals: usize) -> Option<String> {
        let whole = whole(value);
        match (self, whole, float(value)) {
            (Format::Name, Some(_), _) => Some(value.to_string()),
            (Format::Money(sign), Some(whole), _) => Some(with_sign(sign, grouped(whole))),
            (Format::Percent, Some(whole), _) => Some(grouped(whole) + "%"),
            (_, Some(whole), _) => Some(grouped(whole)),
            (_, None, Some(number)) if !number.is_finite() => Some(number.to_string()),
            (Format::Money(sign), None, Some(number)) if number.abs() < 1e15 => {
                Some(with_sign(sign, numbers::fixed(number, 2)))
            }
            (Format::Share, None, Some(number)) => {
                Some(numbers::fixed(number * 100.0, decimals.saturating_sub(2).clamp(0, 1)) + "%")
            }
            (Format::Percent, None, Some(number)) => Some(numbers::fixed(number, decimals.min(2)) + "%"),
            (_, None, Some(number)) => Some(fixed(number, decimals)),
            _ => None,
        }
    }
}

fn with_sign(sign: &str, number: String) -> String {
    match number.strip_prefix('-') {
        Some(number) => format!("-{sign}{number}"),
        None => format!("{sign}{number}"),
    }
}

/// The words of a column's name in lower case: "netRevenue_EUR" is net, revenue and eur.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_uppercase() && before.is_lowercase();
        if (begins || !c.is_alphanumeric()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words
}

pub(crate) fn float(value: &AnyValue<'_>) -> Option<f64> {
    match value {
        AnyValue::Float64(number) => Some(*number),
        AnyValue::Float32(number) => Some(f64::from(*number)),
        AnyValue::Decimal(..) => value.extract::<f64>(),
        _ => whole(value).map(|whole| whole as f64),
    }
}

fn whole(value: &AnyValue<'_>) -> Option<i128> {
    match value {
        AnyValue::Int8(n) => Some((*n).into()),
        AnyValue::Int16(n) => Some((*n).into()),
        AnyValue::Int32(n) => Some((*n).into()),
        AnyValue::Int64(n) => Some((*n).into()),
        AnyValue::UInt8(n) => Some((*n).into()),
        AnyValue::UInt16(n) => Some((*n).into()),
        AnyValue::UInt32(n) => Some((*n).into()),
        AnyValue::UInt64(n) => Some((*n).into()),
        _ => None,
    }
}

fn grouped(whole: i128) -> String {
    let digits = whole.unsigned_abs().to_string();
    let mut text = if whole < 0 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// As few decimals as show a column's numbers: two where one reaches a hundred, else four at most.
pub(crate) fn decimals_of(numbers: impl Iterator<Item = f64> + Clone) -> usize {
    let finite = numbers.filter(|number| number.is_finite());
    let most = if finite.clone().any(|number| number.abs() >= 100.0) { 2 } else { 4 };
    let needed = |number: f64| {
        let text = format!("{number:.most$}");
        text.trim_end_matches('0').split_once('.').map_or(0, |(_, decimals)| decimals.len())
    };
    finite.map(needed).max().unwrap_or(0)
}

/// A number with these decimals and groups of three, or as a power of ten when they would show nothing of it.
pub(crate) fn fixed(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let lost = number != 0.0 && text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.'));
    if lost || number.abs() >= 1e12 { numbers::short(number) } else { numbers::fixed(number, decimals) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(name: &str, numbers: &[f64]) -> Vec<String> {
        let values: Vec<AnyValue<'_>> = numbers.iter().map(|&n| AnyValue::Float64(n)).collect();
        let format = Format::of(name, &DataType::Float64, &values);
        let decimals = decimals_of(numbers.iter().copied());
        values.iter().filter_map(|value| format.write(value, decimals)).collect()
    }

    #[test]
    fn names_and_values_tell_the_format() {
        assert_eq!(texts("amount", &[1234.5, -3.0]), ["1,234.50", "-3.00"]);
        assert_eq!(texts("netRevenue_EUR", &[1_234_567.0, -0.5]), ["€1,234,567.00", "-€0.50"]);
        assert_eq!(texts("price ($)", &[5.0]), ["$5.00"]);
        assert_eq!(texts("share_of_revenue", &[0.123_45, 1.0]), ["12.3%", "100.0%"]);
        assert_eq!(texts("share", &[0.5, 0.25]), ["50%", "25%"]);
        assert_eq!(texts("share", &[12.0]), ["12"], "more than one is no share of it");
        assert_eq!(texts("churn_rate", &[0.1]), ["10%"]);
        assert_eq!(texts("purchase_rate", &[0.1]), ["0.1"], "purchases in a unit of time are no share");
        assert_eq!(texts("pct", &[12.5, 0.5]), ["12.5%", "0.5%"]);
        assert_eq!(texts("pct", &[0.5]), ["0.5"], "it may be a half or half a percent");
        assert_eq!(texts("visits", &[12_345.0, 1.0]), ["12,345", "1"]);
        assert_eq!(texts("log_amount", &[1.25]), ["1.25"]);
    }

    #[test]
    fn whole_numbers_are_grouped_unless_they_are_names() {
        let text = |name: &str, n: i64| {
            let value = AnyValue::Int64(n);
            Format::of(name, &DataType::Int64, std::slice::from_ref(&value)).write(&value, 0).unwrap()
        };
        assert_eq!(text("purchases", 1_234_567), "1,234,567");
        assert_eq!(text("purchases", i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!(text("customer_id", 1_234_567), "1234567");
        assert_eq!(text("Year", 2024), "2024");
        assert_eq!(text("total_usd", 1500), "$1,500");
    }
}
