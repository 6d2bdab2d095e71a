//! Customer lifetime value models: numbers only, no files, tables, charts or clock.
//!
//! ```text
//! RfmSummary --fit--> Fitted<BgNbd>, Fitted<GammaGamma> --lifetime_value--> LifetimeValues
//! OpportunitySummary --fit--> Fitted<BgBb>
//! ContractCohorts --fit--> Fitted<ShiftedBetaGeometric>, Fitted<BetaDiscreteWeibull>
//! ```
//!
//! All models of purchases have the predictions of [`PurchasePredictions`]; [`PurchaseModel`] lists
//! them, and [`PurchaseFit`] is a fit of any of them.
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
//! A model and a fitted model are different types, and predictions are methods of the parameters, so
//! that published parameters can be used without fitting. [`LikelihoodModel`] is what a new
//! model implements, a model of purchases [`HistoryModel`] and [`PurchaseProcess`]; [`Fitted`] gives each
//! the same standard errors, intervals, tables and AIC.

pub mod audit;
pub mod base;
pub mod calibration;
pub mod contracts;
pub mod covariates;
pub mod fit;
pub mod models;
pub mod numeric;
pub mod opportunities;
pub mod posterior;
pub mod predictive;
pub mod purchases;
pub mod registry;
pub mod spend;
pub mod summary;
pub mod uncertainty;
pub mod validation;
pub mod value;

pub use audit::{Audit, AuditLevel};
pub use base::error;
pub use base::error::{FitError, InputError, RowProblem};
pub use base::units::{DAYS_PER_MONTH, DAYS_PER_YEAR, Grain, TimeUnit};
pub use contracts::beta_discrete_weibull::{BetaDiscreteWeibull, BetaDiscreteWeibullParams};
pub use contracts::cohorts::{Cohort, ContractCohorts};
pub use contracts::retention::RetentionPredictions;
pub use contracts::shifted_beta_geometric::{ShiftedBetaGeometric, ShiftedBetaGeometricParams};
pub use covariates::{
    CovariateModel, CovariateParams, CovariateSummary, Covariates, LikelihoodRatio, WithCovariates,
    likelihood_ratio,
};
pub use fit::fitted::{Coef, CoefTable, Convergence, Fitted, HessianStatus, Interval};
pub use fit::model;
pub use fit::model::{FitData, FitOptions, LikelihoodModel};
pub use fit::saved::SAVED_VERSION;
pub use models::{
    BgCnbdK, BgNbd, BgNbdParams, CnbdKParams, ExponentialNbd, ExponentialNbdParams, GgompertzNbd,
    GgompertzNbdParams, MbgCnbdK, MbgNbd, MbgNbdParams, Nbd, NbdParams, ParetoNbd, ParetoNbdParams,
};
pub use numeric::random::Draws;
pub use numeric::special;
pub use opportunities::bg_bb::{BgBb, BgBbParams};
pub use opportunities::history::{OpportunityHistory, OpportunitySummary};
pub use posterior::{
    CheckedFigure, Diagnostics, Posterior, PosteriorRow, PosteriorSummary, PredictiveCheck, Prior,
    PriorStatement, Priors, Sampling,
};
pub use predictive::{CountDistribution, Predictive, PredictiveCounts, PredictiveMoney, SumForecast};
pub use purchases::counted::fit_counted;
pub use purchases::model::HistoryModel;
pub use purchases::plan::ValuePlan;
pub use purchases::predictions::PurchasePredictions;
pub use purchases::process::{AliveCustomer, PurchaseParameters, PurchaseProcess};
pub use purchases::simulate::{simulate_histories, simulate_purchase_times, summary_of};
pub use registry::{PurchaseBootstrap, PurchaseFit, PurchaseModel, PurchasePosterior};
pub use spend::gamma_gamma::{GammaGamma, GammaGammaParams};
pub use spend::simulate::simulate_spend;
pub use summary::counted::{CountedHistories, CountedSpend};
pub use summary::customer_ids::CustomerIds;
pub use summary::history::History;
pub use summary::intervals::{ln_intervals, wheat_morrison};
pub use summary::rfm::RfmSummary;
pub use uncertainty::bootstrap::{Bootstrap, BootstrapPlan};
pub use uncertainty::draws::{DrawPlan, IntervalEstimate, ParameterDraws};
pub use uncertainty::values::{ValueIntervals, lifetime_value_intervals};
pub use validation::{
    Accuracy, Backtest, Comparison, HoldoutSplit, HoldoutSum, ModelFigures, ModelRow, Origin,
    OriginComparison, backtest, compare, compare_timed, simulate_split,
};
pub use value::lifetime_value::{
    CustomerActivity, LifetimeValues, customer_activity, lifetime_value, lifetime_value_from,
};
