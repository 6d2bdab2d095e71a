//! What every notebook starts with: `use cltv::prelude::*;`.

pub use crate::charts::{self, Figure};
pub use crate::revops::{
    Best, Crm, CrmInput, Design, Economics, Outlook, Ranking, accounts_summary, economics, forecast_expenses,
    load_crm, rank_accounts, write_regression_summary, write_summary,
};
pub use crate::{
    Audits, Customers, Data, Error, Holdout, Input, Models, Score, Scores, ShowInNotebook, Spend, Tier,
    audit, check_holdout, executive_summary, fit_models, fit_spend, load, model_summary, score, score_ranges,
    segment, segment_table, track, write_executive_summary,
};
pub use crate::{
    Campaign, ContractFits, ContractInput, Contracts, CovariateFit, IntervalMethods, Opportunities,
    OpportunityInput, OpportunityScores, Origins, Regularity, bootstrap_purchases, chosen_model,
    compare_intervals, compare_models, comparison_frame, contract_frame, contracts_summary, covariates,
    fit_with_covariates, load_contracts, load_model, load_opportunities, load_others, load_spend,
    models_summary, opportunities_summary, posterior_values, purchase_effects, purchase_models,
    sample_purchases, sample_spend, save_model, save_spend, score_with, with_covariates,
    write_contracts_summary, write_models_summary, write_opportunities_summary,
};
pub use crate::{
    FormulaBase, FormulaComparison, classroom, classroom_frame, formula_summary, write_formula_summary,
};
pub use chrono::NaiveDate;
pub use cltv_accounts::formula::{
    ClassroomCustomer, ClvFormula, SegmentTable as QuarterTable, quartile_segments, survival_curve,
};
pub use cltv_accounts::{concentration, income_relation};
pub use cltv_models::{
    Audit, BetaDiscreteWeibull, BetaDiscreteWeibullParams, BgBb, BgBbParams, BgCnbdK, BgNbd, BgNbdParams,
    Bootstrap, BootstrapPlan, CnbdKParams, CoefTable, Comparison, Convergence, CovariateSummary, Covariates,
    DrawPlan, FitError, Fitted, GammaGamma, GammaGammaParams, GgompertzNbd, GgompertzNbdParams, Grain,
    History, InputError, IntervalEstimate, LifetimeValues, LikelihoodRatio, MbgCnbdK, MbgNbd, MbgNbdParams,
    Nbd, NbdParams, OpportunityHistory, OpportunitySummary, ParameterDraws, ParetoNbd, ParetoNbdParams,
    Posterior, Prior, Priors, PurchaseFit, PurchaseModel, PurchasePredictions, RetentionPredictions,
    RfmSummary, Sampling, ShiftedBetaGeometric, ShiftedBetaGeometricParams, TimeUnit, ValueIntervals,
    ValuePlan, WithCovariates, likelihood_ratio,
};
pub use cltv_plots::{Chart, ChartData, Tracking};
pub use cltv_purchases::{
    Cleaning, CohortTable, Outputs, Periods, RfmTable, SegmentTable, Source, Split, Transactions,
};
pub use cltv_report::{
    AccountsSummary, ContractsSummary, ExecutiveSummary, FormulaSummary, ModelSummary, ModelsSummary,
    OpportunitiesSummary,
};
pub use polars::prelude::{
    ChunkAgg, Column, DataFrame, Expr, IntoLazy, LazyFrame, NamedFrom, Series, SortMultipleOptions, col, lit,
};
