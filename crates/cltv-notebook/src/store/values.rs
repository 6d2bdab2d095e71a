//! The values of variables as text, for JupyterLab's Variables pane.

use std::any::Any;

/// The most characters of a value's short text, and values of a list in it.
const SHORT: usize = 200;
const LISTED: usize = 8;

/// The text of a value of one of the standard library's types, which is both short and long.
pub(super) fn describe(value: &dyn Any) -> Option<(String, String)> {
    fn one<T: std::fmt::Debug + 'static>(value: &dyn Any) -> Option<String> {
        value.downcast_ref::<T>().map(|value| format!("{value:?}"))
    }
    fn list<T: std::fmt::Debug + 'static>(value: &dyn Any) -> Option<String> {
        let values = value.downcast_ref::<Vec<T>>()?;
        let first = values.iter().take(LISTED).map(|value| format!("{value:?}"));
        let more = (values.len() > LISTED).then(|| "…".to_owned());
        let text = first.chain(more).collect::<Vec<_>>().join(", ");
        Some(format!("[{text}] ({} values)", values.len()))
    }
    fn text(value: &dyn Any) -> Option<String> {
        let text = value.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| value.downcast_ref::<&'static str>().copied())?;
        let short: String = text.chars().take(SHORT).collect();
        let cut = if short.len() < text.len() { "…" } else { "" };
        Some(format!("{short:?}{cut}"))
    }
    let ways: [fn(&dyn Any) -> Option<String>; 28] = [
        text,
        one::<bool>,
        one::<char>,
        one::<f32>,
        one::<f64>,
        one::<i8>,
        one::<i16>,
        one::<i32>,
        one::<i64>,
        one::<i128>,
        one::<isize>,
        one::<u8>,
        one::<u16>,
        one::<u32>,
        one::<u64>,
        one::<u128>,
        one::<usize>,
        list::<bool>,
        list::<f32>,
        list::<f64>,
        list::<i32>,
        list::<i64>,
        list::<u8>,
        list::<u32>,
        list::<u64>,
        list::<usize>,
        list::<String>,
        list::<&'static str>,
    ];
    let found: String = ways.iter().find_map(|way| way(value))?.chars().take(4 * SHORT).collect();
    Some((found.clone(), found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_standard_library_are_described_shortly() {
        let short = |value: &dyn Any| describe(value).map(|(short, _)| short);
        assert_eq!(short(&2.5).as_deref(), Some("2.5"));
        assert_eq!(short(&"a\nb").as_deref(), Some("\"a\\nb\""));
        assert_eq!(short(&vec![0_u32; 9]).as_deref(), Some("[0, 0, 0, 0, 0, 0, 0, 0, …] (9 values)"));
        assert!(short(&"x".repeat(1000)).is_some_and(|text| text.chars().count() < SHORT + 5));
        assert_eq!(short(&Some(1)), None);
    }
}
