//! Values without a form of their own, as text of bounded length.

use cltv_protocol::text::count;
use std::any::Any;
use std::collections::VecDeque;
use std::fmt::{Debug, Write};

/// A list of more values shows its first and last ones.
const WHOLE: usize = 100;
const FIRST: usize = 8;
const LAST: usize = 4;
/// Characters of any other value that are shown from its beginning and from its end.
const BEGINNING: usize = 8_000;
const END: usize = 1_000;

/// A list of numbers or strings with its length, where it is long: `[0, 1, 2, …, 8, 9] (1,000,000 values)`.
pub(crate) fn list(value: &dyn Any) -> Option<String> {
    macro_rules! of {
        ($($type:ty),+) => {
            $(
                if let Some(values) = value.downcast_ref::<Vec<$type>>() {
                    return (values.len() > WHOLE).then(|| ends(values));
                }
                if let Some(values) = value.downcast_ref::<Vec<Option<$type>>>() {
                    return (values.len() > WHOLE).then(|| ends(values));
                }
            )+
        };
    }
    of!(
        f64,
        f32,
        i64,
        i32,
        i16,
        i8,
        isize,
        u64,
        u32,
        u16,
        u8,
        usize,
        i128,
        u128,
        bool,
        char,
        String,
        &'static str
    );
    of!((f64, f64), Vec<f64>, (String, f64), (String, String));
    None
}

fn ends<T: Debug>(values: &[T]) -> String {
    let text = |value: &T| bounded(value);
    let first: Vec<String> = values[..FIRST].iter().map(text).collect();
    let last: Vec<String> = values[values.len() - LAST..].iter().map(text).collect();
    format!("[{}, …, {}] ({} values)", first.join(", "), last.join(", "), count(values.len()))
}

/// The `Debug` text of a value; of a long one its beginning and its end, with the number of characters between.
pub(crate) fn bounded(value: &dyn Debug) -> String {
    let mut text = Bounded::default();
    // A writer that takes everything cannot fail.
    let _ = write!(text, "{value:?}");
    text.finish()
}

/// Keeps the beginning and the end of what is written to it.
#[derive(Default)]
struct Bounded {
    beginning: String,
    kept: usize,
    end: VecDeque<char>,
    left_out: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for c in text.chars() {
            if self.kept < BEGINNING {
                self.beginning.push(c);
                self.kept += 1;
                continue;
            }
            if self.end.len() == END {
                self.end.pop_front();
                self.left_out += 1;
            }
            self.end.push_back(c);
        }
        Ok(())
    }
}

impl Bounded {
    fn finish(self) -> String {
        let end: String = self.end.into_iter().collect();
        match self.left_out {
            0 => self.beginning + &end,
            n => format!("{} … ({} characters) … {end}", self.beginning, count(n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_long_list_shows_its_ends_and_its_length() {
        let numbers: Vec<f64> = (0..1_000_000).map(f64::from).collect();
        let text = list(&numbers).unwrap();
        assert_eq!(
            text,
            "[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, …, 999996.0, 999997.0, 999998.0, 999999.0] (1,000,000 values)"
        );
        assert_eq!(list(&vec![1_u8; WHOLE]), None);
        let names: Vec<Option<String>> = (0..101).map(|i| (i % 2 == 0).then(|| format!("n{i}"))).collect();
        assert!(list(&names).unwrap().starts_with("[Some(\"n0\"), None, "));
        let long = vec!["x".repeat(1_000_000); 101];
        assert!(list(&long).unwrap().len() < 13 * (BEGINNING + END + 100));
    }

    #[test]
    fn any_long_value_is_bounded() {
        assert_eq!(bounded(&"ä".repeat(10)), format!("{:?}", "ä".repeat(10)));
        let map: BTreeMap<u32, u32> = (0..1_000_000).map(|i| (i, i)).collect();
        let text = bounded(&map);
        assert!(text.starts_with("{0: 0, 1: 1") && text.ends_with("999999: 999999}"), "{}", text.len());
        assert!(text.len() < 10_000 && text.contains(" characters) … "));
    }
}
