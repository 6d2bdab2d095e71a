//! Calibration figures against the benchmark script score.py on the same files, and against what follows from
//! right forecasts.

mod common;

use std::collections::BTreeMap;

use cltv_models::calibration::{CountScores, Pit, ReturnScores, crps_next_purchase};
use cltv_models::{
    BgNbdParams, CountDistribution, NbdParams, Predictive, PurchasePredictions, TimeUnit, simulate_split,
};
use common::*;
use serde_json::Value;

const FORECASTS: &str = include_str!("golden/calibration_forecasts.csv");
const TRANSACTIONS: &str = include_str!("golden/calibration_transactions.csv");
/// The dates that tests/golden/calibration.py gives to score.py.
const AFTER: &str = "2020-06-30";

struct Forecasts {
    chances: Vec<Vec<f64>>,
    actual: Vec<u64>,
    repeat: Vec<bool>,
}

impl Forecasts {
    fn distributions(&self) -> Vec<CountDistribution<'_>> {
        self.chances.iter().map(|chances| CountDistribution::try_new(chances).expect("sums to 1")).collect()
    }
}

/// The simulated forecasts and outcomes of tests/golden/calibration.py.
fn simulated() -> Forecasts {
    let mut days: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for line in TRANSACTIONS.lines().skip(1) {
        let (customer, day) = line.split_once(',').expect("two columns");
        let (before, after) = days.entry(customer).or_default();
        *(if day <= AFTER { before } else { after }) += 1;
    }
    let mut out = Forecasts { chances: Vec::new(), actual: Vec::new(), repeat: Vec::new() };
    for line in FORECASTS.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (before, after) = days[fields[0]];
        out.chances.push(fields[5..].iter().map(|field| field.parse().expect("a number")).collect());
        out.actual.push(after);
        out.repeat.push(before > 1);
    }
    out
}

/// The figures in golden/calibration.json are score.py's, run once with --json on both csv files, as
/// tests/golden/calibration.py says.
#[test]
fn figures_are_those_of_score_py() {
    let golden: Value = serde_json::from_str(include_str!("golden/calibration.json")).expect("json");
    let data = simulated();
    let scores = CountScores::of(&data.distributions(), &data.actual, &data.repeat, 0.95)
        .expect("one outcome a forecast");
    let returns = &scores.returns;
    assert_eq!(data.actual.iter().sum::<u64>() as f64, number(&golden["actual"]));
    for (name, found) in [
        ("n", scores.customers as f64),
        ("returned", returns.returned as f64),
        ("expected_returned", returns.expected),
        ("auc", returns.auc.expect("both outcomes")),
        ("brier", returns.brier),
        ("ece", returns.ece),
        ("cover95", scores.coverage),
        ("interval", scores.interval),
        ("crps", scores.crps),
        ("pit_ks", scores.pit_ks),
        ("pit_ks_repeat", scores.pit_ks_repeat.expect("repeat customers")),
        ("pit95", scores.pit_central),
    ] {
        close(name, found, number(&golden[name]), 1e-9);
    }
    let parts = returns.reliability - returns.resolution + returns.uncertainty + returns.within_bins;
    close("Brier score", parts, returns.brier, 1e-12);
    assert!((scores.tails.0 + scores.tails.1 + scores.pit_central - 1.0).abs() < 1e-12);
}

#[test]
fn forecasts_that_are_constant_in_bins_have_murphys_parts_alone() {
    // Two forecasts of 100 customers each: the bins' parts are exact, and nothing is within them.
    let forecast: Vec<f64> = (0..200).map(|i| if i < 100 { 0.2 } else { 0.7 }).collect();
    let returned: Vec<bool> = (0..200).map(|i| if i < 100 { i % 4 == 0 } else { i % 5 != 0 }).collect();
    let scores = ReturnScores::of(&forecast, &returned).expect("both outcomes");
    close("reliability", scores.reliability, 0.5 * (0.05_f64.powi(2) + 0.1_f64.powi(2)), 1e-12);
    close("resolution", scores.resolution, 0.275_f64.powi(2), 1e-12);
    close("uncertainty", scores.uncertainty, 0.525 * 0.475, 1e-12);
    assert!(scores.within_bins.abs() < 1e-12);
    close("ECE", scores.ece, 0.075, 1e-12);
    assert_eq!(scores.curve.iter().map(|bin| bin.customers).sum::<usize>(), 200);
}

/// S(t) = (1 + t/alpha)^-r has closed integrals: of F² up to v, and of S² from there on.
#[test]
fn times_to_the_next_purchase_have_closed_integrals() {
    let (r, alpha, horizon) = (0.7, 9.0, 26.0);
    let predictive = Predictive::at(NbdParams::new(r, alpha, TimeUnit::Week).expect("positive"));
    let power = |p: f64, t: f64| alpha / (1.0 - p) * ((1.0 + t / alpha).powf(1.0 - p) - 1.0);
    for at in [Some(0.0), Some(0.01), Some(3.0), Some(26.0), None] {
        let v: f64 = at.unwrap_or(horizon);
        let exact = v - 2.0 * power(r, v) + power(2.0 * r, v) + power(2.0 * r, horizon) - power(2.0 * r, v);
        let found = crps_next_purchase(&predictive, history(0, 0.0, 0.0), at, horizon).expect("a score");
        close(&format!("CRPS of {at:?}"), found, exact, 1e-10);
    }
    assert!(crps_next_purchase(&predictive, history(0, 0.0, 0.0), Some(27.0), horizon).is_err());
}

#[test]
fn right_forecasts_differ_from_uniform_by_chance_alone() {
    let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, TimeUnit::Week).expect("positive");
    let of = |weeks: f64, seed| {
        let split = simulate_split(&truth, &[39.0; 800], 39.0, seed).expect("customers");
        let counts = Predictive::at(truth).counts(split.calibration(), weeks).expect("a horizon");
        let pit = Pit::of(&counts.distributions(), split.actual()).expect("outcomes");
        let null = Pit::null(&counts.distributions(), 99, 5).expect("runs");
        assert_eq!(null, Pit::null(&counts.distributions(), 99, 5).expect("runs"));
        null.p_value(pit.ks())
    };
    let rejected = |weeks: f64| (0..20).filter(|&seed| of(weeks, seed) <= 0.05).count();
    // Forecasts for 26 weeks are wrong for the 39 that followed.
    let (right, wrong) = (rejected(39.0), rejected(26.0));
    assert!(right <= 4 && wrong >= 10, "{right} of 20 right forecasts and {wrong} of 20 wrong ones rejected");
}

#[test]
fn the_grid_is_that_of_the_definition() {
    let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, TimeUnit::Week).expect("positive");
    let split = simulate_split(&truth, &[39.0; 60], 39.0, 3).expect("customers");
    let counts = Predictive::at(truth).counts(split.calibration(), 39.0).expect("a horizon");
    let pit = Pit::of(&counts.distributions(), split.actual()).expect("outcomes");
    for (u, g) in pit.curve(500) {
        let part = |i: usize| {
            let y = split.actual()[i];
            let below = y.checked_sub(1).map_or(0.0, |n| counts.of(i).cdf(n));
            ((u - below) / counts.of(i).pmf(y)).clamp(0.0, 1.0)
        };
        let mean = (0..60).map(part).sum::<f64>() / 60.0;
        assert!((g - mean).abs() < 1e-12, "G({u}) is {g}, not {mean}");
    }
    let history = split.calibration().history(0);
    close("P(0)", counts.of(0).pmf(0), truth.pmf_future(history, 0, 39.0), 1e-12);
}

#[test]
fn bad_forecasts_and_outcomes_are_refused_by_name() {
    let chances = [0.5, 0.5];
    let one = [CountDistribution::try_new(&chances).expect("sums to 1")];
    let text = |error: cltv_models::InputError| error.to_string();
    assert!(text(Pit::of(&one, &[0, 1]).expect_err("two outcomes")).contains("outcomes"));
    assert!(Pit::of(&[], &[]).is_err());
    assert!(text(ReturnScores::of(&[1.2], &[true]).expect_err("above 1")).contains("1.2"));
    assert!(text(CountScores::of(&one, &[0], &[true], 1.0).expect_err("a level")).contains("level"));
    assert!(text(Pit::null(&one, 3, 1).expect_err("few runs")).contains("runs"));
}
