//! Fits as small versioned JSON, without any customer's data.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::base::words::{cut, shown};
use crate::fit::fitted::{Convergence, Fitted, HessianStatus};
use crate::fit::model::{LikelihoodModel, Parameter};
use crate::numeric::linalg::Eigen;

/// The format of the text.
const FORMAT: &str = "cltv fit";
/// The version of the text that this version of the crate writes and reads.
pub const SAVED_VERSION: u64 = 1;

/// Shapes beyond this, or below its inverse, are none of a fit: it is above e^12, where the barrier
/// begins, by a factor of 6,000.
const LARGEST_SHAPE: f64 = 1e9;
/// As [`LARGEST_SHAPE`], for scales and rates: times a longest age, or a mean spend, of a billion.
const LARGEST_SCALE: f64 = 1e18;

/// Everything after the format, the version and the model's name.
#[derive(Serialize, Deserialize)]
struct Saved {
    unit: String,
    options: Value,
    parameters: Vec<SavedParameter>,
    n_obs: usize,
    distinct_rows: usize,
    log_likelihood: f64,
    log_covariance: Option<Vec<Vec<f64>>>,
    convergence: SavedConvergence,
}

#[derive(Serialize, Deserialize)]
struct SavedParameter {
    name: String,
    value: f64,
}

#[derive(Serialize, Deserialize)]
struct SavedConvergence {
    iterations: u64,
    starts: usize,
    gradient_norm: f64,
    least_certain: f64,
    /// `"positive definite"`, `"flat"` or `"indefinite"`.
    hessian: String,
    flat_along: Vec<String>,
}

/// Characters of what is wrong with a text, which may repeat parts of it.
const PROBLEM: usize = 300;

fn unreadable(problem: impl ToString) -> InputError {
    InputError::BadSavedFit { problem: cut(&problem.to_string(), PROBLEM) }
}

/// The checked text as a value.
fn read(json: &str) -> Result<Value, InputError> {
    let value: Value = serde_json::from_str(json).map_err(unreadable)?;
    if value["format"] != FORMAT {
        let found = shown(&value["format"].to_string());
        return Err(unreadable(format!("its format is {found}, not {FORMAT:?}")));
    }
    if value["version"] != SAVED_VERSION {
        let found = shown(&value["version"].to_string());
        return Err(InputError::OtherVersion { found, known: SAVED_VERSION });
    }
    Ok(value)
}

/// The model of a saved fit.
pub(crate) fn saved_model(json: &str) -> Result<String, InputError> {
    let value = read(json)?;
    value["model"].as_str().map(str::to_owned).ok_or_else(|| unreadable("it names no model"))
}

impl<M: LikelihoodModel> Fitted<M> {
    /// The fitted model as JSON: estimates, covariance, options and how the fit went, in about a
    /// kilobyte, with nothing of any customer.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbd, BgNbdParams, Fitted, MbgNbd, TimeUnit};
    /// use cltv_models::{simulate_histories, summary_of};
    /// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
    /// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 800], 7), None)?;
    /// let text = BgNbd::default().fit(&rfm)?.to_json();
    /// let fit = Fitted::<BgNbd>::from_json(&text)?;
    /// assert_eq!(fit.n_obs(), 800);
    /// let error = Fitted::<MbgNbd>::from_json(&text).unwrap_err();
    /// assert!(error.to_string().contains("is a fit of BG/NBD"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let parameters = self.parameters.iter().zip(&self.theta);
        let parameters: Vec<Value> =
            parameters.map(|(parameter, value)| json!({ "name": parameter.name, "value": value })).collect();
        let (hessian, along) = match &self.convergence.hessian {
            HessianStatus::PositiveDefinite => ("positive definite", Vec::new()),
            HessianStatus::Flat { along } => ("flat", along.clone()),
            HessianStatus::Indefinite => ("indefinite", Vec::new()),
        };
        let value = json!({
            "format": FORMAT,
            "version": SAVED_VERSION,
            "model": M::NAME,
            "unit": self.unit.name(),
            "options": self.model,
            "parameters": parameters,
            "n_obs": self.n_obs,
            "distinct_rows": self.distinct_rows,
            "log_likelihood": self.log_likelihood,
            "log_covariance": self.log_covariance,
            "convergence": {
                "iterations": self.convergence.iterations,
                "starts": self.convergence.starts,
                "gradient_norm": self.convergence.gradient_norm,
                "least_certain": self.convergence.least_certain,
                "hessian": hessian,
                "flat_along": along,
            },
        });
        format!("{value:#}")
    }

    /// A fitted model from [`Fitted::to_json`]'s text, to score customers with.
    ///
    /// # Errors
    /// [`InputError::BadSavedFit`] for a text that is not such a fit, [`InputError::OtherVersion`]
    /// and [`InputError::OtherModel`] for one of another version or model,
    /// [`InputError::UnknownTimeUnit`], and [`InputError::BadParameter`] for a parameter outside
    /// its range. A summary in another unit is refused when it is scored.
    pub fn from_json(json: &str) -> Result<Self, InputError> {
        let found = saved_model(json)?;
        if found != M::NAME {
            return Err(InputError::OtherModel { found: shown(&found), expected: M::NAME });
        }
        let saved: Saved = serde_json::from_value(read(json)?).map_err(unreadable)?;
        let model: M = serde_json::from_value(saved.options).map_err(unreadable)?;
        let (unit, parameters) = (saved.unit.parse::<TimeUnit>()?, model.parameters());
        let theta = values(&parameters, &saved.parameters)?;
        if !saved.log_covariance.as_ref().is_none_or(|rows| is_covariance(rows, theta.len())) {
            return Err(unreadable("its covariance is not that of its parameters"));
        }
        Ok(Self {
            params: model.params(&theta, unit)?,
            convergence: saved.convergence.checked(&parameters)?,
            model,
            parameters,
            theta,
            unit,
            n_obs: saved.n_obs,
            distinct_rows: saved.distinct_rows,
            log_likelihood: saved.log_likelihood,
            log_covariance: saved.log_covariance,
        })
    }
}

/// Whether rows are a covariance of as many values: square, symmetric, and of no direction with a
/// negative variance, to rounding.
fn is_covariance(rows: &[Vec<f64>], values: usize) -> bool {
    let square = rows.len() == values && rows.iter().all(|row| row.len() == values);
    let finite = rows.iter().flatten().all(|value| value.is_finite());
    if !(square && finite) {
        return false;
    }
    let eigen = Eigen::of(rows);
    let rounding = 1e-9 * eigen.largest();
    let symmetric = (0..values).all(|i| (0..i).all(|j| (rows[i][j] - rows[j][i]).abs() <= rounding));
    symmetric && eigen.largest() > 0.0 && eigen.smallest() >= -rounding
}

/// The values of a model's parameters, which must be all there in the model's order.
fn values(parameters: &[Parameter], saved: &[SavedParameter]) -> Result<Vec<f64>, InputError> {
    let names = |names: Vec<&str>| names.join(", ");
    let expected: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
    let found: Vec<&str> = saved.iter().map(|parameter| parameter.name.as_str()).collect();
    if expected != found {
        let problem = format!("its parameters are {}, not {}", names(found), names(expected));
        return Err(unreadable(problem));
    }
    let theta: Vec<f64> = saved.iter().map(|parameter| parameter.value).collect();
    match parameters.iter().zip(&theta).find(|(parameter, value)| !within_reach(parameter, **value)) {
        Some((parameter, value)) => {
            Err(unreadable(format!("its parameter {} = {value} is none that a fit can give", parameter.name)))
        }
        None => Ok(theta),
    }
}

/// Whether a fit can give a value. Logarithms of shapes beyond ± 12 meet a barrier; those of scales and
/// rates do so in units of the longest age or of the mean spend. What is not positive is left to the
/// model, which names its bound.
fn within_reach(parameter: &Parameter, value: f64) -> bool {
    let largest = match parameter {
        _ if value <= 0.0 || parameter.signed => return true,
        Parameter { scale_power: 0, .. } => LARGEST_SHAPE,
        _ => LARGEST_SCALE,
    };
    (largest.recip()..=largest).contains(&value)
}

impl SavedConvergence {
    fn checked(self, parameters: &[Parameter]) -> Result<Convergence, InputError> {
        let named = |name: &String| {
            let known = parameters.iter().find(|parameter| parameter.name == *name);
            known.map(|parameter| parameter.name)
        };
        let hessian = match self.hessian.as_str() {
            "positive definite" => HessianStatus::PositiveDefinite,
            "flat" => HessianStatus::Flat { along: self.flat_along.iter().filter_map(named).collect() },
            "indefinite" => HessianStatus::Indefinite,
            other => {
                return Err(unreadable(format!("its Hessian is {other:?}, which is not a known status")));
            }
        };
        Ok(Convergence {
            iterations: self.iterations,
            starts: self.starts,
            gradient_norm: self.gradient_norm,
            least_certain: self.least_certain,
            hessian,
        })
    }
}
