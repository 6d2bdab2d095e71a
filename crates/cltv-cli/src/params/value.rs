//! Values of parameters: read from text as their declared type says, written as Rust literals.

use std::fmt::{self, Display, Formatter};

use proc_macro2::Literal;

/// The integer types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// `i8`
    I8,
    /// `i16`
    I16,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `i128`
    I128,
    /// `isize`
    Isize,
    /// `u8`
    U8,
    /// `u16`
    U16,
    /// `u32`
    U32,
    /// `u64`
    U64,
    /// `u128`
    U128,
    /// `usize`
    Usize,
}

impl Whole {
    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Whole> {
        Some(match name {
            "i8" => Whole::I8,
            "i16" => Whole::I16,
            "i32" => Whole::I32,
            "i64" => Whole::I64,
            "i128" => Whole::I128,
            "isize" => Whole::Isize,
            "u8" => Whole::U8,
            "u16" => Whole::U16,
            "u32" => Whole::U32,
            "u64" => Whole::U64,
            "u128" => Whole::U128,
            "usize" => Whole::Usize,
            _ => return None,
        })
    }

    /// The type's name.
    pub fn name(self) -> &'static str {
        match self {
            Whole::I8 => "i8",
            Whole::I16 => "i16",
            Whole::I32 => "i32",
            Whole::I64 => "i64",
            Whole::I128 => "i128",
            Whole::Isize => "isize",
            Whole::U8 => "u8",
            Whole::U16 => "u16",
            Whole::U32 => "u32",
            Whole::U64 => "u64",
            Whole::U128 => "u128",
            Whole::Usize => "usize",
        }
    }

    /// The smallest and the largest value. A notebook's machine has 64-bit pointers.
    fn bounds(self) -> (i128, u128) {
        match self {
            Whole::I8 => (i8::MIN.into(), i8::MAX as u128),
            Whole::I16 => (i16::MIN.into(), i16::MAX as u128),
            Whole::I32 => (i32::MIN.into(), i32::MAX as u128),
            Whole::I64 | Whole::Isize => (i64::MIN.into(), i64::MAX as u128),
            Whole::I128 => (i128::MIN, i128::MAX as u128),
            Whole::U8 => (0, u8::MAX.into()),
            Whole::U16 => (0, u16::MAX.into()),
            Whole::U32 => (0, u32::MAX.into()),
            Whole::U64 | Whole::Usize => (0, u64::MAX.into()),
            Whole::U128 => (0, u128::MAX),
        }
    }

    fn parse(self, text: &str) -> Option<Value> {
        let (low, high) = self.bounds();
        if let Ok(value) = text.parse::<i128>() {
            let fits = value >= low && (value < 0 || value as u128 <= high);
            return fits.then_some(Value::Whole(value));
        }
        let value = text.parse::<u128>().ok()?;
        (value <= high).then_some(Value::Huge(value))
    }
}

/// What the values of a parameter are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `&str`
    Text,
    /// `String`
    OwnedText,
    /// An integer.
    Whole(Whole),
    /// `f64`
    Double,
    /// `f32`
    Single,
    /// `bool`
    Truth,
    /// `char`
    Letter,
    /// `Option` of one of these.
    Optional(Box<Kind>),
    /// `Vec` of one of these.
    List(Box<Kind>),
    /// Any other type: it can be listed, not set.
    Other,
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Text => f.write_str("&str"),
            Kind::OwnedText => f.write_str("String"),
            Kind::Whole(whole) => f.write_str(whole.name()),
            Kind::Double => f.write_str("f64"),
            Kind::Single => f.write_str("f32"),
            Kind::Truth => f.write_str("bool"),
            Kind::Letter => f.write_str("char"),
            Kind::Optional(inner) => write!(f, "Option<{inner}>"),
            Kind::List(inner) => write!(f, "Vec<{inner}>"),
            Kind::Other => f.write_str("another type"),
        }
    }
}

impl Kind {
    /// The value that a text stands for, or `None` when it is none of this kind.
    pub fn parse(&self, text: &str) -> Option<Value> {
        match self {
            Kind::Text | Kind::OwnedText => Some(Value::Text(text.to_owned())),
            Kind::Whole(whole) => whole.parse(text),
            Kind::Double => finite(text.parse().ok()?).map(Value::Number),
            // Read as f32 and widened, so that what overflows an f32 is refused.
            Kind::Single => finite(f64::from(text.parse::<f32>().ok()?)).map(Value::Number),
            Kind::Truth => match text {
                "true" | "True" => Some(Value::Truth(true)),
                "false" | "False" => Some(Value::Truth(false)),
                _ => None,
            },
            Kind::Letter => {
                let mut letters = text.chars();
                let letter = letters.next()?;
                letters.next().is_none().then_some(Value::Letter(letter))
            }
            Kind::Optional(_) if text == "None" => Some(Value::Absent),
            Kind::Optional(inner) => inner.parse(text).map(|v| Value::Present(Box::new(v))),
            Kind::List(_) | Kind::Other => None,
        }
    }

    /// What a value of this kind looks like, for the message that refuses one.
    pub fn expected(&self) -> String {
        match self {
            Kind::Text | Kind::OwnedText => "a string".to_owned(),
            Kind::Whole(whole) => {
                let (low, high) = whole.bounds();
                format!("a whole number from {low} to {high}")
            }
            Kind::Double | Kind::Single => "a finite number such as 0.1 or -2.5e3".to_owned(),
            Kind::Truth => "true or false".to_owned(),
            Kind::Letter => "one character".to_owned(),
            Kind::Optional(inner) => format!("None or {}", inner.expected()),
            Kind::List(inner) => {
                format!("a list, each of it {}: give it with -y or -f, as `name: [1, 2]`", inner.expected())
            }
            Kind::Other => "something the command line can give: set it in the notebook itself".to_owned(),
        }
    }
}

fn finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

/// A parameter's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// An integer.
    Whole(i128),
    /// An integer beyond `i128`, which only `u128` holds.
    Huge(u128),
    /// A finite number.
    Number(f64),
    /// true or false.
    Truth(bool),
    /// One character.
    Letter(char),
    /// `None`
    Absent,
    /// `Some` of a value.
    Present(Box<Value>),
    /// A list.
    List(Vec<Value>),
}

impl Value {
    /// The Rust expression of this value for a parameter of that kind.
    pub fn literal(&self, kind: &Kind) -> String {
        match (self, kind) {
            (Value::Present(inner), Kind::Optional(kind)) => {
                format!("Some({})", inner.literal(kind))
            }
            (Value::Text(text), Kind::OwnedText) => format!("{}.to_string()", quoted(text)),
            (Value::Text(text), _) => quoted(text),
            (Value::Whole(value), _) => value.to_string(),
            (Value::Huge(value), _) => value.to_string(),
            (Value::Number(value), Kind::Single) => Literal::f32_unsuffixed(*value as f32).to_string(),
            (Value::Number(value), _) => Literal::f64_unsuffixed(*value).to_string(),
            (Value::Truth(value), _) => value.to_string(),
            (Value::Letter(letter), _) => Literal::character(*letter).to_string(),
            (Value::Absent, _) => "None".to_owned(),
            (Value::List(items), kind) => {
                let of = if let Kind::List(inner) = kind { inner } else { kind };
                let items: Vec<String> = items.iter().map(|item| item.literal(of)).collect();
                format!("vec![{}]", items.join(", "))
            }
            (Value::Present(inner), kind) => format!("Some({})", inner.literal(kind)),
        }
    }

    /// The value as JSON, for a notebook's metadata.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Value::Text(text) => text.as_str().into(),
            Value::Whole(value) => match i64::try_from(*value) {
                Ok(value) => value.into(),
                // JSON numbers beyond 64 bits lose digits in most readers.
                Err(_) => value.to_string().into(),
            },
            Value::Huge(value) => value.to_string().into(),
            Value::Number(value) => (*value).into(),
            Value::Truth(value) => (*value).into(),
            Value::Letter(letter) => letter.to_string().into(),
            Value::Absent => serde_json::Value::Null,
            Value::Present(inner) => inner.json(),
            Value::List(items) => items.iter().map(Value::json).collect(),
        }
    }

    /// The value as people write it, for paths and tables.
    pub fn shown(&self) -> String {
        match self.json() {
            serde_json::Value::String(text) => text,
            serde_json::Value::Null => "None".to_owned(),
            other => other.to_string(),
        }
    }
}

/// A text as a Rust string literal on one line.
///
/// Every character that is invisible or controls direction is escaped: a raw one would be refused
/// by the compiler's own lint, or hide in the notebook.
fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '\'' => literal.push(c),
            c => literal.extend(c.escape_debug()),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_back(literal: &str) -> String {
        syn::parse_str::<syn::LitStr>(literal).expect("a string literal").value()
    }

    #[test]
    fn hostile_texts_come_out_as_text() {
        for text in [
            r#""; std::process::exit(0); ""#,
            r"C:\sales\new.csv",
            "two\nlines\r\n:dep serde\n\ttab",
            "{} {name} ${x} `ls` $(ls)",
            "Größe €, 日本語, 🦀, e\u{301}",
            "right\u{202e}to left\u{2066}, nothing\u{200b}\u{feff}\0",
            r##"raw "# and r#""##,
            "// comment */ /* ' ",
            "",
        ] {
            let literal = quoted(text);
            assert_eq!(read_back(&literal), text);
            assert!(!literal.contains('\n') && !literal.contains('\u{202e}'));
        }
    }

    proptest! {
        #[test]
        fn every_text_survives_and_stays_one_literal(text in any::<String>()) {
            let literal = quoted(&text);
            prop_assert_eq!(read_back(&literal), text);
            prop_assert!(!literal.chars().any(char::is_control));
            let statement = format!("{{ let t: &str = {literal}; }}");
            let block: syn::Block = syn::parse_str(&statement).expect("one statement");
            prop_assert_eq!(block.stmts.len(), 1);
        }

        #[test]
        fn every_finite_number_survives(number in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            let value = Kind::Double.parse(&format!("{number:e}")).expect("finite");
            let literal = value.literal(&Kind::Double);
            prop_assert_eq!(literal.parse::<f64>().expect("a number"), number);
            prop_assert!(literal.contains('.'), "{} would be an integer", literal);
        }

        #[test]
        fn integers_are_read_within_their_bounds(number in any::<i64>()) {
            let text = number.to_string();
            let fits = |low: i128, high: i128| (low..=high).contains(&i128::from(number));
            prop_assert_eq!(Kind::Whole(Whole::U32).parse(&text).is_some(), fits(0, u32::MAX.into()));
            prop_assert_eq!(Kind::Whole(Whole::I8).parse(&text).is_some(), fits(-128, 127));
            prop_assert_eq!(
                Kind::Whole(Whole::I64).parse(&text),
                Some(Value::Whole(number.into()))
            );
        }
    }

    #[test]
    fn bounds_hold_at_their_ends() {
        let parse = |whole: Whole, text: &str| Kind::Whole(whole).parse(text);
        assert_eq!(parse(Whole::U32, "4294967295"), Some(Value::Whole(4294967295)));
        assert_eq!(parse(Whole::U32, "4294967296"), None);
        assert_eq!(parse(Whole::U32, "-1"), None);
        let huge = u128::MAX.to_string();
        assert_eq!(parse(Whole::U128, &huge), Some(Value::Huge(u128::MAX)));
        assert_eq!(parse(Whole::I128, &huge), None);
        assert_eq!(parse(Whole::I128, &i128::MIN.to_string()), Some(Value::Whole(i128::MIN)));
        for text in ["six", "2.5", "", " 6", "0x10", "6u32", "1e3"] {
            assert_eq!(parse(Whole::U32, text), None, "{text:?}");
        }
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        for text in ["ten", "NaN", "inf", "-inf", "1e999", "", "0,1"] {
            assert_eq!(Kind::Double.parse(text), None, "{text:?}");
        }
        assert_eq!(Kind::Single.parse("1e39"), None);
        let single = Kind::Single.parse("0.1").expect("a number");
        assert_eq!(single.literal(&Kind::Single), "0.1");
    }

    #[test]
    fn options_letters_and_truths() {
        let optional = Kind::Optional(Box::new(Kind::OwnedText));
        assert_eq!(optional.parse("None"), Some(Value::Absent));
        let some = optional.parse("a\"b").expect("a text");
        assert_eq!(some.literal(&optional), r#"Some("a\"b".to_string())"#);
        assert_eq!(Kind::Truth.parse("yes"), None);
        assert_eq!(Kind::Truth.parse("True"), Some(Value::Truth(true)));
        assert_eq!(Kind::Letter.parse("'").expect("one").literal(&Kind::Letter), r"'\''");
        assert_eq!(Kind::Letter.parse("ab"), None);
        let list = Kind::List(Box::new(Kind::OwnedText));
        let value = Value::List(vec![Value::Text("a\"".into()), Value::Text("b".into())]);
        assert_eq!(value.literal(&list), r#"vec!["a\"".to_string(), "b".to_string()]"#);
        assert_eq!(value.json(), serde_json::json!(["a\"", "b"]));
        assert_eq!(
            Kind::Whole(Whole::I8).parse("-128").expect("fits").literal(&Kind::Whole(Whole::I8)),
            "-128"
        );
    }
}
