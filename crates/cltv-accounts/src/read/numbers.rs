//! Numbers written as text: thousands separators, decimal commas, currencies, brackets, percentages.

/// Which character separates the whole from the fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    /// 1,234.50
    Point,
    /// 1.234,50
    Comma,
}

/// Codes of currencies (ISO 4217) that stand beside amounts.
const CURRENCIES: [&str; 31] = [
    "AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CLP", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR",
    "ILS", "INR", "JPY", "KRW", "MXN", "NOK", "NZD", "PLN", "RON", "SAR", "SEK", "SGD", "TRY", "UAH", "USD",
    "ZAR",
];
/// What a blank between digits is turned into: a separator of groups, as in Switzerland.
const GROUP: char = '\'';

/// A number's parts, without blanks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parts {
    negative: bool,
    /// Digits and marks; empty when the text is in scientific notation.
    body: String,
    /// The number itself, when the text is in scientific notation.
    scientific: Option<f64>,
    pub(crate) currency: String,
    pub(crate) percent: bool,
}

/// What a text says about its decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// No mark at all, or one that is the same in both readings.
    None,
    /// Its marks can only be read so.
    Sure(DecimalMark),
    /// A lone mark before exactly three digits: 1,250 or 1.250.
    Open,
}

/// A number as people write it in cells; `None` when the text is no number.
///
/// Understood are thousands in groups of three (by comma, point, apostrophe or blank), a currency
/// before or after, a minus before or after, brackets for negative amounts, and a percent sign:
/// a percentage is a share of 1.
///
/// # Examples
/// ```
/// use cltv_accounts::{DecimalMark::{Comma, Point}, parse_number};
/// assert_eq!(parse_number("$1,234.50", Point), Some(1234.5));
/// assert_eq!(parse_number("1.234,50 €", Comma), Some(1234.5));
/// assert_eq!(parse_number("(1,200)", Point), Some(-1200.0));
/// assert_eq!(parse_number("12.5 %", Point), Some(0.125));
/// assert_eq!(parse_number("12 apples", Point), None);
/// assert_eq!(parse_number("1,23,456", Point), None);
/// ```
#[must_use]
pub fn parse_number(text: &str, mark: DecimalMark) -> Option<f64> {
    Parts::of(text)?.value(mark)
}

impl Parts {
    /// Takes sign, brackets, currency, percent sign and blanks off.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = Self {
            negative: false,
            body: String::new(),
            scientific: None,
            currency: String::new(),
            percent: false,
        };
        if let Some(number) = scientific(text) {
            return Some(Self { scientific: Some(number), ..plain });
        }
        let digit = |c: char| c.is_ascii_digit();
        let first = text.find(digit)?;
        let last = text.rfind(digit)? + 1;
        let (mut before, mut after) = (text[..first].to_owned(), text[last..].to_owned());
        let mut body: String =
            text[first..last].chars().map(|c| if c.is_whitespace() { GROUP } else { c }).collect();
        // ".50" and "5." keep their mark.
        if let Some(head) = before.strip_suffix(['.', ','])
            && !head.contains(char::is_alphabetic)
        {
            body.insert_str(0, &before[head.len()..]);
            before = head.to_owned();
        }
        if matches!(after.trim(), "." | ",") {
            after.clear();
        }
        let brackets = take(&mut before, '(') + 10 * take(&mut after, ')');
        let percent = take(&mut after, '%');
        let minus: usize = ['-', '−', '–'].iter().map(|&c| take(&mut before, c) + take(&mut after, c)).sum();
        let plus = take(&mut before, '+');
        let words = [before.trim(), after.trim()];
        let currencies: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let currency = match currencies[..] {
            [] => String::new(),
            [word] if percent == 0 => known_currency(word)?,
            _ => return None,
        };
        let bracketed = brackets == 11;
        if !(bracketed || brackets == 0) || percent > 1 || minus + plus + usize::from(bracketed) > 1 {
            return None;
        }
        let parts =
            Self { negative: bracketed || minus == 1, body, currency, percent: percent == 1, ..plain };
        // A range such as 10-20 has digits but is no number under either mark.
        let marks = [DecimalMark::Point, DecimalMark::Comma];
        marks.iter().any(|&mark| parts.value(mark).is_some()).then_some(parts)
    }

    /// The number under a decimal mark.
    pub(crate) fn value(&self, mark: DecimalMark) -> Option<f64> {
        if self.scientific.is_some() {
            return self.scientific;
        }
        let (decimal, group) = match mark {
            DecimalMark::Point => ('.', ','),
            DecimalMark::Comma => (',', '.'),
        };
        let size: f64 = ungroup(&self.body, decimal, group)?.parse().ok()?;
        let size = if self.percent { size / 100.0 } else { size };
        Some(if self.negative { -size } else { size })
    }

    /// What the marks say about which of them is the decimal one.
    pub(crate) fn evidence(&self) -> Evidence {
        let marks: Vec<(usize, char)> = self.body.char_indices().filter(|(_, c)| ".,".contains(*c)).collect();
        let decimal = |c: char| if c == '.' { DecimalMark::Point } else { DecimalMark::Comma };
        let grouping = |c: char| if c == '.' { DecimalMark::Comma } else { DecimalMark::Point };
        match marks[..] {
            [] => Evidence::None,
            [(at, c)] => {
                let three = self.body.len() - at - 1 == 3 && (1..=3).contains(&at);
                let open = three && !self.body.starts_with('0') && !self.percent;
                if open { Evidence::Open } else { Evidence::Sure(decimal(c)) }
            }
            [.., (_, previous), (_, c)] if previous == c => Evidence::Sure(grouping(c)),
            [.., (_, c)] => Evidence::Sure(decimal(c)),
        }
    }

    /// Whether the text is a code rather than a number: 00042.
    pub(crate) fn is_code(&self) -> bool {
        let digits = |c: char| c.is_ascii_digit();
        self.body.len() > 1 && self.body.starts_with('0') && self.body.chars().all(digits)
    }
}

/// Removes a character everywhere and says how often it stood there.
fn take(text: &mut String, c: char) -> usize {
    let before = text.chars().count();
    text.retain(|other| other != c);
    before - text.chars().count()
}

/// 1.5E+03, as spreadsheets show large numbers; "inf" and "nan" are words.
fn scientific(text: &str) -> Option<f64> {
    let body = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    let has_exponent =
        text.contains(['e', 'E']) && text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    (has_exponent && text.chars().all(body))
        .then(|| text.parse::<f64>().ok())
        .flatten()
        .filter(|n| n.is_finite())
}

/// Takes thousands separators out; the groups before the decimal mark must have three digits.
fn ungroup(body: &str, decimal: char, group: char) -> Option<String> {
    let (whole, fraction) = body.split_once(decimal).unwrap_or((body, ""));
    let groups: Vec<&str> = whole.split([group, GROUP, '’']).collect();
    let (first, rest) = groups.split_first()?;
    let fits =
        rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|digits| digits.len() == 3));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (fits && groups.iter().all(|group| digits(group)) && digits(fraction))
        .then(|| format!("{}.{fraction}", groups.concat()))
}

/// The currency by its ISO code, for the usual ways of writing it; `None` for other words, so that
/// "A12" is a code and no amount.
fn known_currency(word: &str) -> Option<String> {
    let code = match word {
        "$" | "US$" => "USD",
        "€" => "EUR",
        "£" => "GBP",
        "¥" => "JPY",
        "₹" | "Rs" | "Rs." => "INR",
        "Fr." | "SFr." => "CHF",
        "zł" => "PLN",
        "R$" => "BRL",
        "CA$" | "C$" => "CAD",
        "A$" | "AU$" => "AUD",
        "kr" | "kr." => "kr",
        "₩" => "KRW",
        "₺" => "TRY",
        "₪" => "ILS",
        "₴" => "UAH",
        "Kč" => "CZK",
        code if CURRENCIES.contains(&code) => code,
        _ => return None,
    };
    Some(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_signs_and_marks() {
        let point = |text| parse_number(text, DecimalMark::Point);
        assert_eq!(point("CHF 1'234.50"), Some(1234.5));
        assert_eq!(point("1 234 567"), Some(1_234_567.0));
        assert_eq!(point("($1,200.00)"), Some(-1200.0));
        assert_eq!(point("$(3)"), Some(-3.0));
        assert_eq!(point("4.00-"), Some(-4.0));
        assert_eq!(point(".5"), Some(0.5));
        assert_eq!(point("1.5E+03"), Some(1500.0));
        assert_eq!(point("-12.5%"), Some(-0.125));
        for bad in [
            "",
            "inf",
            "NaN",
            "1-2",
            "(5",
            "--5",
            "(-5)",
            "12 34",
            "5 %%",
            "$5 €",
            "2024-01-05",
            "5 apples",
            "5 ABC",
            "A12",
            "Q3",
        ] {
            assert_eq!(point(bad), None, "{bad}");
        }
    }

    #[test]
    fn evidence_of_the_decimal_mark() {
        let evidence = |text| Parts::of(text).unwrap().evidence();
        assert_eq!(evidence("1,234.5"), Evidence::Sure(DecimalMark::Point));
        assert_eq!(evidence("1.234,5"), Evidence::Sure(DecimalMark::Comma));
        assert_eq!(evidence("1.234.567"), Evidence::Sure(DecimalMark::Comma));
        assert_eq!(evidence("12,5"), Evidence::Sure(DecimalMark::Comma));
        assert_eq!(evidence("0.125"), Evidence::Sure(DecimalMark::Point));
        assert_eq!(evidence("1,250"), Evidence::Open);
        assert_eq!(evidence("1250"), Evidence::None);
        assert!(Parts::of("00042").unwrap().is_code() && !Parts::of("0").unwrap().is_code());
    }
}
