//! When a fit counts as converged, and when its parameters count as identified.

/// Largest gradient a customer, by log parameters, at which a fit counts as converged.
pub const GRADIENT_TOLERANCE: f64 = 1e-8;
/// Standard error of the least certain combination of log parameters from which a fit counts as
/// not identified: at 10, one standard error is a factor of 22,000.
pub const FLAT_STANDARD_ERROR: f64 = 10.0;
