//! Regressions against scikit-learn and statsmodels; see golden/README.md for where the figures come from.

#[path = "regression/embedded.rs"]
mod embedded;
mod support;

use cltv_accounts::regression::{
    Diagnostics, Feature, FeatureValues, Folds, LinearFit, Metrics, MultiplicativeFit, RegressionData,
    Retransformation, Shrinkage, Split, sklearn_split,
};
use serde_json::Value;

/// Coefficients, standard errors, metrics.
const TOLERANCE: f64 = 1e-8;
/// Ridge and lasso: two iterations that stop at different places.
const SHRUNK: f64 = 1e-6;

struct Reference {
    data: RegressionData,
    split: Split,
    figures: Value,
}

/// A csv without quotes: columns that parse as numbers are numeric, the others categorical.
fn features(csv: &str) -> Vec<Feature> {
    let mut lines = csv.lines();
    let names = lines.next().expect("a header").split(',');
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    names
        .enumerate()
        .map(|(k, name)| {
            let numbers: Result<Vec<f64>, _> = rows.iter().map(|row| row[k].parse()).collect();
            let words = || rows.iter().map(|row| row[k].to_owned()).collect();
            numbers.map_or_else(
                |_| Feature::categorical(name, words()),
                |numbers| Feature::numeric(name, numbers),
            )
        })
        .collect()
}

fn with_target(mut features: Vec<Feature>, target: &str) -> RegressionData {
    let at = features.iter().position(|feature| feature.name == target).expect("the target");
    let FeatureValues::Numeric(values) = features.remove(at).values else { panic!("{target} is numeric") };
    RegressionData::new(target, values, features).expect("good columns")
}

fn reference(csv: &str, json: &str) -> Reference {
    let figures: Value = serde_json::from_str(json).expect("json");
    let data = with_target(features(csv), figures["target"].as_str().expect("a name"));
    let split = sklearn_split(data.rows(), 0.2, 42).expect("a share");
    Reference { data, split, figures }
}

fn accounts() -> Reference {
    reference(include_str!("golden/regression_accounts.csv"), include_str!("golden/regression_accounts.json"))
}

fn deficient() -> Reference {
    reference(
        include_str!("golden/regression_deficient.csv"),
        include_str!("golden/regression_deficient.json"),
    )
}

#[track_caller]
fn close(what: &str, found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap_or_else(|| panic!("{what}: {expected} is no number"));
    let error = (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
    assert!(error <= tolerance, "{what}: {found:e} is not {expected:e}, relative error {error:.2e}");
}

#[track_caller]
fn close_all(what: &str, found: &[f64], expected: &Value, tolerance: f64) {
    let expected = expected.as_array().expect("an array");
    assert!(!expected.is_empty() && expected.len() <= found.len(), "{what}: {} figures", expected.len());
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        close(&format!("{what} {k}"), *found, expected, tolerance);
    }
}

#[track_caller]
fn same_metrics(what: &str, found: &Metrics, expected: &Value, tolerance: f64) {
    let figures = [found.r2, found.adj_r2, found.rmse, found.mae, found.medae];
    for (name, figure) in ["r2", "adj_r2", "rmse", "mae", "medae"].iter().zip(figures) {
        close(&format!("{what} {name}"), figure, &expected[name], tolerance);
    }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().expect("an array").iter().map(|name| name.as_str().expect("a name")).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    value.as_array().expect("an array").iter().map(|k| k.as_u64().expect("a row") as usize).collect()
}

impl Reference {
    fn fit(&self) -> LinearFit {
        self.data.fit(&self.split).expect("a fit")
    }

    fn ols(&self) -> &Value {
        &self.figures["ols"]
    }
}

#[test]
fn design_and_split_are_those_of_pandas_and_scikit_learn() {
    for Reference { data, split, figures } in [accounts(), deficient()] {
        assert_eq!(data.design_names(), strings(&figures["features"]));
        assert_eq!(split.train.len() as u64, figures["n_train"].as_u64().unwrap());
        assert_eq!(split.test.len() as u64, figures["n_test"].as_u64().unwrap());
        assert_eq!(split.train[..10], indices(&figures["train_rows"]));
        assert_eq!(split.test[..10], indices(&figures["test_rows"]));
    }
}

fn same_fit(reference: &Reference, fit: &LinearFit) {
    let ols = reference.ols();
    same_metrics("train", &fit.train, &ols["train"], TOLERANCE);
    same_metrics("test", &fit.test, &ols["test"], TOLERANCE);
    close("statsmodels' R2", fit.train.r2, &ols["r2_statsmodels"], TOLERANCE);
    close("statsmodels' adjusted R2", fit.train.adj_r2, &ols["adj_r2_statsmodels"], TOLERANCE);
    close("sigma", fit.sigma, &ols["sigma"], TOLERANCE);
    close_all("fitted", &fit.fitted, &ols["fitted_train"], TOLERANCE);
    close_all("predicted", &fit.test_predicted, &ols["predicted_test"], TOLERANCE);
}

#[test]
fn coefficients_and_their_errors() {
    let reference = accounts();
    let fit = reference.fit();
    same_fit(&reference, &fit);
    let ols = reference.ols();
    close("p of F", fit.f_p_value, &ols["f_p"], TOLERANCE);
    same_coefficient_table(&reference, &fit);
    assert!(fit.dropped.is_empty());
}

fn same_coefficient_table(reference: &Reference, fit: &LinearFit) {
    let ols = reference.ols();
    close("F", fit.f_statistic, &ols["f"], TOLERANCE);
    let expected = ols["coefficients"].as_object().expect("an object");
    assert_eq!(fit.coefficients.len(), expected.len());
    for row in &fit.coefficients {
        let name = if row.name == "(intercept)" { "const" } else { &row.name };
        let figures = [
            ("estimate", row.estimate),
            ("std_error", row.std_error),
            ("t", row.t),
            ("p", row.p_value),
            ("low", row.low),
            ("high", row.high),
            ("robust", row.robust_error),
        ];
        for (figure, found) in figures {
            close(&format!("{name} {figure}"), found, &expected[name][figure], TOLERANCE);
        }
        if name != "const" {
            close(&format!("{name} vif"), row.vif, &expected[name]["vif"], TOLERANCE);
        }
    }
}

#[test]
fn a_deficient_design_fits_the_same_and_names_what_it_drops() {
    let reference = deficient();
    let fit = reference.fit();
    same_fit(&reference, &fit);
    let dropped: Vec<&str> = fit.dropped.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(dropped, strings(&reference.ols()["dropped"]));
    let equals: Vec<&str> = fit.dropped.iter().map(|column| column.equals.as_str()).collect();
    let expected = ["0.001 income", "1", "tenure_months + 2 products", "1 - region_North - region_South"];
    assert_eq!(equals, expected);
    let full = accounts().fit();
    for (row, other) in fit.coefficients.iter().zip(&full.coefficients) {
        assert_eq!(row.name, other.name);
        let other = serde_json::json!(other.estimate);
        close(&row.name, row.estimate, &other, 1e-9);
    }
    let text = fit.to_string();
    assert!(text.contains("currency was dropped: it equals 1 in the training rows."), "{text}");
    let summary = fit.summary();
    assert_eq!((summary.features.len(), summary.dropped.len()), (13, 4));
}

fn diagnostics(reference: &Reference) -> Diagnostics {
    reference.fit().diagnostics()
}

#[test]
fn residual_diagnostics() {
    let reference = accounts();
    let found = diagnostics(&reference);
    let expected = &reference.ols()["diagnostics"];
    for (test, statistic, p) in [
        ("Jarque-Bera", "jarque_bera", "jarque_bera_p"),
        ("Breusch-Pagan", "breusch_pagan", "breusch_pagan_p"),
        ("RESET", "reset_f", "reset_p"),
    ] {
        let check = found.check(test).expect("a check");
        close(test, check.statistic, &expected[statistic], TOLERANCE);
        // The tail of a large statistic magnifies its last digits.
        close(&format!("p of {test}"), check.p_value.expect("a p"), &expected[p], 1e-6);
        assert!(check.violated, "long-tailed values violate it");
    }
    close("skewness", found.skewness, &expected["skewness"], TOLERANCE);
    close("kurtosis", found.kurtosis, &expected["kurtosis"], TOLERANCE);
    let column = |pick: fn(&cltv_accounts::regression::RowDiagnostic) -> f64| -> Vec<f64> {
        found.rows.iter().map(pick).collect()
    };
    close_all("leverage", &column(|row| row.leverage), &expected["leverage"], TOLERANCE);
    close_all("standardised", &column(|row| row.standardised), &expected["standardised"], TOLERANCE);
    close_all("Cook's distance", &column(|row| row.cooks_distance), &expected["cooks"], 1e-7);
    assert_eq!(found.warnings().len(), 3, "{found}");
    assert!(found.warnings().iter().all(|text| text.contains(", below the threshold of 0.01")), "{found}");
    assert!(!found.check("largest VIF").expect("a check").violated);
    assert!(found.qq.windows(2).all(|pair| pair[0].theoretical < pair[1].theoretical));
    assert_eq!(found.qq.len(), 240);
    assert!((found.qq[0].theoretical + found.qq[239].theoretical).abs() < 1e-12);
}

#[test]
fn assumptions_hold_where_they_are_made_to() {
    let mut random = cltv_accounts::numpy_random::RandomState::new(1);
    let x: Vec<f64> = (0..400).map(|_| random.uniform(0.0, 10.0)).collect();
    let z: Vec<f64> = (0..400).map(|_| random.standard_normal()).collect();
    let y = x.iter().zip(&z).map(|(x, z)| 3.0 + 2.0 * x - z + random.standard_normal()).collect();
    let nearly: Vec<f64> = x.iter().map(|x| x + 1e-3 * random.standard_normal()).collect();
    let mut columns = vec![Feature::numeric("x", x), Feature::numeric("z", z)];
    let fit = |columns: &[Feature], y: &Vec<f64>| {
        let data = RegressionData::new("y", y.clone(), columns.to_vec()).expect("columns");
        data.fit(&sklearn_split(400, 0.2, 42).expect("a share")).expect("a fit").diagnostics()
    };
    let well = fit(&columns, &y);
    assert_eq!(well.warnings(), Vec::<String>::new());
    assert!(well.to_string().contains("Linearity is not contradicted"), "{well}");
    columns.push(Feature::numeric("nearly x", nearly));
    let warnings = fit(&columns, &y).warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("above the limit of 10"), "{warnings:?}");
    columns.pop();
    // One row far away in x and y pulls the line to itself.
    let row = sklearn_split(400, 0.2, 42).expect("a share").train[3];
    let FeatureValues::Numeric(x) = &mut columns[0].values else { panic!("numeric") };
    x[row] = 500.0;
    let moved = fit(&columns, &y);
    let cook = moved.check("largest Cook's distance").expect("a check");
    assert!(cook.violated && cook.sentence.contains(&format!(": row {} has", row + 1)), "{}", cook.sentence);
}

#[test]
fn folds_are_those_of_scikit_learn() {
    for reference in [accounts(), deficient()] {
        for (key, seed) in [("folds", Some(42)), ("folds_in_order", None)] {
            let folds = Folds { count: 5, seed };
            let tests = folds.tests(reference.split.train.len()).expect("folds");
            let found = reference.data.cross_validate(&reference.split.train, &folds).expect("fits");
            for (k, expected) in reference.figures[key].as_array().expect("folds").iter().enumerate() {
                assert_eq!(tests[k][..5], indices(&expected["first"]));
                assert_eq!(found.folds[k].n as u64, expected["n"].as_u64().unwrap());
                same_metrics(&format!("{key} {k}"), &found.folds[k], expected, TOLERANCE);
            }
            let rmse = &found.intervals[2];
            assert!(rmse.low < found.rmse() && found.rmse() < rmse.high && rmse.metric == "RMSE");
        }
    }
}

#[test]
fn ridge_and_lasso_by_their_mapped_penalties() {
    for reference in [accounts(), deficient()] {
        for kind in [Shrinkage::Ridge, Shrinkage::Lasso] {
            for expected in reference.figures["shrunk"][kind.name()].as_array().expect("fits") {
                let lambda = expected["lambda"].as_f64().expect("a penalty");
                let fit = reference.data.fit_shrunk(&reference.split, kind, lambda).expect("a fit");
                let what = format!("{} {lambda}", kind.name());
                same_metrics(&format!("{what} train"), &fit.train, &expected["train"], SHRUNK);
                same_metrics(&format!("{what} test"), &fit.test, &expected["test"], SHRUNK);
                close(&format!("{what} intercept"), fit.intercept, &expected["intercept"], SHRUNK);
                same_coefficients(&what, &reference, &fit.coefficients, expected);
            }
        }
    }
}

/// Coefficients one by one, but for the lasso on repeated columns, which may share one at will.
fn same_coefficients(
    what: &str,
    reference: &Reference,
    found: &[cltv_accounts::regression::ShrunkCoefficient],
    expected: &Value,
) {
    if what.starts_with("lasso") && !strings(&reference.ols()["dropped"]).is_empty() {
        return;
    }
    let largest = found.iter().map(|row| row.standardised.abs()).fold(0.0, f64::max);
    for (row, expected) in found.iter().zip(expected["standardised"].as_array().expect("coefficients")) {
        let expected = expected.as_f64().expect("a number");
        let error = (row.standardised - expected).abs() / largest;
        assert!(error < SHRUNK, "{what} {}: {} is not {expected}", row.name, row.standardised);
        assert_eq!(row.standardised == 0.0, expected == 0.0, "{what} {}", row.name);
    }
}

fn same_multipliers(reference: &Reference, fit: &MultiplicativeFit) {
    let expected = &reference.figures["multiplicative"];
    assert_eq!(fit.logarithms, strings(&expected["logarithms"]));
    same_metrics("multiplicative train", &fit.train, &expected["train"], TOLERANCE);
    same_metrics("multiplicative test", &fit.test, &expected["test"], TOLERANCE);
    let names = strings(&expected["kept"]);
    assert_eq!(fit.coefficients.len(), names.len());
    assert!(fit.coefficients.iter().zip(&names).skip(1).all(|(row, name)| row.name == *name), "{names:?}");
    for (k, row) in fit.coefficients.iter().enumerate() {
        close(&row.name, row.estimate, &expected["estimates"][k], 1e-7);
        close(&format!("error of {}", row.name), row.robust_error, &expected["robust"][k], 1e-7);
    }
}

#[test]
fn multipliers_are_those_of_a_poisson_score() {
    for reference in [accounts(), deficient()] {
        let fit = reference.data.fit_multiplicative(&reference.split).expect("a fit");
        same_multipliers(&reference, &fit);
    }
}

#[test]
fn the_log_target_is_smeared_back() {
    let reference = accounts();
    let expected = &reference.figures["log"];
    let fit = reference.data.fit_log(&reference.split, Retransformation::Smearing).expect("a fit");
    close("smearing", fit.factor, &expected["smearing"], TOLERANCE);
    same_metrics("log train", &fit.train, &expected["train"], TOLERANCE);
    same_metrics("log test", &fit.test, &expected["test"], TOLERANCE);
    let plain = reference.data.fit_log(&reference.split, Retransformation::Plain).expect("a fit");
    assert_eq!(plain.factor, 1.0);
    let ratio = fit.predict(&reference.data).unwrap()[7] / plain.predict(&reference.data).unwrap()[7];
    close("ratio", ratio, &expected["smearing"], 1e-12);
}
