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
//!
//! Any other model of purchases takes the place of the default one: [`compare_models`], [`check_holdout`],
//! [`score_with`], [`save_model`]. [`load_contracts`] and [`load_opportunities`] are for the other settings.

mod audits;
mod certainty;
pub mod charts;
mod compare;
mod contracts;
mod counts;
mod covariates;
mod display;
mod error;
mod fits;
mod formula;
mod frames;
mod holdout;
mod html;
mod known;
mod load;
mod opportunities;
mod pages;
pub mod prelude;
mod progress;
pub mod revops;
mod saved;
mod score;
mod segments;
mod shown;
#[doc(hidden)]
pub mod store;
mod summary;
mod tables;

pub use audits::{Audits, audit};
pub use certainty::{
    Campaign, CampaignGroup, IntervalMethods, MethodInterval, bootstrap_purchases, compare_intervals,
    posterior_values, sample_purchases, sample_spend,
};
pub use compare::{Origins, Regularity, chosen_model, compare_models, comparison_frame, purchase_models};
pub use contracts::{
    ContractFit, ContractFits, ContractInput, ContractValue, Contracts, contract_frame, load_contracts,
};
pub use covariates::{CovariateFit, covariates, fit_with_covariates, purchase_effects, with_covariates};
pub use display::ShowInNotebook;
pub use error::Error;
pub use fits::{Models, Spend, fit_models, fit_spend};
pub use formula::{
    FormulaBase, FormulaComparison, classroom, classroom_frame, formula_summary, write_formula_summary,
};
pub use frames::score_ranges;
pub use holdout::{Holdout, check_holdout, track};
pub use load::{Data, Input, load, segment_table};
pub use opportunities::{
    Opportunities, OpportunityInput, OpportunityScore, OpportunityScores, load_opportunities,
};
pub use pages::{
    contracts_summary, models_summary, opportunities_summary, write_contracts_summary, write_models_summary,
    write_opportunities_summary,
};
pub use saved::{load_model, load_others, load_spend, save_model, save_spend};
pub use score::{Score, Scores, score, score_with};
pub use segments::{Customer, Customers, GroupFigures, Tier, segment};
pub use summary::{executive_summary, model_summary, write_executive_summary};

pub use cltv_purchases as data;
pub use cltv_models as models;
pub use cltv_plots as plots;
pub use cltv_report as report;
pub use polars;
