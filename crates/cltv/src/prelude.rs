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
    FormulaBase, FormulaComparison, classroom, classroom_frame, formula_summary, write_formula_summary,
};
pub use chrono::NaiveDate;
pub use cltv_data::{
    Cleaning, CohortTable, Outputs, Periods, RfmTable, SegmentTable, Source, Split, Transactions,
};
pub use cltv_models::{
    Audit, BgNbd, BgNbdParams, CoefTable, Convergence, CustomerValue, FitError, Fitted, GammaGamma,
    GammaGammaParams, Grain, History, InputError, PurchasePredictions, RfmSummary, TimeUnit, ValuePlan,
};
pub use cltv_plots::{Chart, ChartData, Tracking};
pub use cltv_report::{ExecutiveSummary, ModelSummary};
pub use cltv_revops::formula::{ClvFormula, quartile_segments, survival_curve};
pub use cltv_revops::{concentration, income_relation};
pub use polars::prelude::{
    ChunkAgg, Column, DataFrame, Expr, IntoLazy, LazyFrame, NamedFrom, Series, SortMultipleOptions, col, lit,
};
