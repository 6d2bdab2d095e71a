//! Customer lifetime value in Rust notebooks: what a notebook loads.
//!
//! ```
//! use cltv::prelude::*;
//!
//! let data = load(&Input::default())?;
//! let history = data.summary("week", "day")?;
//! let models = fit_models(&history)?;
//! let scores = score(&models, &history, &ValuePlan::new(6, 0.10, 1.0)?)?;
//! println!("{scores}");
//! # Ok::<(), cltv::Error>(())
//! ```
//!
//! This crate only names what others hold: cltv-workflow the steps, cltv-notebook the charts and how values
//! show themselves. The steps are: [`load`] -> [`Data::split`], [`Data::summary`] -> [`fit_models`] ->
//! [`score`] -> [`segment`] -> [`executive_summary`]. [`charts`] draws each of them.

pub mod prelude;

#[doc(hidden)]
pub use cltv_notebook::store;
pub use cltv_notebook::{Figure, ShowInNotebook, charts};
pub use cltv_workflow::*;

pub use cltv_accounts as accounts;
pub use cltv_models as models;
pub use cltv_plots as plots;
pub use cltv_purchases as purchases;
pub use cltv_report as report;
pub use polars;
