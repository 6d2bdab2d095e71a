//! Saved fits of every kind, on few simulated customers.

use std::sync::OnceLock;

use cltv_fuzz::Seed;
use cltv_models::{
    BetaDiscreteWeibull, BgBb, BgNbd, BgNbdParams, Cohort, ContractCohorts, CovariateSummary, Covariates,
    FitError, GammaGamma, History, InputError, OpportunityHistory, OpportunitySummary, ParetoNbd,
    PurchaseModel, RfmSummary, ShiftedBetaGeometric, TimeUnit, WithCovariates, ln_intervals,
    simulate_purchase_times, summary_of,
};
use serde_json::Value;

/// Customers of the summary.
const CUSTOMERS: usize = 240;

/// Pieces of the format, and numbers at the ends of what is possible.
pub(super) const WORDS: [&str; 40] = [
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "-0.0",
    "0",
    "1",
    "1e-320",
    "5e-324",
    "1e-8",
    "1e-3",
    "1e3",
    "1e8",
    "1e150",
    "1.7976931348623157e308",
    "1e999",
    "-1",
    "9007199254740993",
    "18446744073709551615",
    "\"day\"",
    "\"week\"",
    "\"year\"",
    "\"flat\"",
    "\"indefinite\"",
    "\"positive definite\"",
    "\"BG/NBD\"",
    "\"MBG/NBD\"",
    "\"Pareto/NBD\"",
    "\"GGompertz/NBD\"",
    "\"alpha\"",
    "\"r\"",
    "\"penalty\": 1e9",
    "\"k\": 12",
    "\"levels\": []",
    "\"deviation\": 0.0",
    "\\u0000",
    "\\u001b[31m",
    "\\ud800",
    "é",
];

/// The ending of an input that has the parameters of a fit only, a line each.
pub(super) const PARAMETERS: &str = ".parameters";

/// Fits of all models, and the parameters of each.
pub(super) fn all() -> Vec<Seed> {
    let whole = fits().iter().map(|(name, text)| Seed::plain(&format!("{name}.json"), text.as_bytes()));
    let parameters = fits().iter().filter_map(|(name, text)| {
        let fit: Value = serde_json::from_str(text).ok()?;
        let values = fit["parameters"].as_array()?.iter().map(|one| format!("{}\n", one["value"]));
        Some(Seed::plain(&format!("{name}{PARAMETERS}"), values.collect::<String>()))
    });
    whole.chain(parameters).collect()
}

/// The names and the texts of the fits, which are made once.
fn fits() -> &'static [(String, String)] {
    static SAVED: OnceLock<Vec<(String, String)>> = OnceLock::new();
    SAVED.get_or_init(|| saved().unwrap())
}

/// The text of a fit with other parameters and without a covariance, which would be of the old ones.
pub(super) fn with_parameters(model: &str, lines: &str) -> Option<String> {
    let (_, text) = fits().iter().find(|(name, _)| name == model)?;
    let mut fit: Value = serde_json::from_str(text).ok()?;
    fit["log_covariance"] = Value::Null;
    let numbers = lines.lines().filter_map(|line| line.parse::<f64>().ok()).filter(|value| value.is_finite());
    for (parameter, number) in fit["parameters"].as_array_mut()?.iter_mut().zip(numbers) {
        parameter["value"] = number.into();
    }
    Some(fit.to_string())
}

fn saved() -> Result<Vec<(String, String)>, FitError> {
    let (rfm, mut all) = (customers()?, Vec::new());
    for model in PurchaseModel::all() {
        all.push((model.key().to_owned(), model.fit(&rfm)?.to_json()));
    }
    all.push(named("gamma_gamma", GammaGamma::default().fit(&rfm)?.to_json()));
    all.push(named("bg_bb", BgBb::default().fit(&donors()?)?.to_json()));
    let regular = Cohort::new("regular", &[1000, 631, 468, 382, 326, 289, 262, 241]);
    let cohorts = ContractCohorts::try_new(TimeUnit::Year, vec![regular])?;
    all.push(named("sbg", ShiftedBetaGeometric::default().fit(&cohorts)?.to_json()));
    all.push(named("bdw", BetaDiscreteWeibull::default().fit(&cohorts)?.to_json()));
    let data = with_covariates(rfm)?;
    all.push(named("bg_covariates", covariates(BgNbd::default()).fit(&data)?.to_json()));
    all.push(named("pareto_covariates", covariates(ParetoNbd::default()).fit(&data)?.to_json()));
    Ok(all)
}

fn named(name: &str, text: String) -> (String, String) {
    (name.to_owned(), text)
}

fn customers() -> Result<RfmSummary, InputError> {
    let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
    let times = simulate_purchase_times(&truth, &[52.0; CUSTOMERS], 7);
    let history = |times: &Vec<f64>| History {
        x: times.len() as u64,
        t_x: times.last().copied().unwrap_or_default(),
        T: 52.0,
    };
    let histories: Vec<History> = times.iter().map(history).collect();
    let spend = histories.iter().enumerate().map(|(i, one)| match one.x {
        0 => 0.0,
        _ => 10.0 + (i % 37) as f64,
    });
    let rfm = summary_of(TimeUnit::Week, &histories, Some(spend.collect()))?;
    rfm.with_ln_intervals(times.iter().map(|times| ln_intervals(times)).collect())
}

fn donors() -> Result<OpportunitySummary, InputError> {
    let one = |i: u64| {
        let (x, t_x) = match i % 5 {
            0 => (0, 0),
            1 => (1, 1 + i % 6),
            2 => (2, 2 + i % 5),
            3 => (4, 4 + i % 3),
            _ => (6, 6),
        };
        OpportunityHistory::try_new(x, t_x, 6)
    };
    OpportunitySummary::try_new(TimeUnit::Year, (0..200).map(one).collect::<Result<_, _>>()?)
}

fn with_covariates(rfm: RfmSummary) -> Result<CovariateSummary, InputError> {
    let channel = (0..CUSTOMERS).map(|i| if i % 3 == 0 { "shop" } else { "web" }.to_owned()).collect();
    let age = (0..CUSTOMERS).map(|i| 20.0 + (i % 41) as f64).collect();
    let covariates = Covariates::default().levels("channel", channel)?.numbers("age", age)?;
    CovariateSummary::try_new(rfm, covariates)
}

fn covariates<M: cltv_models::CovariateModel>(model: M) -> WithCovariates<M> {
    WithCovariates::new(model).purchase(&["channel", "age"]).dropout(&["channel"]).l2(0.01)
}
