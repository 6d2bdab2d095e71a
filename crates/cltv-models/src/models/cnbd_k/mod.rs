//! BG/CNBD-k and MBG/CNBD-k: the BG/NBD and the MBG/NBD of customers who buy regularly.
//!
//! While alive, a customer buys at every k-th event of a Poisson process with rate λ, so that the
//! times between purchases are Erlang-k with mean k/λ: the larger k, the more regular. After each
//! purchase the customer drops out with probability p; in the MBG/CNBD-k after the first one as
//! well. Over customers λ ~ Gamma(r, α) and p ~ Beta(a, b), independently. With k = 1 they are the
//! BG/NBD and the MBG/NBD.
//!
//! For a given k the likelihood needs only frequency, recency and age; between different k it
//! differs by (k−1) Σ ln(interval) − x ln Γ(k), so the summary must carry that sum for each
//! customer: [`RfmSummary::with_ln_intervals`].
//!
//! # References
//! Platzer & Reutterer (2016), Ticking Away the Moments: Timing Regularity Helps to Better Predict
//! Customer Activity, Marketing Science 35(5), 779-799; Reutterer, Platzer & Schröder (2021),
//! Leveraging purchase regularity for predicting customer behavior the easy way, International
//! Journal of Research in Marketing 38(1), 194-215.

mod customer;
mod process;

use std::fmt;

pub use customer::CnbdCustomer;
pub use process::CnbdProcess;
use serde::{Deserialize, Serialize};

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::fit::fitted::Fitted;
use crate::fit::maximum_likelihood::fit;
use crate::fit::model::{FitOptions, Parameter, Sample, all_positive, sentence};
use crate::models::beta_geometric::dropout_starts;
use crate::numeric::special::ln_gamma_ratio;
use crate::purchases::model::HistoryModel;
use crate::purchases::process::PurchaseParameters;
use crate::purchases::rows::{HistoryRow, history_sample};
use crate::summary::rfm::RfmSummary;

/// Largest k; purchases this regular are as good as on a calendar.
pub const LARGEST_K: u32 = 20;
/// Falls of the likelihood in a row after which larger k are not tried.
const FALLS: u32 = 2;

const PARAMETERS: &[Parameter] =
    &[Parameter::shape("r"), Parameter::scale("alpha"), Parameter::shape("a"), Parameter::shape("b")];

/// A model type: its options, the choice of k, and its likelihood.
macro_rules! cnbd_k {
    ($(#[$doc:meta])* $model:ident, $name:literal, $key:literal, $at_start:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
        pub struct $model {
            options: FitOptions,
            k: Option<u32>,
        }

        impl $model {
            /// Sets the penalty on the squared log parameters; 0, the default, is maximum
            /// likelihood. See [`FitOptions::penalty`].
            #[must_use]
            pub fn penalty(mut self, penalty: f64) -> Self {
                self.options.penalty = penalty;
                self
            }

            /// Sets k, from 1 to 20; without it the k with the largest likelihood is chosen.
            #[must_use]
            pub fn k(mut self, k: u32) -> Self {
                self.k = Some(k);
                self
            }

            /// Fits r, α, a and b by maximum likelihood, and k too unless it is set: from 1 up
            /// until the likelihood has fallen twice. AIC and BIC do not count k.
            ///
            /// # Errors
            /// [`FitError`]: a bad option, a summary without times between purchases, no repeat
            /// purchases, fewer customers than parameters, or no convergence.
            pub fn fit(&self, rfm: &RfmSummary) -> Result<Fitted<Self>, FitError> {
                match self.k {
                    Some(k) => fit(&Self { k: Some(check_k(k)?), ..*self }, rfm),
                    None => best_k(|k| fit(&Self { k: Some(k), ..*self }, rfm)),
                }
            }
        }

        impl HistoryModel for $model {
            type Params = CnbdKParams;
            type Process = CnbdProcess;
            const NAME: &'static str = $name;
            const KEY: &'static str = $key;
            const DROPOUT_PARAMETERS: &'static [&'static str] = &["a", "b"];
            const PARAMETERS: &'static [Parameter] = PARAMETERS;

            fn options(&self) -> FitOptions {
                self.options
            }

            fn sample(&self, rfm: &RfmSummary) -> Result<Sample<HistoryRow>, FitError> {
                sample(rfm, $name, self.k.unwrap_or(1))
            }

            fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
                let mut starts = dropout_starts(sample);
                starts.iter_mut().for_each(|start| start[1] *= f64::from(self.k.unwrap_or(1)));
                starts
            }

            fn process(&self, theta: &[f64]) -> CnbdProcess {
                CnbdProcess::new(self.k.unwrap_or(1), theta, chances($at_start))
            }

            fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<CnbdKParams, InputError> {
                CnbdKParams::new($name, $at_start, self.k.unwrap_or(1), theta, unit)
            }
        }
    };
}

cnbd_k! {
    /// The BG/CNBD-k model before its fit: no dropout before the first repeat purchase.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgCnbdK, CnbdKParams, TimeUnit};
    /// use cltv_models::{ln_intervals, simulate_histories, simulate_purchase_times, summary_of};
    /// let truth = CnbdKParams::bg(3, 1.2, 5.0, 0.8, 2.4, TimeUnit::Week)?;
    /// let ages = vec![52.0; 1500];
    /// let sums = simulate_purchase_times(&truth, &ages, 7).iter().map(|t| ln_intervals(t)).collect();
    /// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &ages, 7), None)?
    ///     .with_ln_intervals(sums)?;
    /// let fit = BgCnbdK::default().fit(&rfm)?;
    /// assert_eq!(fit.params().k(), 3);
    /// println!("{fit}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    BgCnbdK, "BG/CNBD-k", "bg_cnbd_k", false
}

cnbd_k! {
    /// The MBG/CNBD-k model before its fit: customers may drop out right after the first purchase.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{CnbdKParams, MbgCnbdK, TimeUnit, simulate_histories, summary_of};
    /// let truth = CnbdKParams::mbg(2, 1.2, 5.0, 0.8, 2.4, TimeUnit::Week)?;
    /// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &vec![52.0; 1500], 7), None)?;
    /// // Without the times between purchases k cannot be chosen.
    /// assert!(MbgCnbdK::default().fit(&rfm).is_err());
    /// assert!(MbgCnbdK::default().k(1).fit(&rfm)?.identified());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    MbgCnbdK, "MBG/CNBD-k", "mbg_cnbd_k", true
}

fn check_k(k: u32) -> Result<u32, InputError> {
    if (1..=LARGEST_K).contains(&k) {
        return Ok(k);
    }
    Err(InputError::BadOption { name: "k", value: f64::from(k), bound: "between 1 and 20" })
}

fn best_k<M: HistoryModel>(fit: impl Fn(u32) -> Result<Fitted<M>, FitError>) -> Result<Fitted<M>, FitError> {
    // k = 2 first: it needs the times between purchases, and without them fails before a long fit.
    let (mut best, mut falls) = (fit(2)?, 0);
    let one = fit(1)?;
    if one.log_likelihood > best.log_likelihood {
        (best, falls) = (one, 1);
    }
    for k in 3..=LARGEST_K {
        let next = fit(k)?;
        if next.log_likelihood > best.log_likelihood {
            (best, falls) = (next, 0);
            continue;
        }
        falls += 1;
        if falls == FALLS {
            break;
        }
    }
    Ok(best)
}

/// Chances to drop out before the first repeat purchase.
fn chances(at_start: bool) -> f64 {
    f64::from(u8::from(at_start))
}

fn sample(rfm: &RfmSummary, model: &'static str, k: u32) -> Result<Sample<HistoryRow>, FitError> {
    let mut sample = history_sample(rfm, model, PARAMETERS.len())?;
    if k > 1 {
        let sums = rfm.ln_intervals().ok_or(InputError::NoIntervals { model })?;
        let (k, purchases) = (f64::from(k), rfm.repeat_purchases() as f64);
        sample.constant = (k - 1.0) * sums.iter().sum::<f64>() - purchases * ln_gamma_ratio(1.0, k - 1.0);
        sample.densities = k * purchases;
    }
    Ok(sample)
}

/// Parameters of the BG/CNBD-k or the MBG/CNBD-k: all predictions are here.
///
/// They are methods of [`PurchasePredictions`](crate::PurchasePredictions), which has to be
/// imported. A customer alive at T has an unknown number j < k of phases behind since the last
/// purchase, with probability in proportion to C(r+kx+j−1, j) ((T−t_x)/(α+T))^j; given j, λ ~
/// Gamma(r+kx+j, α+T) and k−j phases are left. Counts without dropout are then sums of negative
/// binomial probabilities, and dropout after each purchase multiplies them: all predictions are
/// exact, where other packages approximate.
///
/// # Examples
/// ```
/// use cltv_models::{CnbdKParams, History, MbgNbdParams, PurchasePredictions, TimeUnit};
/// let regular = CnbdKParams::mbg(3, 0.525, 18.5, 0.891, 1.614, TimeUnit::Week)?;
/// let random = MbgNbdParams::new(0.525, 6.183, 0.891, 1.614, TimeUnit::Week)?;
/// // A regular buyer who is overdue is sooner known to be gone.
/// let overdue = History::try_new(6, 20.0, 36.0)?;
/// assert!(regular.p_alive(overdue) < random.p_alive(overdue));
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CnbdKParams {
    k: u32,
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
    dropout_at_start: bool,
    unit: TimeUnit,
}

impl CnbdKParams {
    /// Checks parameters of a BG/CNBD-k, for example published ones.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for k outside 1..=20, [`InputError::BadParameter`] for a parameter
    /// that is not positive and finite.
    pub fn bg(k: u32, r: f64, alpha: f64, a: f64, b: f64, unit: TimeUnit) -> Result<Self, InputError> {
        Self::new(BgCnbdK::NAME, false, k, &[r, alpha, a, b], unit)
    }

    /// Checks parameters of an MBG/CNBD-k.
    ///
    /// # Errors
    /// As [`CnbdKParams::bg`].
    pub fn mbg(k: u32, r: f64, alpha: f64, a: f64, b: f64, unit: TimeUnit) -> Result<Self, InputError> {
        Self::new(MbgCnbdK::NAME, true, k, &[r, alpha, a, b], unit)
    }

    fn new(
        model: &'static str,
        dropout_at_start: bool,
        k: u32,
        theta: &[f64],
        unit: TimeUnit,
    ) -> Result<Self, InputError> {
        let (r, alpha, a, b) = (theta[0], theta[1], theta[2], theta[3]);
        all_positive(model, &[("r", r), ("alpha", alpha), ("a", a), ("b", b)])?;
        Ok(Self { k: check_k(k)?, r, alpha, a, b, dropout_at_start, unit })
    }

    /// Events of the Poisson process a purchase: 1 for random timing.
    #[must_use]
    pub fn k(&self) -> u32 {
        self.k
    }

    /// Shape of the rates.
    #[must_use]
    pub fn r(&self) -> f64 {
        self.r
    }

    /// Scale of the rates, in time units. A purchase takes k events, so purchases come at λ/k.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// First shape of the dropout probabilities.
    #[must_use]
    pub fn a(&self) -> f64 {
        self.a
    }

    /// Second shape of the dropout probabilities.
    #[must_use]
    pub fn b(&self) -> f64 {
        self.b
    }

    /// Whether customers may drop out right after the first purchase (MBG).
    #[must_use]
    pub fn dropout_at_start(&self) -> bool {
        self.dropout_at_start
    }
}

impl fmt::Display for CnbdKParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let theta = [self.r, self.alpha, self.a, self.b];
        write!(f, "k = {}, {}", self.k, sentence(PARAMETERS, &theta, self.unit))
    }
}

impl PurchaseParameters for CnbdKParams {
    type Process = CnbdProcess;

    fn time_unit(&self) -> TimeUnit {
        self.unit
    }

    fn process(&self) -> CnbdProcess {
        CnbdProcess::new(self.k, &[self.r, self.alpha, self.a, self.b], chances(self.dropout_at_start))
    }
}
