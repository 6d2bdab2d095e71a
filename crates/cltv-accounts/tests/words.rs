//! Enums that users write as words: every word is parsed, and an unknown one is refused with the allowed ones.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use cltv_accounts::formula::FormulaInput;
use cltv_accounts::regression::{LeakageLevel, RegressionModel, Retransformation, Shrinkage, SplitRule};
use cltv_accounts::{GroupBy, GroupVerdict, Method, Priority, RiskLevel, UnknownWord};

#[track_caller]
fn refused<T>(all: impl IntoIterator<Item = T>, message: &str)
where
    T: Display + Debug + PartialEq + FromStr<Err = UnknownWord>,
{
    for value in all {
        assert_eq!(value.to_string().parse(), Ok(value));
    }
    assert_eq!("other".parse::<T>().unwrap_err().to_string(), message);
}

#[test]
fn regression() {
    refused(
        RegressionModel::ALL,
        r#"regression model "other" is not known; use "linear", "ridge", "lasso", "log target" or "multiplicative""#,
    );
    refused(Shrinkage::ALL, r#"penalty "other" is not known; use "ridge" or "lasso""#);
    refused(SplitRule::ALL, r#"split "other" is not known; use "sklearn" or "own""#);
    refused(Retransformation::ALL, r#"retransformation "other" is not known; use "smearing" or "plain""#);
    refused(LeakageLevel::ALL, r#"leakage level "other" is not known; use "ok", "suspicious" or "leak""#);
    // A word is taken as it is written in JSON.
    for model in RegressionModel::ALL {
        assert_eq!(serde_json::to_value(model).unwrap(), model.name());
    }
}

#[test]
fn forecasts_and_decisions() {
    refused(
        Method::ALL,
        r#"forecast method "other" is not known; use "naive", "seasonal naive", "trend", "trend + additive season" or "trend x multiplicative season""#,
    );
    refused(RiskLevel::ALL, r#"churn risk "other" is not known; use "none", "watch", "high" or "left""#);
    refused(
        Priority::ALL,
        r#"priority "other" is not known; use "Protect", "Grow", "Win back", "Maintain" or "Deprioritise""#,
    );
    refused(GroupBy::ALL, r#"grouping "other" is not known; use "channel" or "segment""#);
    refused(
        GroupVerdict::ALL,
        r#"verdict "other" is not known; use "3:1 or better", "under 3:1", "loss" or "no cost""#,
    );
}

#[test]
fn formula() {
    refused(
        FormulaInput::ALL,
        r#"input "other" is not known; use "retention", "discount", "margin", "order value" or "frequency""#,
    );
}
