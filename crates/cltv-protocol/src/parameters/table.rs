//! The table. A sentence is also the comment behind the declaration in a notebook, with a capital letter
//! and a full stop.

use super::{Bounds, End, Kind, Parameter};

/// `horizon_months`, where values come from a model of purchases: a month to fifty years.
pub const HORIZON_MONTHS: Bounds = Bounds::from_to(1.0, 600.0);
/// `horizon_months` of the forecast of spending in the workflow `revops`.
pub const REVOPS_HORIZON_MONTHS: Bounds = Bounds::from_to(1.0, 60.0);
/// `discount_annual`: a rate a year as a fraction.
pub const DISCOUNT_ANNUAL: Bounds = Bounds::Between(End::Including(0.0), End::Excluding(1.0));
/// `discount_annual` in the workflows `contracts` and `discrete`, whose sums have no end: without a
/// discount they may be infinite.
pub const DISCOUNT_WITHOUT_END: Bounds = Bounds::Between(End::Excluding(0.0), End::Excluding(1.0));
/// `margin`: a share of revenue.
pub const MARGIN: Bounds = Bounds::Between(End::Excluding(0.0), End::Including(1.0));
/// `margin` in the workflow `formula`, where a customer may cost more than they bring.
pub const FORMULA_MARGIN: Bounds = Bounds::Between(End::Open, End::Including(1.0));

/// What `purchase_model` may be: the models, and "best" for the one with the smallest out-of-time error.
pub const PURCHASE_MODELS: &[&str] = &[
    "bg_nbd",
    "mbg_nbd",
    "pareto_nbd",
    "nbd",
    "bg_cnbd_k",
    "mbg_cnbd_k",
    "ggompertz_nbd",
    "exponential_nbd",
    "best",
];

const TIME_UNITS: Kind = Kind::OneOf(&["day", "week", "month", "year"]);
const SHARE: Bounds = Bounds::from_to(0.0, 1.0);
const INSIDE: Bounds = Bounds::Between(End::Excluding(0.0), End::Excluding(1.0));
const COUNT: Bounds = Bounds::at_least(1.0);

const fn parameter(
    name: &'static str,
    kind: Kind,
    bounds: Bounds,
    example: &'static str,
    sentence: &'static str,
) -> Parameter {
    Parameter { name, kind, bounds, by_workflow: &[], example, sentence }
}

const fn text(name: &'static str, example: &'static str, sentence: &'static str) -> Parameter {
    parameter(name, Kind::Text, Bounds::Any, example, sentence)
}

const fn named(name: &'static str, example: &'static str, sentence: &'static str) -> Parameter {
    parameter(name, Kind::Text, Bounds::NotBlank, example, sentence)
}

/// All parameters of the notebooks.
pub const ALL: &[Parameter] = &[
    // Where purchases are and how their file is read.
    named(
        "transactions",
        "cdnow",
        "A named data set, or files: csv, jsonl, parquet or a workbook; a folder, a pattern or a list.",
    ),
    text("customer_column", "customer_id", "The column that names the customer."),
    text("date_column", "date", "The column with the day of the purchase."),
    text("amount_column", "amount", "The column with the amount; \"\" = there is none."),
    text("order_column", "", "The column that names the order; \"\" = there is none."),
    text(
        "quantity_column",
        "",
        "The column with the quantity, by which amounts are multiplied; \"\" = there is none.",
    ),
    text("date_format", "%d/%m/%Y", "How dates are written, such as %d/%m/%Y; \"\" = recognise."),
    parameter(
        "decimal_mark",
        Kind::OneOf(&["", ".", ","]),
        Bounds::Any,
        ",",
        "The decimal mark of amounts; \"\" = recognise.",
    ),
    text("encoding", "windows-1252", "The encoding of a text file, such as windows-1252; \"\" = recognise."),
    text(
        "timezone",
        "Europe/Berlin",
        "The time zone whose days count, such as Europe/Berlin; \"\" = the day as written.",
    ),
    parameter(
        "header_row",
        Kind::Integer,
        Bounds::at_least(0.0),
        "3",
        "The row with the column names, from 1; 0 = find it.",
    ),
    text(
        "sheet",
        "*",
        "The sheet of a workbook; \"\" = the first visible one, \"*\" = all with the columns.",
    ),
    text(
        "filter",
        "Status = paid",
        "Which rows are read, such as Status = paid, with =, !=, <, <=, >, >= and and; \"\" = all.",
    ),
    parameter(
        "id_match",
        Kind::OneOf(&["exact", "trim_case", "number"]),
        Bounds::Any,
        "trim_case",
        "Which customer ids are the same: exact, trim_case (without spaces around and case) or number (without leading zeros).",
    ),
    parameter(
        "leave_out",
        Kind::List,
        Bounds::Any,
        "GUEST, TEST",
        "Customers to leave out, with commas; \"\" = none.",
    ),
    parameter(
        "duplicates",
        Kind::OneOf(&["keep", "drop"]),
        Bounds::Any,
        "drop",
        "Rows that are equal in every column: keep or drop.",
    ),
    parameter(
        "earliest_date",
        Kind::Date,
        Bounds::Any,
        "2000-01-01",
        "The first day that is read; \"\" = every day.",
    ),
    parameter("returns", Kind::OneOf(&["drop", "net"]), Bounds::Any, "net", "Negative amounts: drop or net."),
    // Which purchases are fitted.
    parameter(
        "calibration_end",
        Kind::Date,
        Bounds::Any,
        "1997-09-30",
        "The last day to fit on; \"\" = two thirds of the span, for cdnow 1997-09-30.",
    ),
    parameter(
        "observation_end",
        Kind::Date,
        Bounds::Any,
        "1998-06-30",
        "The last day of the data to use; \"\" = the last one, for cdnow 1998-06-30.",
    ),
    parameter(
        "time_unit",
        TIME_UNITS,
        Bounds::Any,
        "week",
        "The unit of time of the models: day, week, month or year.",
    ),
    parameter(
        "grain",
        Kind::OneOf(&["day", "week", "month"]),
        Bounds::Any,
        "day",
        "Purchases within one are counted as one: day, week or month.",
    ),
    parameter(
        "purchase_model",
        Kind::OneOf(PURCHASE_MODELS),
        Bounds::Any,
        "bg_nbd",
        "The model of purchases; best = the one with the smallest out-of-time error before the calibration end.",
    ),
    // What values are computed.
    Parameter {
        by_workflow: &[("revops", REVOPS_HORIZON_MONTHS)],
        ..parameter("horizon_months", Kind::Integer, HORIZON_MONTHS, "6", "Months ahead.")
    },
    Parameter {
        by_workflow: &[("contracts", DISCOUNT_WITHOUT_END), ("discrete", DISCOUNT_WITHOUT_END)],
        ..parameter(
            "discount_annual",
            Kind::Real,
            DISCOUNT_ANNUAL,
            "0.10",
            "The discount rate a year, as a fraction.",
        )
    },
    Parameter {
        by_workflow: &[("formula", FORMULA_MARGIN)],
        ..parameter("margin", Kind::Real, MARGIN, "0.3", "The share of revenue that is kept.")
    },
    text("currency", "$", "The sign before amounts."),
    parameter(
        "at_risk_below",
        Kind::Real,
        SHARE,
        "0.3",
        "The chance to buy within the horizon below which a good customer is at risk.",
    ),
    parameter(
        "winback_success",
        Kind::Real,
        SHARE,
        "0.05",
        "The share of contacted customers, of those who have dropped out, who start to buy again.",
    ),
    text(
        "segments",
        "segments.csv",
        "A csv, parquet or xlsx file with a segment table; \"\" = the default one.",
    ),
    // Comparing models, and uncertainty.
    parameter(
        "candidates",
        Kind::List,
        Bounds::Any,
        "BG/NBD, Pareto/NBD",
        "The models to compare, with commas; \"\" = all.",
    ),
    parameter("origins", Kind::Integer, COUNT, "3", "The number of days from which the backtest forecasts."),
    text(
        "score_transactions",
        "cdnow_master",
        "Customers that the saved model scores; \"\" = the same, for cdnow cdnow_master.",
    ),
    parameter(
        "replicates",
        Kind::Integer,
        Bounds::from_to(20.0, 100_000.0),
        "200",
        "The number of fits of the bootstrap.",
    ),
    parameter(
        "draws",
        Kind::Integer,
        Bounds::from_to(50.0, 1_000_000.0),
        "1000",
        "Draws of each of the sampler's four chains.",
    ),
    parameter(
        "seed",
        Kind::Integer,
        Bounds::from_to(0.0, 4_294_967_295.0),
        "42",
        "The seed of random draws.",
    ),
    parameter(
        "contact_cost",
        Kind::Real,
        Bounds::at_least(0.0),
        "10",
        "The cost of contacting one customer.",
    ),
    // Contracts.
    named("contracts", "sbg_cohorts", "The embedded cohorts, or a csv, parquet or xlsx file."),
    text("cohort_column", "cohort", "The column that names the cohort."),
    text("left_column", "recency", "The column with the renewal at which a customer left."),
    text("seen_column", "T", "The column with the observed renewals and one more."),
    parameter(
        "period",
        TIME_UNITS,
        Bounds::Any,
        "year",
        "The time between two opportunities: day, week, month or year.",
    ),
    text("cohort", "regular", "The cohort that is drawn."),
    parameter("fit_renewals", Kind::Integer, COUNT, "5", "Renewals to fit on."),
    parameter("project_renewals", Kind::Integer, COUNT, "12", "Renewals to look ahead, from the first."),
    parameter("payment", Kind::Real, Bounds::at_least(0.0), "100", "The payment at each renewal."),
    // Purchases at given opportunities.
    named("opportunities", "donations", "The embedded donors, or a csv, parquet or xlsx file."),
    text(
        "x_column",
        "frequency",
        "The column with the opportunities with a purchase, without the first purchase.",
    ),
    text("t_x_column", "recency", "The column with the last opportunity with a purchase."),
    text("n_column", "periods", "The column with the opportunities since the first purchase."),
    text(
        "weights_column",
        "weights",
        "The column with the number of customers with that history; \"\" = a row is a customer.",
    ),
    parameter("ahead", Kind::Integer, COUNT, "5", "Opportunities to look ahead."),
    text("thing", "donation", "What is bought, as one word."),
    // Accounts of a CRM.
    named("crm", "crm_accounts", "The embedded workbook, or an xlsx, xls, ods or csv file."),
    text("target", "realised_ltv", "The column with the value of an account."),
    text("id_column", "account_id", "The column that names an account; \"\" = there is none."),
    text("name_column", "name", "The column with the account's name in words."),
    text("channel_column", "channel", "The column with the channel that won the account."),
    text("segment_column", "plan", "The column with the account's segment."),
    text("income_column", "income", "The column with the income a year."),
    text("cost_column", "acquisition_cost", "The column with the cost of acquisition."),
    text("churn_column", "churned", "The column that says whether the account has left."),
    text(
        "months_prefix",
        "expense_",
        "What the names of the columns with monthly spending begin with, before 2024-01.",
    ),
    parameter(
        "outliers",
        Kind::OneOf(&["", "limit", "keep"]),
        Bounds::Any,
        "keep",
        "Outliers: limit or keep; \"\" = limit in crm_accounts, keep elsewhere.",
    ),
    parameter(
        "drop_columns",
        Kind::List,
        Bounds::Any,
        "churned",
        "Columns to leave out, with commas; \"\" = none, for crm_accounts churned.",
    ),
    parameter(
        "feature_months",
        Kind::Integer,
        Bounds::at_least(0.0),
        "12",
        "Months of spending that features are made of; 0 = use them as they are.",
    ),
    parameter("test_share", Kind::Real, INSIDE, "0.20", "The share of rows in the test set."),
    parameter(
        "split",
        Kind::OneOf(&["sklearn", "own"]),
        Bounds::Any,
        "sklearn",
        "How the test set is drawn: sklearn (as scikit-learn draws it) or own.",
    ),
    parameter("interval", Kind::Real, INSIDE, "0.90", "The probability of the prediction intervals."),
    parameter(
        "contribution_margin",
        Kind::Real,
        MARGIN,
        "0.62",
        "The share of an account's spending that is kept.",
    ),
    // The formula.
    parameter(
        "formula_period",
        Kind::OneOf(&["month", "quarter", "half-year", "year"]),
        Bounds::Any,
        "quarter",
        "The period of the averages: month, quarter, half-year or year.",
    ),
    parameter(
        "classroom_customers",
        Kind::Integer,
        COUNT,
        "500",
        "Customers drawn for the classroom example.",
    ),
    // What is written.
    parameter("outputs", Kind::Text, Bounds::LocalPath, "outputs", "The folder that results are written to."),
    parameter(
        "tables",
        Kind::OneOf(&["csv", "parquet"]),
        Bounds::Any,
        "parquet",
        "The format of tables with a row for each customer: csv or parquet.",
    ),
];
