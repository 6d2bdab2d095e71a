//! Numbers, lists and tables as text, and enums that users write as words.

mod names;
mod table;
mod words;

pub use names::UnknownWord;
pub(crate) use names::named;
pub(crate) use table::{aligned, figure};
pub(crate) use words::{capital, count, counted, money, percent, quoted};
