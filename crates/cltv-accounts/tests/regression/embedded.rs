//! What notebook 11 regresses on, the embedded workbook as it is prepared there, and the same with columns
//! that say nothing new.

use std::sync::LazyLock;

use cltv_accounts::regression::{
    Feature, FeatureValues, Folds, RegressionData, RegressionModel, sklearn_split,
};
use cltv_accounts::{DesignRules, PrepareRules, design, prepare};

use crate::{
    Reference, TOLERANCE, close, close_all, same_coefficient_table, same_fit, same_metrics, strings,
};

static DESIGN: LazyLock<RegressionData> = LazyLock::new(|| {
    let raw = crate::support::embedded::embedded();
    let table = prepare(&raw, &PrepareRules::default()).expect("a table").table;
    let rules = DesignRules { drop: vec!["churned".to_owned()], ..DesignRules::default() };
    design(&table, &rules).expect("a design").data
});

fn with(data: RegressionData, json: &str) -> Reference {
    let split = sklearn_split(data.rows(), 0.2, 42).expect("a share");
    Reference { data, split, figures: serde_json::from_str(json).expect("json") }
}

fn embedded() -> Reference {
    with(DESIGN.clone(), include_str!("../golden/regression_embedded.json"))
}

fn numbers(name: &str) -> Vec<f64> {
    let feature = DESIGN.features().iter().find(|feature| feature.name == name).expect("a feature");
    let FeatureValues::Numeric(values) = &feature.values else { panic!("{name} is numeric") };
    values.clone()
}

/// With the columns that `make_regression.py --repeat` adds.
fn repeated() -> Reference {
    let plan = DESIGN.features().iter().find(|feature| feature.name == "plan").expect("a plan");
    let FeatureValues::Categorical(plans) = &plan.values else { panic!("plans are words") };
    let large = |plan: &String| if ["Enterprise", "Premium"].contains(&plan.as_str()) { "Yes" } else { "No" };
    let sum = numbers("tenure_months").iter().zip(numbers("products")).map(|(t, p)| t + 2.0 * p).collect();
    let mut features = DESIGN.features().to_vec();
    features.extend([
        Feature::numeric(
            "income_thousands",
            numbers("income").iter().map(|income| income / 1000.0).collect(),
        ),
        Feature::numeric("currency", vec![1.0; DESIGN.rows()]),
        Feature::numeric("tenure_and_products", sum),
        Feature::categorical("large_plan", plans.iter().map(|plan| large(plan).to_owned()).collect()),
    ]);
    let data =
        RegressionData::new(DESIGN.target_name(), DESIGN.target().to_vec(), features).expect("columns");
    with(data, include_str!("../golden/regression_embedded_repeated.json"))
}

#[test]
fn the_embedded_workbook_gives_scikit_learns_and_statsmodels_figures() {
    let reference = embedded();
    assert_eq!(reference.data.design_names(), strings(&reference.figures["features"]));
    assert_eq!((reference.split.train.len(), reference.split.test.len()), (4000, 1000));
    let fit = reference.fit();
    same_fit(&reference, &fit);
    same_coefficient_table(&reference, &fit);
    let found = fit.diagnostics();
    let expected = &reference.ols()["diagnostics"];
    for (test, statistic) in
        [("Jarque-Bera", "jarque_bera"), ("Breusch-Pagan", "breusch_pagan"), ("RESET", "reset_f")]
    {
        close(test, found.check(test).expect("a check").statistic, &expected[statistic], TOLERANCE);
    }
    let leverage: Vec<f64> = found.rows.iter().map(|row| row.leverage).collect();
    close_all("leverage", &leverage, &expected["leverage"], TOLERANCE);
}

#[test]
fn its_folds_are_those_of_scikit_learn() {
    let reference = embedded();
    let found = reference.data.cross_validate(&reference.split.train, &Folds::default()).expect("fits");
    for (fold, expected) in found.folds.iter().zip(reference.figures["folds"].as_array().expect("folds")) {
        same_metrics("fold", fold, expected, TOLERANCE);
    }
}

#[test]
fn repeated_columns_change_no_fitted_value_and_are_named() {
    let reference = repeated();
    let fit = reference.fit();
    same_fit(&reference, &fit);
    let dropped: Vec<&str> = fit.dropped.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(dropped, strings(&reference.ols()["dropped"]));
    let equals: Vec<&str> = fit.dropped.iter().map(|column| column.equals.as_str()).collect();
    let expected = ["0.001 income", "1", "tenure_months + 2 products", "1 - plan_Standard"];
    assert_eq!(equals[..3], expected[..3]);
    assert!(equals[3].contains("plan_"), "{}", equals[3]);
    let plain = embedded().fit();
    assert!(fit.coefficients.iter().map(|row| &row.name).eq(plain.coefficients.iter().map(|row| &row.name)));
}

#[test]
fn a_line_predicts_negative_amounts_and_the_multiplicative_model_is_chosen() {
    let reference = embedded();
    let fit = reference.data.fit_multiplicative(&reference.split).expect("a fit");
    crate::same_multipliers(&reference, &fit);
    let comparison = reference.data.compare_models(&reference.split, &Folds::default()).expect("models");
    assert_eq!(comparison.best, RegressionModel::Multiplicative);
    let below: Vec<(RegressionModel, usize)> =
        comparison.models.iter().map(|model| (model.model, model.below_zero)).collect();
    assert_eq!(below[0], (RegressionModel::Linear, 1598), "{below:?}");
    assert_eq!(below.last(), Some(&(RegressionModel::Multiplicative, 0)), "{below:?}");
    let best = reference.data.fit_best(&reference.split, &comparison).expect("a fit");
    assert_eq!((best.summary.model, best.test), (RegressionModel::Multiplicative, fit.test));
    assert_eq!(best.values, fit.predict(&reference.data).expect("the same columns"));
    let sentences: Vec<&String> = comparison.sentences().collect();
    assert_eq!(
        sentences[0],
        "The linear model predicts negative amounts for 1,598 of 5,000 rows, but only 11 values of realised_ltv are negative."
    );
    assert!(sentences[1].starts_with("The log target model cannot be fitted: "), "{sentences:?}");
}
