//! Models of purchases and of spend: fitted, audited, compared, saved, and how sure they are.

mod audits;
mod certainty;
mod compare;
mod covariates;
mod fits;
mod holdout;
mod saved;

pub use audits::{Audits, audit};
pub use certainty::{
    IntervalMethods, MethodInterval, bootstrap_purchases, compare_intervals, posterior_values,
    sample_purchases, sample_spend,
};
pub use compare::{Origins, Regularity, chosen_model, compare_models, comparison_frame, purchase_models};
pub use covariates::{
    CovariateFit, NO_EFFECTS, covariates, fit_with_covariates, purchase_effects, with_covariates,
};
pub use fits::{Models, NO_AMOUNTS, Spend, fit_models, fit_spend};
pub use holdout::{Holdout, Tracking, check_holdout, track};
pub use saved::{load_model, load_others, load_spend, save_model, save_spend};
