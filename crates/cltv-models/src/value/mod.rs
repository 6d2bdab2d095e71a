//! Customer lifetime value: expected purchases times expected spend, discounted.

pub mod lifetime_value;
