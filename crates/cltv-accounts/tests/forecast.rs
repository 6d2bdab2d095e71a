//! Forecasts of exact series are exact, and no method wins where there is nothing to win.

use chrono::NaiveDate;
use cltv_accounts::{ExpensePanel, ForecastError, ForecastOptions, Method, RiskLevel};
use proptest::prelude::*;

const SEASON: [f64; 12] = [0.9, 0.8, 0.95, 1.0, 1.05, 1.1, 0.9, 0.85, 1.0, 1.05, 1.1, 1.3];

fn panel(series: Vec<Vec<Option<f64>>>) -> ExpensePanel {
    let ids = (1..=series.len()).map(|i| format!("A{i}")).collect();
    ExpensePanel::new(ids, NaiveDate::from_ymd_opt(2024, 3, 1).unwrap(), series).unwrap()
}

/// Months 0 to `months` of a line with a season that starts in March, missing before `start`.
fn exact(level: f64, slope: f64, start: usize, months: usize, additive: bool) -> Vec<Option<f64>> {
    (0..months).map(|t| (t >= start).then(|| value(level, slope, t, additive))).collect()
}

fn value(level: f64, slope: f64, t: usize, additive: bool) -> f64 {
    let (line, season) = (level + slope * t as f64, SEASON[(t + 2) % 12]);
    if additive { line + 40.0 * (season - 1.0) } else { line * season }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn lines_times_a_common_season_are_forecast_exactly(
        accounts in prop::collection::vec((100.0..900.0, -1.0..4.0, 0_usize..6), 1..6),
    ) {
        let series = accounts.iter().map(|&(level, slope, start)| exact(level, slope, start, 30, false)).collect();
        let forecasts = panel(series).forecast_by(Method::MultiplicativeSeason, 12).unwrap();
        for (&(level, slope, _), forecast) in accounts.iter().zip(&forecasts) {
            for (h, found) in forecast.iter().enumerate() {
                let expected = value(level, slope, 30 + h, false);
                prop_assert!((found - expected).abs() < 1e-6 * expected, "{found} is not {expected}");
            }
        }
    }

    #[test]
    fn a_line_plus_a_season_is_forecast_exactly(level in 100.0..900.0, slope in -1.0..4.0) {
        let forecast = panel(vec![exact(level, slope, 0, 27, true)]).forecast_by(Method::AdditiveSeason, 6).unwrap();
        for (h, found) in forecast[0].iter().enumerate() {
            let expected = value(level, slope, 27 + h, true);
            prop_assert!((found - expected).abs() < 1e-7 * expected, "{found} is not {expected}");
        }
    }

    #[test]
    fn lines_are_forecast_exactly_and_never_below_zero(level in 0.0..500.0_f64, slope in -30.0..30.0_f64) {
        let line = |t: usize| (level + slope * t as f64).max(0.0);
        let series: Vec<Option<f64>> = (0..6).map(|t| Some(level + slope * t as f64)).collect();
        let forecast = panel(vec![series.clone()]).forecast_by(Method::Trend, 4).unwrap();
        let inactive = series[3..].iter().flatten().all(|value| *value <= 0.0);
        for (h, found) in forecast[0].iter().enumerate() {
            let expected = if inactive { 0.0 } else { line(6 + h) };
            prop_assert!((found - expected).abs() < 1e-8 * (1.0 + expected), "{found} is not {expected}");
        }
    }
}

#[test]
fn baselines_are_what_they_are_called() {
    let spent: Vec<Option<f64>> = (0..14).map(|t| Some(f64::from(t + 1))).collect();
    let both = panel(vec![spent]);
    assert_eq!(both.forecast_by(Method::Naive, 2).unwrap(), [[14.0, 14.0]]);
    assert_eq!(both.forecast_by(Method::SeasonalNaive, 13).unwrap()[0][..2], [3.0, 4.0]);
    assert_eq!(both.forecast_by(Method::SeasonalNaive, 13).unwrap()[0][12], 3.0);
}

/// Numbers between 0 and 1 without order, by a linear congruence (Numerical Recipes' constants).
fn scattered(n: usize) -> Vec<f64> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1_u32 << 24)
    };
    (0..n).map(|_| next()).collect()
}

#[test]
fn where_last_year_tells_all_the_report_does_not_claim_a_win() {
    // Each account repeats a year of its own: the seasonal naive is exact, a common season is not.
    let noise = scattered(60 * 12);
    let series =
        (0..60).map(|i| (0..24).map(|t| Some(50.0 + 100.0 * noise[i * 12 + t % 12])).collect()).collect();
    let test = panel(series).backtest(&ForecastOptions::default()).unwrap();
    assert_eq!(test.method, Method::SeasonalNaive);
    let base = test.score(Method::SeasonalNaive, 0).unwrap();
    assert_eq!((base.rmse, base.r2), (0.0, 1.0));
    let own = test.score(Method::MultiplicativeSeason, 0).unwrap();
    assert!(own.rmse > 10.0);
    assert!(test.sentences()[0].contains(", the same as the "), "{}", test.sentences()[0]);
}

#[test]
fn intervals_hold_as_often_as_they_say_and_the_monitor_finds_the_odd_one() {
    let noise = scattered(400 * 24);
    let mut series: Vec<Vec<Option<f64>>> = (0..400)
        .map(|i| {
            let spent =
                |t: usize| (200.0 + i as f64) * SEASON[(t + 2) % 12] * (0.9 + 0.2 * noise[i * 24 + t]);
            (0..24).map(|t| Some(spent(t))).collect()
        })
        .collect();
    series[7][23] = Some(20.0);
    series[8][21..].fill(Some(0.0));
    series[9][22..].fill(Some(0.0));
    let panel = panel(series);
    let test = panel.backtest(&ForecastOptions::default()).unwrap();
    assert!(
        matches!(test.method, Method::MultiplicativeSeason | Method::AdditiveSeason),
        "{:?}",
        test.method
    );
    let skill = test.score(test.method, 0).unwrap().skill;
    assert!(skill > 0.1, "{skill}");
    let held = test.coverage[0];
    // 400 accounts by 21 pairs of origin and horizon; the same account's errors hang together.
    assert!(held.n > 8000 && (held.covered - 0.9).abs() < 0.03, "{held:?}");
    let forecast = panel.forecast(&test).unwrap();
    assert_eq!((forecast.months[0].as_str(), forecast.months.len()), ("2026-03", 12));
    let low = &forecast.deviations[..2];
    assert!(low.iter().any(|deviation| deviation.id == "A8"), "{low:?}");
    let level = |i: usize| forecast.risks[i].level;
    assert_eq!((level(0), level(8), level(9)), (RiskLevel::None, RiskLevel::Left, RiskLevel::High));
    let inactive = &forecast.accounts[8];
    assert!(inactive.inactive && inactive.total == 0.0 && inactive.high[0] == 0.0);
    for account in &forecast.accounts {
        for h in 0..12 {
            assert!(account.low[h] <= account.mean[h] && account.mean[h] <= account.high[h], "{account:?}");
        }
    }
    let months: f64 = forecast.accounts.iter().map(|account| account.mean[3]).sum();
    assert!((forecast.total[3].mean - months).abs() < 1e-6);
}

#[test]
fn what_cannot_be_forecast_is_named() {
    let month = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let made = |series| ExpensePanel::new(vec!["A".into()], month, series);
    let gap = made(vec![vec![None, Some(1.0), None]]).unwrap_err();
    assert_eq!(
        gap.to_string(),
        "account \"A\" has no finite value in month 3 (from 1) although it began before; fill it, or leave the account out"
    );
    assert_eq!(made(vec![vec![None]]), Err(ForecastError::NoSeries));
    let two = made(vec![vec![Some(1.0)], vec![Some(1.0)]]);
    assert!(matches!(two, Err(ForecastError::UnequalLengths { .. })));
    let short = made(vec![vec![Some(1.0); 20]]).unwrap().backtest(&ForecastOptions::default()).unwrap_err();
    assert_eq!(short, ForecastError::TooFewMonths { months: 20, needed: 21 });
    let options = ForecastOptions { level: 1.0, ..ForecastOptions::default() };
    let level = made(vec![vec![Some(1.0); 24]]).unwrap().backtest(&options).unwrap_err();
    assert_eq!(level.to_string(), "level is 1; it must be between 0 and 1");
}
