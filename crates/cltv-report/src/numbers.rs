//! Numbers as readers expect them.

/// A whole number with thousands separators.
///
/// ```
/// assert_eq!(cltv_report::numbers::whole(2_357.0), "2,357");
/// assert_eq!(cltv_report::numbers::whole(-1_234_567.4), "-1,234,567");
/// ```
pub fn whole(value: f64) -> String {
    fixed(value, 0)
}

/// A number with this many decimals and thousands separators; a dash for what is not a number.
///
/// ```
/// assert_eq!(cltv_report::numbers::fixed(12_345.678, 2), "12,345.68");
/// assert_eq!(cltv_report::numbers::fixed(f64::NAN, 2), "–");
/// ```
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.*}", decimals, value.abs());
    let (digits, fraction) = text.split_once('.').map_or((text.as_str(), None), |(d, f)| (d, Some(f)));
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let is_zero = text.chars().all(|c| matches!(c, '0' | '.'));
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    match fraction {
        Some(fraction) => format!("{sign}{grouped}.{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}

/// A figure whose kind is not known: a whole number as one, any other with three decimals.
///
/// ```
/// assert_eq!(cltv_report::numbers::figure(946.0), "946");
/// assert_eq!(cltv_report::numbers::figure(0.2064), "0.206");
/// assert_eq!(cltv_report::numbers::figure(2.1e-9), "0.000");
/// ```
pub fn figure(value: f64) -> String {
    fixed(value, if value.fract() == 0.0 { 0 } else { 3 })
}

/// A number by itself, with the digits that are enough to read: four decimals, two from a thousand on, and
/// a power of ten where these would show nothing of it.
///
/// ```
/// assert_eq!(cltv_report::numbers::short(0.242_594), "0.2426");
/// assert_eq!(cltv_report::numbers::short(12_345.678), "12345.68");
/// assert_eq!(cltv_report::numbers::short(3.0), "3");
/// assert_eq!(cltv_report::numbers::short(-0.0), "0");
/// assert_eq!(cltv_report::numbers::short(1.5e-9), "1.5e-9");
/// assert_eq!(cltv_report::numbers::short(f64::NAN), "NaN");
/// ```
pub fn short(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e12).contains(&size) {
        return format!("{number:.1e}");
    }
    let decimals = if size >= 1000.0 { 2 } else { 4 };
    let text = format!("{number:.decimals$}");
    match text.trim_end_matches('0').trim_end_matches('.') {
        "-0" => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// Money: whole units from a thousand on, cents below.
///
/// ```
/// assert_eq!(cltv_report::numbers::money("$", 71_234.6), "$71,235");
/// assert_eq!(cltv_report::numbers::money("$", 30.217), "$30.22");
/// assert_eq!(cltv_report::numbers::money("€", -30.217), "-€30.22");
/// ```
pub fn money(currency: &str, value: f64) -> String {
    let text = fixed(value.abs(), if value.abs() < 999.995 { 2 } else { 0 });
    let negative = value < 0.0 && text.chars().any(|c| c.is_ascii_digit() && c != '0');
    format!("{}{currency}{text}", if negative { "-" } else { "" })
}

/// A share as a percentage; a dash for what is not a number.
///
/// ```
/// assert_eq!(cltv_report::numbers::percent(0.1234), "12.3%");
/// assert_eq!(cltv_report::numbers::percent(0.5), "50%");
/// assert_eq!(cltv_report::numbers::percent(f64::NAN), "–");
/// ```
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "–".to_owned();
    }
    let text = fixed(share * 100.0, 1);
    format!("{}%", text.strip_suffix(".0").unwrap_or(&text))
}

/// Text that stays text in Markdown: no markup, no table cell ended early, no line broken.
///
/// ```
/// assert_eq!(cltv_report::numbers::plain("a|b <i>\n# c"), "a\\|b &lt;i&gt; \\# c");
/// ```
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '#' | '\\' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
