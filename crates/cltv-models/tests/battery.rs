//! The battery every model passes: gradient, weights, units, order, tables, penalty, flatness.
//!
//! It runs for every model in the crate's list of models of purchases, and for the Gamma-Gamma: a
//! new model of purchases needs no line here.

mod common;

use cltv_models::audit::{self, AuditLevel};
use cltv_models::model::Weighted;
use cltv_models::{
    BgCnbdK, BgNbd, BgNbdParams, CnbdKParams, FitError, Fitted, GammaGamma, GammaGammaParams,
    GgompertzNbdParams, HessianStatus, History, HistoryModel, InputError, LikelihoodModel, MbgCnbdK, MbgNbd,
    MbgNbdParams, Nbd, NbdParams, ParetoNbd, ParetoNbdParams, PurchaseParameters, PurchasePredictions,
    RfmSummary, TimeUnit, for_each_purchase_model, ln_intervals, simulate_histories, simulate_purchase_times,
    simulate_spend, summary_of,
};
use common::*;
use proptest::prelude::*;

/// What every model must do, on any summary it can be fitted on.
fn battery<M: LikelihoodModel<Data = RfmSummary>>(fit: impl Fn(&RfmSummary) -> Fitted<M>, rfm: &RfmSummary) {
    let once = fit(rfm);
    converges(&once);
    tables_agree(&once);
    order_does_not_matter(&once, &fit(&reversed(rfm)));
    two_copies_are_two_weights(&once, &fit(&doubled(rfm)));
    rescaled_time_changes_scales_only(&once, &fit(&rfm.to_unit(TimeUnit::Day)));
    weights_equal_repeated_rows::<M>(&once, rfm);
}

fn converges<M: LikelihoodModel>(fit: &Fitted<M>) {
    let convergence = fit.convergence();
    assert!(fit.identified(), "{convergence}");
    assert!(convergence.gradient_norm < 1e-10, "{convergence}");
    assert!(convergence.starts > 1 && convergence.iterations > 0);
}

fn tables_agree<M: LikelihoodModel>(fit: &Fitted<M>) {
    let (errors, covariance) = (fit.std_errors().expect("identified"), fit.vcov().expect("identified"));
    let k = errors.len();
    close("AIC", fit.aic(), 2.0 * k as f64 - 2.0 * fit.log_likelihood(), 1e-14);
    close("BIC - AIC", fit.bic() - fit.aic(), k as f64 * ((fit.n_obs() as f64).ln() - 2.0), 1e-9);
    let (wide, narrow) = (fit.confint(0.99).expect("a level"), fit.confint(0.5).expect("a level"));
    let table = fit.coef_table();
    for i in 0..k {
        close("variance", covariance[i][i], errors[i] * errors[i], 1e-12);
        for (j, entry) in covariance[i].iter().enumerate() {
            assert_eq!(*entry, covariance[j][i]);
        }
        let row = &table.rows[i];
        let (low, high) = (row.low.expect("identified"), row.high.expect("identified"));
        assert!(0.0 < wide[i].low && wide[i].low < low && low < narrow[i].low);
        assert!(narrow[i].low < row.estimate && row.estimate < narrow[i].high);
        assert!(narrow[i].high < high && high < wide[i].high);
        // 95% on the log scale: exp(1.959964 se / theta).
        close("z", (high / row.estimate).ln() * row.estimate / errors[i], 1.959_963_984_540_054, 1e-12);
    }
    let text = fit.to_string();
    let named = fit.parameter_names().into_iter().chain(["std error", "Converged", fit.name()]);
    named.for_each(|name| assert!(text.contains(name), "{text}"));
    assert!(fit.confint(1.0).is_err() && fit.confint(f64::NAN).is_err());
}

fn order_does_not_matter<M: LikelihoodModel>(once: &Fitted<M>, reversed: &Fitted<M>) {
    for (left, right) in once.estimates().iter().zip(reversed.estimates()) {
        close("reversed rows", right, *left, 1e-9);
    }
}

fn two_copies_are_two_weights<M: LikelihoodModel>(once: &Fitted<M>, twice: &Fitted<M>) {
    assert_eq!((twice.n_obs(), twice.distinct_rows()), (2 * once.n_obs(), once.distinct_rows()));
    close("log-likelihood", twice.log_likelihood(), 2.0 * once.log_likelihood(), 1e-12);
    let (one, two) = (once.std_errors().expect("identified"), twice.std_errors().expect("identified"));
    for k in 0..one.len() {
        close("estimate", twice.estimates()[k], once.estimates()[k], 1e-9);
        close("standard error", two[k], one[k] / 2.0_f64.sqrt(), 1e-6);
    }
}

fn rescaled_time_changes_scales_only<M: LikelihoodModel>(weeks: &Fitted<M>, days: &Fitted<M>) {
    let (in_weeks, in_days) =
        (weeks.std_errors().expect("identified"), days.std_errors().expect("identified"));
    let parameters = weeks.model().parameters();
    for (k, name) in weeks.parameter_names().into_iter().enumerate() {
        // v counts money, not time.
        let factor = if name == "v" { 1.0 } else { 7.0_f64.powi(parameters[k].scale_power) };
        close(name, days.estimates()[k], factor * weeks.estimates()[k], 1e-9);
        close(name, in_days[k], factor * in_weeks[k], 1e-6);
    }
    assert_eq!((weeks.unit(), days.unit()), (TimeUnit::Week, TimeUnit::Day));
    let error = weeks.check_unit(&summary_of(TimeUnit::Day, &[history(0, 0.0, 1.0)], None).expect("a row"));
    assert_eq!(error, Err(InputError::UnitMismatch { model_unit: TimeUnit::Week, data_unit: TimeUnit::Day }));
}

/// The likelihood of compressed rows is that of the rows one by one.
fn weights_equal_repeated_rows<M: LikelihoodModel<Data = RfmSummary>>(fit: &Fitted<M>, rfm: &RfmSummary) {
    let model = fit.model();
    let sample = model.sample(rfm).expect("a sample");
    let theta = vec![0.7; fit.estimates().len()];
    let one_by_one: Vec<Weighted<M::Row>> = sample
        .rows
        .iter()
        .flat_map(|row| (0..row.weight as usize).map(|_| Weighted { row: row.row.clone(), weight: 1.0 }))
        .collect();
    assert_eq!(one_by_one.len(), sample.customers);
    let (mut left, mut right) = (vec![0.0; theta.len()], vec![0.0; theta.len()]);
    let compressed = model.log_likelihood(&theta, &sample.rows, &mut left);
    close("sum", model.log_likelihood(&theta, &one_by_one, &mut right), compressed, 1e-12);
    left.iter().zip(&right).for_each(|(left, right)| close("gradient", *right, *left, 1e-10));
}

fn rows_where(rfm: &RfmSummary, order: impl Iterator<Item = usize>) -> RfmSummary {
    let order: Vec<usize> = order.collect();
    let histories: Vec<History> = order.iter().map(|&i| rfm.history(i)).collect();
    let picked = |column: &[f64]| order.iter().map(|&i| column[i]).collect();
    let rows = summary_of(rfm.unit(), &histories, rfm.monetary().map(picked)).expect("good rows");
    match rfm.ln_intervals() {
        Some(sums) => rows.with_ln_intervals(picked(sums)).expect("possible sums"),
        None => rows,
    }
}

fn reversed(rfm: &RfmSummary) -> RfmSummary {
    rows_where(rfm, (0..rfm.len()).rev())
}

fn doubled(rfm: &RfmSummary) -> RfmSummary {
    rows_where(rfm, (0..rfm.len()).chain(0..rfm.len()))
}

fn bg(r: f64, alpha: f64, a: f64, b: f64) -> BgNbdParams {
    BgNbdParams::new(r, alpha, a, b, TimeUnit::Week).expect("positive")
}

fn mbg(r: f64, alpha: f64, a: f64, b: f64) -> MbgNbdParams {
    MbgNbdParams::new(r, alpha, a, b, TimeUnit::Week).expect("positive")
}

fn pareto(r: f64, alpha: f64, s: f64, beta: f64) -> ParetoNbdParams {
    ParetoNbdParams::new(r, alpha, s, beta, TimeUnit::Week).expect("positive")
}

/// Customers simulated from parameters, with the times between their purchases.
fn simulated(params: &impl PurchaseParameters, customers: u32, seed: u64) -> RfmSummary {
    let ages: Vec<f64> = (0..customers).map(|i| 30.0 + f64::from(i % 40)).collect();
    let times = simulate_purchase_times(params, &ages, seed);
    let histories = simulate_histories(params, &ages, seed);
    let rfm = summary_of(TimeUnit::Week, &histories, None).expect("good rows");
    rfm.with_ln_intervals(times.iter().map(|times| ln_intervals(times)).collect()).expect("possible sums")
}

/// Customers who identify a model: CDNOW's, unless the model needs regular purchases or a dropout
/// rate that changes with age.
fn summary_for(key: &str) -> RfmSummary {
    match key {
        "bg_cnbd_k" => {
            simulated(&CnbdKParams::bg(3, 1.2, 5.0, 0.8, 2.4, TimeUnit::Week).expect("positive"), 1_500, 7)
        }
        "mbg_cnbd_k" => {
            simulated(&CnbdKParams::mbg(2, 1.2, 5.0, 0.8, 2.4, TimeUnit::Week).expect("positive"), 1_500, 7)
        }
        "ggompertz_nbd" => simulated(
            &GgompertzNbdParams::new(1.5, 2.0, 0.2, 1.0, 20.0, TimeUnit::Week).expect("positive"),
            1_000,
            7,
        ),
        _ => two_decimal_summary(),
    }
}

/// What every model of purchases must do besides: it finds its own parameters again in customers
/// simulated from them, and its probabilities agree with its expectations.
fn purchase_battery<M: HistoryModel + LikelihoodModel<Data = RfmSummary>>(
    fit: impl Fn(&RfmSummary) -> Fitted<M>,
) where
    <M as LikelihoodModel>::Params: PurchaseParameters,
{
    let rfm = summary_for(M::KEY);
    battery(&fit, &rfm);
    let truth = fit(&rfm);
    pmfs_agree_with_expectations(&truth.params()).expect("probabilities");
    let again = fit(&simulated(&truth.params(), 4_000, 20_261_122));
    let intervals = again.confint(0.999).expect("identified");
    for (interval, truth) in intervals.iter().zip(truth.estimates()) {
        assert!(interval.low < truth && truth < interval.high, "{interval:?} misses {truth}\n{again}");
    }
    let names = again.parameter_names();
    assert!(M::DROPOUT_PARAMETERS.iter().all(|name| names.contains(name)), "{names:?}");
}

macro_rules! batteries {
    ($($model:ident),+) => {
        mod battery_of {
            use super::*;

            $(
                #[test]
                #[allow(non_snake_case)]
                fn $model() {
                    purchase_battery(|rfm| cltv_models::$model::default().fit(rfm).expect("a fit"));
                }
            )+
        }

        /// Derivatives of every model at random parameters.
        fn derivatives_of_all_models(rfm: &RfmSummary, eta: [f64; 5]) -> Result<(), TestCaseError> {
            $({
                let n = <cltv_models::$model as LikelihoodModel>::PARAMETERS.len();
                // Five parameters together reach where a likelihood is e^-1000 and differences fail.
                let eta = if n == 5 { eta.map(|eta| 0.7 * eta) } else { eta };
                derivatives_are_right(&cltv_models::$model::default(), rfm, &eta[..n], 1e-7)?;
            })+
            Ok(())
        }
    };
}

for_each_purchase_model!(batteries);

#[test]
fn mbg_cnbd_k_with_k_of_1() {
    battery(|rfm| MbgCnbdK::default().k(1).fit(rfm).expect("a fit"), &two_decimal_summary());
}

#[test]
fn gamma_gamma() {
    battery(|rfm| GammaGamma::default().fit(rfm).expect("a fit"), &two_decimal_summary());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn gradients_of_purchase_models(eta in prop::array::uniform5(-5.0..5.0_f64), seed in 0_u64..1000) {
        let ages: Vec<f64> = (1..40).map(f64::from).collect();
        let histories = simulate_histories(&bg(1.5, 4.0, 0.5, 3.0), &ages, seed);
        if let Ok(rfm) = summary_of(TimeUnit::Week, &histories, None)
            && rfm.repeat_customers() > 0
        {
            derivatives_of_all_models(&rfm, eta)?;
            // Intervals that add to t_x; their sum of logarithms changes no gradient.
            let sum = |h: &History| if h.x > 0 { h.x as f64 * (0.9 * h.t_x / h.x as f64).ln() } else { 0.0 };
            let rfm = rfm.with_ln_intervals(histories.iter().map(sum).collect()).expect("possible sums");
            derivatives_are_right(&BgCnbdK::default().k(3), &rfm, &eta[..4], 1e-7)?;
            derivatives_are_right(&MbgCnbdK::default().k(2), &rfm, &eta[..4], 1e-7)?;
        }
    }

    #[test]
    fn gradient_of_gamma_gamma(eta in prop::array::uniform3(-4.0..4.0_f64), seed in 0_u64..1000) {
        let frequency: Vec<u64> = (1..40).map(|x| x % 7 + 1).collect();
        let spend = simulate_spend(&GammaGammaParams::new(3.0, 3.0, 15.0).expect("positive"), &frequency, seed);
        let histories: Vec<History> = frequency.iter().map(|&x| history(x, 5.0, 9.0)).collect();
        let rfm = summary_of(TimeUnit::Week, &histories, Some(spend)).expect("good rows");
        derivatives_are_right(&GammaGamma::default(), &rfm, &eta, 1e-7)?;
    }

    /// The closed form and the integral are the same function, at every parameter and horizon.
    #[test]
    fn expectations_are_regular(
        r in 0.05..8.0_f64, alpha in 0.5..40.0_f64, a in 0.02..6.0_f64, b in 0.05..9.0_f64,
        x in 0_u64..300, t in -6.0..9.0_f64,
    ) {
        let point = if x == 0 { history(0, 0.0, 40.0) } else { history(x, 35.0, 40.0) };
        let params = bg(r, alpha, a, b);
        let t = t.exp();
        let now = params.expected_purchases_if_alive(point, t);
        let later = params.expected_purchases_if_alive(point, t * 1.01);
        let rate = (r + x as f64) / (alpha + 40.0);
        prop_assert!(now > 0.0 && now <= rate * t * (1.0 + 1e-12), "{now}");
        prop_assert!(later >= now && later - now <= rate * t * 0.010_000_1, "{now} {later}");
        // Next to the poles nothing jumps.
        let near = bg(r, alpha, 1.0 + 2e-4, b).expected_purchases_if_alive(point, t);
        let at = bg(r, alpha, 1.0, b).expected_purchases_if_alive(point, t);
        prop_assert!((near / at - 1.0).abs() < 1e-3);
    }

    #[test]
    fn pmfs_sum_to_one(r in 0.1..4.0_f64, alpha in 1.0..20.0_f64, a in 0.1..4.0_f64, b in 0.1..6.0_f64) {
        pmfs_agree_with_expectations(&bg(r, alpha, a, b))?;
        pmfs_agree_with_expectations(&mbg(r, alpha, a, b))?;
        pmfs_agree_with_expectations(&pareto(r, alpha, a, 4.0 * b))?;
        pmfs_agree_with_expectations(&NbdParams::new(r, alpha, TimeUnit::Week).expect("positive"))?;
    }
}

/// Probabilities sum to 1 and their mean is the expectation, for new customers and for the future
/// of a known one.
fn pmfs_agree_with_expectations(params: &dyn PurchasePredictions) -> Result<(), TestCaseError> {
    let (t, point) = (10.0, history(3, 5.0, 9.0));
    let (alive, gone) = (params.p_alive(point), params.p_gone(point));
    prop_assert!((alive + gone - 1.0).abs() < 1e-15);
    prop_assert!(params.p_alive_after(point, t) <= alive);
    let (new, future) = (moments(|n| params.pmf(n, t))?, moments(|n| params.pmf_future(point, n, t))?);
    prop_assert!((new.0 - 1.0).abs() < 1e-9 && (future.0 - 1.0).abs() < 1e-9, "{} {}", new.0, future.0);
    let (expected, later) = (params.expected_purchases_new(t), params.expected_purchases(point, t));
    prop_assert!((new.1 / expected - 1.0).abs() < 1e-7, "{} {expected}", new.1);
    prop_assert!((future.1 / later - 1.0).abs() < 1e-7, "{} {later}", future.1);
    Ok(())
}

/// Sum and mean of probabilities, until those left cannot matter.
fn moments(pmf: impl Fn(u64) -> f64) -> Result<(f64, f64), TestCaseError> {
    let (mut sum, mut mean) = (0.0, 0.0);
    for n in 0..4000_u64 {
        let p = pmf(n);
        prop_assert!((0.0..=1.0).contains(&p), "{n}: {p}");
        sum += p;
        mean += n as f64 * p;
        if n > 20 && p * (n as f64) < 1e-12 * mean {
            break;
        }
    }
    Ok((sum, mean))
}

#[test]
fn parameters_are_recovered_from_simulated_customers() {
    let (purchases, spend) =
        (bg(0.6, 5.0, 0.8, 2.4), GammaGammaParams::new(6.0, 4.0, 16.0).expect("positive"));
    let ages: Vec<f64> = (0..12_000).map(|i| 30.0 + f64::from(i % 40)).collect();
    let histories = simulate_histories(&purchases, &ages, 20_260_101);
    let frequency: Vec<u64> = histories.iter().map(|h| h.x).collect();
    let rfm = summary_of(TimeUnit::Week, &histories, Some(simulate_spend(&spend, &frequency, 5)))
        .expect("good rows");
    let bought = BgNbd::default().fit(&rfm).expect("a fit");
    recovered(&bought, &[0.6, 5.0, 0.8, 2.4]);
    let spent = GammaGamma::default().fit(&rfm).expect("a fit");
    recovered(&spent, &[6.0, 4.0, 16.0]);
    // In sample, expected first-period purchases meet the ones that were made.
    let expected: f64 = ages.iter().map(|&age| bought.expected_purchases_new(age)).sum();
    close("purchases", expected, rfm.repeat_purchases() as f64, 0.02);
    let audits = audit::model_audits(&rfm, &bought.into(), Some(&spent));
    assert!(
        audits.iter().filter(|a| a.name != "repeats_within_grain").all(|a| a.level == AuditLevel::Ok),
        "{audits:?}"
    );
}

/// A fit of many simulated customers finds the parameters that made them.
fn recovers<M: LikelihoodModel>(
    params: &impl PurchaseParameters,
    truth: &[f64],
    fit: impl Fn(&RfmSummary) -> Fitted<M>,
) {
    let ages: Vec<f64> = (0..12_000).map(|i| 30.0 + f64::from(i % 40)).collect();
    let histories = simulate_histories(params, &ages, 20_261_122);
    let fit = fit(&summary_of(TimeUnit::Week, &histories, None).expect("good rows"));
    println!("{fit}");
    recovered(&fit, truth);
}

#[test]
fn models_recover_what_they_simulate() {
    recovers(&mbg(0.6, 5.0, 0.8, 2.4), &[0.6, 5.0, 0.8, 2.4], |rfm| {
        MbgNbd::default().fit(rfm).expect("a fit")
    });
    recovers(&pareto(0.7, 5.0, 0.9, 15.0), &[0.7, 5.0, 0.9, 15.0], |rfm| {
        ParetoNbd::default().fit(rfm).expect("a fit")
    });
    let nbd = NbdParams::new(0.7, 5.0, TimeUnit::Week).expect("positive");
    recovers(&nbd, &[0.7, 5.0], |rfm| Nbd::default().fit(rfm).expect("a fit"));
}

fn recovered<M: LikelihoodModel>(fit: &Fitted<M>, truth: &[f64]) {
    for ((interval, truth), error) in fit
        .confint(0.999)
        .expect("identified")
        .iter()
        .zip(truth)
        .zip(fit.log_std_errors().expect("identified"))
    {
        assert!(interval.low < *truth && *truth < interval.high, "{interval:?} misses {truth}\n{fit}");
        assert!(error < 0.2, "{fit}");
    }
}

fn dropout_is_not_identified(rfm: &RfmSummary) -> Fitted<BgNbd> {
    let fit = BgNbd::default().fit(rfm).expect("a fit");
    println!("{fit}");
    assert!(!fit.identified());
    assert!(matches!(&fit.convergence().hessian, HessianStatus::Flat { along } if along.contains(&"a")));
    assert!(matches!(fit.vcov(), Err(FitError::NotIdentified { .. })));
    assert!(fit.confint(0.95).is_err() && fit.coef_table().rows[0].std_error.is_none());
    assert!(fit.to_string().contains("do not identify"));
    let audit = audit::dropout_identified(&fit.clone().into()).expect("a model with dropout");
    assert!(audit.level == AuditLevel::Warning && audit.figure.is_finite(), "{audit}");
    fit
}

#[test]
fn customers_who_never_drop_out_leave_dropout_unidentified() {
    // Everybody bought on the last day: a runs to 0.
    let histories: Vec<History> = (0..600).map(|i| history(1 + i % 9, 40.0, 40.0)).collect();
    let rfm = summary_of(TimeUnit::Week, &histories, None).expect("good rows");
    let fit = dropout_is_not_identified(&rfm);
    // Purchases are still predicted: everybody is alive.
    assert!(fit.p_alive(history(8, 38.0, 40.0)) > 0.999);
    let penalised = BgNbd::default().penalty(0.001).fit(&rfm).expect("a fit");
    assert_eq!(audit::penalty_decides(&penalised, &fit).level, AuditLevel::Warning);
}

#[test]
fn customers_with_one_dropout_probability_let_a_and_b_grow_without_bound() {
    let ages = vec![40.0; 1500];
    let unbounded = (0..4).map(|seed| {
        let histories = simulate_histories(&bg(1.0, 2.0, 2e6, 8e6), &ages, seed);
        let rfm = summary_of(TimeUnit::Week, &histories, None).expect("good rows");
        let fit = BgNbd::default().fit(&rfm).expect("a fit");
        close("mean dropout", fit.params().mean_dropout(), 0.2, 0.1);
        if !fit.identified() {
            dropout_is_not_identified(&rfm);
        }
        !fit.identified()
    });
    // In about every other sample the likelihood still finds some spread by chance.
    assert!(unbounded.filter(|unbounded| *unbounded).count() >= 1);
}

#[test]
fn equal_amounts_leave_spend_unidentified() {
    let histories = vec![history(2, 5.0, 9.0); 50];
    let rfm = summary_of(TimeUnit::Week, &histories, Some(vec![19.9; 50])).expect("good rows");
    let fit = GammaGamma::default().fit(&rfm).expect("a fit");
    println!("{fit}");
    assert!(!fit.identified() && fit.vcov().is_err());
    assert_eq!(audit::spend_boundary(&fit).level, AuditLevel::Warning);
    close("mean", fit.population_mean(), 19.9, 1e-3);
}

#[test]
fn an_infinite_mean_spend_is_named() {
    let heavy = GammaGammaParams::new(2.0, 0.7, 10.0).expect("positive");
    let histories = vec![history(1, 5.0, 9.0); 3000];
    let rfm = summary_of(TimeUnit::Week, &histories, Some(simulate_spend(&heavy, &[1; 3000], 11)))
        .expect("good rows");
    let fit = GammaGamma::default().fit(&rfm).expect("a fit");
    assert!(!fit.has_finite_mean() && fit.population_mean() == f64::INFINITY, "{fit}");
    let audit = audit::spend_boundary(&fit);
    assert!(audit.level == AuditLevel::Warning && audit.message.contains("no finite mean"), "{audit}");
    let plan = cltv_models::ValuePlan::new(6, 0.1, 1.0).expect("a plan");
    let error = cltv_models::lifetime_value_from(&bg(1.0, 5.0, 1.0, 2.0), &fit.params(), &rfm, &plan);
    assert!(matches!(error, Err(InputError::NoFiniteMeanSpend { .. })));
}

#[test]
fn a_penalty_counts_and_is_not_reported_as_likelihood() {
    let rfm = two_decimal_summary();
    let free = BgNbd::default().fit(&rfm).expect("a fit");
    let penalised = BgNbd::default().penalty(0.01).fit(&rfm).expect("a fit");
    // DIFFERENCE: lifetimes' penalizer adds the squared parameters (a = .2856 at .01); ours adds
    // the squared log parameters, which prefers 1 to 0, and reports the plain likelihood.
    assert!(penalised.log_likelihood() < free.log_likelihood());
    let sum: f64 = rfm.histories().iter().map(|h| penalised.params().log_likelihood(*h)).sum();
    close("unpenalised", penalised.log_likelihood(), sum, 1e-12);
    let audit = audit::penalty_decides(&penalised, &free);
    println!("{audit}");
    assert!(audit.level > AuditLevel::Ok);
    assert_eq!(audit::penalty_decides(&free, &free).level, AuditLevel::Ok);
    let light = BgNbd::default().penalty(1e-6).fit(&rfm).expect("a fit");
    assert_eq!(audit::penalty_decides(&light, &free).level, AuditLevel::Ok);
    assert!(BgNbd::default().penalty(-1.0).fit(&rfm).is_err());
}
