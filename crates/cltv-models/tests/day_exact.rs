//! CDNOW day-exact: the figures the project promises (published.json, computed refits).

mod common;

use cltv_models::audit::{self, PurchaseCounts};
use cltv_models::{AuditLevel, BgNbd, BgNbdParams, GammaGamma, TimeUnit};
use common::*;

#[test]
fn the_summary_is_the_published_one() {
    let rfm = day_exact_summary();
    assert_eq!((rfm.len(), rfm.repeat_purchases(), rfm.repeat_customers()), (2357, 2457, 946));
    assert!(rfm.to_string().starts_with("2,357 customers, 60% bought once"), "{rfm}");
    assert_eq!(holdout_purchases().iter().sum::<u64>(), 1882);
}

#[test]
fn bg_nbd() {
    let all = published();
    let golden = &all["computed"]["cdnow_raw_weekly"]["BG/NBD"];
    let fit = BgNbd::default().fit(&day_exact_summary()).expect("a fit");
    println!("{fit}");
    let promised = [0.242_594_5, 4.413_602_3, 0.792_922_1, 2.425_907_2];
    for (k, expected) in promised.into_iter().enumerate() {
        assert!((fit.estimates()[k] - expected).abs() < 1e-4);
        // The refit stopped at scipy's precision.
        close("refit", fit.estimates()[k], numbers(&golden["p"])[k], 1e-6);
        close("standard error", fit.std_errors().expect("identified")[k], numbers(&golden["se"])[k], 1e-4);
    }
    assert!((fit.log_likelihood() + 9582.4292).abs() < 1e-3);
    close("log-likelihood", fit.log_likelihood(), number(&golden["ll"]), 1e-11);
    // DIFFERENCE: CLVTools prints its optimiser's stopping point, .2425945, 4.4136019, .7929199,
    // 2.4258881.
    let printed = &all["published"]["bgnbd_cdnow"];
    for (name, found) in fit.parameter_names().iter().zip(fit.estimates()) {
        close(name, found, number(&printed[name]), 1e-4);
    }
}

#[test]
fn bg_nbd_in_days() {
    let golden = &published()["computed"]["bg_daily_units"];
    let weeks = day_exact_summary();
    let fit = BgNbd::default().fit(&weeks.to_unit(TimeUnit::Day)).expect("a fit");
    for (found, expected) in fit.estimates().into_iter().zip(numbers(&golden["params"])) {
        close("in days", found, expected, 2e-6);
    }
    close("log-likelihood", fit.log_likelihood(), number(&golden["LL"]), 1e-11);
    let in_weeks = BgNbd::default().fit(&weeks).expect("a fit");
    let audit = audit::time_unit_sensitivity(&in_weeks.into(), &fit.into());
    assert!(audit.level == AuditLevel::Ok && audit.figure < 1e-9, "{audit}");
}

#[test]
fn gamma_gamma() {
    let golden = &published()["computed"]["gg_raw"];
    let fit = GammaGamma::default().fit(&day_exact_summary()).expect("a fit");
    println!("{fit}");
    for (found, expected) in fit.estimates().into_iter().zip([6.24957, 3.74422, 15.44352]) {
        assert!((found - expected).abs() < 1e-3);
    }
    for (k, name) in ["p", "q", "v"].into_iter().enumerate() {
        close(name, fit.estimates()[k], number(&golden[name]), 1e-6);
        close(name, fit.std_errors().expect("identified")[k], numbers(&golden["se"])[k], 1e-4);
    }
    assert!((fit.log_likelihood() + 4055.9177).abs() < 1e-3);
    close("log-likelihood", fit.log_likelihood(), number(&golden["LL"]), 1e-11);
}

#[test]
fn holdout_of_39_weeks() {
    let golden = &published()["computed"]["bg_holdout_39wk"];
    let rfm = day_exact_summary();
    let fit = BgNbd::default().fit(&rfm).expect("a fit");
    let expected: Vec<f64> = rfm.histories().iter().map(|h| fit.expected_purchases(*h, 39.0)).collect();
    let actual = holdout_purchases();
    let sum: f64 = expected.iter().sum();
    // The refit's parameters are scipy's stopping point.
    close("expected", sum, number(&golden["expected"]), 1e-7);
    let errors = expected.iter().zip(&actual).map(|(e, a)| e - *a as f64);
    let (mut absolute, mut squared) = (0.0, 0.0);
    for error in errors {
        absolute += error.abs();
        squared += error * error;
    }
    let n = actual.len() as f64;
    close("MAE", absolute / n, number(&golden["MAE"]), 1e-5);
    close("RMSE", (squared / n).sqrt(), number(&golden["RMSE"]), 1e-5);
}

#[test]
fn no_audit_above_a_note() {
    let rfm = day_exact_summary();
    let purchases = BgNbd::default().fit(&rfm).expect("a fit");
    let spend = GammaGamma::default().fit(&rfm).expect("a fit");
    let mut audits = audit::model_audits(&rfm, &purchases.into(), Some(&spend));
    let days = customer_days();
    let intervals: Vec<(f64, f64)> = days
        .values()
        .filter(|days| days.len() >= 3)
        .map(|days| {
            let first: Vec<i64> = days.keys().copied().take(3).collect();
            ((first[1] - first[0]) as f64, (first[2] - first[1]) as f64)
        })
        .collect();
    audits.extend(audit::purchase_regularity(&intervals));
    audits.extend(audit::left_censored_panel(&first_purchases_by_month()));
    let merged = days.values().map(|days| days.len() as u64).sum();
    audits.push(audit::item_rows(PurchaseCounts {
        rows: 6919,
        purchases: merged,
        orders: None,
        rows_sharing_a_day: 432,
    }));
    assert_eq!((merged, audits.len()), (6696, 8));
    for audit in &audits {
        println!("{audit}");
        assert!(audit.level <= AuditLevel::Note && audit.figure.is_finite(), "{audit}");
        assert!(audit.message.ends_with('.'), "{audit}");
    }
    let correlation = audits.iter().find(|a| a.name == "spend_frequency_correlation").expect("amounts");
    // In exact fractions. DIFFERENCE: scipy.stats.spearmanr gives .206318943, because equal means whose last bits differ
    // do not tie there.
    close("Spearman", correlation.figure, 0.206_301_516_583_917_6, 1e-13);
    assert_eq!(correlation.level, AuditLevel::Ok);
}

#[test]
fn published_parameters_predict_without_a_fit() {
    let printed = &published()["published"]["bgnbd_cdnow"];
    let params: BgNbdParams = bg_params(printed);
    assert_eq!(params.to_string(), "r = 0.2426, alpha = 4.4136 weeks, a = 0.7929, b = 2.4259");
}
