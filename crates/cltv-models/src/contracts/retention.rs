//! The predictions of every contract model, and its likelihood from its survival curve.

use crate::base::error::FitError;
use crate::contracts::cohorts::{Cohort, ContractCohorts};
use crate::fit::fitted::Fitted;
use crate::fit::model::{LikelihoodModel, Sample, Weighted};
use crate::numeric::gauss::ln_series;
use crate::numeric::random::Draws;

/// Customers who left in a period, or who were still there after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContractRow {
    /// The period, counted from 1.
    pub(crate) t: f64,
    /// Whether they left in it.
    pub(crate) left: bool,
}

/// The rows of all cohorts: how many left in each period, and how many were left at the end.
///
/// # Errors
/// [`FitError::NobodyLeft`] and [`FitError::TooFewCustomers`].
pub(crate) fn contract_sample(
    cohorts: &ContractCohorts,
    model: &'static str,
    parameters: usize,
) -> Result<Sample<ContractRow>, FitError> {
    let customers = cohorts.customers() as usize;
    if cohorts.lost() == 0 {
        return Err(FitError::NobodyLeft { model, customers });
    }
    if customers <= parameters {
        let what = "all customers";
        return Err(FitError::TooFewCustomers { model, parameters, usable: customers, what });
    }
    let mut rows: Vec<Weighted<ContractRow>> = cohorts.cohorts().iter().flat_map(rows).collect();
    rows.sort_by(|l, r| l.row.t.total_cmp(&r.row.t).then(l.row.left.cmp(&r.row.left)));
    rows.dedup_by(|next, kept| {
        let same = next.row == kept.row;
        kept.weight += if same { next.weight } else { 0.0 };
        same
    });
    Ok(Sample { rows, customers, scale: 1.0, densities: 0.0, constant: 0.0 })
}

fn rows(cohort: &Cohort) -> Vec<Weighted<ContractRow>> {
    let periods = cohort.alive.len() - 1;
    let row = |t: usize, left: bool, weight: u64| Weighted {
        row: ContractRow { t: t as f64, left },
        weight: weight as f64,
    };
    let mut rows: Vec<_> =
        (1..=periods).map(|t| row(t, true, cohort.alive[t - 1] - cohort.alive[t])).collect();
    rows.push(row(periods, false, cohort.alive[periods]));
    rows.retain(|row| row.weight > 0.0);
    rows
}

/// The weighted log-likelihood of a survival curve: ln[S(t−1) − S(t)] for those who left in t,
/// ln S(t) for those still there. `survival` gives ln S with its N derivatives, `ln_retention` ln S(t)/S(t−1).
pub(crate) fn log_likelihood<const N: usize>(
    rows: &[Weighted<ContractRow>],
    gradient: &mut [f64],
    survival: impl Fn(f64) -> (f64, [f64; N]),
    ln_retention: impl Fn(f64) -> f64,
) -> f64 {
    let mut sum = 0.0;
    for Weighted { row, weight } in rows {
        let (after, by_after) = survival(row.t);
        if !row.left {
            sum += weight * after;
            gradient.iter_mut().zip(by_after).for_each(|(slope, by)| *slope += weight * by);
            continue;
        }
        let (before, by_before) = survival(row.t - 1.0);
        let left = -ln_retention(row.t).exp_m1();
        sum += weight * (before + left.ln());
        let kept = (1.0 - left) / left;
        for (k, slope) in gradient.iter_mut().enumerate() {
            *slope += weight * (by_before[k] + kept * (by_before[k] - by_after[k]));
        }
    }
    sum
}

/// Predictions of a contract model, on its parameters. Times count periods (chances to renew).
///
/// A model gives its survival curve; the rest follows.
///
/// # Examples
/// ```
/// use cltv_models::{RetentionPredictions, ShiftedBetaGeometricParams, TimeUnit};
/// let params = ShiftedBetaGeometricParams::new(0.704, 1.182, TimeUnit::Year)?;
/// assert!((params.retention(1) - 0.627).abs() < 1e-3);
/// // Those who stay are the loyal ones: retention rises.
/// assert!(params.retention(8) > params.retention(1));
/// # Ok::<(), cltv_models::InputError>(())
/// ```
pub trait RetentionPredictions {
    /// ln S(t): the chance to be there after t renewals, for real t ≥ 0.
    fn ln_survival(&self, t: f64) -> f64;

    /// ln S(t + m)/S(t), at most 0: without the cancellation of two logarithms, also where nearly nobody leaves.
    fn ln_survival_after(&self, t: f64, m: f64) -> f64;

    /// c where S(t) falls as t^−c far out; infinite where it falls faster.
    fn tail_power(&self) -> f64;

    /// S(t), the share of customers left after t renewals.
    fn survival(&self, t: u32) -> f64 {
        self.ln_survival(f64::from(t)).exp()
    }

    /// The share of all customers lost in period t, S(t−1) − S(t); NaN for t = 0.
    fn churn(&self, t: u32) -> f64 {
        if t == 0 {
            return f64::NAN;
        }
        let before = f64::from(t - 1);
        self.ln_survival(before).exp() * -self.ln_survival_after(before, 1.0).exp_m1()
    }

    /// The share of the customers there before period t who renew in it, S(t)/S(t−1); NaN for
    /// t = 0.
    fn retention(&self, t: u32) -> f64 {
        if t == 0 {
            return f64::NAN;
        }
        self.ln_survival_after(f64::from(t - 1), 1.0).exp()
    }

    /// P(there after t + m renewals | there after t).
    fn survival_after(&self, t: u32, m: u32) -> f64 {
        self.ln_survival_after(f64::from(t), f64::from(m)).exp()
    }

    /// Expected periods as a customer, Σ_{t≥0} S(t), the first one included; infinite where S falls
    /// too slowly.
    fn expected_lifetime(&self) -> f64 {
        self.discounted_lifetime(0.0)
    }

    /// DEL: expected periods as a customer, each discounted at `rate` a period from its start,
    /// Σ_{t≥0} S(t) / (1 + rate)^t. NaN for a negative rate.
    ///
    /// # References
    /// Fader & Hardie (2010), Customer-Base Valuation in a Contractual Setting: The Perils of
    /// Ignoring Heterogeneity, Marketing Science 29(1), 85-93.
    fn discounted_lifetime(&self, rate: f64) -> f64 {
        if rate.is_nan() || rate < 0.0 {
            return f64::NAN;
        }
        let power = if rate > 0.0 { f64::INFINITY } else { self.tail_power() };
        1.0 + ln_series(power, |t| self.ln_survival(t) - t * rate.ln_1p()).exp()
    }

    /// DERL: expected periods still to be paid by a customer in period `period` (counted from 1),
    /// just before the decision to renew, each discounted at `rate` a period:
    /// Σ_{t≥n} S(t)/S(n−1) / (1 + rate)^(t−n). NaN for period 0 or a negative rate.
    ///
    /// # References
    /// Fader & Hardie (2010), equation 5.
    fn discounted_residual_lifetime(&self, period: u32, rate: f64) -> f64 {
        if period == 0 || rate.is_nan() || rate < 0.0 {
            return f64::NAN;
        }
        let seen = f64::from(period - 1);
        let power = if rate > 0.0 { f64::INFINITY } else { self.tail_power() };
        ln_series(power, |k| self.ln_survival_after(seen, k) - (k - 1.0) * rate.ln_1p()).exp()
    }

    /// [`RetentionPredictions::discounted_residual_lifetime`] without discount; infinite where S
    /// falls too slowly.
    fn expected_residual_lifetime(&self, period: u32) -> f64 {
        self.discounted_residual_lifetime(period, 0.0)
    }

    /// A random cohort: `customers` at the start and those left after each of `periods` renewals.
    fn simulate_cohort(&self, name: &str, customers: u64, periods: u32, seed: u64) -> Cohort {
        let mut draws = Draws::new(seed);
        let curve: Vec<f64> = (0..=periods).map(|t| self.survival(t)).collect();
        let mut left = vec![0_u64; periods as usize + 1];
        for _ in 0..customers {
            // The share of customers who stay longer is uniform.
            let share = draws.uniform();
            let stays = curve.iter().enumerate().take_while(|&(t, left)| t == 0 || *left > share).count();
            left.iter_mut().take(stays).for_each(|left| *left += 1);
        }
        Cohort { name: name.to_owned(), alive: left }
    }
}

/// The predictions of [`RetentionPredictions`], without importing it.
impl<M: LikelihoodModel> Fitted<M>
where
    M::Params: RetentionPredictions,
{
    /// S(t), the share of customers left after t renewals.
    #[must_use]
    pub fn survival(&self, t: u32) -> f64 {
        self.params.survival(t)
    }

    /// See [`RetentionPredictions::churn`].
    #[must_use]
    pub fn churn(&self, t: u32) -> f64 {
        self.params.churn(t)
    }

    /// See [`RetentionPredictions::retention`].
    #[must_use]
    pub fn retention(&self, t: u32) -> f64 {
        self.params.retention(t)
    }

    /// See [`RetentionPredictions::discounted_lifetime`].
    #[must_use]
    pub fn discounted_lifetime(&self, rate: f64) -> f64 {
        self.params.discounted_lifetime(rate)
    }

    /// See [`RetentionPredictions::discounted_residual_lifetime`].
    #[must_use]
    pub fn discounted_residual_lifetime(&self, period: u32, rate: f64) -> f64 {
        self.params.discounted_residual_lifetime(period, rate)
    }
}
