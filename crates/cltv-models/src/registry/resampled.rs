//! Bootstraps and posteriors of any model of purchases.

use std::fmt;

use super::fit::{PurchaseFit, boxed};
use super::model::PurchaseModel;
use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::fit::fitted::Interval;
use crate::models::*;
use crate::posterior::{Posterior, PosteriorSummary, Sampling};
use crate::purchases::predictions::PurchasePredictions;
use crate::summary::rfm::RfmSummary;
use crate::uncertainty::bootstrap::{Bootstrap, BootstrapPlan};
use crate::uncertainty::draws::ParameterDraws;

macro_rules! resampled {
    ($d:tt $($variant:ident),+) => {
        /// The bootstrap of any model of purchases: [`crate::PurchaseFit::bootstrap`].
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum PurchaseBootstrap {
            $(
                #[doc = concat!("Of a [`", stringify!($variant), "`].")]
                $variant(Bootstrap<$variant>),
            )+
        }

        /// The posterior of any model of purchases: [`crate::PurchaseModel::sample`].
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum PurchasePosterior {
            $(
                #[doc = concat!("Of a [`", stringify!($variant), "`].")]
                $variant(Posterior<$variant>),
            )+
        }

        $(
            impl From<Bootstrap<$variant>> for PurchaseBootstrap {
                fn from(bootstrap: Bootstrap<$variant>) -> Self {
                    Self::$variant(bootstrap)
                }
            }

            impl From<Posterior<$variant>> for PurchasePosterior {
                fn from(posterior: Posterior<$variant>) -> Self {
                    Self::$variant(posterior)
                }
            }
        )+

        impl PurchaseFit {
            /// Fits the model again on customers drawn with replacement; see [`Fitted::bootstrap`](crate::Fitted::bootstrap).
            ///
            /// # Errors
            /// As [`Fitted::bootstrap`](crate::Fitted::bootstrap).
            pub fn bootstrap(
                &self,
                rfm: &RfmSummary,
                plan: &BootstrapPlan,
            ) -> Result<PurchaseBootstrap, FitError> {
                match self {
                    $(Self::$variant(fit) => fit.bootstrap(rfm, plan).map(PurchaseBootstrap::$variant),)+
                }
            }
        }

        impl PurchaseModel {
            /// Samples the posterior of the model's parameters.
            ///
            /// # Errors
            /// As [`Sampling::sample`].
            pub fn sample(
                &self,
                sampling: &Sampling,
                rfm: &RfmSummary,
            ) -> Result<PurchasePosterior, FitError> {
                match self {
                    $(Self::$variant(model) => {
                        sampling.sample(model, rfm).map(PurchasePosterior::$variant)
                    })+
                }
            }
        }

        /// An expression of the value inside.
        macro_rules! each {
            ($d of:ident, $d any:expr, $d one:ident => $d out:expr) => {
                match $d any {
                    $($d of::$variant($d one) => $d out,)+
                }
            };
        }
    };
}

for_each_purchase_model!(resampled, $);

impl PurchaseBootstrap {
    /// The parameters' names, in the order of every vector.
    #[must_use]
    pub fn parameter_names(&self) -> Vec<&'static str> {
        each!(PurchaseBootstrap, self, bootstrap => bootstrap.parameter_names())
    }

    /// The estimates of every replicate.
    #[must_use]
    pub fn draws(&self) -> Vec<Vec<f64>> {
        each!(PurchaseBootstrap, self, bootstrap => bootstrap.draws())
    }

    /// Replicates that could not be fitted, and are left out.
    #[must_use]
    pub fn failed(&self) -> usize {
        each!(PurchaseBootstrap, self, bootstrap => bootstrap.failed())
    }

    /// Standard deviations of the estimates over the replicates.
    #[must_use]
    pub fn std_errors(&self) -> Vec<f64> {
        each!(PurchaseBootstrap, self, bootstrap => bootstrap.std_errors())
    }

    /// Intervals from quantiles of the estimates over the replicates.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for a level outside (0, 1).
    pub fn confint(&self, level: f64) -> Result<Vec<Interval>, InputError> {
        each!(PurchaseBootstrap, self, bootstrap => bootstrap.confint(level))
    }
}

impl PurchasePosterior {
    /// Means, standard deviations, quantiles and diagnostics of every quantity.
    #[must_use]
    pub fn summary(&self) -> PosteriorSummary {
        each!(PurchasePosterior, self, posterior => posterior.summary())
    }

    /// All draws of the parameters, chain by chain, in the order of the parameters' names.
    #[must_use]
    pub fn draws(&self) -> Vec<Vec<f64>> {
        each!(PurchasePosterior, self, posterior => posterior.draws())
    }

    /// Customers behind the likelihood.
    #[must_use]
    pub fn n_obs(&self) -> usize {
        each!(PurchasePosterior, self, posterior => posterior.n_obs())
    }

    /// The unit of the model's times.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        each!(PurchasePosterior, self, posterior => posterior.unit())
    }
}

macro_rules! any_draws {
    ($of:ident) => {
        impl fmt::Display for $of {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                each!($of, self, any => any.fmt(f))
            }
        }

        impl ParameterDraws for $of {
            type Params = Box<dyn PurchasePredictions>;

            fn center_params(&self) -> Self::Params {
                each!($of, self, any => Box::new(any.center_params()))
            }

            fn drawn_params(&self, count: usize, seed: u64) -> Result<Vec<Self::Params>, FitError> {
                each!($of, self, any => Ok(boxed(any.drawn_params(count, seed)?)))
            }

            fn estimate(&self, at_center: f64, drawn: &[f64]) -> f64 {
                each!($of, self, any => any.estimate(at_center, drawn))
            }
        }
    };
}

any_draws!(PurchaseBootstrap);
any_draws!(PurchasePosterior);
