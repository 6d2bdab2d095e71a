//! Customer lifetime value from averages: order value, frequency, margin, retention, discount.
//!
//! ```text
//! CLV = AOV · frequency · margin · r / (1 + d − r)
//! ```
//! with r the share of customers who stay from one period to the next and d the discount rate of a
//! period. Frequency, r and d must be of the same period, usually a year. It is the sum
//! Σ AOV · frequency · margin · (r / (1 + d))^t over t = 1, 2, …: money comes at the end of each
//! period from those who are still there, and the sale that won the customer is not in it.
//!
//! # References
//! - Gupta, S. and Lehmann, D. R. (2003). Customers as assets. *Journal of Interactive Marketing*
//!   17(1), 9-24: the multiple r / (1 + i − r), and its sensitivity to retention.
//! - Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual setting: the
//!   perils of ignoring heterogeneity. *Marketing Science* 29(1), 85-93: when it misleads.

mod averages;
mod classroom;
mod clv;
mod curve;
mod error;
mod input;
mod segments;
mod sensitivity;

pub use averages::{Averages, RetentionPeriod, averages_of_orders};
pub use classroom::{CLASSROOM_DISCOUNT, ClassroomCustomer, classroom};
pub use clv::ClvFormula;
pub use curve::survival_curve;
pub use error::FormulaError;
pub use input::FormulaInput;
pub use segments::{
    Duplicates, QuantileCut, SEGMENT_NAMES, SegmentRow, SegmentTable, qcut, quartile_segments,
};
pub use sensitivity::{CurvePoint, Sensitivity, SensitivityRow};
