//! Comparisons, backtests and the audits of fits and joins.

mod common;

use cltv_models::audit::{
    AuditLevel, OrderAmounts, holdout_total, money_reconciles, money_summed_twice, parameters_identified,
    penalty_decides,
};
use cltv_models::{
    BgNbd, BgNbdParams, CnbdKParams, DrawPlan, FitError, GgompertzNbdParams, History, HoldoutSplit,
    InputError, MbgNbd, MbgNbdParams, Nbd, NbdParams, Origin, ParetoNbd, ParetoNbdParams, PurchaseFit,
    PurchaseModel, PurchasePredictions, TimeUnit, backtest, compare, compare_timed, simulate_split,
};
use common::*;

const WEEK: TimeUnit = TimeUnit::Week;

fn few() -> DrawPlan {
    DrawPlan { count: 20, ..DrawPlan::default() }
}

/// CDNOW to 1997-09-30, with the 39 weeks after it.
fn cdnow() -> HoldoutSplit {
    HoldoutSplit::try_new(day_exact_summary(), holdout_purchases(), 39.0).expect("a split")
}

/// E[Y (Y − 1)] by its definition.
fn by_pmf(params: &dyn PurchasePredictions, history: History, t: f64) -> f64 {
    (2..150_u64).map(|n| (n * (n - 1)) as f64 * params.pmf_if_alive(history, n, t)).sum()
}

#[test]
fn factorial_moments_are_those_of_the_pmf() {
    let models: [Box<dyn PurchasePredictions>; 6] = [
        Box::new(BgNbdParams::new(0.243, 4.414, 0.793, 2.426, WEEK).expect("positive")),
        Box::new(MbgNbdParams::new(0.525, 6.183, 0.891, 1.614, WEEK).expect("positive")),
        Box::new(NbdParams::new(0.385, 12.07, WEEK).expect("positive")),
        Box::new(ParetoNbdParams::new(0.553, 10.578, 0.606, 11.669, WEEK).expect("positive")),
        Box::new(GgompertzNbdParams::new(0.553, 10.578, 0.01, 0.6, 0.9, WEEK).expect("positive")),
        Box::new(CnbdKParams::bg(2, 0.6, 8.0, 0.8, 2.4, WEEK).expect("positive")),
    ];
    for (k, params) in models.iter().enumerate() {
        for (x, t_x, age, t) in [(0, 0.0, 39.0, 26.0), (2, 30.43, 38.86, 1.0), (6, 36.0, 38.86, 39.0)] {
            let history = history(x, t_x, age);
            let found = params.factorial_moment_if_alive(history, t);
            close(&format!("model {k}, x = {x}"), found, by_pmf(params.as_ref(), history, t), 1e-6);
            assert_eq!(params.factorial_moment_if_alive(history, 0.0), 0.0);
            let future = |n: u64, power: i32| (n as f64).powi(power) * params.pmf_future(history, n, t);
            let moment = |power: i32| (1..150_u64).map(|n| future(n, power)).sum::<f64>();
            let variance = moment(2) - moment(1).powi(2);
            close("variance", params.purchase_variance(history, t), variance, 1e-6);
        }
    }
}

#[test]
fn variances_of_simulated_purchases() {
    let params = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, WEEK).expect("positive");
    let split = simulate_split(&params, &[1e-9; 40_000], 52.0, 3).expect("customers");
    let n = split.actual().len() as f64;
    let mean = split.actual().iter().sum::<u64>() as f64 / n;
    let spread = split.actual().iter().map(|&y| (y as f64 - mean).powi(2)).sum::<f64>() / n;
    let new = history(0, 0.0, 0.0);
    close("mean", mean, params.expected_purchases(new, 52.0), 0.03);
    close("variance", spread, params.purchase_variance(new, 52.0), 0.06);
}

#[test]
fn cdnow_prefers_a_model_with_dropout() {
    let models: Vec<PurchaseModel> = vec![
        Nbd::default().into(),
        BgNbd::default().into(),
        MbgNbd::default().into(),
        ParetoNbd::default().into(),
        cltv_models::BgCnbdK::default().into(),
    ];
    let mut seconds = 0.0;
    let comparison = compare_timed(&models, &cdnow(), &few(), || {
        seconds += 0.5;
        seconds
    })
    .expect("a comparison");
    let text = comparison.to_string();
    println!("{text}");
    let of = |k: usize| comparison.rows[k].result.as_ref().expect("a fit");
    let (nbd, bg) = (of(0), of(1));
    assert_eq!(bg.total.actual, 1882);
    assert!(bg.fit.bic() < nbd.fit.bic() && bg.accuracy.rmse < nbd.accuracy.rmse);
    // Without dropout everybody goes on buying: far too many purchases, which the audit sees.
    assert!(nbd.total.expected > 1.3 * 1882.0 && !nbd.trusted() && !nbd.total.covers());
    assert!(bg.trusted() && bg.total.chance < bg.total.standard_deviation);
    assert!(comparison.best().is_some_and(|best| best != "NBD"));
    assert_eq!(comparison.rows[1].seconds, Some(0.5));
    assert!(matches!(&comparison.rows[4].result, Err(FitError::Input(InputError::NoIntervals { .. }))));
    for part in ["Use ", "NBD cannot be trusted", "BG/CNBD-k has no fit", "log-lik", "no fit"] {
        assert!(text.contains(part), "{part}");
    }
    // Tenths hold everybody once, and are in the order of their predictions.
    for figures in (0..4).map(of) {
        assert_eq!(figures.tenths.iter().map(|tenth| tenth.customers).sum::<usize>(), 2357);
        let means = figures.tenths.iter().map(|tenth| tenth.expected / tenth.customers as f64);
        assert!(means.collect::<Vec<_>>().is_sorted_by(|left, right| left >= right));
        let sum: f64 = figures.tenths.iter().map(|tenth| tenth.expected).sum();
        close("sum", sum, figures.total.expected, 1e-12);
    }
}

#[test]
fn intervals_of_totals_cover_what_the_model_makes() {
    let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, WEEK).expect("positive");
    let covered = (0..24_u64).filter(|seed| {
        let split = simulate_split(&truth, &[30.0; 300], 30.0, 100 + seed).expect("customers");
        let comparison = compare(&[BgNbd::default().into()], &split, &few()).expect("a comparison");
        comparison.rows[0].result.as_ref().is_ok_and(|figures| figures.total.covers())
    });
    let covered = covered.count();
    assert!(covered >= 20, "{covered} of 24 intervals of 95%");
}

#[test]
fn backtests_judge_models_by_origin() {
    let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, WEEK).expect("positive");
    let origin = |weeks: f64| {
        Origin::new(format!("week {weeks}"), simulate_split(&truth, &[weeks; 900], 20.0, 9).expect("a split"))
    };
    let models = [BgNbd::default().into(), Nbd::default().into()];
    let result = backtest(&models, &[origin(20.0), origin(40.0)], &few()).expect("a backtest");
    let text = result.to_string();
    println!("{text}");
    assert!(text.contains("week 40") && text.contains("BG/NBD: fitted at 2 of 2 origins"));
    for origin in &result.origins {
        let rmse = |k: usize| origin.comparison.rows[k].result.as_ref().expect("a fit").accuracy.rmse;
        assert!(rmse(0) < rmse(1));
    }
    assert!(backtest(&models, &[], &few()).expect_err("none").to_string().contains("origins"));
}

#[test]
fn bad_splits_and_plans_are_refused_by_name() {
    let rfm = day_exact_summary();
    let n = rfm.len();
    for duration in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = HoldoutSplit::try_new(rfm.clone(), vec![0; n], duration).expect_err("refused");
        assert!(error.to_string().contains("duration"), "{error}");
    }
    assert!(compare(&[], &cdnow(), &few()).is_err());
    let plan = DrawPlan { count: 1, ..DrawPlan::default() };
    assert!(compare(&[Nbd::default().into()], &cdnow(), &plan).is_err());
}

#[test]
fn audits_of_holdouts_fits_and_money() {
    let level = |actual| holdout_total("BG/NBD", 100.0, 10.0, actual).level;
    assert_eq!([level(90), level(125), level(60)], [AuditLevel::Ok, AuditLevel::Note, AuditLevel::Warning]);
    let fit = BgNbd::default().fit(&two_decimal_summary()).expect("a fit");
    let audit = parameters_identified(&PurchaseFit::from(fit.clone()));
    assert_eq!(audit.level, AuditLevel::Ok, "{audit}");
    let held = BgNbd::default().penalty(1.0).fit(&two_decimal_summary()).expect("a fit");
    assert_eq!(penalty_decides(&held, &fit).level, AuditLevel::Warning);
    // Items with prices of their own, two of them equal by chance.
    let own = OrderAmounts::of(&["a", "a", "b", "b", "c"], &[5.0, 7.0, 3.0, 3.0, 9.0]).expect("as many");
    assert_eq!((own.several_rows, own.same_amount, own.once), (2, 1, 24.0));
    assert_eq!(money_summed_twice(&own).level, AuditLevel::Note);
    let none = OrderAmounts::of(&[1, 2, 3], &[5.0, 7.0, 3.0]).expect("as many");
    assert_eq!((money_summed_twice(&none).level, none.once), (AuditLevel::Ok, 15.0));
    assert!(OrderAmounts::of(&[1, 2], &[1.0]).is_err());
    let level = |made| money_reconciles("spend", made, 1000.0).level;
    assert_eq!([level(1000.0), level(1000.1), level(2000.0)], {
        [AuditLevel::Ok, AuditLevel::Note, AuditLevel::Warning]
    });
    assert!(money_reconciles("spend", 900.0, 1000.0).message.contains("lost"));
}
