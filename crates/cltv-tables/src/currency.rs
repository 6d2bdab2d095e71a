//! Currencies beside numbers: their signs, ISO 4217 codes and the usual words for them.

use crate::column::Column;
use crate::error::TableError;
use crate::table::{Table, source_value};
use crate::value::{Value, Values};

/// Longest word beside a number that may be a currency: "EUR", "kr.", "US$", "S/".
const CURRENCY_LENGTH: usize = 5;

/// Refuses a column whose amounts are in several currencies.
pub(crate) fn refuse_several_currencies(
    table: &Table,
    column: &Column,
    codes: &[u32],
    values: &Values,
) -> Result<(), TableError> {
    let mut first: Option<(u32, String)> = None;
    for (code, value) in (0..).zip(values.iter()) {
        let Value::Text(text) = value else { continue };
        let Some(currency) = Some(text).filter(|text| !is_bare(text)).and_then(currency_of) else { continue };
        match &first {
            None => first = Some((code, currency)),
            Some((_, other)) if *other == currency => {}
            Some((other, _)) => {
                let value = |code: u32| {
                    let row = codes.iter().position(|&found| found == code).unwrap_or_default();
                    Box::new(source_value(table, column, row))
                };
                let (shown, column) = (table.shown.clone(), column.name.clone());
                return Err(TableError::SeveralCurrencies {
                    shown,
                    column,
                    first: value(*other),
                    second: value(code),
                });
            }
        }
    }
    Ok(())
}

/// Whether a text is digits, marks and a sign alone, so that there is neither a currency nor a percent sign.
fn is_bare(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-' | b'+'))
}

/// A currency's sign ("$", "₱", "US$", "R$"), its ISO 4217 code, or a word for it ("kr.", "Rp", "S/", "zł", "د.إ").
///
/// Other Latin words are none, so that "A12" and "SKU12" are codes and not amounts.
pub(crate) fn is_currency(word: &str) -> bool {
    let word: String = word.chars().filter(|&c| !is_mark(c)).collect();
    if word.chars().count() > CURRENCY_LENGTH {
        return false;
    }
    let part = |c: char| is_currency_sign(c) || c.is_alphabetic() || "./".contains(c);
    let foreign = |c: char| c.is_alphabetic() && !c.is_ascii();
    let sign = word.chars().any(is_currency_sign) || (word.chars().any(foreign) && !word.is_empty());
    let iso = word.len() == 3 && CURRENCY_CODES.contains(&word.to_ascii_uppercase());
    word.chars().all(part) && (sign || iso || CURRENCY_WORDS.contains(&word.to_lowercase().as_str()))
}

/// The currency beside a number: its ISO 4217 code where the usual sign or word for it is known, else what is written.
fn currency_of(text: &str) -> Option<String> {
    let part =
        |c: char| !c.is_ascii_digit() && !c.is_whitespace() && !is_mark(c) && !"+-−–()%,'’".contains(c);
    let word: String = text.chars().filter(|&c| part(c)).collect();
    let word = word.trim_matches('.').to_uppercase();
    if word.is_empty() || !is_currency(&word) && !is_currency(&format!("{word}.")) {
        return None;
    }
    let known = CURRENCY_SIGNS.iter().find(|(sign, _)| *sign == word);
    Some(known.map_or(word, |(_, code)| (*code).to_owned()))
}

/// Signs and words for currencies, in upper case, with their ISO 4217 codes.
const CURRENCY_SIGNS: [(&str, &str); 32] = [
    ("$", "USD"),
    ("US$", "USD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("₹", "INR"),
    ("RS", "INR"),
    ("RE", "INR"),
    ("FR", "CHF"),
    ("SFR", "CHF"),
    ("ZŁ", "PLN"),
    ("R$", "BRL"),
    ("CA$", "CAD"),
    ("C$", "CAD"),
    ("A$", "AUD"),
    ("AU$", "AUD"),
    ("₩", "KRW"),
    ("₺", "TRY"),
    ("TL", "TRY"),
    ("₪", "ILS"),
    ("₴", "UAH"),
    ("KČ", "CZK"),
    ("₱", "PHP"),
    ("₦", "NGN"),
    ("฿", "THB"),
    ("₸", "KZT"),
    ("৳", "BDT"),
    ("RP", "IDR"),
    ("S/", "PEN"),
    ("₫", "VND"),
    ("₽", "RUB"),
    ("FT", "HUF"),
];

/// ISO 4217, the codes of money in use.
const CURRENCY_CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG HRK";

/// What people write instead of a code, in lower case.
const CURRENCY_WORDS: [&str; 34] = [
    "kr", "kr.", "rp", "rp.", "rs", "rs.", "re", "fr", "fr.", "sfr", "sfr.", "ft", "lei", "tl", "ksh",
    "ksh.", "tsh", "ush", "s/", "s/.", "b/.", "bs", "bs.", "l.", "q", "r", "rm", "tk", "tk.", "nt", "dh",
    "din", "din.", "eur.",
];

/// Marks of writing direction and joiners, which some programs put beside Arabic currencies.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Unicode's category of currency signs (Sc).
fn is_currency_sign(c: char) -> bool {
    matches!(c,
        '$' | '\u{a2}'..='\u{a5}' | '\u{58f}' | '\u{60b}' | '\u{7fe}' | '\u{7ff}' | '\u{9f2}' | '\u{9f3}'
        | '\u{9fb}' | '\u{af1}' | '\u{bf9}' | '\u{e3f}' | '\u{17db}' | '\u{20a0}'..='\u{20cf}' | '\u{a838}'
        | '\u{fdfc}' | '\u{fe69}' | '\u{ff04}' | '\u{ffe0}' | '\u{ffe1}' | '\u{ffe5}' | '\u{ffe6}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_codes_of_one_currency_are_equal() {
        for text in ["$5", "5 USD", "-US$ 5", "usd 5", "($5.00)"] {
            assert_eq!(currency_of(text).as_deref(), Some("USD"), "{text}");
        }
        for (text, code) in [("12,50 €", "EUR"), ("Rs. 5", "INR"), ("Fr. 5", "CHF"), ("5 kr.", "KR")] {
            assert_eq!(currency_of(text).as_deref(), Some(code), "{text}");
        }
        for text in ["1.234,50", "12 %", "5 apples", "1'000", ""] {
            assert_eq!(currency_of(text), None, "{text}");
        }
    }
}
