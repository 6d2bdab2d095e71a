//! BG/NBD: purchase rates, and dropout after purchases.
//!
//! While alive, a customer buys as a Poisson process with rate λ; after each repeat purchase the
//! customer drops out with probability p. Over customers λ ~ Gamma(r, α) and p ~ Beta(a, b),
//! independently. A customer without repeat purchases has had no chance to drop out, so
//! P(alive) = 1.
//!
//! # References
//! Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the
//! Pareto/NBD Model, Marketing Science 24(2), 275-284. Equation numbers below are theirs.

use serde::{Deserialize, Serialize};

use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::macros::{fitted_by_likelihood, parameters};
use crate::fit::model::{FitOptions, Parameter, Sample};
use crate::models::beta_geometric::{BetaGeometric, dropout_starts};
use crate::purchases::model::HistoryModel;
use crate::purchases::predictions::PurchasePredictions;
use crate::purchases::process::PurchaseParameters;
use crate::purchases::rows::HistoryRow;
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;

/// The first chance to drop out is after the first repeat purchase.
const CHANCES_AT_START: f64 = 0.0;

/// The BG/NBD model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbd, BgNbdParams, History, TimeUnit, simulate_histories, summary_of};
/// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
/// let histories = simulate_histories(&truth, &vec![52.0; 2000], 7);
/// let rfm = summary_of(TimeUnit::Week, &histories, None)?;
/// let fit = BgNbd::default().fit(&rfm)?;
/// assert!(fit.identified());
/// assert!(fit.p_alive(History::try_new(5, 10.0, 52.0)?) < 0.5);
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct BgNbd {
    options: FitOptions,
}

fitted_by_likelihood!(BgNbd, RfmSummary, "r, α, a and b");

impl HistoryModel for BgNbd {
    type Params = BgNbdParams;
    type Process = BetaGeometric;
    const NAME: &'static str = "BG/NBD";
    const KEY: &'static str = "bg_nbd";
    const DROPOUT_PARAMETERS: &'static [&'static str] = &["a", "b"];
    const PARAMETERS: &'static [Parameter] = BgNbdParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
        dropout_starts(sample)
    }

    fn process(&self, theta: &[f64]) -> BetaGeometric {
        BetaGeometric::new(theta, CHANCES_AT_START)
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<BgNbdParams, InputError> {
        BgNbdParams::from_theta(theta, unit)
    }
}

parameters! {
    /// BG/NBD parameters, fitted or published: all predictions are here.
    ///
    /// They are methods of [`PurchasePredictions`], which has to be imported:
    /// - likelihood (6): Γ(r+x)/Γ(r) α^r B(a, b+x)/B(a, b)
    ///   [(α+T)^−(r+x) + 1{x>0} a/(b+x−1) (α+t_x)^−(r+x)];
    /// - P(alive | x, t_x, T) = 1 / (1 + a/(b+x−1) · ((α+T)/(α+t_x))^(r+x)), and 1 when x = 0
    ///   (Fader, Hardie & Lee 2008, Computing P(alive) Using the BG/NBD Model);
    /// - PMF (8): P(X(t) = n) = B(a, b+n)/B(a, b) P(N = n) + 1{n>0} B(a+1, b+n−1)/B(a, b) P(N ≥ n) with
    ///   a negative binomial N, P(N = n) = Γ(r+n)/(Γ(r) n!) (α/(α+t))^r (t/(α+t))^n; P(N ≥ n) is an
    ///   incomplete beta function, which keeps its digits where 1 − Σ would not;
    /// - expected purchases (9): E[X(t)] = (a+b−1)/(a−1) [1 − (α/(α+t))^r ₂F₁(r, b; a+b−1; t/(α+t))], by
    ///   Euler's transformation, and an integral near the removable poles at a = 1 and a + b = 1;
    /// - conditional expectation (10): a customer alive at T is a new customer with r + x, α + T, a,
    ///   b + x, so E[Y(t) | x, t_x, T] = P(alive) times (9) with these.
    ///
    /// The terms that the BG/NBD shares with the MBG/NBD are computed in `process.rs` and `customer.rs`
    /// beside this file.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbdParams, History, PurchasePredictions, TimeUnit};
    /// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
    /// let history = History::try_new(2, 30.43, 38.86)?;
    /// assert!((params.p_alive(history) - 0.7266).abs() < 1e-4);
    /// assert!((params.expected_purchases(history, 39.0) - 1.2260).abs() < 1e-4);
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct BgNbdParams of "BG/NBD" {
        /// Shape of the purchase rates.
        r: shape,
        /// Scale of the purchase rates, in time units.
        alpha: scale,
        /// First shape of the dropout probabilities.
        a: shape,
        /// Second shape of the dropout probabilities.
        b: shape,
    }
}

impl BgNbdParams {
    /// Mean dropout probability after a purchase, a / (a + b).
    #[must_use]
    pub fn mean_dropout(&self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// See [`PurchasePredictions::history_log_likelihood`].
    #[must_use]
    pub fn log_likelihood(&self, history: History) -> f64 {
        self.history_log_likelihood(history)
    }
}

impl PurchaseParameters for BgNbdParams {
    type Process = BetaGeometric;

    fn time_unit(&self) -> TimeUnit {
        self.unit
    }

    fn process(&self) -> BetaGeometric {
        BgNbd::default().process(&self.theta())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::special::ln_beta;
    use approx::assert_relative_eq;
    use statrs::function::gamma::ln_gamma;

    /// The formulas of the comment above, written out.
    #[test]
    fn predictions_are_the_formulas_of_the_paper() {
        let (r, alpha, a, b) = (0.6, 5.0, 0.8, 2.4);
        let params = BgNbdParams::new(r, alpha, a, b, TimeUnit::Week).unwrap();
        for (x, t_x, end) in [(0_u64, 0.0, 30.0), (1, 3.0, 30.0), (4, 20.0, 21.0)] {
            let n = x as f64;
            let dropped_out = if x > 0 { a / (b + n - 1.0) * (alpha + t_x).powf(-(r + n)) } else { 0.0 };
            let alive = (alpha + end).powf(-(r + n));
            let shared = ln_gamma(r + n) - ln_gamma(r) + r * alpha.ln() + ln_beta(a, b + n) - ln_beta(a, b);
            let history = History::try_new(x, t_x, end).unwrap();
            let likelihood = shared + (alive + dropped_out).ln();
            assert_relative_eq!(params.log_likelihood(history), likelihood, max_relative = 1e-11);
            let p_alive = alive / (alive + dropped_out);
            assert_relative_eq!(params.p_alive(history), p_alive, max_relative = 1e-12);
        }
        let (t, scale) = (20.0, ln_beta(a, b));
        let count = |n: f64| {
            let choose = ln_gamma(r + n) - ln_gamma(r) - ln_gamma(n + 1.0);
            (choose + r * (alpha / (alpha + t)).ln() + n * (t / (alpha + t)).ln()).exp()
        };
        for n in 0..6_u64 {
            let x = n as f64;
            let below: f64 = (0..n).map(|j| count(j as f64)).sum();
            let dropped =
                if n > 0 { (ln_beta(a + 1.0, b + x - 1.0) - scale).exp() * (1.0 - below) } else { 0.0 };
            let pmf = (ln_beta(a, b + x) - scale).exp() * count(x) + dropped;
            assert_relative_eq!(params.pmf(n, t), pmf, max_relative = 1e-11);
        }
    }
}
