//! Every chart function once: on CDNOW, on the embedded accounts, contracts and donors.

use cltv_accounts::formula::quartile_segments;
use cltv_models::{BgBb, ValuePlan};
use cltv_notebook::{Figure, charts};
use cltv_purchases::{Outputs, SegmentTable};
use cltv_workflow::*;

/// The chart was drawn, names itself as expected, and shows at least one row of values.
fn drawn(figure: Result<Figure, Error>, name: &str) -> Figure {
    let figure = figure.unwrap();
    let chart = figure.chart().unwrap_or_else(|| panic!("{name}: {figure}"));
    assert_eq!(chart.name(), name);
    assert!(!chart.text_summary().is_empty());
    assert!(figure.data().unwrap().height() > 0, "{name} shows nothing");
    figure
}

#[test]
fn charts_of_purchases() {
    let data = load(&Input::new("cdnow")).unwrap();
    drawn(charts::purchases_over_time(&data, "$"), "purchases_over_time");
    drawn(charts::recency(&data, "day"), "recency_distribution");
    drawn(charts::frequency(&data, "day"), "frequency_distribution");
    drawn(charts::monetary(&data, "day", "$"), "monetary_distribution");
    let curve = drawn(charts::concentration(&data, "$"), "concentration_curve");
    drawn(charts::cohort_retention(&data.cohorts().unwrap()), "cohort_retention");
    drawn(charts::customer_timelines(&data, "day", 25), "customer_timelines");
    let rfm = data.rfm("day", &SegmentTable::default()).unwrap();
    drawn(charts::rfm_heatmap(&rfm, "$"), "rfm_heatmap");
    drawn(charts::segment_overview(&rfm, "$"), "segment_overview");
    // The chart and the summary have the same Gini coefficient, each from its own place.
    let gini = format!("{:.3}", Concentration::of(rfm.monetary_total.unwrap().to_vec()).gini);
    assert!(curve.to_string().contains(&gini), "{curve} {gini}");
}

#[test]
fn charts_of_fits_and_values() {
    let data = load(&Input::new("cdnow")).unwrap();
    let split = data.split("week", "day").unwrap();
    let model = choose_model(&data, &split, "bg_nbd").unwrap();
    let fit = model.fit(&split.calibration).unwrap();
    drawn(charts::repeat_purchases(&split, &fit), "repeat_purchases");
    let holdout = check_holdout(&split, &fit).unwrap();
    drawn(charts::holdout_by_frequency(&holdout), "holdout_by_frequency");
    let tracking = track(&data, &split, &fit).unwrap();
    drawn(charts::cumulative_tracking(&tracking), "cumulative_tracking");
    drawn(charts::incremental_tracking(&tracking), "incremental_tracking");
    let history = data.summary("week", "day").unwrap();
    let models = fit_models(&history, &model).unwrap();
    drawn(charts::spend_density(&history, &models.spend, "$"), "spend_density");
    drawn(charts::expected_purchases_matrix(&history, &models, 6), "expected_purchases_matrix");
    drawn(charts::p_alive_matrix(&history, &models), "p_alive_matrix");
    let scores = score(&history, &models, &ValuePlan::new(6, 0.10, 1.0).unwrap()).unwrap();
    drawn(charts::clv_distribution(&scores, "$"), "clv_distribution");
    drawn(charts::value_intervals(&scores, "$"), "value_intervals");
    let rfm = data.rfm("day", &SegmentTable::default()).unwrap();
    let customers = segment(&scores, &rfm, &TierRules::default()).unwrap();
    drawn(charts::value_by_tier(&customers, "$"), "value_by_group");
    drawn(charts::value_by_segment_and_tier(&customers, "$"), "value_by_segment_and_tier");
    let figure = drawn(charts::clv_by_p_return(&customers, "$"), "clv_by_p_return");
    let folder = std::env::temp_dir().join(format!("cltv_charts_{}", std::process::id()));
    let out = Outputs::open(&folder.display().to_string()).unwrap();
    figure.save(&out).unwrap();
    assert!(folder.join("visualizations/clv_by_p_return.html").is_file());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn charts_of_money_without_amounts_are_skipped_with_a_sentence() {
    let data = load(&Input::new("cdnow").amount_column("")).unwrap();
    let history = data.summary("week", "day").unwrap();
    let models = fit_models(&history, "bg_nbd").unwrap();
    let scores = score(&history, &models, &ValuePlan::new(6, 0.10, 1.0).unwrap()).unwrap();
    let customers =
        segment(&scores, &data.rfm("day", &SegmentTable::default()).unwrap(), &TierRules::default()).unwrap();
    for figure in [
        charts::monetary(&data, "day", "$"),
        charts::concentration(&data, "$"),
        charts::spend_density(&history, &models.spend, "$"),
        charts::clv_distribution(&scores, "$"),
        charts::value_intervals(&scores, "$"),
        charts::value_by_tier(&customers, "$"),
        charts::value_by_segment_and_tier(&customers, "$"),
        charts::clv_by_p_return(&customers, "$"),
    ] {
        let figure = figure.unwrap();
        assert!(figure.chart().is_none() && figure.to_string().contains("no amounts"), "{figure}");
        assert_eq!(figure.data().unwrap().height(), 0);
    }
}

#[test]
fn charts_of_comparisons() {
    let data = load(&Input::new("cdnow")).unwrap();
    let split = data.split("week", "day").unwrap();
    let regularity = data.regularity("day").unwrap();
    drawn(charts::purchase_regularity(&regularity), "purchase_regularity");
    let none = Regularity { order: None, shares: Vec::new() };
    let figure = charts::purchase_regularity(&none).unwrap().to_string();
    assert!(figure.contains("nobody bought three times"), "{figure}");
    let models = purchase_models("NBD, MBG/NBD").unwrap();
    let mut comparison = compare_models(&split, &models).unwrap();
    drawn(charts::model_totals(&comparison), "model_totals");
    drawn(charts::decile_calibration(&comparison, "mbg_nbd"), "decile_calibration");
    comparison.rows[0].result = Err(cltv_models::FitError::NobodyLeft { model: "NBD", customers: 7 });
    let error = charts::decile_calibration(&comparison, "NBD").unwrap_err();
    assert!(matches!(error, Error::Fit(_)), "{error}");
    let error = charts::decile_calibration(&comparison, "bg_nbd").unwrap_err().to_string();
    assert!(error.ends_with("the models are MBG/NBD."), "{error}");
    let origins = data.backtest("week", "day", 2, &models).unwrap();
    drawn(charts::rolling_backtest(&origins), "rolling_backtest");
}

#[test]
fn charts_of_uncertainty_for_two_models() {
    let history = load(&Input::new("cdnow")).unwrap().summary("week", "day").unwrap();
    for (name, last) in [("bg_nbd", ["a", "b"]), ("pareto_nbd", ["s", "beta"])] {
        let models = fit_models(&history, name).unwrap();
        let bootstrap = bootstrap_purchases(&history, &models.purchases, 20, 42).unwrap();
        let posterior = sample_purchases(&history, name, 60, 42).unwrap();
        let intervals = compare_intervals(&history, &models.purchases, &bootstrap, &posterior).unwrap();
        drawn(charts::interval_methods(&intervals), "interval_methods");
        let cloud = drawn(charts::posterior_cloud(&models.purchases, &posterior), "posterior_cloud");
        let shown = cloud.data().unwrap();
        let names: Vec<&str> = shown.columns().iter().take(2).map(|column| column.name().as_str()).collect();
        assert_eq!(names, last);
    }
    let other = sample_purchases(&history, "nbd", 60, 42).unwrap();
    let fit = fit_models(&history, "bg_nbd").unwrap().purchases;
    let error = charts::posterior_cloud(&fit, &other).unwrap_err().to_string();
    assert!(error.contains("no parameter called \"a\""), "{error}");
    let plan = ValuePlan::new(6, 0.10, 1.0).unwrap();
    let spend = sample_spend(&history, 60, 42).unwrap();
    let values = posterior_values(&history, &other, &spend, &plan).unwrap();
    drawn(charts::total_value(&values, &plan, "$"), "total_value_draws");
}

#[test]
fn charts_of_contracts_and_opportunities() {
    let mut fits = load_contracts(&ContractInput::default()).unwrap().fit(5).unwrap();
    drawn(charts::contract_survival(&fits, "regular", 12), "contract_survival");
    drawn(charts::contract_retention(&fits, "regular", 12), "contract_retention");
    drawn(charts::residual_lifetime(&fits, "regular", 12, 0.10), "residual_lifetime");
    for discount in [0.0, 10.0] {
        assert!(charts::residual_lifetime(&fits, "regular", 5, discount).is_err());
    }
    let error = charts::contract_survival(&fits, "gold", 12).unwrap_err().to_string();
    assert!(error.contains("highend, regular"), "{error}");
    // Nobody is left to renew after the second renewal.
    fits.fits[1].alive = vec![1000, 400, 0, 0];
    let figure = charts::contract_retention(&fits, "regular", 3).unwrap();
    let drawn_values = figure.chart().unwrap().figure_json();
    assert_eq!(drawn_values["data"][0]["y"].to_string(), "[0.4,0.0]");

    let donors = load_opportunities(&OpportunityInput::default()).unwrap();
    let fit = BgBb::default().fit(&donors.summary).unwrap();
    drawn(charts::opportunity_counts(&donors, &fit), "opportunity_counts");
    let mut scores = donors.score(&fit, 5, 0.10).unwrap();
    drawn(charts::opportunities_expected(&scores, "donation"), "opportunities_expected");
    drawn(charts::opportunities_alive(&scores), "opportunities_alive");
    // The most frequent history is of 6 opportunities, most customers have 5.
    for row in &mut scores.rows {
        row.history.n = if row.history.x == 0 { 6 } else { 5 };
        row.history.t_x = row.history.t_x.min(5);
    }
    let text = charts::opportunities_alive(&scores).unwrap().to_string();
    assert!(text.contains("histories of 5 opportunities") && text.contains("3,464 customers"), "{text}");
}

#[test]
fn charts_of_the_formula() {
    let pupils = classroom(42, 500).unwrap();
    let quarters = quartile_segments(&pupils.values()).unwrap();
    drawn(charts::value_by_quarter(&quarters, "$"), "value_by_quarter");
    let base = load(&Input::new("cdnow")).unwrap().averages("day", "quarter", 0.10, 1.0).unwrap();
    drawn(charts::retention_curve(&base), "retention_curve");
    drawn(charts::value_sensitivity(&base.formula, "$"), "value_sensitivity");
}

#[test]
fn charts_of_accounts() {
    let book = load_crm(&CrmInput::new("crm_accounts")).unwrap();
    let (accounts, values) = (book.accounts().unwrap(), book.values().unwrap());
    drawn(charts::account_values(&values, "realised", "$"), "account_value_distribution");
    drawn(charts::account_concentration(&values, "$"), "account_value_concentration");
    drawn(charts::income_and_value(&accounts, "$"), "income_and_value");
    let design = book.design("", 12).unwrap();
    let parts = design.split("sklearn", 0.20, 42).unwrap();
    let fit = design.fit(&parts).unwrap();
    drawn(charts::actual_and_predicted(&fit, "$"), "actual_and_predicted");
    drawn(charts::residuals_and_fitted(&fit, "$"), "residuals_and_fitted");
    let checks = fit.diagnostics();
    drawn(charts::normal_quantiles(&checks), "normal_quantiles");
    drawn(charts::leverage(&design, &checks), "leverage");
    let comparison = design.compare(&parts, 42).unwrap();
    drawn(charts::best_predictions(&design.best(&parts, &comparison).unwrap(), "$"), "best_predictions");
    let outlook = forecast_expenses(&accounts, 6, 0.90).unwrap();
    drawn(charts::expense_forecast(&outlook, "$"), "expense_forecast");
    drawn(charts::volatility_map(&outlook, "$"), "volatility_map");
    for by in [GroupBy::Channel, GroupBy::Segment] {
        let economics = economics(&accounts, &values, 0.62, by).unwrap();
        drawn(charts::ltv_to_cac(&economics), &format!("ltv_to_cac_by_{}", by.name()));
    }
}

/// A chart function that no test above calls fails here.
#[test]
fn every_chart_function_is_tested() {
    let (list, tests) = (include_str!("../src/charts.rs"), include_str!("charts.rs"));
    let exported = list.split("pub use ").skip(1).filter_map(|item| item.split_once("::{"));
    let names = exported.flat_map(|(_, names)| names.split('}').next().unwrap_or_default().split(','));
    let names: Vec<&str> = names.map(str::trim).filter(|name| !name.is_empty()).collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        assert!(tests.contains(&format!("charts::{name}(")), "{name} is not tested");
    }
}
