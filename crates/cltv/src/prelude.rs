//! What every notebook starts with: `use cltv::prelude::*;`.

pub use chrono::NaiveDate;
pub use cltv_accounts::formula::{ClvFormula, quartile_segments};
pub use cltv_accounts::{concentration, income_relation};
pub use cltv_models::{
    BetaDiscreteWeibull, BgBb, BgCnbdK, BgNbd, BgNbdParams, DrawPlan, ExponentialNbd, Fitted, GammaGamma,
    GammaGammaParams, GgompertzNbd, Grain, History, MbgCnbdK, MbgNbd, Nbd, ParameterDraws, ParetoNbd, Prior,
    Priors, PurchaseFit, PurchaseModel, PurchasePredictions, RetentionPredictions, RfmSummary, Sampling,
    ShiftedBetaGeometric, TimeUnit, ValuePlan,
};
pub use cltv_notebook::{Figure, FramePlot, Interact, ShowInNotebook, charts, interact, plot, plotly};
pub use cltv_purchases::{
    Cleaning, CohortTable, Outputs, Periods, RfmTable, SegmentTable, Source, Split, Transactions,
};
pub use cltv_report::Tier;
pub use cltv_workflow::{
    Audits, Best, Campaign, Choice, ChosenModel, Classroom, ContractFits, ContractInput, ContractValues,
    Contracts, CovariateFit, Crm, CrmInput, Customers, Data, Design, EarlierForecasts, Economics, Error,
    FormulaBase, FormulaComparison, FormulaPeriod, GroupBy, Holdout, Input, IntervalMethods, ModelChoice,
    Models, Opportunities, OpportunityInput, OpportunityScores, Origins, Outlook, PurchaseBootstrap,
    PurchasePosterior, Ranking, Regularity, Save, Scores, Spend, TierRules, ToFrame, Tracking,
};
pub use cltv_workflow::{
    accounts_summary, audit, best_model, bootstrap_purchases, check_holdout, choose_model, classroom,
    compare_intervals, compare_models, contracts_summary, covariates, describe, earlier_forecasts, economics,
    executive_summary, fit_models, fit_spend, fit_with_covariates, forecast_expenses, formula_summary, load,
    load_contracts, load_crm, load_models, load_opportunities, load_others, model_summary, models_summary,
    opportunities_summary, pivot, posterior_values, purchase_effects, purchase_models, rank_accounts,
    read_csv, sample_purchases, sample_spend, score, score_ranges, segment, segment_table, track,
    with_covariates,
};
pub use polars::prelude::{
    ChunkAgg, Column, DataFrame, Expr, IntoLazy, LazyFrame, NamedFrom, Series, SortMultipleOptions, col, lit,
};
// A name in cells: `use polars::prelude::*;`.
pub use polars;
