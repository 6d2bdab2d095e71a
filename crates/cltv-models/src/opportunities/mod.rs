//! Purchases at discrete opportunities: histories and the BG/BB.

pub mod bg_bb;
pub mod history;
pub mod likelihood;
