//! GGompertz/NBD: how often customers buy, when a life's end comes ever nearer.
//!
//! While alive, a customer buys as a Poisson process with rate λ; the life ends with the Gompertz
//! hazard η b e^(b t), which rises with age. Over customers λ ~ Gamma(r, α) and η ~ Gamma(s, β),
//! independently. As b goes to 0 with β/b fixed it becomes the Pareto/NBD of scale β/b; a fit that
//! goes there says that its Hessian is flat along b and beta.
//!
//! # References
//! Bemmaor & Glady (2012), Modeling Purchasing Behavior with Sudden "Death": A Flexible Customer
//! Lifetime Model, Management Science 58(5), 1012-1021.

use serde::{Deserialize, Serialize};

use crate::error::InputError;
use crate::gompertz::GompertzLife;
use crate::histories::{HistoryModel, HistoryRow, mean_rate};
use crate::macros::{fitted_by_likelihood, parameters};
use crate::model::{FitOptions, Parameter, Sample};
use crate::mortal::Mortal;
use crate::purchases::PurchaseParameters;
use crate::rfm::{RfmSummary, TimeUnit};

/// The GGompertz/NBD model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{GgompertzNbd, GgompertzNbdParams, TimeUnit, simulate_histories, summary_of};
/// let truth = GgompertzNbdParams::new(0.8, 4.0, 0.05, 0.6, 1.5, TimeUnit::Week)?;
/// let histories = simulate_histories(&truth, &vec![52.0; 1000], 7);
/// let rfm = summary_of(TimeUnit::Week, &histories, None)?;
/// let fit = GgompertzNbd::default().fit(&rfm)?;
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct GgompertzNbd {
    options: FitOptions,
}

fitted_by_likelihood!(GgompertzNbd, RfmSummary, "r, α, b, s and β");

impl HistoryModel for GgompertzNbd {
    type Params = GgompertzNbdParams;
    type Process = Mortal<GompertzLife>;
    const NAME: &'static str = "GGompertz/NBD";
    const PARAMETERS: &'static [Parameter] = GgompertzNbdParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
        let rate = mean_rate(sample);
        [(0.5, 0.1, 0.6, 0.03), (1.0, 1.0, 1.0, 1.0), (0.5, 3.0, 0.3, 5.0), (2.0, 0.5, 2.0, 3.0)]
            .map(|(r, b, s, beta)| vec![r, r / rate, b, s, beta])
            .to_vec()
    }

    fn process(&self, theta: &[f64]) -> Mortal<GompertzLife> {
        let lifetime = GompertzLife { b: theta[2], s: theta[3], beta: theta[4] };
        Mortal { r: theta[0], alpha: theta[1], lifetime }
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<GgompertzNbdParams, InputError> {
        GgompertzNbdParams::from_theta(theta, unit)
    }
}

parameters! {
    /// GGompertz/NBD parameters, fitted or published: all predictions are here.
    ///
    /// They are methods of [`PurchasePredictions`](crate::PurchasePredictions), which has to be
    /// imported:
    /// - the likelihood is Γ(r+x)/Γ(r) α^r [S(T) (α+T)^−(r+x) + ∫ f(τ) (α+τ)^−(r+x) dτ] over
    ///   t_x ≤ τ ≤ T, with S(t) = (β/(β−1+e^(b t)))^s and f its density, by a quadrature of positive
    ///   terms exact to about 1e-14;
    /// - expected purchases of a customer alive at T are (r+x)/(α+T) · ∫_0^t S(T+u)/S(T) du;
    /// - a customer alive at T is a new customer with r + x, α + T, b, s, 1 + (β − 1) e^(−b T).
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{GgompertzNbdParams, History, PurchasePredictions, TimeUnit};
    /// let params = GgompertzNbdParams::new(0.55, 10.6, 0.02, 0.4, 0.1, TimeUnit::Week)?;
    /// let history = History::try_new(2, 30.43, 38.86)?;
    /// assert!(params.p_alive(history) > 0.5);
    /// assert!(params.expected_purchases(history, 39.0) < params.expected_purchases(history, 52.0));
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct GgompertzNbdParams of "GGompertz/NBD" {
        /// Shape of the purchase rates.
        r: shape,
        /// Scale of the purchase rates, in time units.
        alpha: scale,
        /// How fast the hazard rises, a time unit.
        b: rate,
        /// Shape of the frailties η.
        s: shape,
        /// Scale of the frailties η, without a unit.
        beta: shape,
    }
}

impl PurchaseParameters for GgompertzNbdParams {
    type Process = Mortal<GompertzLife>;

    fn time_unit(&self) -> TimeUnit {
        self.unit
    }

    fn process(&self) -> Mortal<GompertzLife> {
        GgompertzNbd::default().process(&self.theta())
    }
}
