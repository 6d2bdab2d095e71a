//! Prediction intervals: what customers will be seen to do, with their own chance.

use crate::error::Error;
use crate::frames::Figures;
use crate::models::Distributions;
use cltv_models::{GammaGammaParams, PurchaseFit, RfmSummary, SumForecast};

/// Level of prediction intervals.
const LEVEL: f64 = 0.95;

/// The purchases and the revenue of each customer within the horizon, and the purchases of all.
#[derive(Debug, Clone)]
pub(super) struct Predicted {
    /// Both ends of each customer's purchases.
    pub purchases: [Vec<u32>; 2],
    /// Both ends of each customer's revenue; none without amounts.
    pub revenue: Option<[Figures; 2]>,
    /// The purchases of all.
    pub total: SumForecast,
    /// Level of the intervals.
    pub level: f64,
    /// Whether parameter uncertainty is in the intervals; it is not where the data do not identify the parameters.
    pub with_parameters: bool,
}

impl Predicted {
    /// The intervals from the distributions of a fit.
    pub(super) fn of(
        history: &RfmSummary,
        purchases: &PurchaseFit,
        spend: Option<&GammaGammaParams>,
        months: u32,
    ) -> Result<Predicted, Error> {
        let Distributions { predictive, with_parameters } = Distributions::of(purchases, history)?;
        let horizon = history.unit().from_months(f64::from(months));
        let total = predictive.total(history, horizon, LEVEL)?;
        let (counts, revenue) = match spend {
            Some(spend) => {
                let money = predictive.money(spend, history, horizon)?;
                let (low, high) = money.intervals(LEVEL)?;
                let ends = [Figures::new("revenue_low", low), Figures::new("revenue_high", high)];
                (money.counts().intervals(LEVEL), Some(ends))
            }
            None => (predictive.counts(history, horizon)?.intervals(LEVEL), None),
        };
        let narrow =
            |ends: Vec<u64>| ends.into_iter().map(|n| u32::try_from(n).unwrap_or(u32::MAX)).collect();
        Ok(Predicted {
            purchases: [narrow(counts.0), narrow(counts.1)],
            revenue,
            total,
            level: LEVEL,
            with_parameters,
        })
    }
}
