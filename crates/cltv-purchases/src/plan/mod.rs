//! The definitions of `cltv-plan`, run by polars over purchases that lie in the order of customer and day.

mod polars;
mod runs;

pub use cltv_plan::{Aggregate, Dialect, Expr, Op, Plan, sql_of};
pub(crate) use cltv_plan::{col, queries, real, whole};
pub(crate) use polars::run;
