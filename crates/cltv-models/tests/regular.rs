//! No function of any model is NaN, endless or out of its range, whatever the parameters and the
//! history: x to 10,000, parameters from 1e-6 to 1e6, and the points where closed forms break.

mod common;

use cltv_models::{
    BetaDiscreteWeibullParams, BgBbParams, BgNbdParams, CnbdKParams, FitError, GammaGamma, GammaGammaParams,
    GgompertzNbdParams, History, MbgNbdParams, NbdParams, OpportunityHistory, ParetoNbdParams, PurchaseModel,
    PurchasePredictions, RetentionPredictions, ShiftedBetaGeometricParams, TimeUnit, ValuePlan, summary_of,
};
use common::*;
use proptest::prelude::*;

/// Parameters over twelve orders of magnitude, often at or next to 1.
fn parameter() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (-6.0..6.0_f64).prop_map(|power| 10.0_f64.powf(power)),
        2 => (-1.5..1.5_f64).prop_map(|power| 10.0_f64.powf(power)),
        1 => Just(1.0),
        1 => prop_oneof![Just(1.0 + 1e-12), Just(1.0 - 1e-9), Just(1e-6), Just(1e6)],
    ]
}

fn possible_history() -> impl Strategy<Value = History> {
    let x = prop_oneof![Just(0_u64), 1..4_u64, 1..60_u64, 1..10_001_u64];
    let age = (-2.0..3.5_f64).prop_map(|power| 10.0_f64.powf(power));
    let share = prop_oneof![1e-6..1.0_f64, Just(1.0), 0.95..1.0_f64];
    (x, age, share).prop_map(
        |(x, age, share)| {
            if x == 0 { history(0, 0.0, age) } else { history(x, age * share, age) }
        },
    )
}

fn horizon() -> impl Strategy<Value = f64> {
    prop_oneof![(-6.0..6.0_f64).prop_map(|power| 10.0_f64.powf(power)), Just(1.0), Just(52.0)]
}

fn probability(what: &str, value: f64) -> Result<(), TestCaseError> {
    prop_assert!((0.0..=1.0 + 1e-9).contains(&value), "{what} is {value}");
    Ok(())
}

fn count(what: &str, value: f64) -> Result<(), TestCaseError> {
    prop_assert!(value >= 0.0 && value.is_finite(), "{what} is {value}");
    Ok(())
}

fn everything_is_finite(
    params: &dyn PurchasePredictions,
    point: History,
    t: f64,
    n: u64,
) -> Result<(), TestCaseError> {
    let ll = params.history_log_likelihood(point);
    prop_assert!(ll.is_finite(), "log-likelihood is {ll}");
    let (alive, gone) = (params.p_alive(point), params.p_gone(point));
    probability("P(alive)", alive)?;
    prop_assert!((alive + gone - 1.0).abs() < 1e-12, "{alive} {gone}");
    probability("P(alive) later", params.p_alive_after(point, t))?;
    probability("survival", params.survival_if_alive(point, t))?;
    for n in [0, 1, n] {
        probability("PMF", params.pmf(n, t))?;
        probability("PMF, alive", params.pmf_if_alive(point, n, t))?;
        probability("PMF, future", params.pmf_future(point, n, t))?;
    }
    let (returns, none) = (params.p_return(point, t), params.pmf_future(point, 0, t));
    prop_assert!((returns + none - 1.0).abs() < 1e-9, "P(return) is {returns}, P(0) {none}");
    let (ever, never) = (params.p_return(point, f64::INFINITY), params.p_never(point));
    prop_assert!((ever + never - 1.0).abs() < 1e-9, "P(ever) is {ever}, P(never) {never}");
    prop_assert!(returns <= ever + 1e-12, "{returns} within t, {ever} ever");
    let mut counts = [0.0; 40];
    params.pmf_if_alive_up_to(point, t, &mut counts);
    for (n, chance) in (0..).zip(counts) {
        let alone = params.pmf_if_alive(point, n, t);
        prop_assert!((chance - alone).abs() < 1e-9, "P({n}) is {chance} among others, {alone} alone");
    }
    count("E", params.expected_purchases(point, t))?;
    count("E, alive", params.expected_purchases_if_alive(point, t))?;
    count("E, new", params.expected_purchases_new(t))?;
    prop_assert!(params.expected_purchases_if_alive(point, f64::INFINITY) >= 0.0);
    let wait = params.time_to_next_purchase_if_alive(point);
    prop_assert!(wait > 0.0, "time to the next purchase is {wait}");
    Ok(())
}

fn discounted_is_finite(
    params: &dyn PurchasePredictions,
    point: History,
    t: f64,
) -> Result<(), TestCaseError> {
    let plan = ValuePlan::new(6, 0.1, 1.0).expect("a plan");
    count("discounted", params.discounted_expected_purchases(point, &plan))?;
    count("DERT", params.discounted_residual_purchases(point, 0.003))?;
    count("DERT within t", params.discounted_purchases_within(point, t, 0.003))?;
    Ok(())
}

const WEEK: TimeUnit = TimeUnit::Week;

fn closed_form_models(p: [f64; 5]) -> Vec<Box<dyn PurchasePredictions>> {
    let [r, alpha, a, b, _] = p;
    let less = 1.0 - a.min(1.0 - 1e-6);
    vec![
        Box::new(NbdParams::new(r, alpha, WEEK).expect("positive")),
        Box::new(BgNbdParams::new(r, alpha, a, b, WEEK).expect("positive")),
        Box::new(BgNbdParams::new(r, alpha, a, less, WEEK).expect("positive")),
        Box::new(MbgNbdParams::new(r, alpha, a, b, WEEK).expect("positive")),
        Box::new(MbgNbdParams::new(r, alpha, 1.0, b, WEEK).expect("positive")),
    ]
}

fn integrated_models(p: [f64; 5]) -> Vec<Box<dyn PurchasePredictions>> {
    let [r, alpha, s, beta, b] = p;
    vec![
        Box::new(ParetoNbdParams::new(r, alpha, s, beta, WEEK).expect("positive")),
        Box::new(ParetoNbdParams::new(r, alpha, 1.0, alpha, WEEK).expect("positive")),
        Box::new(GgompertzNbdParams::new(r, alpha, b, s, beta, WEEK).expect("positive")),
    ]
}

fn regular_models(p: [f64; 5], k: u32) -> Vec<Box<dyn PurchasePredictions>> {
    let [r, alpha, a, b, _] = p;
    vec![
        Box::new(CnbdKParams::bg(k, r, alpha, a, b, WEEK).expect("positive")),
        Box::new(CnbdKParams::mbg(k, r, alpha, a, b, WEEK).expect("positive")),
    ]
}

fn five() -> impl Strategy<Value = [f64; 5]> {
    [parameter(), parameter(), parameter(), parameter(), parameter()]
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 60, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn models_with_closed_forms(
        p in five(), point in possible_history(), t in horizon(), n in 0_u64..10_001,
        discounted in prop::bool::weighted(0.02),
    ) {
        for params in closed_form_models(p) {
            everything_is_finite(params.as_ref(), point, t, n)?;
            if discounted {
                discounted_is_finite(params.as_ref(), point, t)?;
            }
        }
    }

    #[test]
    fn discrete_models(
        p in five(), n in 0_u64..2000, shares in (0.0..1.0_f64, 0.0..1.0_f64), m in 0_u64..3000,
        rate in prop_oneof![Just(0.0), 1e-6..1.0_f64],
    ) {
        let [alpha, beta, gamma, delta, c] = p;
        let t_x = (shares.0 * (n + 1) as f64) as u64;
        let x = if t_x == 0 { 0 } else { 1 + (shares.1 * (t_x - 1) as f64) as u64 };
        let seen = OpportunityHistory::try_new(x, t_x, n).expect("possible");
        let params = BgBbParams::new(alpha, beta, gamma, delta, TimeUnit::Year).expect("positive");
        prop_assert!(params.history_log_likelihood(seen).is_finite());
        probability("P(alive)", params.p_alive(seen))?;
        probability("P(alive) later", params.p_alive_after(seen, m))?;
        count("E", params.expected_purchases(seen, m))?;
        count("E new", params.expected_purchases_new(m))?;
        count("discounted", params.discounted_expected_purchases(seen, m, rate))?;
        probability("PMF", params.pmf(m / 2, m))?;
        probability("PMF future", params.pmf_future(seen, m.min(2), m))?;
        let (returns, none) = (params.p_return(seen, m), params.pmf_future(seen, 0, m));
        prop_assert!((returns + none - 1.0).abs() < 1e-9, "P(return) is {returns}, P(0) {none}");
        prop_assert!(params.discounted_residual_purchases(seen, rate) >= 0.0);
        prop_assert!(params.opportunities_to_next_purchase_if_alive(seen) >= 1.0 - 1e-9);
        let geometric = ShiftedBetaGeometricParams::new(alpha, beta, TimeUnit::Year).expect("positive");
        let weibull = BetaDiscreteWeibullParams::new(alpha, beta, c, TimeUnit::Year).expect("positive");
        let both: [&dyn RetentionPredictions; 2] = [&geometric, &weibull];
        for params in both {
            for t in [1, 2, 1 + m as u32] {
                probability("survival", params.survival(t))?;
                probability("churn", params.churn(t))?;
            }
            probability("retention", params.retention(1))?;
            let lifetime = params.discounted_lifetime(rate);
            prop_assert!(lifetime >= 1.0 && (rate == 0.0 || lifetime.is_finite()), "{lifetime}");
        }
    }

    #[test]
    fn spend(
        p in parameter(), q in parameter(), v in parameter(), x in 0_u64..10_001, mean in 0.0..1e6_f64,
        at in 1e-6..1e6_f64,
    ) {
        let params = GammaGammaParams::new(p, q, v).expect("positive");
        let (expected, density) = (params.expected_spend(x, mean), params.density(x, at));
        prop_assert!(expected >= 0.0 && (expected.is_finite() || p * x as f64 + q <= 1.0), "{expected}");
        prop_assert!(density >= 0.0, "{density}");
        prop_assert!(params.heterogeneity_density(at) >= 0.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 60, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn models_with_integrals(
        p in five(), point in possible_history(), t in horizon(), n in 0_u64..10_001,
        discounted in prop::bool::weighted(0.05),
    ) {
        for params in integrated_models(p) {
            everything_is_finite(params.as_ref(), point, t, n)?;
            if discounted {
                discounted_is_finite(params.as_ref(), point, t)?;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 60, ..ProptestConfig::with_cases(16) })]

    #[test]
    fn models_of_regular_purchases(
        p in five(), k in 1_u32..21, point in possible_history(), t in horizon(), n in 0_u64..1001,
    ) {
        for params in regular_models(p, k) {
            everything_is_finite(params.as_ref(), point, t, n)?;
        }
    }
}

#[test]
fn the_discounting_of_regular_purchases_is_finite() {
    for p in [[1.0, 1e-6, 1.0, 1e6, 1.0], [1e6, 1e3, 1e-6, 1e-6, 1.0]] {
        for params in regular_models(p, 3) {
            discounted_is_finite(params.as_ref(), history(30, 20.0, 40.0), 52.0).expect("finite");
        }
    }
}

#[test]
fn tiny_data_end_in_a_fit_or_a_named_error() {
    for n in 5..9_usize {
        let histories = few_histories(n);
        let sums: Vec<f64> = histories
            .iter()
            .map(|h| if h.x > 0 { h.x as f64 * (0.9 * h.t_x / h.x as f64).ln() } else { 0.0 })
            .collect();
        let spend = histories.iter().map(|h| 10.0 * h.x as f64).collect();
        let rfm = summary_of(WEEK, &histories, Some(spend)).expect("good rows");
        let rfm = rfm.with_ln_intervals(sums).expect("possible sums");
        for model in PurchaseModel::all() {
            match model.fit(&rfm) {
                Ok(fit) => {
                    assert!(fit.estimates().iter().all(|value| value.is_finite() && *value > 0.0), "{fit}")
                }
                Err(error) => assert!(
                    matches!(error, FitError::NotConverged { .. } | FitError::TooFewCustomers { .. }),
                    "{error}"
                ),
            }
        }
        if let Err(error) = GammaGamma::default().fit(&rfm) {
            assert!(
                matches!(error, FitError::NotConverged { .. } | FitError::TooFewCustomers { .. }),
                "{error}"
            );
        }
    }
}
