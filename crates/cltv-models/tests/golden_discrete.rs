//! BG/BB, shifted beta-geometric and beta-discrete-Weibull: figures, sums and limits.

mod common;

use cltv_models::{
    BetaDiscreteWeibull, BetaDiscreteWeibullParams, BgBb, BgBbParams, Cohort, ContractCohorts, FitError,
    Fitted, InputError, LikelihoodModel, OpportunityHistory, OpportunitySummary, RetentionPredictions,
    ShiftedBetaGeometric, ShiftedBetaGeometricParams, TimeUnit,
};
use common::*;
use proptest::prelude::*;
use serde_json::Value;

fn bgbb(p: &[f64]) -> BgBbParams {
    BgBbParams::new(p[0], p[1], p[2], p[3], TimeUnit::Year).expect("positive")
}

fn named(value: &Value) -> Vec<f64> {
    ["alpha", "beta", "gamma", "delta"].iter().map(|name| number(&value[name])).collect()
}

fn seen(x: u64, t_x: u64, n: u64) -> OpportunityHistory {
    OpportunityHistory::try_new(x, t_x, n).expect("possible")
}

/// `"(4,5,6)"` as a history.
fn keyed(key: &str) -> OpportunityHistory {
    let parts: Vec<u64> =
        key.trim_matches(['(', ')']).split(',').map(|part| part.parse().expect("a count")).collect();
    seen(parts[0], parts[1], parts[2])
}

#[test]
fn bg_bb_fit() {
    let all = reference();
    let golden = &all["BG/BB donations"];
    let fit = BgBb::default().fit(&donations()).expect("a fit");
    println!("{fit}");
    check_fit(&fit, golden, 1e-5);
    assert_eq!((fit.n_obs(), fit.distinct_rows(), fit.unit()), (11_104, 22, TimeUnit::Year));
    let refit = &published()["computed"]["bgbb_donations"];
    for (k, expected) in numbers(&refit["p"]).into_iter().enumerate() {
        close("refit", fit.estimates()[k], expected, 1e-6);
        close("error", fit.std_errors().expect("identified")[k], numbers(&refit["se"])[k], 1e-5);
    }
    let printed = &published()["published"]["bgbb_donations"];
    for (found, expected) in fit.estimates().into_iter().zip(numbers(&printed["params"])) {
        close("BTYD", found, expected, 1e-3);
    }
    assert!(donations().to_string().starts_with("11,104 customers, 31% without a purchase"));
}

#[test]
fn bg_bb_predictions() {
    let all = reference();
    let golden = &all["BG/BB donations"];
    let params = bgbb(&named(&golden["params"]));
    for (key, expected) in entries(&golden["conditional_expected(m=5)"]) {
        close(&key, params.expected_purchases(keyed(&key), 5), expected, 1e-8);
    }
    for (key, expected) in entries(&golden["probability_alive_next_period(m=1)"]) {
        close(&key, params.p_alive_after(keyed(&key), 1), expected, 1e-8);
    }
    let golden = &all["fixed_parameter_functions"]["BG/BB alpha=1.204 beta=0.750 gamma=0.657 delta=2.783"];
    let params = bgbb(&[1.204, 0.750, 0.657, 2.783]);
    let sum: f64 = donations()
        .cells()
        .iter()
        .map(|(history, weight)| *weight as f64 * params.history_log_likelihood(*history))
        .sum();
    close("log-likelihood", sum, number(&golden["log_likelihood_sum"]), 1e-12);
}

#[test]
fn bg_bb_figures_of_packages() {
    let all = lifetimes();
    let golden = &all["BetaGeoBetaBinomFitter_donations"];
    let params = bgbb(&named(&golden["params"]));
    // DIFFERENCE: lifetimes adds 1e-15 inside its logarithms, so its figures differ in the tenth
    // digit, and P(alive) of a customer who bought last time is 1 only to 12.
    for (key, expected) in entries(&golden["conditional_probability_alive(m=0)"]) {
        close(&key, params.p_alive(keyed(&key)), expected, 1e-9);
    }
    for (k, expected) in entries(&golden["expected_number_of_transactions_in_first_n_periods(6)"]) {
        close(&k, 11_104.0 * params.pmf(k.parse().expect("a count"), 6), expected, 1e-9);
    }
    let all = published();
    let printed = &all["published"]["bgbb_donations"];
    let params = bgbb(&numbers(&printed["params"]));
    close("E10", params.expected_purchases_new(10), number(&printed["E10"]), 1e-6);
    let never = params.expected_purchases(seen(0, 0, 6), 10);
    close("x = 0", never, number(&printed["CET_6_10_x0_tx0"]), 1e-6);
    let often = params.expected_purchases(seen(4, 5, 6), 10);
    close("x = 4", often, number(&printed["CET_6_10_x4_tx5"]), 1e-6);
    let golden = &all["published"]["bgbb_logp"];
    let params = bgbb(&numbers(&golden["params"]));
    let (x, t_x) = (numbers(&golden["x"]), numbers(&golden["tx"]));
    for (k, expected) in numbers(&golden["logp"]).into_iter().enumerate() {
        let found = params.history_log_likelihood(seen(x[k] as u64, t_x[k] as u64, 6));
        close("pymc-marketing", found, expected, 1e-3);
    }
}

#[test]
fn bg_bb_sums_meet_their_definitions() {
    let (params, history) = (bgbb(&[1.2, 0.75, 0.66, 2.8]), seen(3, 4, 6));
    // The chance of every sequence of six opportunities adds up to 1: C(t_x − 1, x − 1) each.
    let ways = |n: u64, k: u64| (0..k).fold(1.0, |ways, i| ways * (n - i) as f64 / (i + 1) as f64);
    let mut all = params.history_log_likelihood(seen(0, 0, 6)).exp();
    for t_x in 1..=6 {
        for x in 1..=t_x {
            all += ways(t_x - 1, x - 1) * params.history_log_likelihood(seen(x, t_x, 6)).exp();
        }
    }
    close("all histories", all, 1.0, 1e-13);
    let alive = params.p_alive(history);
    let step = |k: u64| params.expected_purchases(history, k) - params.expected_purchases(history, k - 1);
    let discounted: f64 = (1..=12).map(|k| step(k) / 1.1_f64.powi(k as i32)).sum();
    close("12 opportunities", params.discounted_expected_purchases(history, 12, 0.1), discounted, 1e-10);
    let ever: f64 = (1..=600).map(|k| step(k) / 1.1_f64.powi(k as i32)).sum();
    close("DERT", params.discounted_residual_purchases(history, 0.1), ever, 1e-9);
    assert_eq!(params.discounted_residual_purchases(history, 0.0), f64::INFINITY);
    let mean: f64 = (0..=9).map(|k| k as f64 * params.pmf_future(history, k, 9)).sum();
    close("mean of the PMF", mean, params.expected_purchases(history, 9), 1e-10);
    let sum: f64 = (0..=9).map(|k| params.pmf_future(history, k, 9)).sum();
    close("sum of the PMF", sum, 1.0, 1e-12);
    // γ = 1 is no pole.
    let at = |gamma: f64| bgbb(&[1.2, 0.75, gamma, 2.8]).expected_purchases(history, 40);
    close("γ = 1", at(1.0), 0.5 * (at(1.0 - 1e-6) + at(1.0 + 1e-6)), 1e-9);
    // The next purchase: weights by the definition, with a tail of k^−4.9.
    let chance = |k: u64| params.pmf_future(history, 0, k - 1) - params.pmf_future(history, 0, k);
    let (mut total, mut times) = (0.0, 0.0);
    for k in 1..2000 {
        total += chance(k) / alive;
        times += k as f64 * chance(k) / alive;
    }
    close("next purchase", params.opportunities_to_next_purchase_if_alive(history), times / total, 1e-5);
    assert!(params.p_alive(OpportunityHistory { x: 3, t_x: 2, n: 1 }).is_nan());
}

#[test]
fn bg_bb_recovers_what_it_simulates() {
    let histories = bgbb(&[1.2, 0.75, 0.66, 2.8]).simulate(&[8; 12_000], 5);
    let summary = OpportunitySummary::try_new(TimeUnit::Year, histories).expect("possible");
    recovered(&BgBb::default().fit(&summary).expect("a fit"), &[1.2, 0.75, 0.66, 2.8]);
    let nobody = OpportunitySummary::try_new(TimeUnit::Year, vec![seen(0, 0, 6); 9]).expect("possible");
    assert!(matches!(BgBb::default().fit(&nobody), Err(FitError::NoRepeatCustomers { customers: 9, .. })));
}

fn recovered<M: LikelihoodModel>(fit: &Fitted<M>, truth: &[f64]) {
    println!("{fit}");
    for (interval, truth) in fit.confint(0.999).expect("identified").iter().zip(truth) {
        assert!(interval.low < *truth && *truth < interval.high, "{interval:?} misses {truth}");
    }
}

fn cohort(name: &str) -> ContractCohorts {
    let alive: Vec<u64> =
        numbers(&published()["computed"]["sbg"][name]["alive"]).iter().map(|n| *n as u64).collect();
    ContractCohorts::try_new(TimeUnit::Year, vec![Cohort::new(name, &alive)]).expect("good counts")
}

#[test]
fn shifted_beta_geometric() {
    for name in ["regular_T7", "highend_T7"] {
        let golden = &published()["computed"]["sbg"][name];
        let fit = ShiftedBetaGeometric::default().fit(&cohort(name)).expect("a fit");
        println!("{fit}");
        close("α", fit.estimates()[0], number(&golden["alpha"]), 1e-6);
        close("β", fit.estimates()[1], number(&golden["beta"]), 1e-6);
        close("log-likelihood", fit.log_likelihood(), number(&golden["LL"]), 1e-9);
        assert!(fit.identified() && fit.convergence().gradient_norm < 1e-11);
        assert_eq!(fit.n_obs(), 1000);
    }
    // Two cohorts with the same curve are one larger cohort.
    let once = cohort("regular_T7");
    let twice = [once.cohorts(), once.cohorts()].concat();
    let twice = ContractCohorts::try_new(TimeUnit::Year, twice).expect("good counts");
    assert_eq!((twice.customers(), twice.survival()), (2000, once.survival()));
    let (one, two) = (
        ShiftedBetaGeometric::default().fit(&once).expect("a fit"),
        ShiftedBetaGeometric::default().fit(&twice).expect("a fit"),
    );
    close("two cohorts", two.log_likelihood(), 2.0 * one.log_likelihood(), 1e-12);
    close("α", two.estimates()[0], one.estimates()[0], 1e-9);
}

#[test]
fn shifted_beta_geometric_curves() {
    let params = ShiftedBetaGeometricParams::new(0.7, 1.2, TimeUnit::Year).expect("positive");
    let (mut survival, mut lost) = (1.0, 0.0);
    for t in 1..=30_u32 {
        let t_real = f64::from(t);
        // Equation 8.
        close("retention", params.retention(t), (1.2 + t_real - 1.0) / (1.9 + t_real - 1.0), 1e-12);
        survival *= params.retention(t);
        lost += params.churn(t);
        close("survival", params.survival(t), survival, 1e-12);
        close("churn", lost, 1.0 - survival, 1e-12);
    }
    close("after", params.survival_after(4, 3), params.survival(7) / params.survival(4), 1e-12);
    // Sums of the definition, to where nothing is left.
    let sum = |n: u32, d: f64| -> f64 {
        (n..n + 3000)
            .map(|t| params.survival_after(n - 1, t + 1 - n) * (1.0 + d).powi(-((t - n) as i32)))
            .sum()
    };
    for period in [1, 3, 20] {
        close("DERL", params.discounted_residual_lifetime(period, 0.1), sum(period, 0.1), 1e-10);
        close("DERL", params.discounted_residual_lifetime(period, 0.01), sum(period, 0.01), 1e-10);
    }
    close("DEL", params.discounted_lifetime(0.1), 1.0 + sum(1, 0.1) / 1.1 * params.survival(0), 1e-10);
    assert_eq!(params.expected_lifetime(), f64::INFINITY);
    // With α > 1 the mean life is (α+β−1)/(α−1).
    for (alpha, beta) in [(3.0, 4.0), (1.2, 30.0)] {
        let params = ShiftedBetaGeometricParams::new(alpha, beta, TimeUnit::Year).expect("positive");
        close("mean life", params.expected_lifetime(), (alpha + beta - 1.0) / (alpha - 1.0), 1e-9);
    }
    assert!(params.retention(0).is_nan() && params.discounted_lifetime(-0.1).is_nan());
    assert!(params.discounted_residual_lifetime(0, 0.1).is_nan());
}

#[test]
fn beta_discrete_weibull() {
    let data = cohort("highend_T7");
    let (geometric, weibull) = (
        ShiftedBetaGeometric::default().fit(&data).expect("a fit"),
        BetaDiscreteWeibull::default().fit(&data).expect("a fit"),
    );
    println!("{weibull}");
    // One more parameter fits better, and the curve better still.
    assert!(weibull.log_likelihood() > geometric.log_likelihood());
    for (t, seen) in data.survival().into_iter().enumerate() {
        close("survival", weibull.survival(t as u32), seen, 0.01);
    }
    // The limit c = 1.
    let (one, two) = (
        BetaDiscreteWeibullParams::new(0.7, 1.2, 1.0, TimeUnit::Year).expect("positive"),
        ShiftedBetaGeometricParams::new(0.7, 1.2, TimeUnit::Year).expect("positive"),
    );
    for t in 1..40 {
        close("c = 1", one.survival(t), two.survival(t), 1e-13);
        close("c = 1", one.churn(t), two.churn(t), 1e-11);
    }
    close("c = 1", one.discounted_lifetime(0.1), two.discounted_lifetime(0.1), 1e-12);
    // E[(1 − θ)^(t^c)] by the definition: θ ~ Beta(1, β) has mean β / (β + t^c).
    let params = BetaDiscreteWeibullParams::new(1.0, 2.5, 1.6, TimeUnit::Year).expect("positive");
    close("α = 1", params.survival(5), 2.5 / (2.5 + 5.0_f64.powf(1.6)), 1e-13);
}

#[test]
fn contract_models_recover_what_they_simulate() {
    let truth = ShiftedBetaGeometricParams::new(0.7, 1.5, TimeUnit::Month).expect("positive");
    let cohorts = vec![truth.simulate_cohort("a", 6000, 12, 1), truth.simulate_cohort("b", 3000, 6, 2)];
    let data = ContractCohorts::try_new(TimeUnit::Month, cohorts).expect("good counts");
    recovered(&ShiftedBetaGeometric::default().fit(&data).expect("a fit"), &[0.7, 1.5]);
    let truth = BetaDiscreteWeibullParams::new(0.8, 2.0, 1.4, TimeUnit::Month).expect("positive");
    let cohorts = vec![truth.simulate_cohort("a", 20_000, 15, 3)];
    let data = ContractCohorts::try_new(TimeUnit::Month, cohorts).expect("good counts");
    recovered(&BetaDiscreteWeibull::default().fit(&data).expect("a fit"), &[0.8, 2.0, 1.4]);
}

#[test]
fn cohorts_that_cannot_be_are_named() {
    let bad =
        vec![Cohort::new("grows", &[10, 12]), Cohort::new("short", &[5]), Cohort::new("empty", &[0, 0])];
    let error = ContractCohorts::try_new(TimeUnit::Year, bad).expect_err("all bad");
    let text = error.to_string();
    for part in ["grows from 10 to 12", "cohort short has 1 counts", "cohort empty starts with 0"] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(ContractCohorts::try_new(TimeUnit::Year, vec![]), Err(InputError::NoCustomers));
    let loyal =
        ContractCohorts::try_new(TimeUnit::Year, vec![Cohort::new("loyal", &[9, 9, 9])]).expect("good");
    let error = ShiftedBetaGeometric::default().fit(&loyal).expect_err("nobody left");
    assert!(error.to_string().contains("none of the 9 customers left"), "{error}");
    let error = OpportunityHistory::try_new(4, 3, 6).expect_err("x > t_x").to_string();
    assert!(error.contains("x = 4, t_x = 3, n = 6"), "{error}");
}

/// S(t−1) − S(t) of mpmath with 60 digits, where the difference of two logarithms of S has no digits left.
#[test]
fn churn_of_customers_who_hardly_ever_leave() {
    let cases = [
        (1.718358582430486, 1e6, 1e-6, 2644, 6.500347475011635e-16),
        (1.718358582430486, 1e6, 1.0, 2644, 1.7060703183624056e-6),
        (1e-6, 1e6, 1.0, 1, 9.99999999999e-13),
        (1e-6, 1e6, 1e-6, 3000, 3.333914037279534e-22),
        (0.7, 1.2, 1.3, 5, 0.04289538970096851),
        (1e6, 1e-6, 0.5, 2, 9.970997371552624e-13),
        (3.0, 0.001, 1e-6, 2, 4.231344528012821e-10),
        (1e-3, 50.0, 0.01, 40, 5.196978981517746e-9),
        (0.7, 1.2, 1.0, 1, 0.368_421_052_631_578_9),
    ];
    for (alpha, beta, c, t, churn) in cases {
        let weibull = BetaDiscreteWeibullParams::new(alpha, beta, c, TimeUnit::Year).expect("positive");
        close("beta-discrete-Weibull", weibull.churn(t), churn, 1e-10);
        if c == 1.0 {
            let geometric = ShiftedBetaGeometricParams::new(alpha, beta, TimeUnit::Year).expect("positive");
            close("shifted beta-geometric", geometric.churn(t), churn, 1e-12);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn gradients(eta in prop::array::uniform4(-3.0..3.0_f64)) {
        derivatives_are_right(&BgBb::default(), &donations(), &eta, 1e-6)?;
        derivatives_are_right(&ShiftedBetaGeometric::default(), &cohort("regular_T7"), &eta[..2], 1e-6)?;
        let moderate = [eta[0], eta[1], 0.3 * eta[2]];
        derivatives_are_right(&BetaDiscreteWeibull::default(), &cohort("regular_T7"), &moderate, 1e-6)?;
    }
}
