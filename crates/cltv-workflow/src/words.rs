//! Figures in words.

use cltv_models::TimeUnit;
use cltv_report::numbers::fixed;

/// A length in words: "13 weeks".
pub fn span(length: f64, unit: TimeUnit) -> String {
    let number = fixed(length, 1);
    let number = number.strip_suffix(".0").unwrap_or(&number);
    format!("{number} {}{}", unit.name(), if number == "1" { "" } else { "s" })
}
