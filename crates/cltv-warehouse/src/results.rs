//! Fits, values and segments of counted histories.

use cltv_models::{
    BgNbd, CustomerIds, Fitted, GammaGamma, GgompertzNbd, HistoryModel, MbgNbd, Nbd, ParetoNbd,
    PurchasePredictions, RfmSummary, ValuePlan, fit_counted, lifetime_value,
};
use cltv_plan::segments;

use crate::counted::{Counted, HistoryRow};
use crate::error::WarehouseError;
use crate::request::Request;

/// What is computed from counted histories.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// The purchase model's key, such as `bg_nbd`.
    pub model: String,
    /// Names and estimates of its parameters, fitted on all histories.
    pub purchases: Vec<(String, f64)>,
    /// Its log-likelihood.
    pub log_likelihood: f64,
    /// Parameters of the same model, fitted on the calibration.
    pub calibration: Vec<(String, f64)>,
    /// Purchases in the holdout: expected by the calibration's fit, and made.
    pub holdout: (f64, u64),
    /// Parameters of the Gamma-Gamma model; none without amounts.
    pub spend: Option<Vec<(String, f64)>>,
    /// P(return), P(alive), expected purchases and, with amounts, expected spend and value of one customer of each history of
    /// [`Counted::full`]; the mean over its customers where these differ in spend.
    pub scores: Vec<Score>,
    /// Expected purchases and value of all customers over the horizon.
    pub totals: (f64, Option<f64>),
    /// Segments: name, customers, revenue.
    pub segments: Vec<(String, u64, f64)>,
}

/// What is expected of a customer with a history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// P(at least one purchase within the horizon).
    pub p_return: f64,
    /// P(alive).
    pub p_alive: f64,
    /// Expected purchases over the horizon.
    pub expected_purchases: f64,
    /// Expected spend a purchase, and value over the horizon.
    pub money: Option<(f64, f64)>,
}

/// Purchase models that are fitted on histories with counts.
pub const MODELS: [&str; 5] = ["bg_nbd", "mbg_nbd", "pareto_nbd", "ggompertz_nbd", "nbd"];

impl Results {
    /// Fits the models, and values every history.
    ///
    /// # Errors
    /// [`WarehouseError::Parameter`] for a model that is not in [`MODELS`], [`WarehouseError::Fit`].
    pub fn of(
        counted: &Counted,
        request: &Request,
        model: &str,
        plan: &ValuePlan,
    ) -> Result<Self, WarehouseError> {
        match model {
            "bg_nbd" => fitted(&BgNbd::default(), counted, request, plan),
            "mbg_nbd" => fitted(&MbgNbd::default(), counted, request, plan),
            "pareto_nbd" => fitted(&ParetoNbd::default(), counted, request, plan),
            "ggompertz_nbd" => fitted(&GgompertzNbd::default(), counted, request, plan),
            "nbd" => fitted(&Nbd::default(), counted, request, plan),
            _ => Err(WarehouseError::Parameter {
                parameter: "purchase_model",
                value: model.to_owned(),
                allowed: "one of bg_nbd, mbg_nbd, pareto_nbd, ggompertz_nbd and nbd",
            }),
        }
    }
}

fn fitted<M: HistoryModel>(
    model: &M,
    counted: &Counted,
    request: &Request,
    plan: &ValuePlan,
) -> Result<Results, WarehouseError>
where
    <M as HistoryModel>::Params: PurchasePredictions,
{
    let named = |fit: &Fitted<M>| -> Vec<(String, f64)> {
        fit.parameters()
            .iter()
            .zip(fit.estimates())
            .map(|(one, value)| (one.name.to_owned(), value))
            .collect()
    };
    let early = fit_counted(model, &counted.calibration_histories(request.unit)?)?;
    let expected = |row: &HistoryRow| {
        row.customers as f64 * early.expected_purchases(row.history, counted.holdout_length)
    };
    let holdout = (
        counted.calibration.iter().map(expected).sum(),
        counted.calibration.iter().map(|row| row.holdout_purchases).sum(),
    );
    let fit = fit_counted(model, &counted.full_histories(request.unit)?)?;
    let spend = counted.spends()?.map(|spends| GammaGamma::default().fit_counted(&spends)).transpose()?;
    let scores = scores(&fit, spend.as_ref(), counted, request, plan)?;
    let customers = || counted.full.iter().map(|row| row.customers as f64).zip(&scores);
    let purchases = customers().map(|(n, score)| n * score.expected_purchases).sum();
    let value = customers().map(|(n, score)| Some(n * score.money?.1)).sum();
    Ok(Results {
        model: M::KEY.to_owned(),
        purchases: named(&fit),
        log_likelihood: fit.log_likelihood(),
        calibration: named(&early),
        holdout,
        spend: spend.map(|fit| {
            let names = fit.parameters();
            names.iter().zip(fit.estimates()).map(|(one, value)| (one.name.to_owned(), value)).collect()
        }),
        scores,
        totals: (purchases, value),
        segments: by_segment(counted),
    })
}

/// Scores by history. A value is linear in the expected spend, and this in the mean spend of customers with the same x, so
/// that the value of a history's mean spend is the mean of its customers' values.
fn scores<M: HistoryModel>(
    fit: &Fitted<M>,
    spend: Option<&Fitted<GammaGamma>>,
    counted: &Counted,
    request: &Request,
    plan: &ValuePlan,
) -> Result<Vec<Score>, WarehouseError>
where
    <M as HistoryModel>::Params: PurchasePredictions,
{
    let rows = &counted.full;
    let column = |of: fn(&HistoryRow) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    let Some(spend) = spend else {
        let horizon = request.unit.from_months(f64::from(plan.horizon_months));
        let score = |row: &HistoryRow| Score {
            p_return: fit.p_return(row.history, horizon),
            p_alive: fit.p_alive(row.history),
            expected_purchases: fit.expected_purchases(row.history, horizon),
            money: None,
        };
        return Ok(rows.iter().map(score).collect());
    };
    let mean = |row: &HistoryRow| if row.history.x == 0 { 0.0 } else { row.spend / row.customers as f64 };
    let summary = RfmSummary::try_new(
        request.unit,
        request.grain,
        CustomerIds::numbered(rows.len()),
        rows.iter().map(|row| row.history.x as u32).collect(),
        column(|row| row.history.t_x),
        column(|row| row.history.T),
        Some(rows.iter().map(mean).collect()),
    )?;
    let values = lifetime_value(fit, spend, &summary, plan)?;
    let score = |at: usize| Score {
        p_return: values.p_return[at],
        p_alive: values.p_alive[at],
        expected_purchases: values.expected_purchases[at],
        money: Some((values.expected_spend[at], values.clv[at])),
    };
    Ok((0..rows.len()).map(score).collect())
}

/// Quintile scores of values with counts: equal values share the midpoint of their ranks, as in `cltv-plan`.
fn quintiles(counts: &std::collections::BTreeMap<u64, u64>) -> std::collections::BTreeMap<u64, u8> {
    let all: u128 = counts.values().map(|n| u128::from(*n)).sum();
    let mut below = 0_u128;
    let mut scores = std::collections::BTreeMap::new();
    for (value, n) in counts {
        let n = u128::from(*n);
        let score = (5 * (2 * below + n + 1)).div_ceil(2 * all);
        scores.insert(*value, score.min(5) as u8);
        below += n;
    }
    scores
}

/// Customers and revenue of each default segment, in the order of the table.
fn by_segment(counted: &Counted) -> Vec<(String, u64, f64)> {
    let mut recency = std::collections::BTreeMap::new();
    let mut frequency = std::collections::BTreeMap::new();
    for (days, purchases, customers, _) in &counted.rfm {
        // Fewer days are better.
        *recency.entry(u64::MAX - u64::from(*days)).or_insert(0) += customers;
        *frequency.entry(*purchases).or_insert(0) += customers;
    }
    let (recency, frequency) = (quintiles(&recency), quintiles(&frequency));
    let mut found: Vec<(String, u64, f64)> =
        segments::DEFAULT.iter().map(|one| (one.segment.to_owned(), 0, 0.0)).collect();
    for (days, purchases, customers, revenue) in &counted.rfm {
        let r = recency.get(&(u64::MAX - u64::from(*days))).copied().unwrap_or(1);
        let f = frequency.get(purchases).copied().unwrap_or(1);
        let name = segments::of(r, f).segment;
        if let Some(segment) = found.iter_mut().find(|(segment, _, _)| segment == name) {
            segment.1 += customers;
            segment.2 += revenue;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same figures as `quintile_scores` of cltv-purchases: midpoints of ranks, equal values together.
    #[test]
    fn scores_of_counts_are_quintiles() {
        let scores = |values: &[u64]| {
            let mut counts = std::collections::BTreeMap::new();
            values.iter().for_each(|value| *counts.entry(*value).or_insert(0) += 1);
            let scores = quintiles(&counts);
            values.iter().map(|value| scores[value]).collect::<Vec<u8>>()
        };
        assert_eq!(scores(&[10, 20, 30, 40, 50]), [1, 2, 3, 4, 5]);
        assert_eq!(scores(&[1, 1, 1, 7, 9]), [2, 2, 2, 4, 5]);
        assert_eq!(scores(&[4; 9]), [3; 9]);
        assert_eq!(scores(&[2]), [5]);
    }
}
