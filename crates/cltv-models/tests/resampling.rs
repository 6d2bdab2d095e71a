//! Intervals by profile likelihood and by bootstrap.

mod common;

use cltv_models::{
    BgNbd, BgNbdParams, BootstrapPlan, DrawPlan, FitError, GammaGamma, InputError, LikelihoodModel, Nbd,
    ParameterDraws, PurchasePredictions, RfmSummary, TimeUnit, ValuePlan, lifetime_value_intervals,
    simulate_histories, simulate_spend, summary_of,
};
use common::*;

/// Customers of a BG/NBD with spends.
fn customers(count: usize, seed: u64) -> RfmSummary {
    let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week).expect("positive");
    let histories = simulate_histories(&truth, &vec![52.0; count], seed);
    let repeats: Vec<u64> = histories.iter().map(|history| history.x).collect();
    let spend = cltv_models::GammaGammaParams::new(6.0, 4.0, 15.0).expect("positive");
    summary_of(TimeUnit::Week, &histories, Some(simulate_spend(&spend, &repeats, seed))).expect("customers")
}

/// The profile of the NBD's r by its definition: for each r the best α by golden section.
fn nbd_profile(rfm: &RfmSummary, r: f64) -> f64 {
    let model = Nbd::default();
    let sample = LikelihoodModel::sample(&model, rfm).expect("a sample");
    let at = |ln_alpha: f64| model.log_likelihood(&[r, ln_alpha.exp()], &sample.rows, &mut [0.0; 2]);
    let (mut low, mut high) = (-6.0_f64, 6.0_f64);
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    for _ in 0..60 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if at(left) > at(right) { high = right } else { low = left }
    }
    at(0.5 * (low + high))
}

#[test]
fn a_profile_ends_where_the_likelihood_has_fallen_enough() {
    let rfm = customers(150, 3);
    let fit = Nbd::default().fit(&rfm).expect("a fit");
    let interval = fit.profile_interval(&rfm, "r", 0.95).expect("an interval");
    let top = nbd_profile(&rfm, fit.params().r());
    for end in [interval.low, interval.high] {
        // Half the 95% quantile of χ² with one degree of freedom.
        close("fall", top - nbd_profile(&rfm, end), 0.5 * 3.841_458_820_694_124, 1e-5);
    }
    assert!(interval.low < fit.params().r() && fit.params().r() < interval.high);
}

#[test]
fn profiles_of_many_customers_are_the_normal_intervals() {
    let rfm = two_decimal_summary();
    let fit = BgNbd::default().fit(&rfm).expect("a fit");
    for normal in fit.confint(0.95).expect("identified") {
        let profile = fit.profile_interval(&rfm, normal.name, 0.95).expect("an interval");
        println!("{profile:?} {normal:?}");
        let width = (normal.high / normal.low).ln();
        assert!((profile.low / normal.low).ln().abs() < 0.15 * width, "{}", normal.name);
        assert!((profile.high / normal.high).ln().abs() < 0.15 * width, "{}", normal.name);
    }
}

#[test]
fn what_the_data_do_not_bound_has_no_end() {
    // Without dropout a and b run away together, so that no value of b is too large.
    let truth = cltv_models::NbdParams::new(1.5, 4.0, TimeUnit::Week).expect("positive");
    let histories = simulate_histories(&truth, &[30.0; 300], 5);
    let rfm = summary_of(TimeUnit::Week, &histories, None).expect("customers");
    let fit = BgNbd::default().fit(&rfm).expect("a fit");
    assert!(!fit.identified());
    let b = fit.profile_interval(&rfm, "b", 0.95).expect("an interval");
    assert_eq!(b.high, f64::INFINITY, "{b:?}");
    let r = fit.profile_interval(&rfm, "r", 0.95).expect("an interval");
    assert!(r.low > 0.5 && r.high < 5.0 && r.low < 1.5 && r.high > 1.5, "{r:?}");
}

#[test]
fn other_data_levels_and_names_are_refused() {
    let rfm = customers(200, 3);
    let fit = BgNbd::default().fit(&rfm).expect("a fit");
    let error = |rfm: &RfmSummary, name: &str, level: f64| {
        fit.profile_interval(rfm, name, level).expect_err("refused").to_string()
    };
    assert!(error(&customers(200, 4), "r", 0.95).contains("not the data"));
    assert!(error(&rfm.to_unit(TimeUnit::Day), "r", 0.95).contains("weeks"));
    assert!(error(&rfm, "gamma", 0.95).contains("r, alpha, a, b"));
    assert!(error(&rfm, "r", 1.0).contains("level"));
    let plan = BootstrapPlan { replicates: 1, seed: 1 };
    let error = fit.bootstrap(&rfm, &plan).expect_err("too few");
    assert!(matches!(error, FitError::Input(InputError::BadOption { name: "replicates", .. })), "{error}");
}

#[test]
fn a_bootstrap_knows_the_standard_errors_and_gives_values_intervals() {
    let rfm = customers(1500, 3);
    let fit = BgNbd::default().fit(&rfm).expect("a fit");
    let plan = BootstrapPlan { replicates: 60, seed: 7 };
    let bootstrap = fit.bootstrap(&rfm, &plan).expect("fits");
    assert_eq!((bootstrap.failed(), bootstrap.draws().len()), (0, 60));
    // The model is right, so both standard errors are of the same thing; 60 replicates know it to 9%.
    let normal = fit.std_errors().expect("identified");
    for (k, error) in bootstrap.std_errors().into_iter().enumerate() {
        assert!((error / normal[k] - 1.0).abs() < 0.45, "{k}: {error} and {}", normal[k]);
    }
    for (interval, estimate) in bootstrap.confint(0.95).expect("a level").iter().zip(fit.estimates()) {
        assert!(interval.low < estimate && estimate < interval.high, "{interval:?}");
    }
    assert_eq!(bootstrap, fit.bootstrap(&rfm, &plan).expect("the same fits"));
    let other = fit.bootstrap(&rfm, &BootstrapPlan { replicates: 20, seed: 8 }).expect("fits");
    assert!(
        other.draws().iter().all(|draw| !bootstrap.draws().contains(draw)),
        "another seed, other samples"
    );
    assert!(bootstrap.to_string().contains("60 samples of its customers"));
    let spend = GammaGamma::default().fit(&rfm).expect("a fit").bootstrap(&rfm, &plan).expect("fits");
    let value = ValuePlan::new(6, 0.1, 0.3).expect("a plan");
    let draws = DrawPlan { count: 30, ..DrawPlan::default() };
    let intervals = lifetime_value_intervals(&bootstrap, &spend, &rfm, &value, &draws).expect("values");
    assert!(
        intervals.total.low < intervals.total.estimate && intervals.total.estimate < intervals.total.high
    );
    let history = history(3, 20.0, 52.0);
    let alive = bootstrap.with_interval(&draws, |params| params.p_alive(history)).expect("an interval");
    assert!(alive.low < alive.estimate && alive.estimate < alive.high);
}
