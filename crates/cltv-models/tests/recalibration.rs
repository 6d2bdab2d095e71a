//! Recalibration from earlier origins, judged out of time on simulated and on CDNOW's customers.

mod common;

use cltv_models::calibration::{MapFromPast, PastForecast, Pit, PitMap, Refusal, TotalsFromPast};
use cltv_models::{BgNbdParams, CountDistribution, Predictive, SumForecast, TimeUnit, simulate_split};
use common::*;

fn bg(b: f64) -> BgNbdParams {
    BgNbdParams::new(0.5, 4.0, 0.8, b, TimeUnit::Week).expect("positive")
}

/// A forecast of simulated customers by parameters with another b than theirs.
fn past(forecast: f64, truth: f64, seed: u64) -> PastForecast {
    let split = simulate_split(&bg(truth), &[39.0; 1_000], 26.0, seed).expect("customers");
    let predictive = Predictive::at(bg(forecast));
    PastForecast::of(format!("origin {seed}"), &predictive, split.calibration(), split.actual(), 26.0)
        .expect("a forecast")
}

#[test]
fn a_constant_error_is_mended_at_the_next_origin() {
    let (origins, next) = ([1, 2, 3].map(|seed| past(9.0, 2.4, seed)), past(9.0, 2.4, 4));
    let found = MapFromPast::estimate(&origins, 26.0).expect("something to mend");
    let (raw, mapped) = (next.scores(), next.scores_mapped(&found.map).expect("scores"));
    assert!(mapped.pit_ks < 0.5 * raw.pit_ks, "{} after {}", mapped.pit_ks, raw.pit_ks);
    assert!(mapped.crps < raw.crps && mapped.returns.brier < raw.returns.brier);
    let totals = TotalsFromPast::estimate(&origins, 26.0).expect("something to mend");
    let (low, high) = totals.interval(next.total(), 0.95).expect("a level");
    let actual = next.actual_total() as f64;
    assert!(next.total().low > actual && low < actual && actual < high, "{low} to {high}, not {actual}");
    assert!((totals.expected(next.total()) - actual).abs() < (next.total().expected - actual).abs());
}

#[test]
fn right_forecasts_and_changing_errors_are_refused_in_words() {
    let right = [1, 2, 3, 4].map(|seed| past(2.4, 2.4, seed));
    let refusal = MapFromPast::estimate(&right, 26.0).expect_err("nothing to mend");
    assert!(matches!(refusal, Refusal::DistributionsHold { origins: 4, .. }), "{refusal}");
    assert!(refusal.to_string().contains("left as they are"), "{refusal}");
    let refusal = TotalsFromPast::estimate(&right, 26.0).expect_err("nothing to mend");
    assert!(matches!(refusal, Refusal::TotalsHold { .. }), "{refusal}");
    // Too many purchases forecast at one origin, too few at the next.
    let changing = [past(9.0, 2.4, 1), past(0.5, 2.4, 2), past(9.0, 2.4, 3), past(0.5, 2.4, 4)];
    let refusal = MapFromPast::estimate(&changing, 26.0).expect_err("does not carry over");
    assert!(matches!(refusal, Refusal::NotBetter { improved, tested: 3 } if improved < 3), "{refusal}");
    let refusal = MapFromPast::estimate(&right[..2], 26.0).expect_err("two origins");
    assert!(refusal.to_string().contains("2 of 2"), "{refusal}");
    // Holdouts of half a year say little about a year.
    let refusal = TotalsFromPast::estimate(&changing, 52.0).expect_err("short holdouts");
    assert!(refusal.to_string().contains("0 of 4"), "{refusal}");
}

/// With errors e and one more of 0: by hand for e = ln 0.8 at each of three origins, where t with 3 degrees
/// of freedom has the 97.5% quantile 3.182446.
#[test]
fn intervals_of_totals_by_hand() {
    let totals = TotalsFromPast { shift: 0.75 * 0.8_f64.ln(), scale: 0.0, origins: 3 };
    let own = SumForecast { customers: 9, expected: 100.0, standard_deviation: 5.0, low: 90.0, high: 110.0 };
    let (low, high) = totals.interval(&own, 0.95).expect("a level");
    // Without a spread of the errors the model's own ratio of ends is kept.
    close("ratio", high / low, 110.0 / 90.0, 1e-12);
    close("middle", (low * high).sqrt(), 100.0 * 0.8_f64.powf(0.75), 1e-12);
    let (low, high) = TotalsFromPast { scale: 0.2, ..totals }.interval(&own, 0.95).expect("a level");
    close("half width", 0.5 * (high / low).ln(), 3.182_446_305 * 0.2, 1e-8);
    assert!(totals.interval(&own, 1.0).is_err());
}

#[test]
fn maps_keep_distributions_and_the_identity_changes_nothing() {
    let forecast = past(9.0, 2.4, 1);
    let pit = forecast.pit().expect("outcomes");
    let map = PitMap::of(&[pit.clone(), pit.clone()], 1.0).expect("a weight");
    let mapped = map.apply_to(forecast.counts());
    for i in 0..mapped.len() {
        let (before, after) = (forecast.counts().of(i), mapped.of(i));
        CountDistribution::try_new(after.chances()).expect("a distribution");
        for n in [0, 1, 3] {
            close("G(F(n))", after.cdf(n), map.at(before.cdf(n)), 1e-12);
        }
    }
    // The map of a forecast's own PIT makes it nearly uniform; within the steps of counts it is linear.
    let (own, raw) = (forecast.scores_mapped(&map).expect("scores"), forecast.scores());
    assert!(own.pit_ks < 0.5 * raw.pit_ks, "{} after {}", own.pit_ks, raw.pit_ks);
    let identity = PitMap::of(&[pit], 0.0).expect("a weight");
    let same = forecast.scores_mapped(&identity).expect("scores");
    close("CRPS", same.crps, forecast.scores().crps, 1e-12);
    assert!(PitMap::of(&[], 1.0).is_err());
    assert!(PitMap::of(&[forecast.pit().expect("outcomes")], 1.5).is_err());
}

/// CDNOW to 1997-09-30 and 39 weeks: right enough a forecast for its PIT to be near uniform.
#[test]
fn cdnow() {
    let (rfm, actual) = (day_exact_summary(), holdout_purchases());
    let fit = cltv_models::BgNbd::default().fit(&rfm).expect("a fit");
    let past =
        PastForecast::of("1997-09-30", &Predictive::at(fit.params()), &rfm, &actual, 39.0).expect("outcomes");
    let returns = &past.scores().returns;
    // The same model by lifetimes 0.11.3, scored by score.py: 617 expected, 684 returned, AUC .757, ECE .053.
    assert_eq!(returns.returned, 684);
    assert!((returns.expected - 617.0).abs() < 0.5, "{}", returns.expected);
    let auc = returns.auc.expect("both outcomes");
    assert!((auc - 0.757).abs() < 1e-3 && (returns.ece - 0.053).abs() < 1e-3, "{auc} {}", returns.ece);
    let pit = Pit::of(&past.counts().distributions(), &actual).expect("outcomes");
    assert_eq!(pit, past.pit().expect("outcomes"));
    let all: f64 = fit.expected_purchases_all(&rfm, 39.0).expect("weeks").iter().sum();
    close("total", past.total().expected, all, 1e-6);
    let sum: f64 = fit.p_return_all(&rfm, 39.0).expect("weeks").iter().sum();
    close("returns", returns.expected, sum, 1e-9);
}
