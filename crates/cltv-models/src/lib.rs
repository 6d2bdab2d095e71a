//! Customer lifetime value models: numbers only, no files, tables, charts or clock.
//!
//! ```text
//! RfmSummary --fit--> Fitted<BgNbd>, Fitted<GammaGamma> --lifetime_value--> CustomerValue
//! OpportunitySummary --fit--> Fitted<BgBb>
//! ContractCohorts --fit--> Fitted<ShiftedBetaGeometric>, Fitted<BetaDiscreteWeibull>
//! ```
//!
//! BG/NBD, MBG/NBD, Pareto/NBD, NBD, (M)BG/CNBD-k and GGompertz/NBD predict alike, by
//! [`PurchasePredictions`]; [`PurchaseModel`] and [`PurchaseFit`] hold any of them.
//!
//! [`Sampling`] draws from the full posterior of any of them under priors that are data
//! ([`Priors`]); a [`Posterior`] gives credible intervals where a fit gives approximate ones.
//!
//! [`compare`] fits several models on one calibration and judges them by the purchases that
//! followed, [`backtest`] does so at several origins.
//!
//! [`WithCovariates`] lets characteristics of customers move a model's parameters;
//! [`Fitted::profile_interval`] and [`Fitted::bootstrap`] give intervals that need no normal
//! distribution.
//!
//! A model and a fitted model are different types, and predictions live on the parameters, so
//! that published parameters can be used without fitting. [`LikelihoodModel`] is what a new
//! model implements, one of purchases [`HistoryModel`] and [`PurchaseProcess`]; [`Fitted`] gives each
//! the same standard errors, intervals, tables and AIC.

pub mod audit;
mod bernoulli;
mod bootstrap;
pub mod cohorts;
pub mod covariates;
mod dropout;
mod erlang;
pub mod error;
mod family;
pub mod fit;
mod fitted;
mod fitted_purchases;
mod gauss;
mod gompertz;
mod histories;
mod intervals;
mod lifetime;
mod linalg;
mod macros;
pub mod model;
pub mod models;
mod mortal;
mod objective;
pub mod opportunities;
mod optimise;
mod parallel;
mod patterns;
pub mod posterior;
mod process;
mod profile;
pub mod purchases;
mod quadrature;
pub mod retention;
pub mod rfm;
mod saved;
mod simulate;
pub mod special;
pub mod uncertainty;
mod units;
pub mod validation;
pub mod value;

pub use audit::{Audit, AuditLevel};
pub use bootstrap::{Bootstrap, BootstrapPlan};
pub use cohorts::{Cohort, ContractCohorts};
pub use covariates::{
    CovariateModel, CovariateParams, CovariateSummary, Covariates, LikelihoodRatio, WithCovariates,
    likelihood_ratio,
};
pub use error::{FitError, InputError, RowProblem};
pub use family::{PurchaseFit, PurchaseModel};
pub use fitted::{Coef, CoefTable, Convergence, Fitted, HessianStatus, Interval};
pub use histories::HistoryModel;
pub use intervals::{ln_intervals, wheat_morrison};
pub use model::{FitData, FitOptions, LikelihoodModel};
pub use models::beta_discrete_weibull::{BetaDiscreteWeibull, BetaDiscreteWeibullParams};
pub use models::bg_bb::{BgBb, BgBbParams};
pub use models::bg_nbd::{BgNbd, BgNbdParams};
pub use models::cnbd_k::{BgCnbdK, CnbdKParams, MbgCnbdK};
pub use models::gamma_gamma::{GammaGamma, GammaGammaParams};
pub use models::ggompertz_nbd::{GgompertzNbd, GgompertzNbdParams};
pub use models::mbg_nbd::{MbgNbd, MbgNbdParams};
pub use models::nbd::{Nbd, NbdParams};
pub use models::pareto_nbd::{ParetoNbd, ParetoNbdParams};
pub use models::shifted_beta_geometric::{ShiftedBetaGeometric, ShiftedBetaGeometricParams};
pub use opportunities::{OpportunityHistory, OpportunitySummary};
pub use posterior::{
    CheckedFigure, Diagnostics, Posterior, PosteriorRow, PosteriorSummary, PredictiveCheck, Prior,
    PriorStatement, Priors, Sampling,
};
pub use purchases::{AliveCustomer, PurchaseParameters, PurchasePredictions, PurchaseProcess};
pub use retention::RetentionPredictions;
pub use rfm::{DAYS_PER_MONTH, DAYS_PER_YEAR, Grain, History, RfmSummary, TimeUnit};
pub use saved::SAVED_VERSION;
pub use simulate::{Draws, simulate_histories, simulate_purchase_times, simulate_spend, summary_of};
pub use uncertainty::{DrawPlan, IntervalEstimate, ParameterDraws, ValueIntervals, lifetime_value_intervals};
pub use validation::{
    Accuracy, Backtest, Comparison, HoldoutSplit, HoldoutSum, ModelFigures, ModelRow, Origin,
    OriginComparison, backtest, compare, compare_timed, simulate_split,
};
pub use value::{
    CustomerActivity, CustomerValue, ValuePlan, customer_activity, customer_activity_from, lifetime_value,
    lifetime_value_from,
};
