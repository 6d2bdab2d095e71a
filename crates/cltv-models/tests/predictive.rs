//! Return probabilities and predictive distributions against 50-digit figures of
//! tests/golden/predictive.py.

mod common;

use cltv_models::{
    BgNbd, BgNbdParams, CnbdKParams, DrawPlan, ExponentialNbdParams, Fitted, GammaGammaParams,
    GgompertzNbdParams, History, HoldoutSplit, MbgNbdParams, ModelFigures, NbdParams, ParetoNbdParams,
    Predictive, PurchasePredictions, RfmSummary, TimeUnit, for_each_purchase_model, simulate_histories,
    simulate_split, summary_of,
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

/// A summary with a history in each row, each with its own mean spend.
fn summary(histories: &[History], mean_spend: f64) -> RfmSummary {
    let amounts = histories.iter().map(|h| if h.x > 0 { mean_spend } else { 0.0 }).collect();
    summary_of(WEEK, histories, Some(amounts)).expect("good rows")
}

#[test]
fn predictive_counts_are_the_probabilities_of_single_counts() {
    for (name, params, figures, points) in models() {
        let counts = Predictive::at(params).counts(&summary(&points, 20.0), 39.0).expect("a horizon");
        for (i, point) in points.iter().enumerate() {
            let own = counts.of(i);
            close(&format!("{name}: sum"), own.chances().iter().sum(), 1.0, 1e-12);
            for (n, values) in figures["pmf_future(t=39)"].as_object().expect("counts") {
                let (n, expected) = (n.parse().expect("a count"), numbers(values)[i]);
                let found = own.pmf(n);
                assert!((found - expected).abs() < 1e-10, "{name}: P({n} | {point:?}) {found} {expected}");
            }
            let returns = numbers(&figures["return"]["39"])[i];
            close(&format!("{name}: P(return)"), own.at_least_one(), returns, 1e-11);
        }
        let (low, high) = counts.intervals(0.95);
        for i in 0..points.len() {
            let (below, until) =
                (low[i].checked_sub(1).map_or(0.0, |n| counts.of(i).cdf(n)), counts.of(i).cdf(high[i]));
            assert!(below < 0.025 && until >= 0.975, "{name}: {} to {}", low[i], high[i]);
        }
    }
}

#[test]
fn times_to_the_next_purchase() {
    for (name, params, figures, points) in models() {
        let predictive = Predictive::at(params);
        for (i, point) in points.iter().enumerate() {
            for t in ["1", "39", "520"] {
                // The probability of a return within t is the share whose quantile is t. Near that of any
                // return a rounding of the probability is a large part of the time.
                let share = numbers(&figures["return"][t])[i];
                if share > 1.0 - numbers(&figures["never"])[i] - 1e-5 {
                    continue;
                }
                let (found, t) =
                    (predictive.next_purchase_quantile(*point, share), t.parse().expect("a time"));
                close(&format!("{name}: time of {share} of {point:?}"), found, t, 1e-7);
            }
            let never = numbers(&figures["never"])[i];
            let ever = 1.0 - 0.5 * never;
            if never > 1e-12 {
                assert_eq!(predictive.next_purchase_quantile(*point, ever), f64::INFINITY);
            }
            assert!((predictive.no_purchase_within(*point, f64::INFINITY) - never).abs() <= 1e-12 * never);
        }
        let all = predictive.next_purchase_quantile_all(&summary(&points, 1.0), 0.2).expect("a share");
        assert_eq!(all[2], predictive.next_purchase_quantile(points[2], 0.2));
        assert!(predictive.next_purchase_quantile(points[0], 1.5).is_nan());
        assert!(predictive.next_purchase_quantile_all(&summary(&points, 1.0), 0.0).is_err());
    }
}

#[test]
fn money_is_a_sum_of_incomplete_beta_functions() {
    let all = golden();
    let money = &all["money of the Pareto/NBD"];
    let (p, mean) = (numbers(&money["params"]), number(&money["mean_spend"]));
    let spend = GammaGammaParams::new(p[0], p[1], p[2]).expect("positive");
    let params = model("Pareto/NBD", &numbers(&all["models"]["Pareto/NBD"]["params"]));
    let histories = points(&all);
    let rfm = summary(&histories[..3], mean);
    let expected: Vec<f64> = rfm
        .histories()
        .into_iter()
        .map(|h| {
            params.expected_purchases(h, 39.0) * spend.expected_spend(h.x, if h.x > 0 { mean } else { 0.0 })
        })
        .collect();
    let predictive = Predictive::at(params).money(&spend, &rfm, 39.0).expect("amounts");
    for (i, (found, expected)) in predictive.expected().into_iter().zip(expected).enumerate() {
        close("expected money", found, expected, 1e-8);
        let within = &money["within(t=39)"][i.to_string()];
        for (amount, expected) in entries(within) {
            let amount = amount.parse().expect("an amount");
            close(&format!("P(money of {i} <= {amount})"), predictive.cdf(i, amount), expected, 1e-9);
            // Far out a rounding of the probability is a large part of the amount.
            if expected < 1.0 - 1e-5 {
                let none = predictive.cdf(i, 0.0);
                let back = predictive.quantiles(expected).expect("a share")[i];
                close("quantile", back, if expected > none { amount } else { 0.0 }, 1e-6);
            }
        }
    }
    assert!(predictive.quantiles(1.0).is_err() && predictive.intervals(0.0).is_err());
}

fn fitted() -> (HoldoutSplit, Fitted<BgNbd>) {
    let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, WEEK).expect("positive");
    let split =
        simulate_split(&truth, &(0..900).map(|i| 30.0 + f64::from(i % 20)).collect::<Vec<_>>(), 26.0, 11);
    let split = split.expect("customers");
    let fit = BgNbd::default().fit(split.calibration()).expect("a fit");
    (split, fit)
}

#[test]
fn sums_of_small_groups_are_those_of_simulated_customers() {
    let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, WEEK).expect("positive");
    let predictive = Predictive::at(truth);
    // New customers are drawn by the simulator, which does not use the predictive distribution.
    let group = vec![history(0, 0.0, 1e-9); 8];
    let rfm = summary_of(WEEK, &group, None).expect("good rows");
    let mut sums: Vec<u64> = (0..20_000)
        .map(|seed| simulate_histories(&truth, &[26.0; 8], seed).iter().map(|h| h.x).sum())
        .collect();
    sums.sort_unstable();
    for level in [0.5, 0.8, 0.95] {
        let sum = predictive.total(&rfm, 26.0, level).expect("a sum");
        let at = |share: f64| sums[(share * sums.len() as f64) as usize] as f64;
        assert!((sum.low - at(0.5 * (1.0 - level))).abs() <= 1.0, "{sum:?}");
        assert!((sum.high - at(0.5 * (1.0 + level))).abs() <= 1.0, "{sum:?}");
    }
    // From 51 customers on the sum is taken as normal; nothing jumps there.
    let many = |n: usize| summary_of(WEEK, &vec![history(0, 0.0, 1e-9); n], None).expect("good rows");
    let [few, more] = [50, 51].map(|n| predictive.total(&many(n), 26.0, 0.95).expect("a sum"));
    assert!((more.high - few.high).abs() < 8.0 && (more.low - few.low).abs() < 8.0, "{few:?} {more:?}");
    close(
        "standard deviation",
        more.standard_deviation / few.standard_deviation,
        f64::sqrt(51.0 / 50.0),
        1e-12,
    );
}

#[test]
fn the_total_is_that_of_validation() {
    let (split, fit) = fitted();
    let plan = DrawPlan { count: 400, ..DrawPlan::default() };
    let total =
        Predictive::over(&fit, &plan).expect("draws").total(split.calibration(), 26.0, 0.95).expect("a sum");
    let known = ModelFigures::of(fit.into(), &split, &plan).expect("figures").total;
    // That one takes the expectations of 50 customers of each tenth and one variance for all draws.
    close("deviation", total.standard_deviation, known.standard_deviation, 0.03);
    close("low", total.low, known.low, 0.02);
    close("high", total.high, known.high, 0.02);
}

#[test]
fn the_order_of_rows_does_not_count() {
    let (split, fit) = fitted();
    let rfm = split.calibration();
    let amounts: Vec<f64> =
        (0..rfm.len()).map(|i| if rfm.frequency()[i] > 0 { 5.0 + i as f64 } else { 0.0 }).collect();
    let backwards = |values: &[f64]| values.iter().rev().copied().collect::<Vec<f64>>();
    let histories = rfm.histories();
    let rows = summary_of(WEEK, &histories, Some(amounts.clone())).expect("good rows");
    let reversed: Vec<History> = histories.into_iter().rev().collect();
    let reversed = summary_of(WEEK, &reversed, Some(backwards(&amounts))).expect("good rows");
    let plan = DrawPlan { count: 40, ..DrawPlan::default() };
    let predictive = Predictive::over(&fit, &plan).expect("draws");
    let spend = [GammaGammaParams::new(6.25, 3.74, 15.44).expect("positive")];
    let (groups, last) = (vec![vec![0, 1, 2], (0..900).collect()], rfm.len() - 1);
    let mirrored: Vec<Vec<usize>> =
        groups.iter().map(|group| group.iter().map(|row| last - row).collect()).collect();
    let sums = |rfm, groups: &[Vec<usize>]| {
        let counts = predictive.sums(rfm, groups, 26.0, 0.9).expect("sums");
        (counts, predictive.money_sums(&spend, rfm, groups, 26.0, &plan).expect("sums"))
    };
    assert_eq!(sums(&rows, &groups), sums(&reversed, &mirrored));
    let money =
        |rfm| predictive.money(&spend[0], rfm, 26.0).expect("amounts").quantiles(0.9).expect("a share");
    assert_eq!(money(&rows), backwards(&money(&reversed)));
    assert!(predictive.sums(&rows, &[vec![900]], 26.0, 0.9).is_err());
    assert!(predictive.total(&rows, f64::INFINITY, 0.9).is_err());
}
