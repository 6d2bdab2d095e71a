//! What customers are worth: expected purchases times expected spend, discounted.

pub mod lifetime_value;
