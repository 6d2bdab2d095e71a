//! Purchases of many customers together, with the interval that a model gives them.

use serde::Serialize;

use super::HoldoutSplit;
use super::accuracy::by_falling_score;
use crate::base::error::FitError;
use crate::numeric::mixture::normal_mixture_quantile;
use crate::numeric::parallel::in_pieces;
use crate::purchases::predictions::PurchasePredictions;
use crate::registry::PurchaseFit;
use crate::summary::history::History;
use crate::uncertainty::draws::DrawPlan;

/// Groups of customers by falling prediction.
const TENTHS: usize = 10;
/// Customers of a group whose predictions are computed for every draw; the group's sum moves by the
/// same ratio.
const MEASURED: usize = 50;

/// Expected and actual purchases of a group of customers, with the interval of the purchases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HoldoutSum {
    /// Customers.
    pub customers: usize,
    /// Purchases expected, at the estimates.
    pub expected: f64,
    /// Purchases made.
    pub actual: u64,
    /// Standard deviation of the purchases, from parameter uncertainty and the random
    /// variation of purchases.
    pub standard_deviation: f64,
    /// The part of it that is random variation of purchases.
    pub chance: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl HoldoutSum {
    /// Whether the interval contains the purchases made.
    #[must_use]
    pub fn covers(&self) -> bool {
        (self.low..=self.high).contains(&(self.actual as f64))
    }

    /// From the sum's expectation at each draw of the parameters, and the variance of chance.
    ///
    /// Given the parameters, customers are independent and their sum is nearly normal; its interval
    /// is that of the mixture of those normal distributions over the draws.
    fn of(customers: usize, expected: f64, actual: u64, variance: f64, drawn: &[f64], level: f64) -> Self {
        let n = drawn.len().max(1) as f64;
        let mean = drawn.iter().sum::<f64>() / n;
        let between = drawn.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>() / n;
        let chance = variance.sqrt();
        let parts: Vec<(f64, f64)> = drawn.iter().map(|&mean| (mean, chance)).collect();
        let at = |share: f64| normal_mixture_quantile(&parts, share).max(0.0);
        Self {
            customers,
            expected,
            actual,
            standard_deviation: (variance + between).sqrt(),
            chance,
            low: at(0.5 * (1.0 - level)),
            high: at(0.5 * (1.0 + level)),
        }
    }
}

/// About ten groups of customers by falling prediction; those with the same one stay together.
fn tenths(expected: &[f64]) -> Vec<Vec<usize>> {
    let (n, mut done, mut boundary) = (expected.len(), 0, 1);
    let (mut groups, mut group) = (Vec::with_capacity(TENTHS), Vec::new());
    for ties in by_falling_score(expected).chunk_by(|&i, &j| expected[i] == expected[j]) {
        group.extend_from_slice(ties);
        done += ties.len();
        if TENTHS * done >= boundary * n {
            boundary = TENTHS * done / n + 1;
            groups.push(std::mem::take(&mut group));
        }
    }
    groups
}

/// A group, with the few customers that stand for it.
struct Group {
    customers: Vec<usize>,
    measured: Vec<History>,
    expected: f64,
    expected_measured: f64,
}

impl Group {
    fn of(customers: Vec<usize>, split: &HoldoutSplit, expected: &[f64]) -> Self {
        let step = customers.len().div_ceil(MEASURED);
        let few = customers.iter().skip(step / 2).step_by(step);
        Self {
            measured: few.clone().map(|&i| split.calibration().history(i)).collect(),
            expected_measured: few.map(|&i| expected[i]).sum(),
            expected: customers.iter().map(|&i| expected[i]).sum(),
            customers,
        }
    }

    /// The group's expectation at other parameters.
    fn at(&self, params: &dyn PurchasePredictions, horizon: f64) -> f64 {
        if self.expected_measured == 0.0 {
            return self.expected;
        }
        let sum: f64 = self.measured.iter().map(|&history| params.expected_purchases(history, horizon)).sum();
        self.expected * sum / self.expected_measured
    }

    fn sum(&self, split: &HoldoutSplit, variance: &[f64], drawn: &[f64], level: f64) -> HoldoutSum {
        let actual = self.customers.iter().map(|&i| split.actual()[i]).sum();
        let variance = self.customers.iter().map(|&i| variance[i]).sum();
        HoldoutSum::of(self.customers.len(), self.expected, actual, variance, drawn, level)
    }
}

/// The holdout's total and its tenths by falling prediction.
///
/// A fit that does not know its parameters adds no uncertainty of theirs.
pub(super) fn sums(
    fit: &PurchaseFit,
    split: &HoldoutSplit,
    expected: &[f64],
    plan: &DrawPlan,
) -> Result<(HoldoutSum, Vec<HoldoutSum>), FitError> {
    let horizon = split.duration();
    let variance = split.calibration().patterns().map(|history| fit.purchase_variance(history, horizon));
    let groups: Vec<Group> =
        tenths(expected).into_iter().map(|customers| Group::of(customers, split, expected)).collect();
    let draws = fit.draws(plan.count, plan.seed).unwrap_or_else(|_| vec![fit.estimates()]);
    let drawn = in_pieces(draws.len(), 1, |one| {
        let params = fit.predictions_at(&draws[one.start])?;
        Ok(groups.iter().map(|group| group.at(params.as_ref(), horizon)).collect())
    });
    let drawn: Vec<Vec<f64>> = drawn.into_iter().collect::<Result<_, FitError>>()?;
    let totals: Vec<f64> = drawn.iter().map(|sums| sums.iter().sum()).collect();
    let total = HoldoutSum::of(
        expected.len(),
        expected.iter().sum(),
        split.actual().iter().sum(),
        variance.iter().sum(),
        &totals,
        plan.level,
    );
    let of_group = |(k, group): (usize, &Group)| {
        let drawn: Vec<f64> = drawn.iter().map(|sums| sums[k]).collect();
        group.sum(split, &variance, &drawn, plan.level)
    };
    Ok((total, groups.iter().enumerate().map(of_group).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_keep_ties_together() {
        let mut expected: Vec<f64> = (0..40).map(f64::from).collect();
        expected.extend(vec![-1.0; 60]);
        let sizes: Vec<usize> = tenths(&expected).iter().map(Vec::len).collect();
        assert_eq!(sizes, [10, 10, 10, 10, 60]);
        assert_eq!(tenths(&[1.0, 2.0, 3.0]).concat(), [2, 1, 0]);
    }
}
