//! Numbers of a column, by one decimal mark for all of them: amounts, prices, quantities, percentages.

use rayon::prelude::*;

use crate::column::{Cells, Column};
use crate::currency::{is_currency, refuse_several_currencies};
use crate::error::{EXAMPLES_SHOWN, TableError};
use crate::table::{Table, source_value};
use crate::value::{MISSING, Value, Values};
use crate::words::quote;

/// Which character separates the whole from the fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalMark {
    /// 1,234.50
    Point,
    /// 1.234,50
    Comma,
}

impl DecimalMark {
    /// The mark that a parameter `decimal_mark` names; `None` for "".
    ///
    /// # Errors
    /// [`TableError::UnknownOption`] for anything but ".", "," and "".
    pub fn named(value: &str) -> Result<Option<Self>, TableError> {
        match value.trim() {
            "" => Ok(None),
            "." => Ok(Some(Self::Point)),
            "," => Ok(Some(Self::Comma)),
            _ => Err(TableError::UnknownOption {
                parameter: "decimal_mark",
                value: value.to_owned(),
                allowed: "\".\" (1,234.50), \",\" (1.234,50) or \"\" (find it)",
            }),
        }
    }

    /// The mark as a character.
    #[must_use]
    pub fn char(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

/// How a column of numbers is to be read.
#[derive(Debug, Clone, Copy)]
pub struct NumberOptions {
    /// The decimal mark of numbers that are text; `None` to find it.
    pub mark: Option<DecimalMark>,
    /// What else can be done about values that are no numbers, for the message.
    pub remedy: &'static str,
}

/// A number's characters, without sign, currency and blanks.
#[derive(Debug, Clone, PartialEq)]
struct Digits {
    negative: bool,
    percent: bool,
    body: String,
}

/// Reads a column of numbers; NaN where a number is missing. Notes say which mark was found.
///
/// The mark is found by the evidence of the whole column. A lone point or comma before exactly three digits is no
/// evidence: where nothing else decides, the column is refused as readable in two ways.
///
/// The amounts of a column must be in one currency. Where values are percentages, a number above 1 without a percent
/// sign is refused.
///
/// # Errors
/// [`TableError::AmbiguousNumbers`], [`TableError::UnreadableNumbers`], [`TableError::Formulas`],
/// [`TableError::SeveralCurrencies`] or [`TableError::BarePercentages`].
pub fn read(table: &mut Table, column: &Column, options: NumberOptions) -> Result<Vec<f64>, TableError> {
    let Cells::Coded { codes, values } = &column.cells else {
        return typed(table, column, options);
    };
    let mark = match options.mark {
        Some(mark) => mark,
        None => find_mark(table, column)?,
    };
    let number = |code: usize| number_of(&values.get(code as u32), mark);
    let read: Vec<Option<f64>> = (0..values.len()).into_par_iter().map(number).collect();
    if read.iter().any(Option::is_none) {
        return Err(unreadable(table, column, options, &|row| {
            codes[row] != MISSING && read[codes[row] as usize].is_none()
        }));
    }
    refuse_several_currencies(table, column, codes, values)?;
    refuse_bare_percentages(table, column, codes, values, &read)?;
    if mark == DecimalMark::Comma
        && values.iter().any(|value| matches!(value, Value::Text(text) if text.contains(',')))
    {
        table.notes.push(format!("Numbers in column {} have a decimal comma.", quote(&column.name)));
    }
    let read: Vec<f64> = read.into_iter().flatten().collect();
    let number = |&code: &u32| if code == MISSING { f64::NAN } else { read[code as usize] };
    Ok(codes.par_iter().map(number).collect())
}

/// Among percentages, a bare number above 1 may be a percentage without its sign.
fn refuse_bare_percentages(
    table: &Table,
    column: &Column,
    codes: &[u32],
    values: &Values,
    read: &[Option<f64>],
) -> Result<(), TableError> {
    let is_percentage = |value: &Value<'_>| matches!(value, Value::Text(text) if text.contains('%'));
    if !values.iter().any(|value| is_percentage(&value)) {
        return Ok(());
    }
    let bare = |(value, number): (Value<'_>, &Option<f64>)| {
        !is_percentage(&value) && number.is_some_and(|number| number.abs() > 1.0)
    };
    let bare: Vec<bool> = values.iter().zip(read).map(bare).collect();
    let is_bad = |row: &usize| codes[*row] != MISSING && bare[codes[*row] as usize];
    let rows: Vec<usize> = (0..codes.len()).filter(is_bad).collect();
    if rows.is_empty() {
        return Ok(());
    }
    Err(TableError::BarePercentages {
        shown: table.shown.clone(),
        column: column.name.clone(),
        bad: rows.len(),
        values: rows.iter().take(EXAMPLES_SHOWN).map(|&row| source_value(table, column, row)).collect(),
    })
}

fn typed(table: &Table, column: &Column, options: NumberOptions) -> Result<Vec<f64>, TableError> {
    let numbers: Vec<f64> = match &column.cells {
        Cells::Numbers(numbers) => numbers.clone(),
        Cells::Whole(whole) => {
            whole.iter().map(|&n| if n == crate::NO_WHOLE { f64::NAN } else { n as f64 }).collect()
        }
        _ => return Err(unreadable(table, column, options, &|row| column.cells.value(row).is_some())),
    };
    if numbers.iter().any(|n| n.is_infinite()) {
        return Err(unreadable(table, column, options, &|row| numbers[row].is_infinite()));
    }
    Ok(numbers)
}

fn number_of(value: &Value<'_>, mark: DecimalMark) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Number(n) => n.is_finite().then_some(*n),
        Value::Text(text) => number(text, mark),
        _ => None,
    }
}

/// The error that names the first rows that cannot be read, found in a second pass.
fn unreadable(
    table: &Table,
    column: &Column,
    options: NumberOptions,
    is_bad: &dyn Fn(usize) -> bool,
) -> TableError {
    let rows: Vec<usize> = (0..column.cells.len()).filter(|&row| is_bad(row)).collect();
    let formulas: Vec<usize> = rows
        .iter()
        .copied()
        .filter(|&row| matches!(column.cells.value(row), Some(Value::Formula(_))))
        .collect();
    if !formulas.is_empty() {
        return formulas_error(table, column, &formulas);
    }
    TableError::UnreadableNumbers {
        shown: table.shown.clone(),
        column: column.name.clone(),
        bad: rows.len(),
        total: column.cells.len() - column.cells.missing(),
        mark: options.mark.map(DecimalMark::char),
        values: rows.iter().take(EXAMPLES_SHOWN).map(|&row| source_value(table, column, row)).collect(),
        remedy: options.remedy,
    }
}

/// The error for formulas that no program has computed.
pub(crate) fn formulas_error(table: &Table, column: &Column, rows: &[usize]) -> TableError {
    TableError::Formulas {
        shown: table.shown.clone(),
        column: column.name.clone(),
        found: rows.len(),
        values: rows.iter().take(EXAMPLES_SHOWN).map(|&row| source_value(table, column, row)).collect(),
    }
}

/// A number as people write it; `None` when the text is none.
///
/// Understood are thousands in groups (of three, or of two before the last three as in India), by comma, point,
/// apostrophe or blank; a currency before or after; a sign before or after; brackets for negative amounts; a lone
/// dash beside a currency for 0 (accounting format); a percent sign, which makes a share of 1.
///
/// ```
/// use cltv_tables::numbers::{DecimalMark::{Comma, Point}, number};
/// assert_eq!(number("$1,234.50", Point), Some(1234.5));
/// assert_eq!(number("1.234,50 €", Comma), Some(1234.5));
/// assert_eq!(number("₹21,99,000.00", Point), Some(2_199_000.0));
/// assert_eq!(number("$ (691.50)", Point), Some(-691.5));
/// assert_eq!(number("$ -", Point), Some(0.0));
/// assert_eq!(number("12.5 %", Point), Some(0.125));
/// assert_eq!(number("12 apples", Point), None);
/// ```
#[must_use]
pub fn number(text: &str, mark: DecimalMark) -> Option<f64> {
    if let Some(n) = plain(text) {
        // 1e3 and 12 are the same with both marks; a point is the decimal mark only where it is said to be.
        if mark == DecimalMark::Point || !text.contains('.') {
            return Some(n);
        }
    }
    if is_accounting_zero(text) {
        return Some(0.0);
    }
    let digits = strip(text)?;
    let (decimal, group) = match mark {
        DecimalMark::Point => ('.', ','),
        DecimalMark::Comma => (',', '.'),
    };
    let size = plain(&ungroup(&digits.body, decimal, group)?)?;
    let size = if digits.percent { size / 100.0 } else { size };
    Some(if digits.negative { -size } else { size })
}

/// A number as programs write it; "inf" and "nan" are words, not amounts.
fn plain(text: &str) -> Option<f64> {
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let ends = text.ends_with(|c: char| c.is_ascii_digit() || c == '.');
    (starts && ends).then(|| text.parse::<f64>().ok()).flatten().filter(|n| n.is_finite())
}

/// The accounting format of 0: a currency and a dash.
fn is_accounting_zero(text: &str) -> bool {
    let rest: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let word = rest.trim_matches(['-', '–', '−']);
    word.len() < rest.len() && !word.is_empty() && is_currency(word)
}

/// Takes thousands separators out and writes the decimal mark as a point.
fn ungroup(body: &str, decimal: char, group: char) -> Option<String> {
    let (whole, fraction) = match body.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (body, None),
    };
    let groups: Vec<&str> = whole.split([group, '\'', '’', ' ']).collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (first, rest) = groups.split_first()?;
    let short = |group: &str, most: usize| (1..=most).contains(&group.len());
    let fits = match rest {
        [] => true,
        [between @ .., last] => {
            let threes = between.iter().all(|group| group.len() == 3) && short(first, 3);
            let twos = between.iter().all(|group| group.len() == 2) && short(first, 2);
            last.len() == 3 && (threes || twos)
        }
    };
    if !fits || !groups.iter().all(|group| digits(group)) || !fraction.is_none_or(digits) {
        return None;
    }
    let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
    Some(groups.concat() + &fraction)
}

/// Takes sign, brackets, currency, percent sign and blanks off.
fn strip(text: &str) -> Option<Digits> {
    let first = text.find(|c: char| c.is_ascii_digit())?;
    let last = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let squeezed = |part: &str| part.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let (mut before, mut after) = (squeezed(&text[..first]), squeezed(&text[last..]));
    let mut body: String =
        text[first..last].chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    // ".50" and "5." keep their mark.
    if let Some(head) = before.strip_suffix(['.', ','])
        && !head.contains(char::is_alphabetic)
    {
        body.insert_str(0, &before[head.len()..]);
        before = head.to_owned();
    }
    if matches!(after.as_str(), "." | ",") {
        after.clear();
    }
    let brackets = (take(&mut before, &['(']), take(&mut after, &[')']));
    let percent = take(&mut after, &['%']);
    let minus = take(&mut before, &['-', '−', '–']) + take(&mut after, &['-', '−', '–']);
    let plus = take(&mut before, &['+']);
    let bracketed = brackets == (1, 1);
    let signs = minus + plus + usize::from(bracketed);
    let words = [&before, &after].into_iter().filter(|word| !word.is_empty());
    let currencies = words.clone().count();
    let clean = (bracketed || brackets == (0, 0)) && signs <= 1 && percent <= 1 && currencies + percent <= 1;
    (clean && words.clone().all(|word| is_currency(word))).then_some(Digits {
        negative: bracketed || minus == 1,
        percent: percent == 1,
        body,
    })
}

/// Removes characters everywhere and says how many there were.
fn take(text: &mut String, of: &[char]) -> usize {
    let before = text.chars().count();
    text.retain(|c| !of.contains(&c));
    before - text.chars().count()
}

/// What a column says about its decimal mark.
#[derive(Debug, Default)]
struct Evidence {
    point: bool,
    comma: bool,
    /// The first value with a lone comma, and with a lone point, before exactly three digits.
    open_comma: Option<u32>,
    open_point: Option<u32>,
}

fn find_mark(table: &Table, column: &Column) -> Result<DecimalMark, TableError> {
    let Cells::Coded { codes, values } = &column.cells else { return Ok(DecimalMark::Point) };
    let mut evidence = Evidence::default();
    for (code, value) in (0..).zip(values.iter()) {
        if let Value::Text(text) = value {
            evidence.look(code, text);
        }
    }
    match (evidence.point, evidence.comma) {
        // Values that contradict the majority are reported as unreadable afterwards.
        (true, _) => return Ok(DecimalMark::Point),
        (false, true) => return Ok(DecimalMark::Comma),
        (false, false) => {}
    }
    // Between separating commas, a quoted "1,250" can only have a thousands separator.
    let comma = evidence.open_comma.filter(|_| !table.comma_separated);
    let Some(code) = comma.or(evidence.open_point) else { return Ok(DecimalMark::Point) };
    let row = codes.iter().position(|&other| other == code).unwrap_or_default();
    let value = source_value(table, column, row);
    let read = |mark| number(&value.value, mark).unwrap_or(f64::NAN);
    let (point, comma) = (read(DecimalMark::Point), read(DecimalMark::Comma));
    let (shown, column) = (table.shown.clone(), column.name.clone());
    Err(TableError::AmbiguousNumbers { shown, column, value: Box::new(value), point, comma })
}

impl Evidence {
    fn look(&mut self, code: u32, text: &str) {
        // Most values are digits with one point before other than three digits.
        let Some(Digits { body, percent, .. }) = strip(text) else { return };
        let marks: Vec<(usize, char)> = body.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
        match marks[..] {
            [] => {}
            [(at, mark)] if may_group(&body, at) && !percent => {
                let open = if mark == '.' { &mut self.open_point } else { &mut self.open_comma };
                open.get_or_insert(code);
            }
            [(_, mark)] => self.decimal(mark),
            // The same mark twice separates thousands.
            [.., (_, before), (_, last)] if before == last => {
                self.decimal(if last == '.' { ',' } else { '.' })
            }
            [.., (_, last)] => self.decimal(last),
        }
    }

    fn decimal(&mut self, mark: char) {
        if mark == '.' {
            self.point = true;
        } else {
            self.comma = true;
        }
    }
}

/// Whether a lone mark may be a thousands separator: 1,250 but not 0,250 or 12,5.
fn may_group(body: &str, at: usize) -> bool {
    body.len() - at - 1 == 3 && (1..=3).contains(&at) && !body.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: NumberOptions = NumberOptions { mark: None, remedy: "" };

    fn read(values: &[&str], comma_separated: bool) -> Result<Vec<Option<f64>>, TableError> {
        let mut table = Table { shown: "shop.csv".into(), comma_separated, ..Table::default() };
        table.places.start("shop.csv", "", "line");
        table.places.push_many(2, values.len() as u64);
        let mut column = Column { name: "amount".into(), ..Column::default() };
        values.iter().for_each(|value| column.cells.push_text(value.as_bytes()));
        let read = super::read(&mut table, &column, OPTIONS)?;
        Ok(read.into_iter().map(|n| (!n.is_nan()).then_some(n)).collect())
    }

    fn some(values: &[f64]) -> Result<Vec<Option<f64>>, TableError> {
        Ok(values.iter().copied().map(Some).collect())
    }

    #[test]
    fn marks_currencies_and_signs() {
        let us = read(&["1,234.56", "$12.50", "(3.00)", "-4", "5 USD", "1e2", ".5"], true);
        assert_eq!(us, some(&[1234.56, 12.5, -3.0, -4.0, 5.0, 100.0, 0.5]));
        let de = read(&["1.234,56", "12,5 €", "−3,00", "4,00-", "1.234.567", "1.250"], false);
        assert_eq!(de, some(&[1234.56, 12.5, -3.0, -4.0, 1_234_567.0, 1250.0]));
        let fr = read(&["1 234,56", "1\u{a0}000,00", "7"], false);
        assert_eq!(fr, some(&[1234.56, 1000.0, 7.0]));
        let ch = read(&["CHF 1'234.50", "Fr. 2.00"], false);
        assert_eq!(ch, some(&[1234.5, 2.0]));
        let signs =
            ["₱1,466.50", "₦5.5", "฿2", "₸3", "৳4", "S/ 5.10", "R$ 6", "Rp7", "B/. 8", "د.إ9", "KSh 10"];
        let amounts = [1466.5, 5.5, 2.0, 3.0, 4.0, 5.1, 6.0, 7.0, 8.0, 9.0, 10.0];
        for (sign, amount) in signs.iter().zip(amounts) {
            assert_eq!(read(&[sign], true), some(&[amount]), "{sign}");
        }
        assert_eq!(read(&["$ -", "$ (691.50)", "($5.25)"], true), some(&[0.0, -691.5, -5.25]));
        assert_eq!(read(&["€ – "], true), some(&[0.0]));
        assert_eq!(read(&["", "NaN", "\\N", "1"], true), Ok(vec![None, None, None, Some(1.0)]));
    }

    #[test]
    fn a_column_has_one_currency() {
        assert_eq!(read(&["$5", "6 USD", "US$ 7", "8", "$ -"], true), some(&[5.0, 6.0, 7.0, 8.0, 0.0]));
        assert_eq!(read(&["Fr. 5", "CHF 6", "sFr 7.50"], true), some(&[5.0, 6.0, 7.5]));
        let message = read(&["$5", "6", "$6", "7 €"], true).unwrap_err().to_string();
        assert!(message.contains(r#"(line 2: "$5", line 5: "7 €")"#), "{message}");
        assert!(matches!(read(&["kr 5", "5 EUR"], true), Err(TableError::SeveralCurrencies { .. })));
    }

    #[test]
    fn numbers_above_1_among_percentages_are_refused() {
        assert_eq!(read(&["12.5%", "8 %", "0.25", "-1%"], true), some(&[0.125, 0.08, 0.25, -0.01]));
        let message = read(&["12%", "8%", "15", "150%"], true).unwrap_err().to_string();
        assert!(message.contains(r#"1 number above 1 without a percent sign: line 4 "15""#), "{message}");
    }

    #[test]
    fn lakhs_and_crores_are_groups() {
        assert_eq!(
            read(&["₹21,99,000.00", "1,00,00,000", "99,000.5"], true),
            some(&[2_199_000.0, 1e7, 99_000.5])
        );
        assert!(read(&["1,2,3.00"], true).is_err());
        assert!(read(&["12,34.00"], true).is_err());
    }

    #[test]
    fn a_lone_mark_before_three_digits_is_refused_where_it_could_be_either() {
        let ambiguous = |result| matches!(result, Err(TableError::AmbiguousNumbers { .. }));
        assert!(ambiguous(read(&["1,250", "900"], false)));
        assert!(ambiguous(read(&["1.250", "900"], false)));
        assert!(ambiguous(read(&["990.000", "12.500"], true)));
        assert_eq!(read(&["1,250", "900"], true), some(&[1250.0, 900.0]));
        assert_eq!(read(&["1,250", "0,5"], false), some(&[1.25, 0.5]));
        assert_eq!(read(&["1.250", "1250.125"], false), some(&[1.25, 1250.125]));
        let message = read(&["1.250", "900"], false).unwrap_err().to_string();
        assert!(message.contains(r#"line 2: "1.250" is 1.25 or 1250"#), "{message}");
        assert!(message.contains("decimal_mark"), "{message}");
    }

    #[test]
    fn words_are_refused_with_their_lines() {
        let error = read(&["1.50", "twelve", "3.00", "12 apples", "2024-01-05", "inf"], true).unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("4 of 6 values"), "{message}");
        assert!(message.contains(r#"line 3 "twelve", line 5 "12 apples""#), "{message}");
    }
}
