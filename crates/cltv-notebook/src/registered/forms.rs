//! The forms that entries share, and what an entry is.

use crate::bundle::Bundle;
use crate::html;
use cltv_report::ReportError;
use std::any::{Any, TypeId, type_name};
use std::fmt::{Debug, Display};

/// A type with the form that its values take.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: TypeId,
    pub(crate) name: &'static str,
    pub(crate) forms: fn(&dyn Any) -> Option<Bundle>,
}

impl Entry {
    pub(crate) fn of<T: 'static>(forms: fn(&dyn Any) -> Option<Bundle>) -> Entry {
        Entry { id: TypeId::of::<T>(), name: type_name::<T>(), forms }
    }
}

/// Entries from types and functions of a reference to them.
macro_rules! entries {
    ($($type:ty => $form:expr),+ $(,)?) => {
        vec![$({
            fn forms(value: &dyn std::any::Any) -> Option<crate::bundle::Bundle> {
                value.downcast_ref::<$type>().map($form)
            }
            crate::registered::forms::Entry::of::<$type>(forms)
        }),+]
    };
}
pub(crate) use entries;

/// A value whose text is sentences.
pub(crate) fn sentences<T: Display>(value: &T) -> Bundle {
    text_block(value.to_string())
}

/// A setting: its fields by name.
pub(crate) fn setting<T: Debug>(value: &T) -> Bundle {
    vec![("text/plain", format!("{value:#?}"))]
}

/// Text of the notebook's author, shown as it is.
pub(crate) fn as_is<T: Display>(value: &T) -> Bundle {
    vec![("text/plain", value.to_string())]
}

/// Sentences: as html their lines break between words.
pub(crate) fn text_block(text: String) -> Bundle {
    vec![("text/html", html::sentences(&text)), ("text/plain", text)]
}

pub(crate) fn page(text: Result<String, ReportError>) -> Bundle {
    match text {
        Ok(text) => vec![("text/markdown", html::without_formulas(&text)), ("text/plain", text)],
        Err(error) => vec![("text/plain", error.to_string())],
    }
}
