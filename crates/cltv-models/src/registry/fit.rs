//! Any fitted model of purchases.

use std::fmt;

use super::model::PurchaseModel;
use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::base::words::shown;
use crate::fit::fitted::{CoefTable, Convergence, Fitted, Interval};
use crate::fit::model::Parameter;
use crate::fit::saved::saved_model;
use crate::models::*;
use crate::purchases::model::HistoryModel;
use crate::purchases::of_parameters::predictions_of;
use crate::purchases::predictions::PurchasePredictions;
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;
use crate::uncertainty::draws::ParameterDraws;

macro_rules! purchase_fit {
    ($d:tt $($variant:ident),+) => {
        /// Any fitted model of purchases.
        ///
        /// It has the predictions of [`PurchasePredictions`], so that [`crate::lifetime_value`] takes
        /// it too.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum PurchaseFit {
            $(
                #[doc = concat!("A fitted [`", stringify!($variant), "`].")]
                $variant(Fitted<$variant>),
            )+
        }

        $(
            impl From<Fitted<$variant>> for PurchaseFit {
                fn from(fit: Fitted<$variant>) -> Self {
                    Self::$variant(fit)
                }
            }
        )+

        impl PurchaseModel {
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
                    $(<$variant as HistoryModel>::NAME => Fitted::from_json(json).map(Self::$variant),)+
                    _ => {
                        let known = [$(<$variant as HistoryModel>::NAME),+].join(", ");
                        Err(InputError::UnknownModel { model: shown(&model), known })
                    }
                }
            }
        }

        /// An expression of the fit inside.
        macro_rules! each {
            ($d any:expr, $d fit:ident => $d out:expr) => {
                match $d any {
                    $(PurchaseFit::$variant($d fit) => $d out,)+
                }
            };
        }
    };
}

for_each_purchase_model!(purchase_fit, $);

/// Methods of the fit inside.
macro_rules! delegated {
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

delegated!(
    /// The model's name.
    name() -> &'static str;
    /// The fitted model saved as text; see [`Fitted::to_json`].
    to_json() -> String;
    /// The parameters, in the order of every vector and matrix.
    parameters() -> Vec<Parameter>;
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
    /// See [`Fitted::profile_interval`].
    profile_interval(rfm: &RfmSummary, name: &str, level: f64) -> Result<Interval, FitError>;
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

impl PurchaseFit {
    /// The names of the parameters of dropout; none for a model without dropout.
    #[must_use]
    pub fn dropout_parameters(&self) -> &'static [&'static str] {
        fn of<M: HistoryModel>(_fit: &Fitted<M>) -> &'static [&'static str] {
            M::DROPOUT_PARAMETERS
        }
        each!(self, fit => of(fit))
    }

    /// The predictions at other parameters, such as draws of their distribution.
    ///
    /// # Errors
    /// [`InputError`] when a parameter is outside its range.
    pub fn predictions_at(&self, theta: &[f64]) -> Result<Box<dyn PurchasePredictions>, InputError> {
        each!(self, fit => Ok(Box::new(fit.params_at(theta)?)))
    }

    /// The predictions, as one borrowed type for all models.
    fn predictions(&self) -> &dyn PurchasePredictions {
        each!(self, fit => fit)
    }
}

impl fmt::Display for PurchaseFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        each!(self, fit => fit.fmt(f))
    }
}

impl PurchasePredictions for PurchaseFit {
    predictions_of!(|fit| fit.predictions());
}

/// So that [`crate::lifetime_value_intervals`] takes any fitted model.
impl ParameterDraws for PurchaseFit {
    type Params = Box<dyn PurchasePredictions>;

    fn center_params(&self) -> Self::Params {
        each!(self, fit => Box::new(fit.params()))
    }

    fn drawn_params(&self, count: usize, seed: u64) -> Result<Vec<Self::Params>, FitError> {
        each!(self, fit => Ok(boxed(fit.drawn_params(count, seed)?)))
    }

    fn estimate(&self, at_center: f64, _drawn: &[f64]) -> f64 {
        at_center
    }
}

/// Parameters of any model as predictions.
pub(super) fn boxed<P: PurchasePredictions + 'static>(params: Vec<P>) -> Vec<Box<dyn PurchasePredictions>> {
    let one = |params: P| Box::new(params) as Box<dyn PurchasePredictions>;
    params.into_iter().map(one).collect()
}
