//! What cannot be used is refused in a sentence with its figures; what is hard stays finite.

mod common;

use cltv_models::{
    BgNbd, BgNbdParams, FitError, GammaGamma, GammaGammaParams, Grain, History, InputError, NbdParams,
    PurchasePredictions, RfmSummary, TimeUnit, ValuePlan, audit, customer_activity, lifetime_value_from,
    simulate_histories, summary_of,
};
use common::*;

fn textbook() -> BgNbdParams {
    BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week).expect("positive")
}

fn weeks(histories: &[History], monetary: Option<Vec<f64>>) -> RfmSummary {
    summary_of(TimeUnit::Week, histories, monetary).expect("good rows")
}

#[test]
fn too_little_to_fit() {
    let nobody_repeats = weeks(&[history(0, 0.0, 5.0), history(0, 0.0, 0.0)], Some(vec![0.0, 0.0]));
    let error = BgNbd::default().fit(&nobody_repeats).expect_err("nothing to learn");
    assert!(matches!(error, FitError::NoRepeatCustomers { customers: 2, .. }), "{error}");
    assert!(error.to_string().contains("none of the 2 customers has a repeat purchase"));
    assert!(GammaGamma::default().fit(&nobody_repeats).is_err());
    let one = weeks(&[history(3, 4.0, 5.0)], Some(vec![10.0]));
    for error in [BgNbd::default().fit(&one).map(|_| ()), GammaGamma::default().fit(&one).map(|_| ())] {
        assert!(matches!(error, Err(FitError::TooFewCustomers { usable: 1, .. })), "{error:?}");
    }
    let no_amounts = weeks(&[history(3, 4.0, 5.0); 9], None);
    let error = GammaGamma::default().fit(&no_amounts).expect_err("no amounts");
    assert_eq!(error, FitError::Input(InputError::NoAmounts));
    let free = weeks(&[history(3, 4.0, 5.0); 9], Some(vec![0.0; 9]));
    let error = GammaGamma::default().fit(&free).expect_err("no positive spend");
    assert!(error.to_string().contains("repeat customers with a positive mean spend"), "{error}");
}

#[test]
fn tiny_data_end_in_a_fit_or_an_error_never_in_nan() {
    for n in 5..12_usize {
        let histories = few_histories(n);
        match BgNbd::default().fit(&weeks(&histories, None)) {
            Ok(fit) => {
                assert!(fit.estimates().iter().all(|value| value.is_finite() && *value > 0.0), "{fit}")
            }
            Err(error) => assert!(error.to_string().contains("did not converge"), "{error}"),
        }
    }
}

#[test]
fn parameters_and_plans_outside_their_range() {
    let error = BgNbdParams::new(0.2, -4.0, 1.0, 1.0, TimeUnit::Week).expect_err("negative");
    assert_eq!(error.to_string(), "BG/NBD parameter alpha = -4 must be a positive, finite number");
    assert!(GammaGammaParams::new(1.0, f64::NAN, 1.0).is_err());
    for (months, discount, margin) in [
        (0, 0.1, 1.0),
        (2000, 0.1, 1.0),
        (6, 10.0, 1.0),
        (6, -0.1, 1.0),
        (6, 0.1, 0.0),
        (6, 0.1, 30.0),
        (6, f64::NAN, 1.0),
    ] {
        let error = ValuePlan::new(months, discount, margin).expect_err("outside");
        assert!(matches!(error, InputError::BadOption { .. }), "{error}");
    }
}

#[test]
fn units_are_never_mixed() {
    let spend = GammaGammaParams::new(6.25, 3.74, 15.44).expect("positive");
    let plan = ValuePlan::new(6, 0.1, 1.0).expect("a plan");
    let days = summary_of(TimeUnit::Day, &[history(2, 100.0, 200.0)], Some(vec![9.0])).expect("a row");
    let error = lifetime_value_from(&textbook(), &spend, &days, &plan).expect_err("days");
    assert!(
        error.to_string().contains("the model's times are in weeks but the summary's are in days"),
        "{error}"
    );
    assert!(customer_activity(&textbook(), &days, &plan).is_err());
    let no_amounts = weeks(&[history(2, 10.0, 20.0)], None);
    assert_eq!(lifetime_value_from(&textbook(), &spend, &no_amounts, &plan), Err(InputError::NoAmounts));
    let activity = customer_activity(&textbook(), &no_amounts, &plan).expect("no amounts needed");
    assert!(activity.discounted_purchases[0] < activity.expected_purchases[0]);
}

#[test]
fn impossible_histories_and_horizons_are_nan_and_nothing_else_is() {
    let params = textbook();
    let impossible = History { x: 0, t_x: 3.0, T: 9.0 };
    assert!(params.p_alive(impossible).is_nan() && params.log_likelihood(impossible).is_nan());
    assert!(params.expected_purchases(impossible, 9.0).is_nan());
    assert!(params.expected_purchases_new(-1.0).is_nan() && params.pmf(1, f64::NAN).is_nan());
    assert!(params.discounted_residual_purchases(history(1, 2.0, 3.0), 0.0).is_nan());
    assert_eq!(params.expected_purchases_new(0.0), 0.0);
    assert_eq!((params.pmf(0, 0.0), params.pmf(3, 0.0)), (1.0, 0.0));
    for x in [1, 30, 3000, 1_000_000] {
        for t_x in [1e-3, 1.0, 38.0] {
            for horizon in [1e-9, 1.0, 1e3, 1e7, f64::INFINITY] {
                let value = params.expected_purchases_if_alive(history(x, t_x, 38.5), horizon);
                assert!(value > 0.0 && !value.is_nan(), "{x} {t_x} {horizon}: {value}");
            }
        }
    }
}

#[test]
fn the_value_if_reactivated_is_finite_where_nobody_is_alive_and_none_where_nobody_can_be_gone() {
    let spend = GammaGammaParams::new(6.25, 3.74, 15.44).expect("positive");
    let plan = ValuePlan::new(12, 0.1, 0.5).expect("a plan");
    let rfm = weeks(&[history(3000, 2.0, 39.0), history(0, 0.0, 39.0)], Some(vec![20.0, 0.0]));
    let values = lifetime_value_from(&textbook(), &spend, &rfm, &plan).expect("values");
    assert_eq!((values.p_alive[0], values.clv[0]), (0.0, 0.0));
    assert!(values.value_if_reactivated[0].is_finite() && values.value_if_reactivated[0] > 1000.0);
    assert!(values.p_alive[1] == 1.0 && values.value_if_reactivated[1].is_nan());
}

#[test]
fn audits_between_grains() {
    let of = |(expected, actual): (f64, u64), (other_expected, other_actual): (f64, u64)| {
        let used = audit::GrainForecast { grain: Grain::Day, expected, actual };
        let other =
            audit::GrainForecast { grain: Grain::Week, expected: other_expected, actual: other_actual };
        audit::grain_sensitivity(used, other)
    };
    let level = |used, other| of(used, other).level.name();
    // Advice only where the error falls: by nothing, by 10 points, by 25 points.
    assert_eq!(level((90.0, 100), (45.0, 50)), "ok");
    assert_eq!(level((85.0, 100), (47.5, 50)), "note");
    assert_eq!(level((70.0, 100), (47.5, 50)), "warning");
    // Buyers on nearly every day: 42,005 days and 23,454 weeks are different counts, both forecast well.
    let dense = of((41_000.0, 42_005), (23_000.0, 23_454));
    assert_eq!((dense.level.name(), dense.message.contains("no reason to change")), ("ok", true), "{dense}");
    assert_eq!(level((90.0, 100), (70.0, 50)), "ok", "the other grain is worse");
    for forecast in [(0.0, 0), (0.0, 5), (5.0, 0)] {
        assert!(of(forecast, (1.0, 2)).figure.is_finite() && of((1.0, 2), forecast).figure.is_finite());
    }
}

/// NBD-like purchases without dropout: the likelihood is flat where a and b grow, and the two fits stop at different
/// places of the ridge.
#[test]
fn a_ridge_is_no_difference_between_time_units() {
    let truth = NbdParams::new(1.5, 10.0, TimeUnit::Week).expect("positive");
    let weeks = weeks(&simulate_histories(&truth, &[80.0; 1500], 3), None);
    let fit = BgNbd::default().fit(&weeks).expect("a fit");
    let other = BgNbd::default().fit(&weeks.to_unit(TimeUnit::Day)).expect("a fit");
    let audit = audit::time_unit_sensitivity(&fit.into(), &other.into());
    assert_eq!(audit.level.name(), "ok", "{audit}");
}
