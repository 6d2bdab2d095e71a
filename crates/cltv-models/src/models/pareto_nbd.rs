//! Pareto/NBD: how often customers buy, and when their lives as customers end.
//!
//! While alive, a customer buys as a Poisson process with rate λ; the life ends at an exponential
//! time with rate μ, whether or not the customer buys. Over customers λ ~ Gamma(r, α) and
//! μ ~ Gamma(s, β), independently.
//!
//! # References
//! - Schmittlein, Morrison & Colombo (1987), Counting Your Customers: Who Are They and What Will
//!   They Do Next?, Management Science 33(1), 1-24.
//! - Fader & Hardie (2005), A Note on Deriving the Pareto/NBD Model and Related Expressions.
//!   Equation numbers are theirs.

use serde::{Deserialize, Serialize};

use crate::error::InputError;
use crate::histories::{HistoryModel, HistoryRow, mean_rate};
use crate::lifetime::ParetoLife;
use crate::macros::{fitted_by_likelihood, parameters};
use crate::model::{FitOptions, Parameter, Sample};
use crate::mortal::Mortal;
use crate::purchases::PurchaseParameters;
use crate::rfm::{RfmSummary, TimeUnit};

/// The Pareto/NBD model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{History, ParetoNbd, ParetoNbdParams, TimeUnit, simulate_histories, summary_of};
/// let truth = ParetoNbdParams::new(0.8, 6.0, 0.9, 12.0, TimeUnit::Week)?;
/// let histories = simulate_histories(&truth, &vec![52.0; 2000], 7);
/// let rfm = summary_of(TimeUnit::Week, &histories, None)?;
/// let fit = ParetoNbd::default().fit(&rfm)?;
/// assert!(fit.identified());
/// assert!(fit.p_alive(History::try_new(5, 10.0, 52.0)?) < 0.5);
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ParetoNbd {
    options: FitOptions,
}

fitted_by_likelihood!(ParetoNbd, RfmSummary, "r, α, s and β");

impl HistoryModel for ParetoNbd {
    type Params = ParetoNbdParams;
    type Process = Mortal<ParetoLife>;
    const NAME: &'static str = "Pareto/NBD";
    const PARAMETERS: &'static [Parameter] = ParetoNbdParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
        let rate = mean_rate(sample);
        [(0.5, 0.6, 0.3), (1.0, 1.0, 1.0), (0.5, 2.0, 5.0), (3.0, 0.5, 0.5)]
            .map(|(r, s, beta)| vec![r, r / rate, s, beta])
            .to_vec()
    }

    fn process(&self, theta: &[f64]) -> Mortal<ParetoLife> {
        let lifetime = ParetoLife::new(theta[2], theta[3]);
        Mortal { r: theta[0], alpha: theta[1], lifetime }
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<ParetoNbdParams, InputError> {
        ParetoNbdParams::from_theta(theta, unit)
    }
}

parameters! {
    /// Pareto/NBD parameters, fitted or published: all predictions are here.
    ///
    /// They are methods of [`PurchasePredictions`](crate::PurchasePredictions), which has to be
    /// imported:
    /// - the likelihood is Γ(r+x)/Γ(r) α^r [S(T) (α+T)^−(r+x) + ∫ f(τ) (α+τ)^−(r+x) dτ] over
    ///   t_x ≤ τ ≤ T, with S(t) = (β/(β+t))^s and f its density (equations 15-18), by a quadrature
    ///   of positive terms that is as exact as the hypergeometric closed forms and has none of
    ///   their branches, limits and overflows;
    /// - P(alive) is the first term's share of the bracket;
    /// - expected purchases of a customer alive at T are
    ///   (r+x)/(α+T) · (β+T)/(s−1) · [1 − ((β+T)/(β+T+t))^(s−1)] (equations 30 and 41), with its
    ///   limit at s = 1;
    /// - a customer alive at T is a new customer with r + x, α + T, s, β + T, whose PMF is
    ///   S(t) P(N(t) = n) + ∫ f(τ) P(N(τ) = n) dτ with a negative binomial N.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{History, ParetoNbdParams, PurchasePredictions, TimeUnit};
    /// let params = ParetoNbdParams::new(0.553, 10.578, 0.606, 11.669, TimeUnit::Week)?;
    /// let history = History::try_new(2, 30.43, 38.86)?;
    /// assert!((params.p_alive(history) - 0.8692).abs() < 1e-4);
    /// assert!((params.expected_purchases(history, 39.0) - 1.4551).abs() < 1e-4);
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct ParetoNbdParams of "Pareto/NBD" {
        /// Shape of the purchase rates.
        r: shape,
        /// Scale of the purchase rates, in time units.
        alpha: scale,
        /// Shape of the rates at which lives end.
        s: shape,
        /// Scale of the rates at which lives end, in time units.
        beta: scale,
    }
}

impl PurchaseParameters for ParetoNbdParams {
    type Process = Mortal<ParetoLife>;

    fn time_unit(&self) -> TimeUnit {
        self.unit
    }

    fn process(&self) -> Mortal<ParetoLife> {
        ParetoNbd::default().process(&self.theta())
    }
}
