//! Purchase histories and the summary of all customers.

pub mod counted;
pub mod customer_ids;
pub mod history;
pub mod intervals;
pub(crate) mod patterns;
pub mod rfm;
