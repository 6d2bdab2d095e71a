//! Golden figures and the two CDNOW summaries, shared by the integration tests.
#![allow(dead_code)]

use std::collections::BTreeMap;

use cltv_models::model::Weighted;
use cltv_models::{
    BgNbdParams, CustomerIds, GammaGammaParams, Grain, History, LikelihoodModel, OpportunityHistory,
    OpportunitySummary, PurchasePredictions, RfmSummary, TimeUnit, ln_intervals,
};
use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use serde_json::Value;

const REFERENCE: &str = include_str!("../golden/reference.json");
const PUBLISHED: &str = include_str!("../golden/published.json");
const LIFETIMES: &str = include_str!("../golden/lifetimes.json");
const PYMC: &str = include_str!("../golden/pymc.json");
const TWO_DECIMALS: &str = include_str!("../golden/cdnow_customers_summary_with_transactions.csv");
const SAMPLE: &str = include_str!("../../../../data/CDNOW_sample.txt");
const MASTER: &str = include_str!("../../../../data/CDNOW_master.txt");

/// mpmath figures on the 2-decimal summary.
pub(crate) fn reference() -> Value {
    serde_json::from_str(REFERENCE).expect("reference.json is json")
}

/// Printed figures and day-exact refits.
pub(crate) fn published() -> Value {
    serde_json::from_str(PUBLISHED).expect("published.json is json")
}

/// What lifetimes 0.11.3 computes.
pub(crate) fn lifetimes() -> Value {
    serde_json::from_str(LIFETIMES).expect("lifetimes.json is json")
}

/// Posteriors of pymc-marketing 1.3.0.
pub(crate) fn pymc() -> Value {
    serde_json::from_str(PYMC).expect("pymc.json is json")
}

/// The key of reference.json's hard points.
pub(crate) const HARD_POINTS: &str = "hard points (x=2,t_x=30.43,T=38.86; other params as textbook)";

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("an array").iter().map(number).collect()
}

pub(crate) fn entries(value: &Value) -> Vec<(String, f64)> {
    let object = value.as_object().expect("an object");
    object.iter().map(|(key, value)| (key.clone(), number(value))).collect()
}

pub(crate) fn bg_params(value: &Value) -> BgNbdParams {
    let at = |name: &str| number(&value[name]);
    BgNbdParams::new(at("r"), at("alpha"), at("a"), at("b"), TimeUnit::Week).expect("positive")
}

pub(crate) fn gg_params(value: &Value) -> GammaGammaParams {
    let at = |name: &str| number(&value[name]);
    GammaGammaParams::new(at("p"), at("q"), at("v")).expect("positive")
}

pub(crate) fn history(x: u64, t_x: f64, age: f64) -> History {
    History::try_new(x, t_x, age).expect("a possible history")
}

/// A few customers, of whom every other one bought again.
pub(crate) fn few_histories(customers: usize) -> Vec<History> {
    let one = |i: usize| match i % 2 {
        0 => history(0, 0.0, 10.0),
        _ => history(i as u64, 1.0 + i as f64 / 2.0, 10.0),
    };
    (0..customers).map(one).collect()
}

/// Panics unless both agree to `tolerance`, relative.
#[track_caller]
pub(crate) fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
    assert!(error <= tolerance, "{what}: {found:e} is not {expected:e}, relative error {error:.2e}");
}

/// The 2-decimal summary that reference.json belongs to.
pub(crate) fn two_decimal_summary() -> RfmSummary {
    let rows: Vec<Vec<&str>> =
        TWO_DECIMALS.lines().skip(1).map(|line| line.trim().split(',').collect()).collect();
    let column = |k: usize| rows.iter().map(|row| row[k].parse().expect("a number")).collect();
    RfmSummary::try_new(
        TimeUnit::Week,
        Grain::Day,
        rows.iter().map(|row| row[0]).collect::<CustomerIds>(),
        rows.iter().map(|row| row[1].parse().expect("a count")).collect(),
        column(2),
        column(3),
        Some(column(4)),
    )
    .expect("a good summary")
}

const DONATIONS: &str = include_str!("../../../../data/donations.csv");

/// The donors of Fader, Hardie & Shang (2010).
pub(crate) fn donations() -> OpportunitySummary {
    let cell = |line: &str| {
        let fields: Vec<u64> = line.split(',').map(|field| field.trim().parse().expect("a count")).collect();
        let history = OpportunityHistory::try_new(fields[0], fields[1], fields[2]).expect("possible");
        (history, fields[3])
    };
    OpportunitySummary::from_cells(TimeUnit::Year, DONATIONS.lines().skip(1).map(cell).collect())
        .expect("good cells")
}

/// Days since 1970-01-01 of a date yyyymmdd (proleptic Gregorian calendar).
fn day_number(yyyymmdd: &str) -> i64 {
    let part = |range| yyyymmdd.get(range).and_then(|s: &str| s.parse::<i64>().ok()).expect("a date");
    let (year, month, day) = (part(0..4), part(4..6), part(6..8));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Spend by customer and day: id -> day -> dollars, in the order of ids.
type CustomerDays = BTreeMap<u32, BTreeMap<i64, f64>>;

/// Spend by customer and day of the sample, by sample id.
pub(crate) fn customer_days() -> CustomerDays {
    customer_days_of(SAMPLE, 1)
}

/// The columns id, date, number and dollars of one of CDNOW's files begin at `id`.
fn customer_days_of(text: &str, id: usize) -> CustomerDays {
    let mut days = CustomerDays::new();
    // The master has a line of names.
    let is_row = |line: &&str| line.trim_start().starts_with(|first: char| first.is_ascii_digit());
    for line in text.lines().filter(is_row) {
        let fields: Vec<&str> = line.split_whitespace().skip(id).collect();
        let id = fields[0].parse().expect("an id");
        let dollars: f64 = fields[3].parse().expect("dollars");
        *days.entry(id).or_default().entry(day_number(fields[1])).or_default() += dollars;
    }
    days
}

/// The day-exact summary of the sample to 1997-09-30 in weeks = days / 7, purchases merged by day.
pub(crate) fn day_exact_summary() -> RfmSummary {
    summary_to_september(&customer_days()).0
}

/// The same of the sample and of all 23,570 customers, with the times between purchases.
pub(crate) fn day_exact_summaries_with_intervals() -> [(&'static str, RfmSummary); 2] {
    let days = [("CDNOW sample", customer_days()), ("CDNOW master", customer_days_of(MASTER, 0))];
    days.map(|(name, days)| {
        let (rfm, intervals) = summary_to_september(&days);
        (name, rfm.with_ln_intervals(intervals).expect("possible intervals"))
    })
}

/// A summary, and the sums of the logarithms of the times between each customer's purchases.
fn summary_to_september(days: &CustomerDays) -> (RfmSummary, Vec<f64>) {
    let end = day_number("19970930");
    let (mut ids, mut x, mut t_x, mut age) = (vec![], vec![], vec![], vec![]);
    let (mut spend, mut intervals) = (vec![], vec![]);
    for (id, days) in days {
        let seen: Vec<(i64, f64)> = days.range(..=end).map(|(day, sum)| (*day, *sum)).collect();
        let repeats = seen.len() - 1;
        let total: f64 = seen[1..].iter().map(|(_, sum)| sum).sum();
        let times: Vec<f64> = seen[1..].iter().map(|(day, _)| (day - seen[0].0) as f64 / 7.0).collect();
        ids.push(id.to_string());
        x.push(repeats as u32);
        t_x.push(times.last().copied().unwrap_or(0.0));
        age.push((end - seen[0].0) as f64 / 7.0);
        spend.push(if repeats > 0 { total / repeats as f64 } else { 0.0 });
        intervals.push(ln_intervals(&times));
    }
    let rfm = RfmSummary::try_new(TimeUnit::Week, Grain::Day, ids, x, t_x, age, Some(spend));
    (rfm.expect("a good summary"), intervals)
}

/// Customer-days after 1997-09-30 up to 1998-06-30, in the order of sample ids.
pub(crate) fn holdout_purchases() -> Vec<u64> {
    let (from, to) = (day_number("19971001"), day_number("19980630"));
    customer_days().values().map(|days| days.range(from..=to).count() as u64).collect()
}

/// First purchases by calendar month from January 1997 on, up to six months.
pub(crate) fn first_purchases_by_month() -> Vec<u64> {
    let starts: Vec<i64> =
        ["19970101", "19970201", "19970301", "19970401", "19970501"].map(day_number).to_vec();
    starts
        .windows(2)
        .map(|month| {
            let first = |days: &BTreeMap<i64, f64>| *days.keys().next().expect("a purchase");
            customer_days().values().map(first).filter(|day| (month[0]..month[1]).contains(day)).count()
                as u64
        })
        .collect()
}

/// Checks a fit's estimates, errors, covariance and criteria against an entry of reference.json.
///
/// DIFFERENCE: lifetimes multiplies row j by theta_j twice, so its covariance is not symmetric
/// (BG/NBD's r, alpha: .0674 and .000204, ours .003706 both ways; Gamma-Gamma's p, q: -.139 and
/// -.387, ours -.2319 both ways).
pub(crate) fn check_fit<M: LikelihoodModel>(
    fit: &cltv_models::Fitted<M>,
    golden: &serde_json::Value,
    covariance_tolerance: f64,
) {
    let errors = fit.std_errors().expect("identified");
    let log_errors = fit.log_std_errors().expect("identified");
    let covariance = fit.vcov().expect("identified");
    for (k, name) in fit.parameter_names().iter().enumerate() {
        close(name, fit.estimates()[k], number(&golden["params"][name]), 1e-9);
        close(name, errors[k], number(&golden["standard_errors"][name]), 1e-6);
        close(name, log_errors[k], number(&golden["standard_errors_of_log_params"][name]), 1e-6);
        for (j, expected) in numbers(&golden["covariance"][k]).into_iter().enumerate() {
            close("covariance", covariance[k][j], expected, covariance_tolerance);
        }
    }
    let log_likelihood = number(&golden["log_likelihood_sum_original_units"]);
    close("log-likelihood", fit.log_likelihood(), log_likelihood, 1e-12);
    close("AIC", fit.aic(), number(&golden["AIC"]), 1e-12);
    close("BIC", fit.bic(), number(&golden["BIC"]), 1e-12);
}

/// Agreement of predictions at the reference's own parameters.
pub(crate) const PREDICTION: f64 = 1e-8;

/// The histories of a section of reference.json.
pub(crate) fn points(section: &Value) -> Vec<History> {
    let rows = section["points (x,t_x,T)"].as_array().expect("points");
    let point = |row: &Value| history(number(&row[0]) as u64, number(&row[1]), number(&row[2]));
    rows.iter().map(point).collect()
}

/// Checks every prediction and the log-likelihood of CDNOW at a section's own parameters.
pub(crate) fn check_functions(params: &dyn PurchasePredictions, section: &str) {
    let golden = &reference()["fixed_parameter_functions"][section];
    check_predictions(params, golden);
    let histories = two_decimal_summary().histories().into_iter();
    let sum: f64 = histories.map(|history| params.history_log_likelihood(history)).sum();
    close("log-likelihood", sum, number(&golden["log_likelihood_sum"]), 1e-12);
}

/// Checks every prediction of a section of reference.json.
pub(crate) fn check_predictions(params: &dyn PurchasePredictions, section: &Value) {
    let points = points(section);
    for (t, values) in section["conditional_expected"].as_object().expect("horizons") {
        let horizon: f64 = t.parse().expect("a horizon");
        for (point, expected) in points.iter().zip(numbers(values)) {
            let found = params.expected_purchases(*point, horizon);
            close(&format!("E[Y({t}) | {point:?}]"), found, expected, PREDICTION);
        }
    }
    for (point, expected) in points.iter().zip(numbers(&section["probability_alive"])) {
        close(&format!("P(alive | {point:?})"), params.p_alive(*point), expected, PREDICTION);
    }
    for (t, expected) in entries(&section["expected_new_customer"]) {
        let found = params.expected_purchases_new(t.parse().expect("a time"));
        close(&format!("E[X({t})]"), found, expected, PREDICTION);
    }
    // The reference has no PMF of the Pareto/NBD.
    for (n, expected) in section.get("pmf(t=39)").map(entries).unwrap_or_default() {
        let found = params.pmf(n.parse().expect("a count"), 39.0);
        close(&format!("P(X(39) = {n})"), found, expected, PREDICTION);
    }
    check_all_customers(params, &section["cdnow_all_customers"]);
}

fn check_all_customers(params: &dyn PurchasePredictions, expected: &Value) {
    let histories = two_decimal_summary().histories();
    let n = histories.len() as f64;
    let alive: f64 = histories.iter().map(|h| params.p_alive(*h)).sum();
    let purchases: f64 = histories.iter().map(|h| params.expected_purchases(*h, 39.0)).sum();
    close("sum of E[Y(39)]", purchases, number(&expected["sum_cond_expected_39"]), PREDICTION);
    close("sum of P(alive)", alive, number(&expected["sum_p_alive"]), PREDICTION);
    close("mean of P(alive)", alive / n, number(&expected["mean_p_alive"]), PREDICTION);
}

/// The analytic gradient by log parameters against differences of the likelihood, to `accuracy`,
/// and second derivatives against differences of the gradient.
pub(crate) fn derivatives_are_right<M: LikelihoodModel>(
    model: &M,
    data: &M::Data,
    eta: &[f64],
    accuracy: f64,
) -> Result<(), TestCaseError> {
    let sample = model.sample(data).expect("a sample");
    let value = |eta: &[f64]| {
        let theta: Vec<f64> = eta.iter().map(|eta| eta.exp()).collect();
        let mut gradient = vec![0.0; theta.len()];
        let sum = model.log_likelihood(&theta, &sample.rows, &mut gradient);
        (sum, gradient.iter().zip(&theta).map(|(slope, theta)| slope * theta).collect::<Vec<f64>>())
    };
    let (at, gradient) = value(eta);
    prop_assert!(at.is_finite());
    for k in 0..eta.len() {
        let moved = |step: f64| {
            let mut moved = eta.to_vec();
            moved[k] += step;
            value(&moved).0
        };
        let h = 1e-3;
        let difference = (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h))) / (12.0 * h);
        let tolerance = accuracy * (1.0 + gradient[k].abs()) + 1e-5 * accuracy * at.abs() / h;
        prop_assert!((difference - gradient[k]).abs() < tolerance, "{k}: {difference} {}", gradient[k]);
    }
    hessian_is_right(model, &sample.rows, eta)
}

/// Second derivatives, where a model has them, against differences of the gradient.
fn hessian_is_right<M: LikelihoodModel>(
    model: &M,
    rows: &[Weighted<M::Row>],
    eta: &[f64],
) -> Result<(), TestCaseError> {
    let theta: Vec<f64> = eta.iter().map(|eta| eta.exp()).collect();
    let n = theta.len();
    let gradient = |theta: &[f64]| {
        let mut gradient = vec![0.0; n];
        let sum = model.log_likelihood(theta, rows, &mut gradient);
        (sum, gradient)
    };
    let (mut slopes, mut hessian) = (vec![0.0; n], vec![0.0; n * n]);
    let Some(sum) = model.second_order(&theta, rows, &mut slopes, &mut hessian) else {
        return Ok(());
    };
    prop_assert_eq!((sum, &slopes), (gradient(&theta).0, &gradient(&theta).1));
    for j in 0..n {
        let moved = |steps: f64| {
            let mut moved = theta.clone();
            moved[j] *= 1.0 + 1e-3 * steps;
            gradient(&moved).1
        };
        let (near, far) = ((moved(1.0), moved(-1.0)), (moved(2.0), moved(-2.0)));
        for i in 0..=j {
            let by = |ends: &(Vec<f64>, Vec<f64>)| (ends.0[i] - ends.1[i]) * theta[i];
            let difference = (8.0 * by(&near) - by(&far)) / 12e-3;
            let exact = hessian[i * n + j] * theta[i] * theta[j];
            let scale = exact.abs() + (slopes[i] * theta[i]).abs() + sum.abs();
            prop_assert!((difference - exact).abs() < 1e-7 * scale, "{i} {j}: {difference} {exact}");
        }
    }
    Ok(())
}
