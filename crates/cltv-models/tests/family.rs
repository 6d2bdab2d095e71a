//! All models of purchases behind one type: fits, values, and fits saved and loaded.

mod common;

use cltv_models::{
    BgBb, BgNbd, Cohort, ContractCohorts, DrawPlan, Fitted, GammaGamma, InputError, MbgCnbdK, ParameterDraws,
    Predictive, PurchaseFit, PurchaseModel, PurchasePredictions, RfmSummary, SAVED_VERSION,
    ShiftedBetaGeometric, TimeUnit, ValuePlan, customer_activity, lifetime_value,
};
use common::*;

/// The models that CDNOW's summary, which has no times between purchases, can be fitted with.
fn models() -> Vec<PurchaseModel> {
    let with_intervals = ["BG/CNBD-k", "MBG/CNBD-k"];
    let mut models = PurchaseModel::all();
    models.retain(|model| !with_intervals.contains(&model.name()));
    models.push(MbgCnbdK::default().k(1).into());
    models
}

fn fits(rfm: &RfmSummary) -> Vec<PurchaseFit> {
    models().iter().map(|model| model.fit(rfm).expect("a fit")).collect()
}

#[test]
fn every_fit_predicts_values_and_comes_back_from_its_text() {
    let rfm = two_decimal_summary();
    let spend = GammaGamma::default().fit(&rfm).expect("a fit");
    let plan = ValuePlan::new(12, 0.1, 0.3).expect("a plan");
    for fit in fits(&rfm) {
        let values = lifetime_value(&fit, &spend, &rfm, &plan).expect("values");
        let activity = customer_activity(&fit, &rfm, &plan).expect("activity");
        let total = values.total();
        println!("{}: {total:.0}, AIC {:.1}", fit.name(), fit.aic());
        assert!((10_000.0..60_000.0).contains(&total), "{}: {total}", fit.name());
        assert_eq!((values.len(), values.is_empty()), (rfm.len(), false));
        assert!(values.clv.iter().all(|clv| *clv >= 0.0));
        assert!(values.value_if_reactivated.iter().all(|value| value.is_nan() || *value >= 0.0));
        assert_eq!(values.p_return, activity.p_return);
        assert_eq!(values.expected_purchases, activity.expected_purchases);
        assert_eq!(values.p_alive, fit.p_alive_all(&rfm).expect("the same unit"));
        is_predictive(&fit, &rfm);
        comes_back(&fit, &rfm);
    }
}

/// Any fit gives predictive distributions, whose means are its expectations.
fn is_predictive(fit: &PurchaseFit, rfm: &RfmSummary) {
    let predictive = Predictive::at(fit.center_params());
    let returns = fit.p_return_all(rfm, 39.0).expect("the same unit");
    assert_eq!(returns, predictive.p_return_all(rfm, 39.0).expect("the same unit"));
    let counts = predictive.counts(rfm, 39.0).expect("a horizon");
    counts
        .distributions()
        .iter()
        .zip(returns)
        .for_each(|(counts, returns)| close("P(return)", counts.at_least_one(), returns, 1e-9));
    let expected: f64 = fit.expected_purchases_all(rfm, 39.0).expect("the same unit").iter().sum();
    close("total", predictive.total(rfm, 39.0, 0.95).expect("a sum").expected, expected, 1e-6);
    let plan = DrawPlan { count: 20, ..DrawPlan::default() };
    if fit.identified() {
        let some = [(0..60).collect()];
        let at = predictive.sums(rfm, &some, 39.0, 0.95).expect("a sum")[0];
        let mixed =
            Predictive::over(fit, &plan).expect("draws").sums(rfm, &some, 39.0, 0.95).expect("a sum")[0];
        assert!(mixed.low < at.expected && at.expected < mixed.high, "{}: {mixed:?}", fit.name());
    }
}

fn comes_back(fit: &PurchaseFit, rfm: &RfmSummary) {
    let text = fit.to_json();
    assert!(text.len() < 3000, "{}", text.len());
    let loaded = PurchaseFit::from_json(&text).expect("the same fit");
    assert_eq!((loaded.name(), loaded.n_obs(), loaded.unit()), (fit.name(), fit.n_obs(), fit.unit()));
    assert_eq!(loaded.model(), fit.model());
    assert_eq!(loaded.identified(), fit.identified());
    for (left, right) in loaded.estimates().into_iter().zip(fit.estimates()) {
        close("estimate", left, right, 1e-15);
    }
    for i in 0..30 {
        let point = rfm.history(i * 70);
        close("P(alive)", loaded.p_alive(point), fit.p_alive(point), 1e-12);
    }
    if let (Ok(left), Ok(right)) = (loaded.std_errors(), fit.std_errors()) {
        left.iter().zip(right).for_each(|(left, right)| close("error", *left, right, 1e-12));
    }
    let at = fit.predictions_at(&fit.estimates()).expect("its own parameters");
    assert_eq!(at.expected_purchases_new(52.0), fit.expected_purchases_new(52.0));
    assert!(fit.predictions_at(&[1.0]).is_err());
    let days = rfm.to_unit(TimeUnit::Day);
    let plan = ValuePlan::new(6, 0.1, 1.0).expect("a plan");
    let error = customer_activity(&loaded, &days, &plan).expect_err("days");
    assert!(matches!(error, InputError::UnitMismatch { .. }), "{error}");
}

#[test]
fn other_fits_come_back_too() {
    let text = BgBb::default().fit(&donations()).expect("a fit").to_json();
    let fit = Fitted::<BgBb>::from_json(&text).expect("the same fit");
    close("α", fit.params().alpha(), 1.203_522_351_6, 1e-9);
    let error = PurchaseFit::from_json(&text).expect_err("no model of histories").to_string();
    assert!(error.contains("BG/BB") && error.contains("Pareto/NBD"), "{error}");
    let cohort = Cohort::new("regular", &[1000, 631, 468, 382, 326, 289, 262, 241]);
    let cohorts = ContractCohorts::try_new(TimeUnit::Year, vec![cohort]).expect("good counts");
    let fit = ShiftedBetaGeometric::default().fit(&cohorts).expect("a fit");
    let loaded = Fitted::<ShiftedBetaGeometric>::from_json(&fit.to_json()).expect("the same fit");
    close("survival", loaded.survival(20), fit.survival(20), 1e-13);
    let spend = GammaGamma::default().penalty(1e-4).fit(&two_decimal_summary()).expect("a fit");
    let loaded = Fitted::<GammaGamma>::from_json(&spend.to_json()).expect("the same fit");
    assert_eq!(loaded.penalty(), 1e-4);
}

#[test]
fn other_texts_are_refused_by_name() {
    let fit = BgNbd::default().fit(&two_decimal_summary()).expect("a fit");
    let text = fit.to_json();
    let error = |text: &str| Fitted::<BgNbd>::from_json(text).expect_err("refused").to_string();
    assert!(error("{").contains("not a saved fit"));
    assert!(error("{\"format\": \"other\"}").contains("format"));
    let version = format!("\"version\": {SAVED_VERSION}");
    assert!(error(&text.replace(&version, "\"version\": 99")).contains("version 99"));
    assert!(error(&text.replace("\"week\"", "\"fortnight\"")).contains("fortnight"));
    assert!(error(&text.replace("BG/NBD", "Pareto/NBD")).contains("not of BG/NBD"));
    assert!(error(&text.replace("\"alpha\"", "\"beta\"")).contains("r, beta, a, b"));
    let negative = text.replace("\"value\": 0.2", "\"value\": -0.2");
    assert!(error(&negative).contains("must be a positive"), "{}", error(&negative));
    assert!(error(&text.replace("positive definite", "odd")).contains("odd"));
    let mut lopsided: serde_json::Value = serde_json::from_str(&text).expect("json");
    for (place, value) in [((0, 1), 9.0), ((2, 2), -1.0)] {
        let before = lopsided["log_covariance"][place.0][place.1].take();
        lopsided["log_covariance"][place.0][place.1] = value.into();
        assert!(error(&lopsided.to_string()).contains("covariance"), "{place:?}");
        lopsided["log_covariance"][place.0][place.1] = before;
    }
    let other = Fitted::<MbgCnbdK>::from_json(&text).expect_err("another model");
    assert_eq!(other, InputError::OtherModel { found: "BG/NBD".into(), expected: "MBG/CNBD-k" });
}
