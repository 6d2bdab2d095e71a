//! Which columns of any workbook explain the target.

mod support;

use cltv_accounts::regression::{RegressionError, regression_metrics, sklearn_split};
use cltv_accounts::{AccountTable, Column, Design, DesignRules, PrepareRules, Values, design, prepare};

fn numbers(name: &str, of: impl Fn(usize) -> f64) -> Column {
    Column::new(name, Values::Number((0..60).map(|k| Some(of(k))).collect()))
}

fn texts(name: &str, of: impl Fn(usize) -> String) -> Column {
    Column::new(name, Values::Text((0..60).map(|k| Some(of(k))).collect()))
}

fn table() -> AccountTable {
    let columns = vec![
        numbers("Customer", |k| k as f64),
        texts("Name", |k| format!("Firm {k}")),
        texts("Plan", |k| ["Pro", "Basic", "Plus"][k % 3].to_owned()),
        numbers("Visits", |k| (k * k % 17) as f64),
        numbers("expense_2024-01", |k| (k % 5) as f64),
        numbers("LTV", |k| 3.0 * (k * k % 17) as f64 + (k % 5) as f64 + 10.0 * (k % 3) as f64),
    ];
    AccountTable::new("shop.xlsx", columns).unwrap()
}

fn of(drop: &[&str]) -> Result<Design, RegressionError> {
    let drop = drop.iter().map(|name| (*name).to_owned()).collect();
    design(
        &table(),
        &DesignRules { target: "LTV".into(), id: "Customer".into(), drop, ..DesignRules::default() },
    )
}

#[test]
fn a_workbook_without_the_embedded_ones_columns_keeps_its_months_and_says_so() {
    let made = of(&[]).unwrap();
    assert_eq!(made.data.design_names(), ["Visits", "expense_2024-01", "Plan_Plus", "Plan_Pro"]);
    assert!(
        made.notes[0].contains("stay as they are") && made.notes[0].contains("account_id"),
        "{:?}",
        made.notes
    );
    assert!(made.notes.iter().any(|note| note.contains("identify accounts: \"Customer\" and \"Name\"")));
    let fit = made.data.fit(&sklearn_split(60, 0.2, 42).unwrap()).unwrap();
    assert!(fit.test.r2 > 1.0 - 1e-12, "the target is a sum of the features");
    let again = regression_metrics(&fit.test_actual, &fit.test_predicted, 4).unwrap();
    assert_eq!(again, fit.test);
}

#[test]
fn dropped_columns_are_gone_and_unknown_ones_named_with_what_there_is() {
    let made = of(&["Visits", "expense_2024-01"]).unwrap();
    assert_eq!(made.data.design_names(), ["Plan_Plus", "Plan_Pro"]);
    let rules = |drop: &str| DesignRules { drop: vec![drop.to_owned()], ..DesignRules::default() };
    let embedded = prepare(&support::embedded::embedded(), &PrepareRules::default()).unwrap().table;
    for (dropped, features) in [("average_expense", 14), ("expense_2024-01", 15)] {
        // A feature that is made, and a month out of which features are made.
        let made = design(&embedded, &rules(dropped)).unwrap();
        assert_eq!(made.data.features().len(), features, "{dropped}");
        assert!(made.data.features().iter().all(|feature| feature.name != dropped));
    }
    let error = of(&["visit"]).unwrap_err().to_string();
    assert!(error.contains("visit") && error.contains("Visits"), "{error}");
}
