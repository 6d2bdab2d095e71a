//! The trait of a model fitted by maximum likelihood, and the data of a fit.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Mutex;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::summary::rfm::RfmSummary;

/// A parameter's name, how it changes with the scale of the data, and how a fit moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The name in the model's paper.
    pub name: &'static str,
    /// Power of the scale: 1 for a parameter in units of time or money, −1 for a rate, 0 for a
    /// shape.
    pub scale_power: i32,
    /// Whether any real number is allowed, as for a coefficient. All others are positive, and a
    /// fit works with their logarithms.
    pub signed: bool,
}

impl Parameter {
    /// A parameter without a unit.
    #[must_use]
    pub const fn shape(name: &'static str) -> Self {
        Self { name, scale_power: 0, signed: false }
    }

    /// A parameter in the unit of the data's scale (time or money).
    #[must_use]
    pub const fn scale(name: &'static str) -> Self {
        Self { name, scale_power: 1, signed: false }
    }

    /// A parameter a unit of the data's scale, such as a rate a week.
    #[must_use]
    pub const fn rate(name: &'static str) -> Self {
        Self { name, scale_power: -1, signed: false }
    }

    /// The parameter at the optimiser's coordinate η: η, or e^η for a positive one.
    pub(crate) fn of_free(self, eta: f64) -> f64 {
        if self.signed { eta } else { eta.exp() }
    }

    /// The optimiser's coordinate: the inverse of [`Parameter::of_free`].
    pub(crate) fn to_free(self, value: f64) -> f64 {
        if self.signed { value } else { value.ln() }
    }

    /// The derivative of the parameter by the optimiser's coordinate.
    pub(crate) fn slope(self, value: f64) -> f64 {
        if self.signed { 1.0 } else { value }
    }
}

/// Data that a model can be fitted on; they know the unit of their times.
pub trait FitData {
    /// The unit of the data's times, or the length of their periods.
    fn unit(&self) -> TimeUnit;
}

impl FitData for RfmSummary {
    fn unit(&self) -> TimeUnit {
        RfmSummary::unit(self)
    }
}

/// One distinct row of the data and how many customers share it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighted<R> {
    /// The row.
    pub row: R,
    /// How many customers have it.
    pub weight: f64,
}

/// The data of one fit: distinct rows, measured in multiples of a scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<R> {
    /// Distinct rows with their weights, sorted so that a model can reuse what rows share.
    pub rows: Vec<Weighted<R>>,
    /// Customers behind the rows: the n of AIC's companions.
    pub customers: usize,
    /// The data were divided by this (longest age, mean spend).
    pub scale: f64,
    /// Log-likelihood in the data's own unit = that of the scaled data − this · ln(scale) +
    /// `constant`.
    pub densities: f64,
    /// The part of the log-likelihood that depends on no parameter, in the data's own unit.
    pub constant: f64,
}

impl<R: Clone> Sample<R> {
    /// Other rows in the place of these.
    pub(crate) fn with_rows<Q>(&self, rows: Vec<Weighted<Q>>) -> Sample<Q> {
        let Self { customers, scale, densities, constant, .. } = *self;
        Sample { rows, customers, scale, densities, constant }
    }

    /// A subsample of about `count` customers, evenly spaced in the order of the rows, with weights that
    /// add to all customers.
    pub(crate) fn subsample(&self, count: usize) -> Self {
        let all: f64 = self.rows.iter().map(|row| row.weight).sum();
        let share = all / count as f64;
        let (mut rows, mut passed, mut next) = (Vec::with_capacity(count), 0.0, 0.5 * share);
        for row in &self.rows {
            passed += row.weight;
            if passed > next {
                let picked = ((passed - next) / share).ceil();
                rows.push(Weighted { row: row.row.clone(), weight: picked * share });
                next += picked * share;
            }
        }
        self.with_rows(rows)
    }

    /// The log-likelihood in the data's own unit, from that of the scaled data.
    pub(crate) fn log_likelihood(&self, scaled: f64) -> f64 {
        scaled - self.densities * self.scale.ln() + self.constant
    }
}

/// Options every model has.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct FitOptions {
    /// λ ≥ 0, default 0: λ · Σ (ln θ)² is added to the mean negative log-likelihood a customer,
    /// with times in multiples of the longest age and money in multiples of the mean spend, so
    /// that it means the same in every unit.
    pub penalty: f64,
}

impl FitOptions {
    /// # Errors
    /// [`InputError::BadOption`] when the penalty is negative or not finite.
    pub(crate) fn check(self) -> Result<Self, InputError> {
        if self.penalty.is_finite() && self.penalty >= 0.0 {
            return Ok(self);
        }
        Err(InputError::BadOption {
            name: "penalty",
            value: self.penalty,
            bound: "a finite number, 0 or more; 0 (the default) is plain maximum likelihood",
        })
    }
}

/// A model that is fitted by maximum likelihood.
///
/// A model implements names, data, starts, log-likelihood with gradient, and the type that has its
/// predictions. The optimiser, standard errors, intervals, tables, AIC, the convergence report and
/// persistence are provided for all (see [`crate::Fitted`]). A model's own fields are its options;
/// they are saved with its fits. ADDING_A_MODEL.md lists the steps for a model of purchases.
pub trait LikelihoodModel: Clone + Send + Sync + fmt::Debug + Serialize + DeserializeOwned + 'static {
    /// The data of a fit.
    type Data: FitData;
    /// One row of the scaled data.
    type Row: Clone + Send + Sync + fmt::Debug;
    /// The fitted parameters, which have the predictions as methods.
    type Params: Clone + Send + Sync + fmt::Debug + fmt::Display + PartialEq;
    /// The model's name: `"BG/NBD"`.
    const NAME: &'static str;
    /// The parameters, in the order of every vector and matrix.
    const PARAMETERS: &'static [Parameter];

    /// The options of this fit.
    fn options(&self) -> FitOptions;

    /// The parameters of this fit: [`LikelihoodModel::PARAMETERS`], unless the data add some.
    fn parameters(&self) -> Vec<Parameter> {
        Self::PARAMETERS.to_vec()
    }

    /// λ of each parameter's squared logarithm (of a signed one, its square): by default
    /// [`FitOptions::penalty`] for all of them.
    fn penalties(&self) -> Vec<f64> {
        vec![self.options().penalty; self.parameters().len()]
    }

    /// The rows this model uses, scaled and compressed.
    ///
    /// # Errors
    /// [`FitError`] when the data have too little for this model.
    fn sample(&self, data: &Self::Data) -> Result<Sample<Self::Row>, FitError>;

    /// Several starting points, by parameters of the scaled data.
    fn starts(&self, sample: &Sample<Self::Row>) -> Vec<Vec<f64>>;

    /// The weighted log-likelihood of `rows`, and its derivatives by the parameters *added* to
    /// `gradient`. It may be called on any part of a sample.
    fn log_likelihood(&self, theta: &[f64], rows: &[Weighted<Self::Row>], gradient: &mut [f64]) -> f64;

    /// [`LikelihoodModel::log_likelihood`], with the second derivatives by parameters i and j ≥ i
    /// *added* to `hessian[i n + j]`; `None`, with nothing added, for a model that has no formulas
    /// for them. Those are then taken from differences of the gradient.
    fn second_order(
        &self,
        _theta: &[f64],
        _rows: &[Weighted<Self::Row>],
        _gradient: &mut [f64],
        _hessian: &mut [f64],
    ) -> Option<f64> {
        None
    }

    /// Parameters in the data's own unit.
    ///
    /// # Errors
    /// [`InputError`] when a parameter is outside its range.
    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<Self::Params, InputError>;
}

/// A name with a static lifetime, for parameters that are named after columns of the data. The same
/// name is stored once.
pub(crate) fn interned(name: String) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(known) = names.get(name.as_str()).copied() {
        return known;
    }
    let kept: &'static str = Box::leak(name.into_boxed_str());
    names.insert(kept);
    kept
}

/// `r = 0.2426, alpha = 4.414`: parameters as text.
pub(crate) fn describe(parameters: &[Parameter], theta: &[f64]) -> String {
    parameters
        .iter()
        .zip(theta)
        .map(|(parameter, value)| format!("{} = {value:.6}", parameter.name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `r = 0.2426, alpha = 4.4135 weeks`: parameters as text, with their units.
pub(crate) fn sentence(parameters: &[Parameter], theta: &[f64], unit: TimeUnit) -> String {
    let one = |(parameter, value): (&Parameter, &f64)| {
        let unit = match parameter.scale_power {
            1 => format!(" {unit}s"),
            -1 => format!(" a {unit}"),
            _ => String::new(),
        };
        format!("{} = {value:.4}{unit}", parameter.name)
    };
    parameters.iter().zip(theta).map(one).collect::<Vec<_>>().join(", ")
}

/// Refuses data without repeat purchases, or with no more usable customers than parameters.
pub(crate) fn enough_customers(
    model: &'static str,
    parameters: usize,
    repeat: usize,
    customers: usize,
    usable: (usize, &'static str),
) -> Result<(), FitError> {
    if repeat == 0 {
        return Err(FitError::NoRepeatCustomers { model, customers });
    }
    let (usable, what) = usable;
    if usable <= parameters {
        return Err(FitError::TooFewCustomers { model, parameters, usable, what });
    }
    Ok(())
}

/// Refuses a parameter that is not positive and finite.
pub(crate) fn all_positive(
    model: &'static str,
    parameters: &[(&'static str, f64)],
) -> Result<(), InputError> {
    let bad = |&&(_, value): &&(&str, f64)| !(value > 0.0 && value.is_finite());
    match parameters.iter().find(bad) {
        None => Ok(()),
        Some(&(name, value)) => {
            Err(InputError::BadParameter { model, name, value, bound: "a positive, finite number" })
        }
    }
}
