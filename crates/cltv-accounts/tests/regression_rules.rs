//! What a regression refuses, warns of and promises, on data made for it.

use cltv_accounts::numpy_random::RandomState;
use cltv_accounts::regression::{
    Feature, Folds, LeakageLevel, RegressionData, RegressionError, RegressionModel, Retransformation,
    Shrinkage, Split, SplitRule, own_split, regression_metrics, sklearn_split,
};
use proptest::prelude::*;

fn numbers(n: usize, seed: u32) -> Vec<f64> {
    let mut random = RandomState::new(seed);
    (0..n).map(|_| random.standard_normal()).collect()
}

fn plain(n: usize) -> RegressionData {
    let (x, e) = (numbers(n, 1), numbers(n, 2));
    let y = x.iter().zip(&e).map(|(x, e)| 10.0 + x + 0.5 * e).collect();
    let parity = (0..n).map(|k| if k % 2 == 0 { "even" } else { "odd" }.to_owned()).collect();
    let features = vec![Feature::categorical("parity", parity), Feature::numeric("x", x)];
    RegressionData::new("ltv", y, features).expect("columns")
}

fn refused(target: Vec<f64>, features: Vec<Feature>) -> String {
    RegressionData::new("ltv", target, features).unwrap_err().to_string()
}

#[test]
fn bad_columns_are_named_with_their_row() {
    let x = || Feature::numeric("x", vec![1.0, 2.0, 3.0]);
    let y = || vec![1.0, 2.0, 4.0];
    let words = |words: [&str; 3]| words.map(str::to_owned).to_vec();
    let cases = [
        (refused(y(), vec![]), "no features for the target \"ltv\""),
        (refused(vec![1.0, f64::NAN, 2.0], vec![x()]), "column \"ltv\" is NaN in row 2; fill the cell"),
        (refused(y(), vec![Feature::numeric("x", vec![1.0])]), "\"x\" has 1 rows but the target has 3"),
        (refused(y(), vec![Feature::numeric("x", vec![1.0, 2.0, f64::INFINITY])]), "\"x\" is inf in row 3"),
        (
            refused(y(), vec![Feature::categorical("plan", words(["a", " ", "b"]))]),
            "\"plan\" is empty in row 2",
        ),
        (refused(y(), vec![x(), x()]), "two columns of the design are called \"x\""),
        (refused(y(), vec![Feature::numeric("ltv", y())]), "two columns of the design are called \"ltv\""),
    ];
    for (message, part) in cases {
        assert!(message.contains(part), "{message}");
    }
    let ids = (0..600).map(|k| format!("A{k}")).collect();
    let message = refused(numbers(600, 1), vec![Feature::categorical("account_id", ids)]);
    assert!(
        message.contains("600 different values in 600 rows, more than the 60")
            && message.contains("drop_columns")
    );
}

#[test]
fn splits_that_cannot_be_are_refused() {
    for share in [0.0, 1.0, -0.2, f64::NAN, 0.95] {
        let message = sklearn_split(10, share, 42).unwrap_err().to_string();
        assert!(message.contains(&format!("test_share {share} of 10 rows")), "{message}");
        assert!(own_split(10, share, 42).is_err());
    }
    assert!(sklearn_split(1, 0.5, 42).is_err());
    assert_eq!(
        SplitRule::Sklearn.split(10, 0.2, 1 << 32).unwrap_err(),
        RegressionError::BadSeed { seed: 1 << 32 }
    );
    assert!(SplitRule::Own.split(10, 0.2, 1 << 32).is_ok());
    assert_eq!(SplitRule::Sklearn.split(10, 0.2, 42), sklearn_split(10, 0.2, 42));
}

#[test]
fn folds_that_cannot_be_are_refused() {
    let data = plain(20);
    let rows: Vec<usize> = (0..20).collect();
    for count in [0, 1, 21] {
        let error = data.cross_validate(&rows, &Folds { count, seed: None }).unwrap_err();
        assert_eq!(error, RegressionError::BadFolds { folds: count, rows: 20 });
    }
    assert!(data.cross_validate(&[25], &Folds::default()).is_err());
    assert!(
        data.cross_validate(&[1, 2, 3, 4, 25], &Folds::default()).unwrap_err().to_string().contains("row 26")
    );
}

#[test]
fn fits_that_cannot_be_are_refused() {
    let data = plain(20);
    let few = Split { train: vec![0, 1, 2], test: vec![3] };
    assert_eq!(data.fit(&few).unwrap_err(), RegressionError::TooFewRows { rows: 3, parameters: 3 });
    let outside = Split { train: vec![0, 1, 2, 3, 20], test: vec![3] };
    assert_eq!(data.fit(&outside).unwrap_err(), RegressionError::RowOutside { row: 21, rows: 20 });
    assert!(data.fit(&Split { train: (0..20).collect(), test: vec![] }).is_err());
    assert!(data.fit(&Split { train: vec![], test: vec![1] }).is_err());
    let flat =
        RegressionData::new("ltv", vec![7.0; 20], vec![Feature::numeric("x", numbers(20, 3))]).unwrap();
    let split = sklearn_split(20, 0.2, 42).unwrap();
    let message = flat.fit(&split).unwrap_err().to_string();
    assert_eq!(
        message,
        "the target \"ltv\" is 7 in every training row; check the column, or choose a target that varies"
    );
    for lambda in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            data.fit_shrunk(&split, Shrinkage::Lasso, lambda),
            Err(RegressionError::BadPenalty { .. })
        ));
    }
    let losses =
        RegressionData::new("ltv", numbers(20, 4), vec![Feature::numeric("x", numbers(20, 3))]).unwrap();
    let message = losses.fit_log(&split, Retransformation::Smearing).unwrap_err().to_string();
    assert!(message.contains("does not exist in") && message.contains("smallest value"), "{message}");
    let comparison = losses.compare_models(&split, &Folds::default()).expect("three models");
    assert_eq!(comparison.models.len(), 3, "{comparison}");
    assert!(
        comparison.negative_predictions.as_ref().is_some_and(|text| text.contains("20 of 20 rows")),
        "{comparison}"
    );
    assert!(comparison.notes[0].starts_with("The log target model cannot be fitted: "), "{comparison}");
    assert!(comparison.notes[1].starts_with("The multiplicative model cannot be fitted: "), "{comparison}");
    assert!(regression_metrics(&[1.0], &[], 1).is_err());
    assert!(regression_metrics(&[], &[], 1).is_err());
}

#[test]
fn predictions_need_the_columns_of_the_fit() {
    let data = plain(60);
    let split = sklearn_split(60, 0.25, 42).unwrap();
    let fit = data.fit(&split).expect("a fit");
    let all = fit.predict(&data).expect("the same columns");
    for (k, &row) in split.test.iter().enumerate() {
        assert_eq!(all[row], fit.test_predicted[k]);
    }
    let other =
        RegressionData::new("ltv", numbers(60, 4), vec![Feature::numeric("z", numbers(60, 3))]).unwrap();
    let message = fit.predict(&other).unwrap_err().to_string();
    assert!(message.contains("[x, parity_odd]") && message.contains("[z]"), "{message}");
}

#[test]
fn constant_columns_alone_predict_the_mean() {
    let y = numbers(40, 6);
    let data = RegressionData::new("ltv", y.clone(), vec![Feature::numeric("one", vec![1.0; 40])]).unwrap();
    let split = sklearn_split(40, 0.2, 42).unwrap();
    let fit = data.fit(&split).expect("a fit");
    assert_eq!((fit.coefficients.len(), fit.dropped.len()), (1, 1));
    assert!(fit.train.r2.abs() < 1e-12 && fit.f_statistic.is_nan());
    assert!(fit.diagnostics().check("Breusch-Pagan").is_none());
    let lasso = data.fit_shrunk(&split, Shrinkage::Lasso, 0.1).expect("a fit");
    assert_eq!((lasso.nonzero(), lasso.intercept), (0, fit.coefficients[0].estimate));
    assert!(data.choose_penalty(&split.train, Shrinkage::Lasso, &Folds::default()).is_err());
}

#[test]
fn a_row_with_a_category_of_its_own_has_no_residual() {
    let n = 60;
    let train: Vec<usize> = (0..50).collect();
    let split = Split { train, test: (50..n).collect() };
    let kind = (0..n).map(|k| if k == 7 { "only" } else { "all" }.to_owned()).collect();
    let features = vec![Feature::numeric("x", numbers(n, 1)), Feature::categorical("kind", kind)];
    let data = RegressionData::new("ltv", numbers(n, 2), features).unwrap();
    let fit = data.fit(&split).expect("a fit");
    assert!(fit.coefficients.iter().all(|row| row.std_error.is_finite() && row.robust_error.is_finite()));
    let diagnostics = fit.diagnostics();
    assert!(diagnostics.rows[7].standardised.is_nan() && (diagnostics.rows[7].leverage - 1.0).abs() < 1e-12);
    assert_eq!(diagnostics.qq.len(), 49);
}

#[test]
fn leaks_are_seen_through_any_rising_function_and_in_categories() {
    let value: Vec<f64> = numbers(300, 5).iter().map(|z| (2.0 * z).exp()).collect();
    let tier = value.iter().map(|v| format!("tier {}", (v.ln() * 4.0).round() as i64)).collect();
    let noisy = value.iter().zip(numbers(300, 8)).map(|(v, e)| v.ln() + 0.8 * e).collect();
    let features = vec![
        Feature::numeric("noise", numbers(300, 7)),
        Feature::numeric("noisy", noisy),
        Feature::numeric("score", value.iter().map(|v| -1.0 / v).collect()),
        Feature::categorical("tier", tier),
    ];
    let report = RegressionData::new("ltv", value, features).unwrap().leakage();
    let level = |name: &str| report.rows.iter().find(|row| row.feature == name).unwrap().level;
    assert_eq!(level("score"), LeakageLevel::Leak);
    assert_eq!(level("tier"), LeakageLevel::Leak);
    assert_eq!(level("noisy"), LeakageLevel::Suspicious);
    assert_eq!(level("noise"), LeakageLevel::Ok);
    let text = report.to_string();
    assert!(
        text.contains("score alone explains 100.0% of the target") && text.contains("drop_columns"),
        "{text}"
    );
    let clean = plain(50).leakage().to_string();
    assert!(!clean.contains("drop_columns"), "{clean}");
}

#[test]
fn the_right_model_wins_the_comparison() {
    let n = 500;
    let (a, b, e) = (numbers(n, 1), numbers(n, 2), numbers(n, 3));
    let value = (0..n).map(|k| (5.0 + 0.8 * a[k] + 0.5 * b[k] + 0.3 * e[k]).exp()).collect();
    let features =
        vec![Feature::numeric("a", a), Feature::numeric("b", b), Feature::numeric("c", numbers(n, 9))];
    let data = RegressionData::new("ltv", value, features).unwrap();
    let split = sklearn_split(n, 0.2, 42).unwrap();
    let comparison = data.compare_models(&split, &Folds::default()).expect("five models");
    // Both are of the right shape, and of equal worth.
    assert!(
        [RegressionModel::LogTarget, RegressionModel::Multiplicative].contains(&comparison.best),
        "{comparison}"
    );
    assert_eq!(comparison.models.len(), 5);
    let linear = &comparison.models[0];
    let log = &comparison.models[3];
    assert!(log.test.rmse < linear.test.rmse, "{comparison}");
    assert!((comparison.models[4].test.rmse / log.test.rmse - 1.0).abs() < 0.05, "{comparison}");
    let chosen = format!("The {} model has the lowest RMSE in the folds", comparison.best);
    assert!(comparison.to_string().contains(&chosen), "{comparison}");
    let path = data.choose_penalty(&split.train, Shrinkage::Lasso, &Folds::default()).expect("a path");
    assert_eq!(path.points.len(), 40);
    assert!(path.points.iter().all(|point| point.rmse >= path.best.rmse));
    assert!(path.one_standard_error.lambda >= path.best.lambda);
    let emptied = data.fit_shrunk(&split, Shrinkage::Lasso, 1.001 * path.points[0].lambda).unwrap();
    assert_eq!(emptied.nonzero(), 0, "the first penalty is the one that empties the model");
    let barely = data.fit_shrunk(&split, Shrinkage::Lasso, 0.999 * path.points[0].lambda).unwrap();
    assert_eq!(barely.nonzero(), 1);
}

#[test]
fn fits_and_summaries_say_themselves() {
    let data = plain(80);
    let split = sklearn_split(80, 0.2, 42).unwrap();
    let fit = data.fit(&split).unwrap();
    let text = fit.to_string();
    for part in ["(intercept)", "parity_odd", "VIF", "median AE", "64 training and 16 test rows"] {
        assert!(text.contains(part), "{text}");
    }
    let json = serde_json::to_value(fit.summary()).unwrap();
    for key in ["n_train", "n_test", "features", "r2", "adj_r2", "rmse", "mae", "medae"] {
        assert!(!json[key].is_null(), "{key}");
    }
    assert_eq!(json["rmse"]["test"], fit.test.rmse);
    assert!(fit.summary().to_string().starts_with("The linear model of ltv explains"));
    let ridge = data.fit_shrunk(&split, Shrinkage::Ridge, 0.1).unwrap();
    assert!(ridge.to_string().contains("A ridge regression of ltv with lambda 0.10000: 2 of 2 columns used"));
    assert_eq!(ridge.summary().model, RegressionModel::Ridge);
    let error = data.fit_model(&split, RegressionModel::Lasso, None).unwrap_err().to_string();
    assert_eq!(
        error,
        "the lasso regression needs its penalty lambda; choose it by folds, or give a number above 0"
    );
    let fitted = data.fit_model(&split, RegressionModel::Ridge, Some(0.1)).unwrap();
    assert_eq!((fitted.summary, fitted.test), (ridge.summary(), ridge.test));
    let log = data.fit_log(&split, Retransformation::Smearing).unwrap();
    assert!(log.to_string().contains("smeared") && log.summary().n_test == 16);
}

proptest! {
    #[test]
    fn splits_take_each_row_once(rows in 2_usize..300, share in 0.01..0.9_f64, seed in any::<u32>()) {
        for rule in [SplitRule::Sklearn, SplitRule::Own] {
            let Ok(split) = rule.split(rows, share, u64::from(seed)) else {
                prop_assert!((share * rows as f64).ceil() >= rows as f64);
                continue;
            };
            prop_assert_eq!(&split, &rule.split(rows, share, u64::from(seed)).unwrap());
            prop_assert_eq!(split.test.len(), (share * rows as f64).ceil() as usize);
            let mut all = [split.train, split.test].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..rows).collect::<Vec<_>>());
        }
    }

    #[test]
    fn residuals_are_orthogonal_to_the_columns_and_units_do_not_matter(seed in 0_u32..2000, unit in -6_i32..7) {
        let data = plain(40);
        let split = SplitRule::Own.split(40, 0.2, u64::from(seed)).unwrap();
        let fit = data.fit(&split).unwrap();
        prop_assert!(fit.residuals.iter().sum::<f64>().abs() < 1e-10);
        let scale = 10_f64.powi(unit);
        let scaled = data.target().iter().map(|y| y * scale).collect();
        let moved = RegressionData::new("ltv", scaled, data.features().to_vec()).unwrap().fit(&split).unwrap();
        prop_assert!((moved.test.r2 - fit.test.r2).abs() < 1e-9);
        prop_assert!((moved.coefficients[1].t / fit.coefficients[1].t - 1.0).abs() < 1e-8);
    }
}
