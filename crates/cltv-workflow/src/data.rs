//! Purchases: from what a notebook's parameters name to clean data with its periods.

pub(crate) mod accounts_table;
pub(crate) mod counts;
mod load;
mod own_frames;
mod ranges;

pub use load::{Data, Input, load, segment_table};
pub use own_frames::{column_list, describe, pivot, read_csv};
pub use ranges::score_ranges;
