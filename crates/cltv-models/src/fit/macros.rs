//! Macros for code that all models share: setters, and the type of the parameters.

/// `penalty` and `fit` of a model with a field `options`.
macro_rules! fitted_by_likelihood {
    ($model:ident, $data:ty, $estimates:literal) => {
        impl $model {
            /// Sets the penalty on the squared log parameters; 0, the default, is maximum
            /// likelihood. See [`FitOptions::penalty`](crate::FitOptions::penalty).
            #[must_use]
            pub fn penalty(mut self, penalty: f64) -> Self {
                self.options.penalty = penalty;
                self
            }

            #[doc = concat!("Fits ", $estimates, " by maximum likelihood.")]
            ///
            /// # Errors
            /// [`FitError`](crate::FitError): a bad penalty, data without what the model needs
            /// (each named), fewer customers than parameters, or no convergence.
            pub fn fit(
                &self,
                data: &$data,
            ) -> Result<crate::fit::fitted::Fitted<Self>, crate::base::error::FitError> {
                crate::fit::maximum_likelihood::fit(self, data)
            }
        }
    };
}

/// A type of positive parameters with a time unit: checked constructor, accessors, names, text.
macro_rules! parameters {
    (
        $(#[$doc:meta])*
        pub struct $params:ident of $model:literal {
            $($(#[$field_doc:meta])* $field:ident: $kind:ident,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
        pub struct $params {
            $($field: f64,)+
            unit: crate::base::units::TimeUnit,
        }

        impl $params {
            pub(crate) const PARAMETERS: &'static [crate::fit::model::Parameter] =
                &[$(crate::fit::model::Parameter::$kind(stringify!($field)),)+];

            /// Checks parameters, for example published ones.
            ///
            /// # Errors
            /// [`InputError::BadParameter`](crate::InputError::BadParameter) when one is not
            /// positive and finite.
            pub fn new(
                $($field: f64,)+
                unit: crate::base::units::TimeUnit,
            ) -> Result<Self, crate::base::error::InputError> {
                crate::fit::model::all_positive($model, &[$((stringify!($field), $field),)+])?;
                Ok(Self { $($field,)+ unit })
            }

            /// Parameters from a vector in the order of the fields.
            pub(crate) fn from_theta(
                theta: &[f64],
                unit: crate::base::units::TimeUnit,
            ) -> Result<Self, crate::base::error::InputError> {
                let mut values = theta.iter().copied();
                $(let $field = values.next().unwrap_or(f64::NAN);)+
                Self::new($($field,)+ unit)
            }

            /// The parameters in the order of the fields.
            #[allow(dead_code)]
            pub(crate) fn theta(&self) -> [f64; Self::PARAMETERS.len()] {
                [$(self.$field),+]
            }

            $($(#[$field_doc])*
            #[must_use]
            pub fn $field(&self) -> f64 {
                self.$field
            })+
        }

        impl std::fmt::Display for $params {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&crate::fit::model::sentence(Self::PARAMETERS, &[$(self.$field),+], self.unit))
            }
        }
    };
}

pub(crate) use {fitted_by_likelihood, parameters};
