//! Numbers and lists as sentences want them.

/// Digits in groups of three.
///
/// ```
/// assert_eq!(cltv_models::words::count(1_234_567), "1,234,567");
/// assert_eq!(cltv_models::words::count(12), "12");
/// ```
#[must_use]
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of things.
///
/// ```
/// assert_eq!(cltv_models::words::counted(1, "row"), "1 row");
/// assert_eq!(cltv_models::words::counted(2357, "customer"), "2,357 customers");
/// ```
#[must_use]
pub fn counted(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(n))
}

/// Names, each in quotes; "nothing" for none.
///
/// ```
/// let names = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
/// assert_eq!(cltv_models::words::quoted(&names), r#""a", "b" and "c""#);
/// ```
#[must_use]
pub fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// [`count`] of a 64-bit number.
pub(crate) fn grouped(n: u64) -> String {
    count(n as usize)
}
