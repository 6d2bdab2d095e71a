//! The steps of the customer-lifetime-value workflows: load, fit, score, test, segment, summarise.
//!
//! ```
//! use cltv_models::ValuePlan;
//! use cltv_workflow::{Input, fit_models, load, score};
//!
//! let data = load(&Input::new("cdnow"))?;
//! let history = data.summary("week", "day")?;
//! let models = fit_models(&history, "bg_nbd")?;
//! let scores = score(&history, &models, &ValuePlan::new(6, 0.10, 1.0)?)?;
//! println!("{scores}");
//! # Ok::<(), cltv_workflow::Error>(())
//! ```
//!
//! Everything here is concrete and owned, so that a notebook's cell compiles fast and its variables
//! outlive it. This crate computes and prints nothing; cltv-notebook shows what it returns.

mod accounts;
mod choice;
mod data;
mod error;
mod frames;
mod models;
pub mod progress;
mod settings;
mod summaries;
mod values;
pub mod words;

pub use accounts::*;
pub use choice::{Choice, Named, identifier};
pub use data::counts::period_rate;
pub use data::*;
pub use error::Error;
pub use models::*;
pub use settings::*;
pub use summaries::*;
pub use values::*;
