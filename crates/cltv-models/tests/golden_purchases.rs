//! MBG/NBD, Pareto/NBD and NBD against 50-digit figures, refits and printed ones.

mod common;

use cltv_models::{
    BgNbdParams, Fitted, HessianStatus, History, LikelihoodModel, MbgNbd, MbgNbdParams, Nbd, NbdParams,
    ParetoNbd, ParetoNbdParams, PurchasePredictions, TimeUnit,
};
use common::*;
use serde_json::Value;

fn bg(p: &[f64]) -> BgNbdParams {
    BgNbdParams::new(p[0], p[1], p[2], p[3], TimeUnit::Week).expect("positive")
}

fn mbg(p: &[f64]) -> MbgNbdParams {
    MbgNbdParams::new(p[0], p[1], p[2], p[3], TimeUnit::Week).expect("positive")
}

fn pareto(p: &[f64]) -> ParetoNbdParams {
    ParetoNbdParams::new(p[0], p[1], p[2], p[3], TimeUnit::Week).expect("positive")
}

fn named(golden: &Value, names: [&str; 4]) -> Vec<f64> {
    names.iter().map(|name| number(&golden["params"][name])).collect()
}

fn fits_the_reference<M: LikelihoodModel>(fit: &Fitted<M>, key: &str) {
    println!("{fit}");
    let golden = &reference()[key];
    check_fit(fit, golden, 1e-5);
    let mean = -fit.log_likelihood() / fit.n_obs() as f64;
    close("mean", mean, number(&golden["mean_negative_log_likelihood_original_units"]), 1e-12);
    assert_eq!((fit.n_obs() as f64, fit.distinct_rows()), (number(&golden["n"]), 1016));
    assert!(fit.convergence().gradient_norm < 1e-12, "{}", fit.convergence());
    assert_eq!(fit.convergence().hessian, HessianStatus::PositiveDefinite);
}

/// A refit of the day-exact summary, as far as scipy's optimiser went.
fn fits_the_refit<M: LikelihoodModel>(fit: &Fitted<M>) {
    let golden = &published()["computed"]["cdnow_raw_weekly"][fit.name()];
    let errors = fit.std_errors().expect("identified");
    for (k, expected) in numbers(&golden["p"]).into_iter().enumerate() {
        close("refit", fit.estimates()[k], expected, 2e-6);
        close("standard error", errors[k], numbers(&golden["se"])[k], 1e-4);
    }
    close("log-likelihood", fit.log_likelihood(), number(&golden["ll"]), 1e-11);
}

#[test]
fn mbg_nbd_fit() {
    fits_the_reference(&MbgNbd::default().fit(&two_decimal_summary()).expect("a fit"), "MBG/NBD cdnow");
    let fit = MbgNbd::default().fit(&day_exact_summary()).expect("a fit");
    fits_the_refit(&fit);
    let printed = &published()["published"]["mbgnbd_cdnow"];
    for (name, found) in fit.parameter_names().into_iter().zip(fit.estimates()) {
        close(name, found, number(&printed[name]), 1e-3);
    }
}

#[test]
fn mbg_nbd_predictions() {
    let all = reference();
    let golden = &all["MBG/NBD cdnow"];
    check_predictions(&mbg(&named(golden, ["r", "alpha", "a", "b"])), &golden["predictions"]);
    let params = mbg(&[0.525, 6.183, 0.891, 1.614]);
    check_functions(&params, "MBG/NBD r=0.525 alpha=6.183 a=0.891 b=1.614");
}

#[test]
fn mbg_nbd_computed_and_printed_figures() {
    let all = published();
    let golden = &all["computed"]["mbg_at_mle"];
    let params = mbg(&numbers(&golden["params"]));
    let (new, point) = (history(0, 0.0, 39.0), history(2, 30.43, 38.86));
    close("P(alive), x = 0", params.p_alive(new), number(&golden["PAlive_0_0_39"]), 1e-10);
    close("P(alive)", params.p_alive(point), number(&golden["PAlive_2_30.43_38.86"]), 1e-10);
    let expected = number(&golden["CET39_2_30.43_38.86"]);
    close("E[Y(39)]", params.expected_purchases(point, 39.0), expected, 1e-10);
    close("E[X(52)]", params.expected_purchases_new(52.0), number(&golden["E52"]), 1e-10);
    let stable = &all["published"]["logp_stability"];
    let params = mbg(&numbers(&stable["params_r_alpha_a_b"]));
    let at = |point: History| params.history_log_likelihood(point);
    close("x = 0", at(history(0, 0.0, 40.0)), number(&stable["mbg_x0"]), 1e-7);
    close("x = 200", at(history(200, 38.0, 40.0)), number(&stable["mbg_x200_tx38"]), 1e-6);
}

#[test]
fn pareto_nbd_fit() {
    let fit = ParetoNbd::default().fit(&two_decimal_summary()).expect("a fit");
    fits_the_reference(&fit, "Pareto/NBD cdnow");
    let fit = ParetoNbd::default().fit(&day_exact_summary()).expect("a fit");
    fits_the_refit(&fit);
    // CLVTools and BTYD print their optimisers' stopping points.
    let printed = &published()["published"];
    let clvtools = &printed["pnbd_cdnow"];
    for (k, name) in fit.parameter_names().into_iter().enumerate() {
        close(name, fit.estimates()[k], number(&clvtools[name]), 1e-3);
        close(name, fit.std_errors().expect("identified")[k], numbers(&clvtools["se"])[k], 1e-3);
        close(name, fit.estimates()[k], numbers(&printed["pnbd_cdnow_btyd"]["params"])[k], 2e-3);
    }
    close("log-likelihood", fit.log_likelihood(), number(&clvtools["LL"]), 1e-7);
}

#[test]
fn pareto_nbd_predictions_on_both_sides_of_alpha_and_beta() {
    let all = reference();
    let golden = &all["Pareto/NBD cdnow"];
    check_predictions(&pareto(&named(golden, ["r", "alpha", "s", "beta"])), &golden["predictions"]);
    let below = pareto(&[0.553, 10.578, 0.606, 11.669]);
    check_functions(&below, "Pareto/NBD r=0.553 alpha=10.578 s=0.606 beta=11.669");
    let above = pareto(&[0.553, 11.669, 0.606, 10.578]);
    check_functions(&above, "Pareto/NBD alpha>beta branch r=0.553 alpha=11.669 s=0.606 beta=10.578");
}

#[test]
fn hard_points() {
    let all = reference();
    let golden = all["fixed_parameter_functions"][HARD_POINTS].as_object().expect("hard points");
    let point = history(2, 30.43, 38.86);
    let mut checked = 0;
    for (name, expected) in golden {
        let params: Box<dyn PurchasePredictions> = match name.split_once('=') {
            Some(("BG a", a)) => Box::new(bg(&[0.243, 4.414, a.parse().expect("a"), 2.426])),
            Some(("MBG a", a)) => Box::new(mbg(&[0.243, 4.414, a.parse().expect("a"), 2.426])),
            Some(("Pareto s", s)) => Box::new(pareto(&[0.553, 10.578, s.parse().expect("s"), 11.669])),
            _ => continue,
        };
        close(name, params.expected_purchases_new(52.0), number(&expected["E52"]), PREDICTION);
        close(name, params.expected_purchases(point, 39.0), number(&expected["CE39"]), PREDICTION);
        checked += 1;
    }
    assert_eq!(checked, 12);
}

/// Fader & Hardie's torture set: other forms of the likelihood overflow here.
#[test]
fn pareto_nbd_torture_set() {
    let params = pareto(&[0.5143, 2.8845, 0.2856, 14.1087]);
    for (x, t_x, age) in [
        (221, 103.42857, 103.57143),
        (254, 97.14286, 97.28571),
        (161, 94.71429, 98.0),
        (204, 98.57143, 99.42857),
    ] {
        let point = history(x, t_x, age);
        let (alive, gone) = (params.p_alive(point), params.p_gone(point));
        assert!(params.history_log_likelihood(point).is_finite());
        assert!(0.0 < gone && gone < 1.0, "{gone}");
        close("P(alive) + P(gone)", alive + gone, 1.0, 1e-15);
        // The definition, by Simpson's rule: dying at τ and not buying since, against living on.
        let odds = |t: f64| {
            let buying = (0.5143 + x as f64) * ((2.8845 + age) / (2.8845 + t)).ln();
            let living = 0.2856 * ((14.1087 + age) / (14.1087 + t)).ln();
            0.2856 / (14.1087 + t) * (buying + living).exp()
        };
        let step = (age - t_x) / 4000.0;
        let weight = |k: u32| if k.is_multiple_of(4000) { 1.0 } else { f64::from(2 + k % 2 * 2) };
        let simpson: f64 = (0..=4000).map(|k| weight(k) * odds(t_x + step * f64::from(k))).sum();
        close("odds of being gone", gone / alive, simpson * step / 3.0, 1e-10);
    }
}

#[test]
fn pareto_nbd_printed_figures() {
    let all = published();
    let golden = &all["published"]["pnbd_cdnow_btyd"];
    // BTYD prints figures at its own unrounded optimum.
    let params = ParetoNbd::default().fit(&day_exact_summary()).expect("a fit").params();
    close("E[X(52)]", params.expected_purchases_new(52.0), number(&golden["E52"]), 1e-4);
    let customer = history(26, 30.86, 31.0);
    close("P(alive), 1516", params.p_alive(customer), number(&golden["PAlive_cust1516"]), 1e-4);
    let found = params.expected_purchases(customer, 52.0);
    close("E[Y(52)], 1516", found, number(&golden["CET52_cust1516"]), 1e-3);
    for (x, expected) in [10, 15, 20, 25].into_iter().zip(numbers(&golden["CET52_x10_15_20_25_tx20_T39"])) {
        let found = params.expected_purchases(history(x, 20.0, 39.0), 52.0);
        close("E[Y(52)], t_x = 20", found, expected, 2e-3);
    }
}

#[test]
fn pareto_nbd_residual_purchases_meet_the_kummer_form() {
    let golden = &published()["computed"]["pnbd_dert_delta_ln1.15_over_52"];
    let params = pareto(&numbers(&golden["params"]));
    let rate = 1.15_f64.ln() / 52.0;
    for (name, point) in [
        ("x0_tx0_T39", history(0, 0.0, 39.0)),
        ("x7_tx35_T39", history(7, 35.0, 39.0)),
        ("x26_tx216/7_T31", history(26, 216.0 / 7.0, 31.0)),
    ] {
        let found = params.discounted_residual_purchases(point, rate);
        close(name, found, number(&golden[name]), 1e-10);
    }
}

#[test]
fn pareto_nbd_future_purchases_meet_lifetimes() {
    let all = lifetimes();
    let golden = &all["ParetoNBDFitter_cdnow"];
    let params = pareto(&named(golden, ["r", "alpha", "s", "beta"]));
    let key = "conditional_probability_of_n_purchases_up_to_time(n, t=39, x=2, t_x=30.43, T=38.86)";
    for (n, expected) in entries(&golden[key]) {
        let found = params.pmf_future(history(2, 30.43, 38.86), n.parse().expect("a count"), 39.0);
        close(&format!("P(Y(39) = {n})"), found, expected, 1e-8);
    }
}

#[test]
fn nbd() {
    let fit = Nbd::default().fit(&day_exact_summary()).expect("a fit");
    println!("{fit}");
    fits_the_refit(&fit);
    let golden = &published()["computed"]["cdnow_summary_csv_2dp"]["NBD"];
    let rfm = two_decimal_summary();
    let fit = Nbd::default().fit(&rfm).expect("a fit");
    close("r", fit.estimates()[0], numbers(&golden["p"])[0], 1e-6);
    close("log-likelihood", fit.log_likelihood(), number(&golden["ll"]), 1e-11);
    let params = NbdParams::new(0.385, 12.07, TimeUnit::Week).expect("positive");
    let sum: f64 = (0..400).map(|n| n as f64 * params.pmf(n, 39.0)).sum();
    close("E[X(39)]", params.expected_purchases_new(39.0), sum, 1e-9);
    assert_eq!(params.p_alive_after(history(2, 3.0, 9.0), 1e6), 1.0);
}
