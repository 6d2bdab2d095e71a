//! Models without a reference: limits, the definition by simulation, and recovery.

mod common;

use cltv_models::{
    BgCnbdK, BgNbdParams, CnbdKParams, FitError, GgompertzNbd, GgompertzNbdParams, HessianStatus, History,
    InputError, MbgCnbdK, MbgNbdParams, ParetoNbd, ParetoNbdParams, PurchaseParameters, PurchasePredictions,
    RfmSummary, TimeUnit, ln_intervals, simulate_histories, simulate_purchase_times, summary_of,
};
use common::*;

fn points() -> Vec<History> {
    vec![history(0, 0.0, 39.0), history(1, 2.0, 39.0), history(26, 30.9, 31.0), history(300, 38.0, 39.0)]
}

/// Two models predict the same, to a relative tolerance.
#[track_caller]
fn same(left: &dyn PurchasePredictions, right: &dyn PurchasePredictions, tolerance: f64) {
    for point in points() {
        let pair = |what: &str, f: &dyn Fn(&dyn PurchasePredictions) -> f64| {
            let (left, right) = (f(left), f(right));
            if left != right {
                close(&format!("{what} of {point:?}"), left, right, tolerance);
            }
        };
        pair("log-likelihood", &|model| model.history_log_likelihood(point));
        pair("P(alive)", &|model| model.p_alive(point));
        pair("P(gone)", &|model| model.p_gone(point));
        // Without repeat purchases this mean is decided in a tail where a Gompertz life, however
        // slow, ends and a Pareto life does not.
        if point.x > 0 {
            pair("next purchase", &|model| model.time_to_next_purchase_if_alive(point));
        }
        for t in [0.5, 10.0, 200.0] {
            pair("E", &|model| model.expected_purchases(point, t));
            pair("E new", &|model| model.expected_purchases_new(t));
            pair("P(alive) later", &|model| model.p_alive_after(point, t));
            for n in [0, 1, 4] {
                pair("PMF", &|model| model.pmf_future(point, n, t));
                pair("PMF new", &|model| model.pmf(n, t));
            }
        }
        pair("DERT", &|model| model.discounted_residual_purchases(point, 0.003));
        pair("DERT of a year", &|model| model.discounted_purchases_within(point, 52.0, 0.003));
    }
}

#[test]
fn cnbd_1_is_the_poisson_model() {
    let week = TimeUnit::Week;
    let (k, poisson) = (
        CnbdKParams::bg(1, 0.243, 4.414, 0.793, 2.426, week).expect("positive"),
        BgNbdParams::new(0.243, 4.414, 0.793, 2.426, week).expect("positive"),
    );
    same(&k, &poisson, 1e-9);
    let (k, poisson) = (
        CnbdKParams::mbg(1, 0.525, 6.183, 0.891, 1.614, week).expect("positive"),
        MbgNbdParams::new(0.525, 6.183, 0.891, 1.614, week).expect("positive"),
    );
    same(&k, &poisson, 1e-9);
}

#[test]
fn ggompertz_with_a_small_b_is_the_pareto_nbd() {
    let b = 1e-10;
    let (gompertz, pareto) = (
        GgompertzNbdParams::new(0.553, 10.58, b, 0.606, 11.67 * b, TimeUnit::Week).expect("positive"),
        ParetoNbdParams::new(0.553, 10.58, 0.606, 11.67, TimeUnit::Week).expect("positive"),
    );
    same(&gompertz, &pareto, 1e-5);
}

/// CLVTools finds no better point than the Pareto/NBD's either.
#[test]
fn ggompertz_on_cdnow_goes_to_its_pareto_boundary() {
    let fit = GgompertzNbd::default().fit(&day_exact_summary()).expect("a fit that says so");
    println!("{fit}");
    let pareto = ParetoNbd::default().fit(&day_exact_summary()).expect("a fit");
    let printed = &published()["published"]["ggomnbd_cdnow"];
    assert!((fit.log_likelihood() - number(&printed["LL"])).abs() < 1e-3);
    assert!(fit.log_likelihood() <= pareto.log_likelihood() + 1e-6);
    assert!(matches!(&fit.convergence().hessian, HessianStatus::Flat { along } if along.contains(&"b")));
    for name in ["r", "alpha", "s"] {
        let k = fit.parameter_names().iter().position(|known| *known == name).expect("a parameter");
        close(name, fit.estimates()[k], number(&printed[name]), 2e-3);
    }
    let beta = fit.params().beta() / fit.params().b();
    close("β/b", beta, pareto.params().beta(), 2e-3);
}

/// What the models say of a customer, against many simulated customers who look the same.
fn simulation_agrees(params: &(impl PurchaseParameters + PurchasePredictions), seed: u64) {
    let (age, t) = (12.0, 9.0);
    let all = simulate_purchase_times(params, &vec![age + t; 120_000], seed);
    let (mut seen, mut later, mut none, mut one) = (0.0, 0.0, 0.0, 0.0);
    let (mut expected, mut chance_none, mut chance_one) = (0.0, 0.0, 0.0);
    for times in &all {
        let before: Vec<f64> = times.iter().copied().filter(|time| *time <= age).collect();
        // Everybody with two purchases, the last between 5 and 6: predictions hardly differ.
        let Some(&last) = before.last() else { continue };
        if before.len() != 2 || !(5.0..6.0).contains(&last) {
            continue;
        }
        let (point, future) = (history(2, last, age), times.len() - before.len());
        seen += 1.0;
        later += future as f64;
        none += f64::from(u8::from(future == 0));
        one += f64::from(u8::from(future == 1));
        expected += params.expected_purchases(point, t);
        chance_none += params.pmf_future(point, 0, t);
        chance_one += params.pmf_future(point, 1, t);
    }
    println!(
        "{seen} customers: {later} purchases, expected {expected}; none {none}, {chance_none}; one {one}, {chance_one}"
    );
    assert!(seen > 500.0);
    close("purchases", later, expected, 0.1);
    for (count, chance) in [(none, chance_none), (one, chance_one)] {
        let deviation = (chance * (1.0 - chance / seen)).sqrt();
        assert!((count - chance).abs() < 4.0 * deviation, "{count} {chance} of {seen}");
    }
    let new: usize = all.iter().map(Vec::len).sum();
    let expected = params.expected_purchases_new(age + t) * all.len() as f64;
    close("new customers", new as f64, expected, 0.02);
    let silent = all.iter().filter(|times| times.is_empty()).count() as f64;
    close("PMF", silent, params.pmf(0, age + t) * all.len() as f64, 0.02);
}

#[test]
fn simulated_futures_are_as_predicted() {
    let week = TimeUnit::Week;
    simulation_agrees(&CnbdKParams::bg(3, 1.5, 2.5, 0.8, 2.4, week).expect("positive"), 1);
    simulation_agrees(&CnbdKParams::mbg(2, 1.2, 4.0, 0.5, 1.4, week).expect("positive"), 2);
    simulation_agrees(&GgompertzNbdParams::new(1.2, 6.0, 0.1, 0.7, 1.5, week).expect("positive"), 3);
    simulation_agrees(&ParetoNbdParams::new(1.2, 6.0, 0.7, 9.0, week).expect("positive"), 4);
    simulation_agrees(&MbgNbdParams::new(1.2, 6.0, 0.5, 1.4, week).expect("positive"), 5);
}

fn with_intervals(params: &CnbdKParams, ages: &[f64], seed: u64) -> RfmSummary {
    let sums = simulate_purchase_times(params, ages, seed).iter().map(|times| ln_intervals(times)).collect();
    let histories = simulate_histories(params, ages, seed);
    let rfm = summary_of(TimeUnit::Week, &histories, None).expect("good rows");
    rfm.with_ln_intervals(sums).expect("possible sums")
}

#[test]
fn cnbd_k_recovers_k_and_parameters() {
    let ages: Vec<f64> = (0..3000).map(|i| 30.0 + f64::from(i % 40)).collect();
    let truth = CnbdKParams::bg(3, 1.3, 4.0, 0.8, 2.4, TimeUnit::Week).expect("positive");
    let fit = BgCnbdK::default().fit(&with_intervals(&truth, &ages, 11)).expect("a fit");
    println!("{fit}");
    assert_eq!(fit.params().k(), 3);
    for (interval, truth) in fit.confint(0.999).expect("identified").iter().zip([1.3, 4.0, 0.8, 2.4]) {
        assert!(interval.low < truth && truth < interval.high, "{interval:?} misses {truth}");
    }
    let truth = CnbdKParams::mbg(2, 1.1, 5.0, 0.9, 2.4, TimeUnit::Week).expect("positive");
    let rfm = with_intervals(&truth, &ages, 12);
    let fit = MbgCnbdK::default().fit(&rfm).expect("a fit");
    println!("{fit}");
    assert_eq!((fit.params().k(), fit.params().dropout_at_start()), (2, true));
    for (interval, truth) in fit.confint(0.999).expect("identified").iter().zip([1.1, 5.0, 0.9, 2.4]) {
        assert!(interval.low < truth && truth < interval.high, "{interval:?} misses {truth}");
    }
    // The likelihood has the intervals' terms: it changes with the unit as every density does.
    let days = MbgCnbdK::default().k(2).fit(&rfm.to_unit(TimeUnit::Day)).expect("a fit");
    let change = rfm.repeat_purchases() as f64 * 7.0_f64.ln();
    close("in days", days.log_likelihood(), fit.log_likelihood() - change, 1e-10);
    let histories: f64 = rfm.histories().into_iter().map(|h| fit.params().history_log_likelihood(h)).sum();
    let sums: f64 = rfm.ln_intervals().expect("given").iter().sum();
    close("constant", fit.log_likelihood(), histories + sums, 1e-10);
}

#[test]
fn ggompertz_recovers_its_parameters() {
    let truth = GgompertzNbdParams::new(1.5, 3.0, 0.08, 0.8, 2.0, TimeUnit::Week).expect("positive");
    let ages: Vec<f64> = (0..1500).map(|i| 40.0 + f64::from(i % 60)).collect();
    let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &ages, 21), None).expect("good rows");
    let fit = GgompertzNbd::default().fit(&rfm).expect("a fit");
    println!("{fit}");
    let intervals = fit.confint(0.999).expect("identified");
    for (interval, truth) in intervals.iter().zip([1.5, 3.0, 0.08, 0.8, 2.0]) {
        assert!(interval.low < truth && truth < interval.high, "{interval:?} misses {truth}");
    }
}

#[test]
fn intervals_that_cannot_be_are_named() {
    let rfm =
        || summary_of(TimeUnit::Week, &[history(2, 4.0, 9.0), history(0, 0.0, 9.0)], None).expect("good");
    let error = rfm().with_ln_intervals(vec![2.0, 0.0]).expect_err("more than 2 ln 2");
    assert!(error.to_string().contains("at most 1.386294"), "{error}");
    assert!(rfm().with_ln_intervals(vec![0.0, 1.0]).is_err());
    assert!(matches!(rfm().with_ln_intervals(vec![0.0]), Err(InputError::LengthMismatch { .. })));
    let kept = rfm().with_ln_intervals(vec![1.0, 0.0]).expect("possible");
    assert_eq!(kept.ln_intervals(), Some([1.0, 0.0].as_slice()));
    let error = BgCnbdK::default().fit(&two_decimal_summary()).expect_err("no intervals");
    assert_eq!(error, FitError::Input(InputError::NoIntervals { model: "BG/CNBD-k" }));
    assert!(BgCnbdK::default().k(21).fit(&two_decimal_summary()).is_err());
}
