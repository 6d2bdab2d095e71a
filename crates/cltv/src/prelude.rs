//! What every notebook starts with: `use cltv::prelude::*;`.

pub use crate::charts::{self, Figure};
pub use crate::{
    Audits, Customers, Data, Error, Holdout, Input, Models, Score, Scores, ShowInNotebook, Spend, Tier,
    audit, check_holdout, executive_summary, fit_models, fit_spend, load, model_summary, score, score_ranges,
    segment, segment_table, track, write_executive_summary,
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
pub use polars::prelude::{
    ChunkAgg, Column, DataFrame, Expr, IntoLazy, LazyFrame, NamedFrom, Series, SortMultipleOptions, col, lit,
};
