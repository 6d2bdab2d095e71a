//! Continuous-time dropout: Poisson purchases until a random time, whatever the customer buys:
//! Pareto/NBD and GGompertz/NBD.

mod clock;
mod customer;
mod dropout_time;
pub mod exponential_nbd;
pub mod ggompertz_nbd;
mod integrand;
pub mod pareto_nbd;
mod process;
mod shared_integrals;

pub use customer::ContinuousDropoutCustomer;
pub use dropout_time::DropoutTime;
pub use integrand::ContinuousDropout;
