//! Return probabilities and predictive distributions against 50-digit figures of
//! tests/golden/predictive.py.

mod common;

use cltv_models::{
    BgNbdParams, CnbdKParams, ExponentialNbdParams, GgompertzNbdParams, History, MbgNbdParams, NbdParams,
    ParetoNbdParams, PurchasePredictions, TimeUnit, for_each_purchase_model,
};
use common::*;
use serde_json::Value;

const WEEK: TimeUnit = TimeUnit::Week;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/predictive.json")).expect("predictive.json is json")
}

/// A model at the parameters of the golden file.
fn model(name: &str, p: &[f64]) -> Box<dyn PurchasePredictions> {
    match name {
        "BG/NBD" => Box::new(BgNbdParams::new(p[0], p[1], p[2], p[3], WEEK).expect("positive")),
        "MBG/NBD" => Box::new(MbgNbdParams::new(p[0], p[1], p[2], p[3], WEEK).expect("positive")),
        "Pareto/NBD" => Box::new(ParetoNbdParams::new(p[0], p[1], p[2], p[3], WEEK).expect("positive")),
        "NBD" => Box::new(NbdParams::new(p[0], p[1], WEEK).expect("positive")),
        "BG/CNBD-k" => Box::new(CnbdKParams::bg(3, p[0], p[1], p[2], p[3], WEEK).expect("positive")),
        "MBG/CNBD-k" => Box::new(CnbdKParams::mbg(2, p[0], p[1], p[2], p[3], WEEK).expect("positive")),
        "GGompertz/NBD" => {
            Box::new(GgompertzNbdParams::new(p[0], p[1], p[2], p[3], p[4], WEEK).expect("positive"))
        }
        "Exponential/NBD" => Box::new(ExponentialNbdParams::new(p[0], p[1], p[2], WEEK).expect("positive")),
        _ => panic!("{name} has no figures in tests/golden/predictive.py"),
    }
}

macro_rules! names {
    ($($model:ident),+) => {
        /// The names of all models of purchases.
        fn names() -> Vec<&'static str> {
            vec![$(<cltv_models::$model as cltv_models::HistoryModel>::NAME),+]
        }
    };
}

for_each_purchase_model!(names);

/// A model's name, the model, its figures, and the histories that they belong to.
type Case = (&'static str, Box<dyn PurchasePredictions>, Value, Vec<History>);

fn models() -> Vec<Case> {
    let all = golden();
    let of = |name: &'static str| {
        let figures = all["models"][name].clone();
        (name, model(name, &numbers(&figures["params"])), figures, points(&all))
    };
    names().into_iter().map(of).collect()
}

#[test]
fn return_probabilities() {
    for (name, params, figures, points) in models() {
        for (point, expected) in points.iter().zip(numbers(&figures["probability_alive"])) {
            close(&format!("{name}: P(alive | {point:?})"), params.p_alive(*point), expected, 1e-12);
        }
        for (t, values) in figures["return"].as_object().expect("horizons") {
            let horizon = t.parse().expect("a horizon");
            for (point, expected) in points.iter().zip(numbers(values)) {
                let what = format!("{name}: P(return within {t} | {point:?})");
                // Without cancellation: also at a horizon of 1e-6, with the same digits.
                close(&what, params.p_return(*point, horizon), expected, 1e-12);
            }
        }
        for (point, never) in points.iter().zip(numbers(&figures["never"])) {
            let ever = params.p_return(*point, f64::INFINITY);
            assert!((ever + never - 1.0).abs() < 1e-13, "{name}: {ever} and {never} of {point:?}");
        }
    }
}

#[test]
fn probabilities_of_no_further_purchase_and_of_counts() {
    for (name, params, figures, points) in models() {
        for (point, expected) in points.iter().zip(numbers(&figures["never"])) {
            let found = params.p_never(*point);
            assert!((found - expected).abs() <= 1e-12 * expected, "{name}: {found:e} is not {expected:e}");
        }
        for (n, values) in figures["pmf_future(t=39)"].as_object().expect("counts") {
            let n: usize = n.parse().expect("a count");
            for (point, expected) in points.iter().zip(numbers(values)) {
                let mut counts = [0.0; 41];
                params.pmf_if_alive_up_to(*point, 39.0, &mut counts);
                let gone = if n == 0 { params.p_gone(*point) } else { 0.0 };
                let found = gone + params.p_alive(*point) * counts[n];
                close(&format!("{name}: P(Y(39) = {n} | {point:?})"), found, expected, 1e-11);
            }
        }
    }
}
