//! The predictive distribution of the money that a customer spends within the horizon.

use super::{Predictive, PredictiveCounts};
use crate::base::error::InputError;
use crate::numeric::roots::rising_share;
use crate::numeric::special::{ln_beta, logistic, regularised_beta_with};
use crate::purchases::predictions::PurchasePredictions;
use crate::spend::gamma_gamma::GammaGammaParams;
use crate::summary::rfm::RfmSummary;

/// Probability of counts that is left out of sums over them.
const NEGLIGIBLE: f64 = 1e-11;

/// The distribution of the money of every customer within the horizon, in row order.
///
/// Given ν, amounts are Gamma(p, ν) and n of them Gamma(p n, ν); given x purchases with mean m,
/// ν ~ Gamma(q + p x, v + x m) (Fader & Hardie 2013, The Gamma-Gamma Model of Monetary Value, equation 5). So n
/// purchases cost at most s with the probability I_z(p n, q + p x), an incomplete beta function at
/// z = s / (v + x m + s), and P(money ≤ s) = Σ_n P(n) I_z(p n, q + p x): no simulation is needed. Money is
/// revenue, neither discounted nor multiplied by a margin. Parameter uncertainty is that of the counts; the
/// spend model is taken at its estimates.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictiveMoney {
    counts: PredictiveCounts,
    spend: GammaGammaParams,
    /// v + x m of each customer.
    scales: Vec<f64>,
}

impl<P: PurchasePredictions> Predictive<P> {
    /// The distribution of the money that every customer spends in (T, T + horizon]; see
    /// [`PredictiveMoney`].
    ///
    /// # Errors
    /// As [`Predictive::counts`]; [`InputError::NoAmounts`] for a summary without amounts.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbdParams, GammaGammaParams, History, Predictive, TimeUnit, summary_of};
    /// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
    /// let histories = [(2, 30.4, 38.9), (9, 31.0, 39.0), (0, 0.0, 12.0)]
    ///     .into_iter()
    ///     .map(|(x, t_x, age)| History::try_new(x, t_x, age))
    ///     .collect::<Result<Vec<_>, _>>()?;
    /// let rfm = summary_of(TimeUnit::Week, &histories, Some(vec![20.0, 35.0, 0.0]))?;
    /// let spend = GammaGammaParams::new(6.25, 3.74, 15.44)?;
    /// let money = Predictive::at(params).money(&spend, &rfm, 39.0)?;
    /// let (low, high) = money.intervals(0.95)?;
    /// for i in [0, 2] {
    ///     assert!(low[i] == 0.0 && money.expected()[i] < high[i]);
    ///     assert!((money.cdf(i, high[i]) - 0.975).abs() < 1e-8);
    /// }
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub fn money(
        &self,
        spend: &GammaGammaParams,
        rfm: &RfmSummary,
        horizon: f64,
    ) -> Result<PredictiveMoney, InputError> {
        let amounts = rfm.monetary().ok_or(InputError::NoAmounts)?;
        let observed = rfm.frequency().iter().zip(amounts).map(|(&x, mean)| f64::from(x) * mean);
        let scales = observed.map(|sum| spend.v() + sum).collect();
        Ok(PredictiveMoney { counts: self.counts(rfm, horizon)?, spend: *spend, scales })
    }
}

/// The distribution of money of one history, in multiples of v + x m.
struct Ratio {
    none: f64,
    parts: Vec<Part>,
    shape: f64,
}

/// A number n of purchases that counts.
struct Part {
    chance: f64,
    /// P(more than n).
    beyond: f64,
    /// p n, and ln B(p n, q + p x).
    purchases: f64,
    ln_beta: f64,
}

impl Ratio {
    /// P(money ≤ ratio · (v + x m)) at ln ratio = y, and its derivative by y.
    fn within(&self, y: f64) -> (f64, f64) {
        let (z, mut sum, mut slope) = (logistic(y), self.none, 0.0);
        let (ln_z, ln_rest) = (z.ln(), logistic(-y).ln());
        for part in &self.parts {
            let within = regularised_beta_with(part.purchases, self.shape, z, part.ln_beta);
            sum += part.chance * within;
            // dz/dy = z (1 − z).
            slope += part.chance * (part.purchases * ln_z + self.shape * ln_rest - part.ln_beta).exp();
            // More purchases cost more.
            if part.beyond * within < NEGLIGIBLE {
                break;
            }
        }
        (sum.min(1.0), slope)
    }

    /// 0 where no purchase is as probable as `share`.
    fn quantile(&self, share: f64) -> f64 {
        if share <= self.none {
            return 0.0;
        }
        // As many purchases as have this share, at their mean amount.
        let enough = self.parts.iter().find(|part| part.beyond <= 1.0 - share).or(self.parts.last());
        let Some(enough) = enough else { return 0.0 };
        let start = (enough.purchases / self.shape).ln();
        rising_share(start, share, |y| self.within(y)).map_or(f64::INFINITY, f64::exp)
    }
}

impl PredictiveMoney {
    /// The distributions of the numbers of purchases.
    #[must_use]
    pub fn counts(&self) -> &PredictiveCounts {
        &self.counts
    }

    /// Expected money of every customer: expected purchases times the expected amount; infinite where
    /// p x + q ≤ 1.
    #[must_use]
    pub fn expected(&self) -> Vec<f64> {
        let figures = self.counts.figures(|place| {
            let denominator = self.shape(place) - 1.0;
            let amount = if denominator > 0.0 { self.spend.p() / denominator } else { f64::INFINITY };
            self.counts.at(place).mean() * amount
        });
        self.scaled(&figures)
    }

    /// P(money ≤ amount) of the customer in row `i`.
    ///
    /// # Panics
    /// As indexing, for a row that there is not.
    #[must_use]
    pub fn cdf(&self, i: usize, amount: f64) -> f64 {
        let ratio = self.ratio(self.counts.of[i] as usize);
        if amount < 0.0 {
            return 0.0;
        }
        if amount == 0.0 { ratio.none } else { ratio.within((amount / self.scales[i]).ln()).0 }
    }

    /// The amount that every customer's money does not exceed with the probability `share`; 0 where no
    /// purchase is as probable.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for a share outside (0, 1).
    pub fn quantiles(&self, share: f64) -> Result<Vec<f64>, InputError> {
        if !(share > 0.0 && share < 1.0) {
            let bound = "between 0 and 1, such as 0.975";
            return Err(InputError::BadOption { name: "share", value: share, bound });
        }
        // A customer's scale only multiplies, so that customers with the same history share the root.
        Ok(self.scaled(&self.counts.figures(|place| self.ratio(place).quantile(share))))
    }

    /// The central interval of every customer's money, as a column of lower and one of upper ends.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for a level outside (0, 1).
    pub fn intervals(&self, level: f64) -> Result<(Vec<f64>, Vec<f64>), InputError> {
        super::check_level(level)?;
        Ok((self.quantiles(0.5 * (1.0 - level))?, self.quantiles(0.5 * (1.0 + level))?))
    }

    fn shape(&self, place: usize) -> f64 {
        self.spend.q() + self.spend.p() * self.counts.x[place] as f64
    }

    fn ratio(&self, place: usize) -> Ratio {
        let (chances, shape) = (self.counts.at(place).chances(), self.shape(place));
        let (mut parts, mut beyond) = (Vec::with_capacity(chances.len()), 0.0);
        for (n, &chance) in chances.iter().enumerate().skip(1).rev() {
            let purchases = self.spend.p() * n as f64;
            parts.push(Part { chance, beyond, purchases, ln_beta: ln_beta(purchases, shape) });
            beyond += chance;
        }
        parts.reverse();
        Ratio { none: chances[0], parts, shape }
    }

    fn scaled(&self, figures: &[f64]) -> Vec<f64> {
        self.counts
            .of
            .iter()
            .zip(&self.scales)
            .map(|(&place, scale)| scale * figures[place as usize])
            .collect()
    }
}
