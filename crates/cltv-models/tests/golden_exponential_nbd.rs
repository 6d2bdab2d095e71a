//! Exponential/NBD against 50-digit figures of tests/golden/exponential_nbd.py, and as the limit of
//! the Pareto/NBD.

mod common;

use cltv_models::{ExponentialNbd, ExponentialNbdParams, ParetoNbdParams, PurchasePredictions, TimeUnit};
use common::*;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/exponential_nbd.json")).expect("exponential_nbd.json is json")
}

fn params(value: &Value) -> ExponentialNbdParams {
    let at = |name: &str| number(&value[name]);
    ExponentialNbdParams::new(at("r"), at("alpha"), at("mu"), TimeUnit::Week).expect("positive")
}

#[test]
fn predictions_and_likelihood_at_fixed_parameters() {
    let fixed = &golden()["fixed"];
    let params = params(&fixed["params"]);
    check_predictions(&params, fixed);
    let histories = two_decimal_summary().histories().into_iter();
    let sum: f64 = histories.map(|history| params.history_log_likelihood(history)).sum();
    close("log-likelihood", sum, number(&fixed["log_likelihood_sum"]), 1e-12);
}

#[test]
fn the_fit_is_the_optimum() {
    let optimum = &golden()["optimum"];
    let fit = ExponentialNbd::default().fit(&two_decimal_summary()).expect("a fit");
    println!("{fit}");
    let errors = fit.std_errors().expect("identified");
    for (k, name) in fit.parameter_names().into_iter().enumerate() {
        close(name, fit.estimates()[k], number(&optimum["params"][name]), 1e-9);
        close(name, errors[k], number(&optimum["standard_errors"][name]), 1e-6);
    }
    close("log-likelihood", fit.log_likelihood(), number(&optimum["log_likelihood"]), 1e-12);
}

#[test]
fn it_is_the_pareto_nbd_with_one_dropout_rate() {
    let one = ExponentialNbdParams::new(0.5, 10.0, 0.01, TimeUnit::Week).expect("positive");
    // Rates of mean 0.01 with a coefficient of variation of 1/10,000.
    let many = ParetoNbdParams::new(0.5, 10.0, 1e8, 1e10, TimeUnit::Week).expect("positive");
    for point in points(&golden()["fixed"]) {
        close("likelihood", many.history_log_likelihood(point), one.history_log_likelihood(point), 1e-6);
        close("P(alive)", many.p_alive(point), one.p_alive(point), 1e-6);
        close("E[Y(39)]", many.expected_purchases(point, 39.0), one.expected_purchases(point, 39.0), 1e-6);
    }
}
