//! Text escaped for plotly's labels, for html and for scripts, and numbers formatted for people.

/// Escapes text for plotly labels, which understand a few html tags and entities.
///
/// A percent sign is escaped too, so that no label can be taken for a `%{...}` template.
pub(crate) fn plotly(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '%' => out.push_str("&#37;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Escapes text for the body or an attribute of an html page.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// JSON that may stand inside a script element: no `<`, so no `</script>` and no `<!--`; no line
/// separators that older browsers end a string at.
pub(crate) fn script_json(value: &serde_json::Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// The text on one line, without control characters.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// At most `limit` characters, with an ellipsis where some were cut.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(limit.saturating_sub(1)).collect();
    out.push('…');
    out
}

/// The names in the order of their first appearance.
pub(crate) fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        if !out.iter().any(|known| known == name) {
            out.push(name.to_owned());
        }
    }
    out
}

/// A whole number with thousands separators: 2,357.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// "1 customer", "2,357 customers".
pub(crate) fn counted(n: u64, thing: &str) -> String {
    format!("{} {thing}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A number with thousands separators and a fixed number of decimals.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let grouped = whole.parse().map_or_else(|_| whole.to_owned(), count);
    let negative = value < 0.0 && text.chars().any(|c| ('1'..='9').contains(&c));
    let sign = if negative { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{fraction}") }
}

/// An amount of money: whole units from 1,000 on, two decimals below.
pub(crate) fn money(currency: &str, value: f64) -> String {
    let decimals = if value.abs() >= 1000.0 || value == 0.0 { 0 } else { 2 };
    let text = number(value, decimals);
    match text.strip_prefix('-') {
        Some(rest) => format!("-{currency}{rest}"),
        None => format!("{currency}{text}"),
    }
}

/// An amount at a bin's edge: no decimals where there are none to show.
pub(crate) fn edge(currency: &str, value: f64) -> String {
    let decimals = if value.fract() == 0.0 { 0 } else { 2 };
    format!("{currency}{}", number(value, decimals))
}

/// A share as a percentage with one decimal: 12.3%.
pub(crate) fn percent(share: f64) -> String {
    format!("{}%", number(share * 100.0, 1))
}

/// A share as a whole percentage: 12%.
pub(crate) fn whole_percent(share: f64) -> String {
    format!("{}%", number(share * 100.0, 0))
}

/// A signed percentage: +3.1%, -5.5%.
pub(crate) fn signed_percent(share: f64) -> String {
    let text = percent(share);
    if text.starts_with('-') { text } else { format!("+{text}") }
}

/// A span in the model's unit: "1 week", "39 weeks", "4.5 weeks".
pub(crate) fn span(length: f64, unit: &str) -> String {
    let text = number(length, if length.fract() == 0.0 { 0 } else { 1 });
    format!("{text} {unit}{}", if length == 1.0 { "" } else { "s" })
}

/// What stands after "per" for groups of periods: "week", "3 weeks".
pub(crate) fn each(together: usize, period: &str) -> String {
    if together == 1 { period.to_owned() } else { counted(together as u64, period) }
}

/// The unit as an axis begins with it: "week" becomes "Weeks".
pub(crate) fn units(unit: &str) -> String {
    capital(&format!("{unit}s"))
}

/// The text with a capital first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(2_357), "2,357");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(number(-1234.567, 2), "-1,234.57");
        assert_eq!(number(-0.001, 1), "0.0");
        assert_eq!(money("$", -5.0), "-$5.00");
        assert_eq!(money("kr ", 12_345.6), "kr 12,346");
        assert_eq!(percent(0.1234), "12.3%");
        assert_eq!(signed_percent(0.031), "+3.1%");
        assert_eq!(span(1.0, "week"), "1 week");
        assert_eq!(span(39.0, "week"), "39 weeks");
        assert_eq!(units("week"), "Weeks");
        assert_eq!(edge("$", 12.5), "$12.50");
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(distinct(["b", "a", "b"].into_iter()), ["b", "a"]);
    }

    #[test]
    fn hostile_text_is_only_text() {
        assert_eq!(plotly("<b>%{x}</b> & co\n"), "&lt;b&gt;&#37;{x}&lt;/b&gt; &amp; co ");
        assert_eq!(html("<a href='\"'>"), "&lt;a href=&#39;&quot;&#39;&gt;");
        let script = script_json(&serde_json::json!(["</script><!--\u{2028}"]));
        assert_eq!(script, "[\"\\u003c/script>\\u003c!--\\u2028\"]");
        let back: serde_json::Value = serde_json::from_str(&script).unwrap();
        assert_eq!(back[0], "</script><!--\u{2028}");
    }
}
