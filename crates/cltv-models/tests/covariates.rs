//! Models with static covariates: likelihoods, recovery, tests, predictions, persistence.

mod common;

use cltv_models::audit::{AuditLevel, penalty_decides};
use cltv_models::{
    BgNbd, BgNbdParams, CovariateModel, CovariateSummary, Covariates, Fitted, History, InputError,
    LikelihoodModel, MbgNbd, ParetoNbd, ParetoNbdParams, PurchaseParameters, PurchasePredictions, TimeUnit,
    WithCovariates, likelihood_ratio, simulate_histories, summary_of,
};
use common::*;

const WEEK: TimeUnit = TimeUnit::Week;

/// Customers of two channels and three ages, whose parameters `of` gives.
fn customers<P: PurchaseParameters>(each: usize, of: impl Fn(f64, f64) -> P) -> CovariateSummary {
    let (mut histories, mut channel, mut age): (Vec<History>, Vec<String>, Vec<f64>) = Default::default();
    let mut seed = 40;
    for (web, name) in [(0.0, "store"), (1.0, "web")] {
        for years in [30.0, 40.0, 50.0] {
            // The standardised age of equally many customers of each.
            let z = (years - 40.0) / (200.0_f64 / 3.0).sqrt();
            histories.extend(simulate_histories(&of(web, z), &vec![52.0; each], seed));
            channel.extend(vec![name.to_owned(); each]);
            age.extend(vec![years; each]);
            seed += 1;
        }
    }
    let covariates = Covariates::default().levels("channel", channel).expect("a column");
    let covariates = covariates.numbers("age", age).expect("a column");
    CovariateSummary::try_new(summary_of(WEEK, &histories, None).expect("customers"), covariates)
        .expect("both")
}

/// r = .8, α = 6 exp(−(.5 web + .2 age)), a = .9 exp(.4 web), b = 2.5 exp(−.3 web).
fn bg_customers(each: usize) -> CovariateSummary {
    customers(each, |web: f64, z: f64| {
        let alpha = 6.0 * (-0.5 * web - 0.2 * z).exp();
        BgNbdParams::new(0.8, alpha, 0.9 * (0.4 * web).exp(), 2.5 * (-0.3 * web).exp(), WEEK)
            .expect("positive")
    })
}

fn pareto_customers(each: usize) -> CovariateSummary {
    customers(each, |web: f64, z: f64| {
        let alpha = 6.0 * (-0.5 * web - 0.2 * z).exp();
        ParetoNbdParams::new(0.8, alpha, 0.9, 12.0 * (-0.6 * web).exp(), WEEK).expect("positive")
    })
}

fn all<M: CovariateModel>(model: M) -> WithCovariates<M> {
    WithCovariates::new(model).purchase(&["channel", "age"]).dropout(&["channel"])
}

#[test]
fn without_characteristics_it_is_the_model() {
    let data = bg_customers(60);
    let (plain, empty) = (BgNbd::default().fit(data.rfm()), WithCovariates::new(BgNbd::default()).fit(&data));
    let (plain, empty) = (plain.expect("a fit"), empty.expect("a fit"));
    close("log-likelihood", empty.log_likelihood(), plain.log_likelihood(), 1e-12);
    for (left, right) in empty.estimates().into_iter().zip(plain.estimates()) {
        close("estimate", left, right, 1e-8);
    }
}

/// At coefficients 0 the likelihood is the model's own, and so are its slopes by the model's own
/// parameters; at others both derivatives are those of differences.
fn check_derivatives<M: CovariateModel>(model: M, base: [f64; 4], data: &CovariateSummary) {
    let own = LikelihoodModel::sample(&model, data.rfm()).expect("a sample");
    let fitted = all(model.clone()).fit(data).expect("a fit").model();
    let sample = fitted.sample(data).expect("a sample");
    let n = fitted.parameters().len();
    let mut theta = base.to_vec();
    theta.resize(n, 0.0);
    let (mut slopes, mut own_slopes) = (vec![0.0; n], vec![0.0; 4]);
    let value = fitted.log_likelihood(&theta, &sample.rows, &mut slopes);
    close("value", value, LikelihoodModel::log_likelihood(&model, &base, &own.rows, &mut own_slopes), 1e-12);
    for (left, right) in slopes.iter().zip(own_slopes) {
        assert!((left - right).abs() < 1e-8 * (1.0 + right.abs()), "{left} {right}");
    }
    for (k, theta) in theta.iter_mut().enumerate().skip(4) {
        *theta = 0.3 - 0.2 * (k % 3) as f64;
    }
    let at = |theta: &[f64]| {
        let mut slopes = vec![0.0; n];
        (fitted.log_likelihood(theta, &sample.rows, &mut slopes), slopes)
    };
    let (mut gradient, mut hessian) = (vec![0.0; n], vec![0.0; n * n]);
    let value = fitted.second_order(&theta, &sample.rows, &mut gradient, &mut hessian).expect("formulas");
    close("value", value, at(&theta).0, 1e-12);
    for j in 0..n {
        let step = 1e-5 * theta[j].abs().max(0.1);
        let moved = |by: f64| {
            at(&theta.iter().enumerate().map(|(k, t)| if k == j { t + by } else { *t }).collect::<Vec<_>>())
        };
        let (up, down) = (moved(step), moved(-step));
        let slope = (up.0 - down.0) / (2.0 * step);
        assert!((gradient[j] - slope).abs() < 1e-5 * (1.0 + slope.abs()), "{j}: {} {slope}", gradient[j]);
        for i in 0..=j {
            let bend = (up.1[i] - down.1[i]) / (2.0 * step);
            let found = hessian[i * n + j];
            assert!((found - bend).abs() < 1e-4 * (1.0 + bend.abs()), "{i}, {j}: {found} {bend}");
        }
    }
}

#[test]
fn derivatives_are_those_of_differences() {
    let data = bg_customers(25);
    check_derivatives(BgNbd::default(), [0.7, 0.1, 0.8, 2.0], &data);
    check_derivatives(MbgNbd::default(), [0.7, 0.1, 0.8, 2.0], &data);
    check_derivatives(ParetoNbd::default(), [0.7, 0.1, 0.8, 0.3], &data);
}

/// Every estimate within four standard errors of the truth.
fn recovers<M: LikelihoodModel>(fit: &Fitted<M>, truth: &[f64]) {
    let errors = fit.std_errors().expect("identified");
    for (k, name) in fit.parameter_names().into_iter().enumerate() {
        let (found, error) = (fit.estimates()[k], errors[k]);
        println!("{name}: {found:.4} ({error:.4}), truth {:.4}", truth[k]);
        assert!((found - truth[k]).abs() < 4.0 * error, "{name}: {found} ({error}), truth {}", truth[k]);
    }
}

#[test]
fn coefficients_come_back_from_simulated_customers() {
    let data = bg_customers(1500);
    let fit = all(BgNbd::default()).fit(&data).expect("a fit");
    let names = ["purchase:channel=web", "purchase:age", "dropout_a:channel=web", "dropout_b:channel=web"];
    assert_eq!(fit.parameter_names()[4..], names);
    recovers(&fit, &[0.8, 6.0, 0.9, 2.5, 0.5, 0.2, 0.4, -0.3]);
    // The coefficients of purchases are known well, and the plain model is far worse.
    assert!(fit.std_errors().expect("identified")[4] < 0.1);
    let plain = BgNbd::default().fit(data.rfm()).expect("a fit");
    let test = likelihood_ratio(&fit, &plain).expect("nested");
    assert!(test.degrees == 4 && test.p_value < 1e-6, "{test}");
    assert!(
        likelihood_ratio(&plain, &fit).expect_err("the other way").to_string().contains("more parameters")
    );
    let text = fit.params().to_string();
    assert!(
        text.contains("channel is compared with its level store") && text.contains("(value - 40.0"),
        "{text}"
    );

    let data = pareto_customers(500);
    let fit = all(ParetoNbd::default()).fit(&data).expect("a fit");
    assert_eq!(fit.parameter_names()[4..], ["purchase:channel=web", "purchase:age", "dropout:channel=web"]);
    recovers(&fit, &[0.8, 6.0, 0.9, 12.0, 0.5, 0.2, 0.6]);
}

#[test]
fn a_test_of_no_effect_finds_none() {
    let data = customers(150, |_, _| BgNbdParams::new(0.8, 6.0, 0.9, 2.5, WEEK).expect("positive"));
    let fit = all(BgNbd::default()).fit(&data).expect("a fit");
    let plain = BgNbd::default().fit(data.rfm()).expect("a fit");
    let test = likelihood_ratio(&fit, &plain).expect("nested");
    assert!(test.p_value > 0.01, "{test}");
    // A profile of a coefficient, which may be negative, holds 0 then.
    let interval = fit.profile_interval(&data, "purchase:channel=web", 0.99).expect("an interval");
    assert!(interval.low < 0.0 && 0.0 < interval.high, "{interval:?}");
}

#[test]
fn a_penalty_shrinks_coefficients_and_is_not_reported_as_likelihood() {
    let data = bg_customers(60);
    let free = all(BgNbd::default()).fit(&data).expect("a fit");
    let held = all(BgNbd::default()).l2(10.0).fit(&data).expect("a fit");
    assert!(held.log_likelihood() < free.log_likelihood());
    assert!(held.estimates()[4..].iter().all(|gamma| gamma.abs() < 0.03), "{:?}", held.estimates());
    let plain = BgNbd::default().fit(data.rfm()).expect("a fit");
    assert!(held.log_likelihood() > plain.log_likelihood() - 1e-6);
    assert!(likelihood_ratio(&held, &plain).expect_err("penalised").to_string().contains("penalty"));
    let audit = penalty_decides(&held, &free);
    assert!(audit.level == AuditLevel::Warning && audit.message.contains("penalty of 10"), "{audit}");
    assert!(all(BgNbd::default()).l2(-1.0).fit(&data).is_err());
}

#[test]
fn predictions_are_by_characteristics_and_come_back_from_text() {
    let data = bg_customers(200);
    let fit = all(BgNbd::default()).fit(&data).expect("a fit");
    let text = fit.to_json();
    assert!(text.len() < 6000, "{}", text.len());
    let loaded = Fitted::<WithCovariates<BgNbd>>::from_json(&text).expect("the same fit");
    let few = text.replace("\"levels\": [\n", "\"levels\": [], \"were\": [\n");
    let damaged = Fitted::<WithCovariates<BgNbd>>::from_json(&few).expect_err("one level").to_string();
    assert!(few != text && damaged.contains("channel"), "{damaged}");
    let new = |level: &str, age: f64| {
        let one = Covariates::default().levels("channel", vec![level.to_owned()]).expect("a column");
        one.numbers("age", vec![age]).expect("a column")
    };
    let params = |level: &str, age: f64| loaded.params().of_customers(&new(level, age)).expect("known")[0];
    // The factors are those of the coefficients.
    let gamma = fit.estimates();
    let (web, store) = (params("web", 30.0), params("store", 30.0));
    close("alpha", web.alpha() / store.alpha(), (-gamma[4]).exp(), 1e-9);
    close("a", web.a() / store.a(), gamma[6].exp(), 1e-9);
    close("b", web.b() / store.b(), gamma[7].exp(), 1e-9);
    let older = params("store", 30.0 + (200.0_f64 / 3.0).sqrt());
    close("age", older.alpha() / store.alpha(), (-gamma[5]).exp(), 1e-9);
    assert!(web.expected_purchases_new(20.0) > store.expected_purchases_new(20.0));
    let expected = loaded.params().expected_purchases_all(&data, 26.0).expect("predictions");
    let alive = loaded.params().p_alive_all(&data).expect("predictions");
    for i in [0, 399, 800, 1199] {
        let history = data.rfm().history(i);
        let own = params(["store", "web"][i / 600], [30.0, 40.0, 50.0][i / 200 % 3]);
        close("purchases", expected[i], own.expected_purchases(history, 26.0), 1e-9);
        close("P(alive)", alive[i], own.p_alive(history), 1e-9);
    }
    let refused =
        |covariates: &Covariates| fit.params().of_customers(covariates).expect_err("refused").to_string();
    let unseen = refused(&new("phone", 30.0));
    assert!(unseen.contains("phone") && unseen.contains("store, web"), "{unseen}");
    let only = Covariates::default().numbers("age", vec![30.0]).expect("a column");
    assert!(refused(&only).contains("no such column"));
    let other = only.numbers("channel", vec![1.0]).expect("a column");
    assert!(refused(&other).contains("levels"));
}

#[test]
fn columns_that_cannot_be_used_are_refused_by_name() {
    let data = bg_customers(20);
    let bad = |error: InputError, part: &str| {
        assert!(matches!(error, InputError::BadCovariate { .. }), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    };
    let age = || Covariates::default().numbers("age", vec![1.0, 2.0]).expect("a column");
    bad(age().numbers("age", vec![1.0, 2.0]).expect_err("taken"), "already");
    bad(age().numbers("size", vec![1.0]).expect_err("short"), "1 rows but age has 2");
    bad(age().numbers("size", vec![1.0, f64::NAN]).expect_err("NaN"), "row 2");
    assert!(CovariateSummary::try_new(data.rfm().clone(), age()).is_err());
    let fit = WithCovariates::new(BgNbd::default()).purchase(&["income"]).fit(&data);
    assert!(fit.expect_err("no column").to_string().contains("income"));
    let n = data.rfm().len();
    let same = Covariates::default().numbers("size", vec![3.0; n]).expect("a column");
    let same = CovariateSummary::try_new(data.rfm().clone(), same).expect("both");
    let error = WithCovariates::new(BgNbd::default()).dropout(&["size"]).fit(&same).expect_err("constant");
    assert!(error.to_string().contains("same for all"), "{error}");
}
