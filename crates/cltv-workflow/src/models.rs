//! Purchase and spend models: chosen, fitted, audited, compared, saved, and with their uncertainty.

mod audits;
mod choose;
mod compare;
mod covariates;
mod distributions;
mod each;
mod earlier;
mod fits;
mod holdout;
mod origins;
mod posterior;
mod resampling;
mod saved;

pub use audits::{Audits, audit};
pub use choose::{Candidate, ChosenModel, ModelChoice, choose_model};
pub use compare::{Origins, Regularity, ToFrame, best_model, compare_models, purchase_models};
pub use covariates::{
    CovariateFit, NO_EFFECTS, covariates, fit_with_covariates, purchase_effects, with_covariates,
};
pub(crate) use distributions::Distributions;
pub use earlier::{EarlierForecast, EarlierForecasts, earlier_forecasts};
pub use fits::{Models, NO_AMOUNTS, Spend, fit_models, fit_spend};
pub use holdout::{FrequencyGroup, Holdout, Tracking, check_holdout, track};
pub use posterior::{PurchasePosterior, posterior_values, sample_purchases, sample_spend};
pub use resampling::{
    IntervalMethods, MethodInterval, PurchaseBootstrap, bootstrap_purchases, compare_intervals,
};
pub use saved::{load_models, load_others};
