//! Any model of purchases, and any fit of one, as one type each.

use std::fmt;

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::fit::fitted::{CoefTable, Convergence, Fitted, Interval};
use crate::fit::model::LikelihoodModel;
use crate::fit::saved::saved_model;
use crate::models::beta_geometric::bg_nbd::BgNbd;
use crate::models::beta_geometric::mbg_nbd::MbgNbd;
use crate::models::cnbd_k::{BgCnbdK, MbgCnbdK};
use crate::models::continuous_dropout::ggompertz_nbd::GgompertzNbd;
use crate::models::continuous_dropout::pareto_nbd::ParetoNbd;
use crate::models::nbd::Nbd;
use crate::purchases::predictions::{PurchasePredictions, predictions_of};
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;
use crate::uncertainty::draws::ParameterDraws;

/// The two enums and everything that only asks the variant.
macro_rules! family {
    ($($variant:ident),+) => {
        /// Any model of purchases that is fitted on an [`RfmSummary`], before its fit.
        ///
        /// # Examples
        /// ```
        /// use cltv_models::{BgNbd, BgNbdParams, Nbd, PurchaseModel, TimeUnit};
        /// use cltv_models::{simulate_histories, summary_of};
        /// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
        /// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 800], 7), None)?;
        /// let models: Vec<PurchaseModel> = vec![BgNbd::default().into(), Nbd::default().into()];
        /// let fits = models.iter().map(|model| model.fit(&rfm)).collect::<Result<Vec<_>, _>>()?;
        /// assert!(fits[0].bic() < fits[1].bic());
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq)]
        #[non_exhaustive]
        pub enum PurchaseModel {
            $(
                #[doc = concat!("[`", stringify!($variant), "`].")]
                $variant($variant),
            )+
        }

        /// Any fitted model of purchases.
        ///
        /// It predicts as every model does, by [`PurchasePredictions`], so that
        /// [`crate::lifetime_value`] takes it too.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum PurchaseFit {
            $(
                #[doc = concat!("A fitted [`", stringify!($variant), "`].")]
                $variant(Fitted<$variant>),
            )+
        }

        $(
            impl From<$variant> for PurchaseModel {
                fn from(model: $variant) -> Self {
                    Self::$variant(model)
                }
            }

            impl From<Fitted<$variant>> for PurchaseFit {
                fn from(fit: Fitted<$variant>) -> Self {
                    Self::$variant(fit)
                }
            }
        )+

        impl PurchaseModel {
            /// Every model of purchases with its default options.
            #[must_use]
            pub fn all() -> Vec<Self> {
                vec![$(Self::$variant($variant::default())),+]
            }

            /// The model's name: `"BG/NBD"`.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $variant::NAME,)+
                }
            }

            /// Fits the model by maximum likelihood.
            ///
            /// # Errors
            /// As the model's own `fit`.
            pub fn fit(&self, rfm: &RfmSummary) -> Result<PurchaseFit, FitError> {
                match self {
                    $(Self::$variant(model) => model.fit(rfm).map(PurchaseFit::$variant),)+
                }
            }
        }

        impl PurchaseFit {
            /// The model that was fitted, with its options.
            #[must_use]
            pub fn model(&self) -> PurchaseModel {
                match self {
                    $(Self::$variant(fit) => PurchaseModel::$variant(fit.model()),)+
                }
            }

            /// Loads any saved fit of a model of purchases; see [`Fitted::to_json`].
            ///
            /// # Errors
            /// As [`Fitted::from_json`]; [`InputError::UnknownModel`] for another model.
            pub fn from_json(json: &str) -> Result<Self, InputError> {
                let model = saved_model(json)?;
                match model.as_str() {
                    $($variant::NAME => Fitted::from_json(json).map(Self::$variant),)+
                    _ => Err(InputError::UnknownModel { model, known: [$($variant::NAME),+].join(", ") }),
                }
            }

            /// The predictions at other parameters, such as draws of their distribution.
            ///
            /// # Errors
            /// [`InputError`] when a parameter is outside its range.
            pub fn predictions_at(&self, theta: &[f64]) -> Result<Box<dyn PurchasePredictions>, InputError> {
                match self {
                    $(Self::$variant(fit) => Ok(Box::new(fit.params_at(theta)?)),)+
                }
            }

            /// The predictions, as one borrowed type for all models.
            fn predictions(&self) -> &dyn PurchasePredictions {
                match self {
                    $(Self::$variant(fit) => fit,)+
                }
            }
        }

        impl fmt::Display for PurchaseFit {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant(fit) => fit.fmt(f),)+
                }
            }
        }
    };
}

family!(BgNbd, MbgNbd, ParetoNbd, Nbd, BgCnbdK, MbgCnbdK, GgompertzNbd);

/// Asks the fit inside.
macro_rules! each {
    ($any:expr, $fit:ident => $out:expr) => {
        match $any {
            PurchaseFit::BgNbd($fit) => $out,
            PurchaseFit::MbgNbd($fit) => $out,
            PurchaseFit::ParetoNbd($fit) => $out,
            PurchaseFit::Nbd($fit) => $out,
            PurchaseFit::BgCnbdK($fit) => $out,
            PurchaseFit::MbgCnbdK($fit) => $out,
            PurchaseFit::GgompertzNbd($fit) => $out,
        }
    };
}

/// Methods that are those of the fit inside.
macro_rules! asked {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) -> $out:ty;)+) => {
        impl PurchaseFit {
            $(
                $(#[$doc])*
                pub fn $name(&self $(, $arg: $type)*) -> $out {
                    each!(self, fit => fit.$name($($arg),*))
                }
            )+
        }
    };
}

asked!(
    /// The model's name.
    name() -> &'static str;
    /// The fitted model saved as text; see [`Fitted::to_json`].
    to_json() -> String;
    /// The parameters' names, in the order of every vector and matrix.
    parameter_names() -> Vec<&'static str>;
    /// The estimates, in the data's own unit.
    estimates() -> Vec<f64>;
    /// Estimates, standard errors and 95% intervals.
    coef_table() -> CoefTable;
    /// See [`Fitted::std_errors`].
    std_errors() -> Result<Vec<f64>, FitError>;
    /// See [`Fitted::log_std_errors`].
    log_std_errors() -> Result<Vec<f64>, FitError>;
    /// See [`Fitted::draws`].
    draws(count: usize, seed: u64) -> Result<Vec<Vec<f64>>, FitError>;
    /// See [`Fitted::vcov`].
    vcov() -> Result<Vec<Vec<f64>>, FitError>;
    /// See [`Fitted::confint`].
    confint(level: f64) -> Result<Vec<Interval>, FitError>;
    /// The unpenalised log-likelihood, summed over customers, in the data's own unit.
    log_likelihood() -> f64;
    /// Akaike's criterion.
    aic() -> f64;
    /// The Bayesian criterion.
    bic() -> f64;
    /// Customers the model was fitted on.
    n_obs() -> usize;
    /// Distinct rows among them.
    distinct_rows() -> usize;
    /// How the fit went.
    convergence() -> &Convergence;
    /// Whether the data identify the parameters.
    identified() -> bool;
    /// The penalty that was used.
    penalty() -> f64;
    /// The unit of the model's times.
    unit() -> TimeUnit;
    /// See [`Fitted::check_unit`].
    check_unit(rfm: &RfmSummary) -> Result<(), InputError>;
);

impl PurchasePredictions for PurchaseFit {
    predictions_of!(|fit| fit.predictions());
}

impl PurchasePredictions for Box<dyn PurchasePredictions> {
    predictions_of!(|any| (**any));
}

/// So that [`crate::lifetime_value_intervals`] takes any fitted model.
impl ParameterDraws for PurchaseFit {
    type Params = Box<dyn PurchasePredictions>;

    fn center_params(&self) -> Self::Params {
        each!(self, fit => Box::new(fit.params()))
    }

    fn drawn_params(&self, count: usize, seed: u64) -> Result<Vec<Self::Params>, FitError> {
        let draws = self.draws(count, seed)?;
        Ok(draws.iter().map(|theta| self.predictions_at(theta)).collect::<Result<_, InputError>>()?)
    }

    fn estimate(&self, at_center: f64, _drawn: &[f64]) -> f64 {
        at_center
    }
}
