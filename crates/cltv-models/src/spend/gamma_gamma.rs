//! Gamma-Gamma: what customers spend a purchase.
//!
//! The amounts of a customer's purchases are Gamma(p, ν), and over customers ν ~ Gamma(q, v), so
//! that only the mean spend and the number of purchases matter. Spend is taken to be independent
//! of how often a customer buys: check it with [`crate::audit::spend_frequency_correlation`].
//!
//! # References
//! Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value. Equation numbers are theirs;
//! their γ is v here.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::fit::fitted::Fitted;
use crate::fit::macros::fitted_by_likelihood;
use crate::fit::model::{
    FitOptions, LikelihoodModel, Parameter, Sample, Weighted, all_positive, enough_customers,
};
use crate::numeric::parallel::on_each;
use crate::numeric::special::{digamma_difference, ln_beta, ln_one_plus, trigamma, trigamma_difference};
use crate::summary::rfm::RfmSummary;

const NAME: &str = "Gamma-Gamma";

/// The Gamma-Gamma model before its fit.
///
/// It is fitted on repeat customers with a positive mean spend only; it predicts for all. A fit
/// with q ≤ 1 is returned, but its mean spend is infinite: [`GammaGammaParams::has_finite_mean`] is
/// false, and values computed with it are refused.
///
/// # Examples
/// ```
/// use cltv_models::{GammaGamma, GammaGammaParams, History, TimeUnit, simulate_spend, summary_of};
/// let truth = GammaGammaParams::new(6.0, 4.0, 15.0)?;
/// let histories = vec![History::try_new(3, 20.0, 39.0)?; 2000];
/// let spend = simulate_spend(&truth, &vec![3; 2000], 7);
/// let rfm = summary_of(TimeUnit::Week, &histories, Some(spend))?;
/// let fit = GammaGamma::default().fit(&rfm)?;
/// assert!((fit.population_mean() / truth.population_mean() - 1.0).abs() < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct GammaGamma {
    options: FitOptions,
}

fitted_by_likelihood!(GammaGamma, RfmSummary, "p, q and v");

/// One distinct pair of frequency and mean spend, in multiples of the average mean spend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GammaGammaRow {
    x: f64,
    mean_spend: f64,
    /// ln(x · mean spend), so that a likelihood needs one logarithm a row.
    ln_total: f64,
}

impl GammaGammaRow {
    pub(crate) fn new(x: f64, mean_spend: f64) -> Self {
        Self { x, mean_spend, ln_total: (x * mean_spend).ln() }
    }
}

impl LikelihoodModel for GammaGamma {
    type Data = RfmSummary;
    type Row = GammaGammaRow;
    type Params = GammaGammaParams;
    const NAME: &'static str = NAME;
    const PARAMETERS: &'static [Parameter] =
        &[Parameter::shape("p"), Parameter::shape("q"), Parameter::scale("v")];

    fn options(&self) -> FitOptions {
        self.options
    }

    fn sample(&self, rfm: &RfmSummary) -> Result<Sample<GammaGammaRow>, FitError> {
        let mut spends = spends(rfm)?;
        let customers = spends.values().map(Vec::len).sum::<usize>();
        // Sorted first, so that no sum depends on the order of the customers.
        let mut by_frequency: Vec<&mut Vec<f64>> = spends.values_mut().collect();
        on_each(&mut by_frequency, |spends| spends.sort_unstable_by(f64::total_cmp));
        let scale = spends.values().flatten().sum::<f64>() / customers as f64;
        let mut rows = Vec::new();
        for (x, spends) in spends {
            let row = |spend: f64| GammaGammaRow::new(f64::from(x), spend / scale);
            let equal = spends.chunk_by(|left, right| left == right);
            rows.extend(equal.map(|equal| Weighted { row: row(equal[0]), weight: equal.len() as f64 }));
        }
        Ok(Sample { rows, customers, scale, densities: customers as f64, constant: 0.0 })
    }

    fn starts(&self, _sample: &Sample<GammaGammaRow>) -> Vec<Vec<f64>> {
        // The mean p v / (q - 1) is 1 in each of them, as in the scaled data.
        vec![vec![6.0, 4.0, 0.5], vec![1.0, 2.0, 1.0], vec![2.0, 10.0, 4.5], vec![0.5, 1.5, 1.0]]
    }

    fn log_likelihood(&self, theta: &[f64], rows: &[Weighted<GammaGammaRow>], gradient: &mut [f64]) -> f64 {
        let at = Likelihood::new(theta);
        at.for_each(rows, |row, weight, shared, parts| at.add_gradient(row, parts, shared, weight, gradient))
    }

    fn second_order(
        &self,
        theta: &[f64],
        rows: &[Weighted<GammaGammaRow>],
        gradient: &mut [f64],
        hessian: &mut [f64],
    ) -> Option<f64> {
        let at = Likelihood::new(theta);
        Some(at.for_each(rows, |row, weight, shared, parts| {
            at.add_gradient(row, parts, shared, weight, gradient);
            at.add_hessian(row, parts, shared, weight, hessian);
        }))
    }

    fn params(&self, theta: &[f64], _unit: TimeUnit) -> Result<GammaGammaParams, InputError> {
        GammaGammaParams::new(theta[0], theta[1], theta[2])
    }
}

/// Positive mean spends of repeat customers, by frequency.
fn spends(rfm: &RfmSummary) -> Result<BTreeMap<u32, Vec<f64>>, FitError> {
    let monetary = rfm.monetary().ok_or(InputError::NoAmounts)?;
    let mut spends: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    let mut usable = 0;
    for (&x, &spend) in rfm.frequency().iter().zip(monetary) {
        if x > 0 && spend > 0.0 {
            spends.entry(x).or_default().push(spend);
            usable += 1;
        }
    }
    let what = "repeat customers with a positive mean spend";
    enough_customers(NAME, GammaGamma::PARAMETERS.len(), rfm.repeat_customers(), rfm.len(), (usable, what))?;
    Ok(spends)
}

/// The likelihood at one parameter vector (equation 1a, in logarithms).
struct Likelihood {
    p: f64,
    q: f64,
    v: f64,
    ln_v: f64,
}

/// Terms of one row that the likelihood and its derivatives share.
#[derive(Clone, Copy)]
struct Parts {
    /// ln[total / (v + total)].
    spent: f64,
    /// ln[v / (v + total)].
    rest: f64,
    /// 1 / (v + total).
    inverse: f64,
    /// (q total / v − p x) / (v + total), the derivative by v.
    by_v: f64,
}

/// Terms that all rows with the same x share.
struct Shared {
    x: f64,
    ln_x: f64,
    value: f64,
    by_p: f64,
    by_q: f64,
    by_pp: f64,
    by_pq: f64,
    by_qq: f64,
}

impl Likelihood {
    fn new(theta: &[f64]) -> Self {
        Self { p: theta[0], q: theta[1], v: theta[2], ln_v: theta[2].ln() }
    }

    fn shared(&self, x: f64) -> Shared {
        let (px, q) = (self.p * x, self.q);
        // ψ′(p x + q) is what both differences have in common.
        let (from_px, from_q) = (trigamma_difference(px, q), trigamma_difference(q, px));
        Shared {
            x,
            ln_x: x.ln(),
            value: -ln_beta(px, q),
            by_p: x * digamma_difference(px, q),
            by_q: digamma_difference(q, px),
            by_pp: x * x * from_px,
            by_pq: x * trigamma(px + q),
            by_qq: from_q,
        }
    }

    /// Goes through the rows with what their x shares and the parts of each.
    fn for_each(
        &self,
        rows: &[Weighted<GammaGammaRow>],
        mut each: impl FnMut(&GammaGammaRow, f64, &Shared, Parts),
    ) -> f64 {
        let (mut sum, mut shared) = (0.0, self.shared(1.0));
        for Weighted { row, weight } in rows {
            // Rows are sorted by x, so the gamma functions are computed once an x.
            if row.x != shared.x {
                shared = self.shared(row.x);
            }
            let parts = self.parts(row);
            sum += weight * self.value(row, &shared, parts);
            each(row, *weight, &shared, parts);
        }
        sum
    }

    fn parts(&self, row: &GammaGammaRow) -> Parts {
        let Self { p, q, v, ln_v } = *self;
        let (total, ln_ratio) = (row.x * row.mean_spend, row.ln_total - ln_v);
        let (inverse, ratio) = (1.0 / (v + total), total / v);
        let by_v = (q * ratio - p * row.x) * inverse;
        // The logarithm that is near 0 is computed; the other is apart from it by that of total/v.
        if total < v {
            let rest = -ln_one_plus(ratio);
            return Parts { spent: rest + ln_ratio, rest, inverse, by_v };
        }
        let spent = -ln_one_plus(v / total);
        Parts { spent, rest: spent - ln_ratio, inverse, by_v }
    }

    /// One row's log-likelihood.
    fn value(&self, row: &GammaGammaRow, shared: &Shared, parts: Parts) -> f64 {
        shared.value + self.p * row.x * parts.spent + self.q * parts.rest - row.ln_total + shared.ln_x
    }

    fn add_gradient(
        &self,
        row: &GammaGammaRow,
        parts: Parts,
        shared: &Shared,
        weight: f64,
        gradient: &mut [f64],
    ) {
        gradient[0] += weight * (shared.by_p + row.x * parts.spent);
        gradient[1] += weight * (shared.by_q + parts.rest);
        gradient[2] += weight * parts.by_v;
    }

    fn add_hessian(
        &self,
        row: &GammaGammaRow,
        Parts { inverse, by_v, .. }: Parts,
        shared: &Shared,
        weight: f64,
        hessian: &mut [f64],
    ) {
        let by_qv = row.x * row.mean_spend * inverse / self.v;
        hessian[0] += weight * shared.by_pp;
        hessian[1] += weight * shared.by_pq;
        hessian[2] -= weight * row.x * inverse;
        hessian[4] += weight * shared.by_qq;
        hessian[5] += weight * by_qv;
        hessian[8] -= weight * (self.q * by_qv / self.v + by_v * inverse);
    }
}

/// Gamma-Gamma parameters, fitted or published: all predictions are here.
///
/// # Examples
/// ```
/// use cltv_models::GammaGammaParams;
/// let params = GammaGammaParams::new(6.25, 3.74, 15.44)?;
/// assert!((params.population_mean() - 35.22).abs() < 0.01);
/// assert!((params.expected_spend(2, 22.35) - 24.66).abs() < 0.01);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GammaGammaParams {
    p: f64,
    q: f64,
    v: f64,
}

impl GammaGammaParams {
    /// Checks parameters, for example published ones.
    ///
    /// # Errors
    /// [`InputError::BadParameter`] when one is not positive and finite.
    pub fn new(p: f64, q: f64, v: f64) -> Result<Self, InputError> {
        all_positive(NAME, &[("p", p), ("q", q), ("v", v)])?;
        Ok(Self { p, q, v })
    }

    /// Shape of one customer's amounts.
    #[must_use]
    pub fn p(&self) -> f64 {
        self.p
    }

    /// Shape of the customers' rates.
    #[must_use]
    pub fn q(&self) -> f64 {
        self.q
    }

    /// Scale, in money.
    #[must_use]
    pub fn v(&self) -> f64 {
        self.v
    }

    /// Whether the population's mean spend is finite: q > 1.
    #[must_use]
    pub fn has_finite_mean(&self) -> bool {
        self.q > 1.0
    }

    /// Mean spend a purchase over all customers, p v / (q − 1); infinite for q ≤ 1.
    #[must_use]
    pub fn population_mean(&self) -> f64 {
        self.expected_spend(0, 0.0)
    }

    /// Expected mean spend a purchase of a customer with `x` repeat purchases of mean
    /// `mean_spend`: p (v + x m) / (p x + q − 1).
    ///
    /// It lies between the customer's own mean and the population's; without repeat purchases it
    /// is the population's. Infinite where p x + q ≤ 1, NaN for a mean spend that is negative or
    /// not finite.
    ///
    /// # References
    /// Equation 5.
    #[must_use]
    pub fn expected_spend(&self, x: u64, mean_spend: f64) -> f64 {
        if !(mean_spend >= 0.0 && mean_spend.is_finite()) {
            return f64::NAN;
        }
        let px = self.p * x as f64;
        let denominator = px + self.q - 1.0;
        if denominator <= 0.0 {
            return f64::INFINITY;
        }
        let observed = if x == 0 { 0.0 } else { px * mean_spend };
        (self.p * self.v + observed) / denominator
    }

    /// Density of the observed mean spend of a customer with `x` purchases, at `mean_spend`.
    ///
    /// 0 for amounts ≤ 0 and for x = 0, which has no observed mean.
    ///
    /// # References
    /// Equation 1a.
    #[must_use]
    pub fn density(&self, x: u64, mean_spend: f64) -> f64 {
        if x == 0 || mean_spend <= 0.0 {
            return 0.0;
        }
        let at = Likelihood::new(&[self.p, self.q, self.v]);
        let x = x as f64;
        let row = GammaGammaRow::new(x, mean_spend);
        at.value(&row, &at.shared(x), at.parts(&row)).exp()
    }

    /// Density of a customer's unobserved mean spend a purchase, over all customers, at `mean`.
    ///
    /// The mean is p/ν with ν ~ Gamma(q, v), an inverse gamma with shape q and scale p v.
    #[must_use]
    pub fn heterogeneity_density(&self, mean: f64) -> f64 {
        if mean <= 0.0 || mean.is_nan() {
            return 0.0;
        }
        let scale = self.p * self.v;
        let ln_gamma = statrs::function::gamma::ln_gamma(self.q);
        (self.q * (scale / mean).ln() - mean.ln() - scale / mean - ln_gamma).exp()
    }
}

impl fmt::Display for GammaGammaParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p = {:.4}, q = {:.4}, v = {:.4}", self.p, self.q, self.v)
    }
}

impl Fitted<GammaGamma> {
    /// See [`GammaGammaParams::expected_spend`].
    #[must_use]
    pub fn expected_spend(&self, x: u64, mean_spend: f64) -> f64 {
        self.params.expected_spend(x, mean_spend)
    }

    /// See [`GammaGammaParams::population_mean`].
    #[must_use]
    pub fn population_mean(&self) -> f64 {
        self.params.population_mean()
    }

    /// See [`GammaGammaParams::density`].
    #[must_use]
    pub fn density(&self, x: u64, mean_spend: f64) -> f64 {
        self.params.density(x, mean_spend)
    }

    /// See [`GammaGammaParams::has_finite_mean`].
    #[must_use]
    pub fn has_finite_mean(&self) -> bool {
        self.params.has_finite_mean()
    }
}
