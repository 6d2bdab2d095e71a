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
//! Everything here is concrete and owned, so that a cell compiles fast and its variables outlive
//! it. The steps are: [`load`] -> [`Data::split`], [`Data::summary`] -> [`fit_models`] ->
//! [`score`] -> [`segment`] -> [`executive_summary`]. [`charts`] draws each of them. [`revops`] does the
//! same for accounts of a CRM.

mod audits;
pub mod charts;
mod display;
mod error;
mod fits;
mod formula;
mod frames;
mod holdout;
mod html;
mod known;
mod load;
pub mod prelude;
mod progress;
pub mod revops;
mod score;
mod segments;
mod summary;
mod tables;

pub use audits::{Audits, audit};
pub use display::ShowInNotebook;
pub use error::Error;
pub use fits::{Models, Spend, fit_models, fit_spend};
pub use formula::{
    FormulaBase, FormulaComparison, classroom, classroom_frame, formula_summary, write_formula_summary,
};
pub use frames::score_ranges;
pub use holdout::{Holdout, check_holdout, track};
pub use load::{Data, Input, load, segment_table};
pub use score::{Score, Scores, score};
pub use segments::{Customer, Customers, GroupFigures, Tier, segment};
pub use summary::{executive_summary, model_summary, write_executive_summary};

pub use cltv_data as data;
pub use cltv_models as models;
pub use cltv_plots as plots;
pub use cltv_report as report;
pub use polars;
