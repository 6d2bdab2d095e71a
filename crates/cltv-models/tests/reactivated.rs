//! What is expected of a customer who dropped out and starts again, against customers simulated one by one: each has
//! a rate and a dropout process of their own, and those who dropped out by T start again with both.

mod common;

use cltv_models::{
    BgNbdParams, CnbdKParams, Draws, ExponentialNbdParams, GgompertzNbdParams, History, MbgNbdParams,
    NbdParams, ParetoNbdParams, PurchasePredictions, TimeUnit,
};
use common::history;

const WEEK: TimeUnit = TimeUnit::Week;
const CUSTOMERS: usize = 40_000;
const AGE: f64 = 52.0;
const AHEAD: f64 = 26.0;

/// The times of purchases up to `until`, of which each takes `phases` events, and whether dropout came first.
/// `stays` is asked after each purchase, and `end` is a dropout time.
fn purchases(
    draws: &mut Draws,
    (rate, phases, until, end): (f64, u32, f64, f64),
    mut stays: impl FnMut(&mut Draws) -> bool,
) -> (Vec<f64>, bool) {
    let (mut times, mut now) = (Vec::new(), 0.0);
    loop {
        now += (0..phases).map(|_| draws.exponential()).sum::<f64>() / rate;
        if now > until.min(end) {
            return (times, end < until);
        }
        times.push(now);
        if !stays(draws) {
            return (times, true);
        }
    }
}

fn seen(times: &[f64]) -> History {
    history(times.len() as u64, times.last().copied().unwrap_or(0.0), AGE)
}

/// Customers whose dropout has the probability p ~ Beta(a, b) after each purchase, the first one too where `first`:
/// the history and the purchases after the new start of those who dropped out.
fn at_purchases([r, alpha, a, b]: [f64; 4], phases: u32, first: bool) -> Vec<(History, f64)> {
    let mut draws = Draws::new(20_050_101);
    let mut found = Vec::new();
    for _ in 0..CUSTOMERS {
        let (rate, p) = (draws.gamma(r) / alpha, draws.beta(a, b));
        let stays = |draws: &mut Draws| draws.uniform() >= p;
        let (times, gone) = if first && !stays(&mut draws) {
            (Vec::new(), true)
        } else {
            purchases(&mut draws, (rate, phases, AGE, f64::INFINITY), stays)
        };
        if gone {
            let (again, _) = purchases(&mut draws, (rate, phases, AHEAD, f64::INFINITY), stays);
            found.push((seen(&times), again.len() as f64));
        }
    }
    found
}

/// Customers whose dropout time is drawn by `dropout`, from what `own` draws for each of them.
fn in_time(
    (r, alpha): (f64, f64),
    own: impl Fn(&mut Draws) -> f64,
    dropout: impl Fn(&mut Draws, f64) -> f64,
) -> Vec<(History, f64)> {
    let mut draws = Draws::new(20_050_101);
    let mut found = Vec::new();
    for _ in 0..CUSTOMERS {
        let (rate, own) = (draws.gamma(r) / alpha, own(&mut draws));
        let end = dropout(&mut draws, own);
        let (times, gone) = purchases(&mut draws, (rate, 1, AGE, end), |_| true);
        if gone {
            let end = dropout(&mut draws, own);
            let (again, _) = purchases(&mut draws, (rate, 1, AHEAD, end), |_| true);
            found.push((seen(&times), again.len() as f64));
        }
    }
    found
}

/// The mean of purchases less expectations is 0 within 4 standard errors: over all, and weighted by x and by the
/// time since the last purchase.
fn is_unbiased(params: &dyn PurchasePredictions, customers: &[(History, f64)]) {
    assert!(customers.len() > 5_000, "{}", customers.len());
    let errors: Vec<(History, f64)> = customers
        .iter()
        .map(|&(history, made)| {
            let mut expected = [0.0];
            params.expected_purchases_if_reactivated_at(history, &[AHEAD], &mut expected);
            assert!(expected[0] > 0.0, "{history:?}: {expected:?}");
            (history, made - expected[0])
        })
        .collect();
    for by in ["all", "x", "silence"] {
        let weight = |history: &History| match by {
            "x" => history.x as f64,
            "silence" => history.T - history.t_x,
            _ => 1.0,
        };
        let sum: f64 = errors.iter().map(|(history, error)| weight(history) * error).sum();
        let variance: f64 = errors.iter().map(|(history, error)| (weight(history) * error).powi(2)).sum();
        assert!(sum.abs() < 4.0 * variance.sqrt(), "by {by}: {sum} +- {}", variance.sqrt());
    }
}

#[test]
fn dropout_at_purchases() {
    let p @ [r, alpha, a, b] = [0.8, 6.0, 0.9, 2.5];
    is_unbiased(&BgNbdParams::new(r, alpha, a, b, WEEK).expect("positive"), &at_purchases(p, 1, false));
    is_unbiased(&MbgNbdParams::new(r, alpha, a, b, WEEK).expect("positive"), &at_purchases(p, 1, true));
    is_unbiased(
        &CnbdKParams::bg(3, r, 2.0, a, b, WEEK).expect("positive"),
        &at_purchases([r, 2.0, a, b], 3, false),
    );
    is_unbiased(
        &CnbdKParams::mbg(3, r, 2.0, a, b, WEEK).expect("positive"),
        &at_purchases([r, 2.0, a, b], 3, true),
    );
}

#[test]
fn dropout_in_time() {
    let (r, alpha, s, beta) = (0.8, 6.0, 0.7, 12.0);
    let exponential = |draws: &mut Draws, mu: f64| draws.exponential() / mu;
    let customers = in_time((r, alpha), |draws| draws.gamma(s) / beta, exponential);
    is_unbiased(&ParetoNbdParams::new(r, alpha, s, beta, WEEK).expect("positive"), &customers);
    let customers = in_time((r, alpha), |_| 0.03, exponential);
    is_unbiased(&ExponentialNbdParams::new(r, alpha, 0.03, WEEK).expect("positive"), &customers);
    let (b, s, beta) = (0.05, 0.9, 3.0);
    let gompertz = |draws: &mut Draws, eta: f64| (draws.exponential() / eta).ln_1p() / b;
    let customers = in_time((r, alpha), |draws| draws.gamma(s) / beta, gompertz);
    is_unbiased(&GgompertzNbdParams::new(r, alpha, b, s, beta, WEEK).expect("positive"), &customers);
}

#[test]
fn nobody_is_won_back_where_nobody_can_have_dropped_out() {
    let never = |params: &dyn PurchasePredictions, history| {
        let mut expected = [0.0; 2];
        params.expected_purchases_if_reactivated_at(history, &[1.0, AHEAD], &mut expected);
        assert!(expected.iter().all(|purchases| purchases.is_nan()), "{expected:?}");
    };
    never(&NbdParams::new(0.8, 6.0, WEEK).expect("positive"), history(3, 20.0, AGE));
    never(&BgNbdParams::new(0.8, 6.0, 0.9, 2.5, WEEK).expect("positive"), history(0, 0.0, AGE));
    never(&ParetoNbdParams::new(0.8, 6.0, 0.7, 12.0, WEEK).expect("positive"), history(3, AGE, AGE));
}
