//! Customer lifetime value in Rust notebooks: what a notebook loads.
//!
//! ```
//! use cltv::prelude::*;
//!
//! let data = load(&Input::new("cdnow"))?;
//! let history = data.summary("week", "day")?;
//! let models = fit_models(&history, "bg_nbd")?;
//! let scores = score(&history, &models, &ValuePlan::new(6, 0.10, 1.0)?)?;
//! println!("{scores}");
//! # Ok::<(), cltv::Error>(())
//! ```
//!
//! This crate only re-exports: cltv-workflow has the steps, cltv-notebook the charts and the display of
//! values. The steps are: [`load`] -> [`Data::split`], [`Data::summary`] -> [`choose_model`], [`fit_models`] ->
//! [`score`] -> [`segment`] -> [`executive_summary`]. [`charts`] draws each of them.

pub mod prelude;

#[doc(hidden)]
pub use cltv_notebook::store;
pub use cltv_notebook::{Figure, FramePlot, Interact, ShowInNotebook, charts, interact, plot, plotly};
pub use cltv_workflow::*;

// Modules, not `pub use cltv_models as models`: rustc names a type of a renamed crate by the crate's own
// name, `cltv::cltv_models::BgNbd`, which a cell cannot write, so a variable of that type would be lost.
/// Everything of cltv-accounts.
pub mod accounts {
    pub use cltv_accounts::*;
}
/// Everything of cltv-models.
pub mod models {
    pub use cltv_models::*;
}
/// Everything of cltv-plots.
pub mod plots {
    pub use cltv_plots::*;
}
/// Everything of cltv-purchases.
pub mod purchases {
    pub use cltv_purchases::*;
}
/// Everything of cltv-report.
pub mod report {
    pub use cltv_report::*;
}
pub use polars;

#[cfg(doctest)]
#[doc = include_str!("../../../COMPARE.md")]
mod compare {}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/own-data.md")]
mod own_data {}
