//! Text of numbers, lists, names and tables.

mod table;
mod words;

pub(crate) use table::{aligned, figure};
pub(crate) use words::{capital, count, counted, money, percent, quoted};
