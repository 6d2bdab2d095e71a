//! Values as they are given, before a declared type reads them.

use super::{Kind, Value};

/// One name with its value, from wherever it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The parameter's name.
    pub name: String,
    /// The value as it was given.
    pub value: Given,
}

impl Assignment {
    /// What `-p NAME VALUE` says.
    pub fn new(name: &str, value: &str) -> Assignment {
        Assignment { name: name.to_owned(), value: Given::Written(value.to_owned()) }
    }

    /// What `-r NAME VALUE` says.
    pub fn text(name: &str, value: &str) -> Assignment {
        Assignment { name: name.to_owned(), value: Given::Text(value.to_owned()) }
    }
}

/// A value before its declared type has read it.
///
/// Neither `-p` nor YAML decides what a value is: the notebook's declaration does. So a customer
/// `NO`, a code `007` and a day `2026-01-31` stay the characters they are for a `&str`.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// Characters that the declared type reads: `-p`.
    Written(String),
    /// A plain word of YAML or JSON: as `Written`, and their own words for truth and nothing.
    Plain(String),
    /// A string: a value of `-r`, or one in quotation marks in YAML.
    Text(String),
    /// A list.
    List(Vec<Given>),
    /// Names and values, which no parameter is.
    Map,
}

impl Given {
    /// The value as a message shows it.
    pub fn shown(&self) -> String {
        match self {
            Given::Written(text) => format!("{text:?}"),
            Given::Plain(text) if is_null(text) => "null".to_owned(),
            Given::Plain(text) => format!("{text:?}"),
            Given::Text(text) => format!("the string {text:?}"),
            Given::List(_) => "a list".to_owned(),
            Given::Map => "a map of names and values".to_owned(),
        }
    }

    /// The characters of a single value.
    pub fn characters(&self) -> Option<&str> {
        match self {
            Given::Written(text) | Given::Plain(text) | Given::Text(text) => Some(text),
            Given::List(_) | Given::Map => None,
        }
    }
}

impl Kind {
    /// The value that was given, or `None` when it is none of this kind.
    pub fn read(&self, given: &Given) -> Option<Value> {
        match (self, given) {
            (Kind::Optional(_), Given::Plain(word)) if is_null(word) => Some(Value::Absent),
            (Kind::Optional(_), Given::Written(_) | Given::Plain(_)) => self.parse(given.characters()?),
            (Kind::Optional(inner), _) => Some(Value::Present(Box::new(inner.read(given)?))),
            (Kind::List(inner), Given::List(items)) => {
                items.iter().map(|item| inner.read(item)).collect::<Option<_>>().map(Value::List)
            }
            (Kind::List(_), _) | (_, Given::List(_) | Given::Map) => None,
            (Kind::Text | Kind::OwnedText | Kind::Letter, Given::Text(text)) => self.parse(text),
            (_, Given::Text(_)) => None,
            (_, Given::Plain(word)) if is_null(word) => None,
            (Kind::Truth, Given::Plain(word)) => truth(word).map(Value::Truth),
            (_, Given::Written(text) | Given::Plain(text)) => self.parse(text),
        }
    }
}

fn is_null(word: &str) -> bool {
    matches!(word, "" | "~" | "null" | "Null" | "NULL")
}

/// The words for truth that papermill's YAML knows, which is version 1.1.
fn truth(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Whole;
    use super::*;

    fn plain(word: &str) -> Given {
        Given::Plain(word.into())
    }

    #[test]
    fn the_declared_type_decides_what_a_plain_word_is() {
        for word in ["NO", "true", "007", "2026-01-31", "1e3"] {
            assert_eq!(Kind::Text.read(&plain(word)), Some(Value::Text(word.into())));
        }
        assert_eq!(Kind::Truth.read(&plain("NO")), Some(Value::Truth(false)));
        assert_eq!(Kind::Whole(Whole::U32).read(&plain("007")), Some(Value::Whole(7)));
        assert_eq!(Kind::Double.read(&plain("1e3")), Some(Value::Number(1000.0)));
        assert_eq!(Kind::Whole(Whole::U32).read(&plain("true")), None);
    }

    #[test]
    fn strings_are_accepted_only_for_string_parameters() {
        let text = Given::Text("6".into());
        assert_eq!(Kind::Whole(Whole::U32).read(&text), None);
        assert_eq!(Kind::OwnedText.read(&text), Some(Value::Text("6".into())));
        assert_eq!(Kind::Letter.read(&text), Some(Value::Letter('6')));
        let optional = Kind::Optional(Box::new(Kind::Text));
        let none = Given::Text("None".into());
        assert_eq!(optional.read(&none), Some(Value::Present(Box::new(Value::Text("None".into())))));
    }

    #[test]
    fn nothing_is_for_options_and_lists_for_lists() {
        assert_eq!(Kind::Text.read(&plain("null")), None);
        assert_eq!(Kind::Optional(Box::new(Kind::Double)).read(&plain("~")), Some(Value::Absent));
        let list = Given::List(vec![plain("1"), plain("2.5")]);
        let numbers = Kind::List(Box::new(Kind::Double));
        assert_eq!(numbers.read(&list), Some(Value::List(vec![Value::Number(1.0), Value::Number(2.5)])));
        assert_eq!(numbers.read(&plain("1")), None);
        assert_eq!(Kind::Double.read(&list), None);
        assert_eq!(Kind::List(Box::new(Kind::Truth)).read(&list), None);
        assert_eq!(Kind::Text.read(&Given::Map), None);
    }
}
