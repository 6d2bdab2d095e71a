//! The priors of all parameters of a model, and what a sampler moves because of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::prior::{Prior, Support};
use crate::base::error::InputError;
use crate::fit::model::Parameter;

/// Standard deviation of the logarithm of a parameter in the weak prior: 95% lie within a factor
/// of 50 of the data's scale.
const WEAK: f64 = 2.0;

/// The prior of one parameter, or of two shapes of a beta distribution by its mean and its size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PriorStatement {
    /// On a parameter itself, in the data's own unit.
    Parameter {
        /// The parameter's name.
        parameter: String,
        /// Its prior.
        prior: Prior,
    },
    /// On the mean φ = a / (a + b) and the size κ = a + b of Beta(a, b): a = φκ, b = (1 − φ)κ.
    BetaShapes {
        /// The names of a and b.
        shapes: [String; 2],
        /// The mean's name in tables, and its prior.
        mean: (String, Prior),
        /// The size's name in tables, and its prior.
        size: (String, Prior),
    },
}

/// The priors of a model's parameters.
///
/// Each prior is a density of the quantity it names, in the data's own unit. A prior on φ and κ is
/// one on that pair: no Jacobian to a and b belongs to it. The sampler moves logarithms, logits or
/// the quantities themselves, whichever makes their support the whole line; the derivative that
/// turns one density into the other is part of the sampler and changes nothing here.
///
/// A parameter without a prior has a weak one: log-normal with standard deviation 2 of the
/// logarithm around 1, for a parameter in units of time or money around the data's scale (the
/// longest age, the mean spend), for a rate around its inverse; Normal(0, 2) for a signed one. It is
/// proper, and it does not change with the unit.
///
/// # Examples
/// ```
/// use cltv_models::{Prior, Priors};
/// let priors = Priors::default()
///     .of("r", Prior::Weibull { alpha: 2.0, beta: 1.0 })
///     .of("alpha", Prior::Weibull { alpha: 2.0, beta: 10.0 })
///     .of_beta(
///         ["a", "b"],
///         ("phi_dropout", Prior::Uniform { lower: 0.0, upper: 1.0 }),
///         ("kappa_dropout", Prior::Pareto { alpha: 1.0, m: 1.0 }),
///     );
/// assert_eq!(priors, Priors::of_pymc_marketing("BG/NBD").unwrap());
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Priors {
    statements: Vec<PriorStatement>,
}

impl Priors {
    /// Adds the prior of one parameter.
    #[must_use]
    pub fn of(mut self, parameter: &str, prior: Prior) -> Self {
        self.statements.push(PriorStatement::Parameter { parameter: parameter.to_owned(), prior });
        self
    }

    /// Adds priors on the mean φ and the size κ of a beta distribution with these two shapes; both
    /// are given with the name they have in tables.
    #[must_use]
    pub fn of_beta(mut self, shapes: [&str; 2], mean: (&str, Prior), size: (&str, Prior)) -> Self {
        self.statements.push(PriorStatement::BetaShapes {
            shapes: shapes.map(str::to_owned),
            mean: (mean.0.to_owned(), mean.1),
            size: (size.0.to_owned(), size.1),
        });
        self
    }

    /// The default priors of pymc-marketing 1.3 for a model by its name, such as `"BG/NBD"`; `None`
    /// for a model it does not have.
    ///
    /// Weibull(2, 10) on α, β and v is informative, and it is so in the unit of the data: it was
    /// meant for weeks and for amounts of some ten dollars.
    #[must_use]
    pub fn of_pymc_marketing(model: &str) -> Option<Self> {
        let shape = Prior::Weibull { alpha: 2.0, beta: 1.0 };
        let scale = Prior::Weibull { alpha: 2.0, beta: 10.0 };
        let beta = |priors: Self, shapes: [&str; 2], mean: &str, size: &str| {
            let uniform = Prior::Uniform { lower: 0.0, upper: 1.0 };
            priors.of_beta(shapes, (mean, uniform), (size, Prior::Pareto { alpha: 1.0, m: 1.0 }))
        };
        let purchases = Self::default().of("r", shape).of("alpha", scale);
        match model {
            "BG/NBD" | "MBG/NBD" => Some(beta(purchases, ["a", "b"], "phi_dropout", "kappa_dropout")),
            "Pareto/NBD" => Some(purchases.of("s", shape).of("beta", scale)),
            "Gamma-Gamma" => Some(Self::default().of("p", shape).of("q", shape).of("v", scale)),
            "shifted beta-geometric" => Some(beta(Self::default(), ["alpha", "beta"], "phi", "kappa")),
            "BG/BB" => {
                let priors = beta(Self::default(), ["alpha", "beta"], "phi_purchase", "kappa_purchase");
                Some(beta(priors, ["gamma", "delta"], "phi_dropout", "kappa_dropout"))
            }
            _ => None,
        }
    }

    /// The statements, in the order they were made.
    #[must_use]
    pub fn statements(&self) -> Vec<PriorStatement> {
        self.statements.clone()
    }

    /// What the sampler moves for a model with these parameters on data with this scale.
    pub(crate) fn bind(
        &self,
        model: &'static str,
        parameters: &[Parameter],
        scale: f64,
    ) -> Result<Coordinates, InputError> {
        let mut bound = Coordinates { quantities: vec![], links: vec![] };
        let mut taken = vec![false; parameters.len()];
        let mut take = |name: &str| take(model, parameters, &mut taken, name);
        for statement in &self.statements {
            match statement {
                PriorStatement::Parameter { parameter, prior } => {
                    let k = take(parameter)?;
                    bound.add(model, parameter, *prior, parameters[k].signed)?;
                    bound.links.push(Link::Parameter(k));
                }
                PriorStatement::BetaShapes { shapes: [a, b], mean, size } => {
                    let link = Link::BetaShapes(take(a)?, take(b)?);
                    if !matches!(mean.1.support(), Support::Between(lower, upper) if lower >= 0.0 && upper <= 1.0)
                    {
                        let problem = format!(
                            "{} reaches beyond 0 and 1, and a mean of probabilities cannot; use Uniform or Beta",
                            mean.1
                        );
                        return Err(bad_prior(model, &mean.0, problem));
                    }
                    bound.add(model, &mean.0, mean.1, false)?;
                    bound.add(model, &size.0, size.1, false)?;
                    bound.links.push(link);
                }
            }
        }
        for (k, parameter) in parameters.iter().enumerate().filter(|(k, _)| !taken[*k]) {
            bound.add(model, parameter.name, weak(*parameter, scale), parameter.signed)?;
            bound.links.push(Link::Parameter(k));
        }
        Ok(bound)
    }
}

impl fmt::Display for Priors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = |statement: &PriorStatement| match statement {
            PriorStatement::Parameter { parameter, prior } => format!("{parameter} ~ {prior}"),
            PriorStatement::BetaShapes { shapes: [a, b], mean, size } => {
                format!("{} = {a} / ({a} + {b}) ~ {}, {} = {a} + {b} ~ {}", mean.0, mean.1, size.0, size.1)
            }
        };
        f.write_str(&self.statements.iter().map(one).collect::<Vec<_>>().join(", "))
    }
}

/// The position of a parameter that no earlier statement has named.
fn take(
    model: &'static str,
    parameters: &[Parameter],
    taken: &mut [bool],
    name: &str,
) -> Result<usize, InputError> {
    let Some(k) = parameters.iter().position(|parameter| parameter.name == name) else {
        let known: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
        let problem = format!("the model has no such parameter; it has {}", known.join(", "));
        return Err(bad_prior(model, name, problem));
    };
    if std::mem::replace(&mut taken[k], true) {
        return Err(bad_prior(model, name, "it has two priors; keep one".to_owned()));
    }
    Ok(k)
}

fn bad_prior(model: &'static str, name: &str, problem: String) -> InputError {
    InputError::BadPrior { model, name: name.to_owned(), problem }
}

/// The prior of a parameter without a stated one.
fn weak(parameter: Parameter, scale: f64) -> Prior {
    match parameter.signed {
        true => Prior::Normal { mu: 0.0, sigma: WEAK },
        false => Prior::LogNormal { mu: f64::from(parameter.scale_power) * scale.ln(), sigma: WEAK },
    }
}

/// One quantity with a prior, as the sampler moves it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quantity {
    pub(crate) name: String,
    pub(crate) prior: Prior,
    pub(crate) support: Support,
}

/// How the next one or two quantities make parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Link {
    Parameter(usize),
    BetaShapes(usize, usize),
}

/// All quantities with priors, and how they make the parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Coordinates {
    pub(crate) quantities: Vec<Quantity>,
    links: Vec<Link>,
}

impl Coordinates {
    fn add(&mut self, model: &'static str, name: &str, prior: Prior, signed: bool) -> Result<(), InputError> {
        prior.check().map_err(|error| bad_prior(model, name, format!("in {prior}, {error}")))?;
        let support = prior.support();
        let Some(support) = (if signed { Some(support) } else { support.of_positive() }) else {
            let problem = format!(
                "{prior} reaches below 0, but the parameter is positive; use a prior on positive numbers"
            );
            return Err(bad_prior(model, name, problem));
        };
        self.quantities.push(Quantity { name: name.to_owned(), prior, support });
        Ok(())
    }

    /// The links, each with its first quantity.
    fn links(&self) -> impl Iterator<Item = (usize, Link)> {
        self.links.iter().scan(0, |next, link| {
            let first = *next;
            *next += if matches!(link, Link::Parameter(_)) { 1 } else { 2 };
            Some((first, *link))
        })
    }

    /// The parameters made of the quantities' values.
    pub(crate) fn parameters(&self, values: &[f64], theta: &mut [f64]) {
        for (j, link) in self.links() {
            match link {
                Link::Parameter(k) => theta[k] = values[j],
                Link::BetaShapes(a, b) => {
                    theta[a] = values[j] * values[j + 1];
                    theta[b] = (1.0 - values[j]) * values[j + 1];
                }
            }
        }
    }

    /// Derivatives by the quantities from those by the parameters.
    pub(crate) fn pull_back(&self, values: &[f64], by_theta: &[f64], by_value: &mut [f64]) {
        for (j, link) in self.links() {
            match link {
                Link::Parameter(k) => by_value[j] = by_theta[k],
                Link::BetaShapes(a, b) => {
                    by_value[j] = values[j + 1] * (by_theta[a] - by_theta[b]);
                    by_value[j + 1] = values[j] * by_theta[a] + (1.0 - values[j]) * by_theta[b];
                }
            }
        }
    }

    /// The quantities' values at parameters.
    pub(crate) fn values(&self, theta: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; self.quantities.len()];
        for (j, link) in self.links() {
            match link {
                Link::Parameter(k) => values[j] = theta[k],
                Link::BetaShapes(a, b) => {
                    values[j] = theta[a] / (theta[a] + theta[b]);
                    values[j + 1] = theta[a] + theta[b];
                }
            }
        }
        values
    }

    /// The quantities that are not parameters themselves: positions and names.
    pub(crate) fn derived(&self) -> Vec<(usize, String)> {
        let of_pair = |(j, link): (usize, Link)| match link {
            Link::Parameter(_) => vec![],
            Link::BetaShapes(..) => vec![j, j + 1],
        };
        self.links().flat_map(of_pair).map(|j| (j, self.quantities[j].name.clone())).collect()
    }

    /// `r ~ Weibull(alpha = 2, beta = 1)`, for every quantity.
    pub(crate) fn sentence(&self) -> String {
        let one = |quantity: &Quantity| format!("{} ~ {}", quantity.name, quantity.prior);
        self.quantities.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const PARAMETERS: [Parameter; 4] =
        [Parameter::shape("r"), Parameter::scale("alpha"), Parameter::shape("a"), Parameter::shape("b")];

    fn bind(priors: &Priors) -> Result<Coordinates, InputError> {
        priors.bind("BG/NBD", &PARAMETERS, 39.0)
    }

    #[test]
    fn pairs_make_parameters_and_derivatives_follow() {
        let coordinates = bind(&Priors::of_pymc_marketing("BG/NBD").unwrap()).unwrap();
        let values = [0.24, 4.4, 0.25, 3.2];
        let mut theta = [0.0; 4];
        coordinates.parameters(&values, &mut theta);
        assert_relative_eq!(theta[2], 0.8);
        assert_relative_eq!(theta[3], 2.4, max_relative = 1e-14);
        for (value, back) in values.iter().zip(coordinates.values(&theta)) {
            assert_relative_eq!(*value, back, max_relative = 1e-14);
        }
        // f = r + 2 alpha + a^2 + 3 b.
        let by_theta = [1.0, 2.0, 2.0 * theta[2], 3.0];
        let mut by_value = [0.0; 4];
        coordinates.pull_back(&values, &by_theta, &mut by_value);
        let f = |values: &[f64]| {
            let mut theta = [0.0; 4];
            coordinates.parameters(values, &mut theta);
            theta[0] + 2.0 * theta[1] + theta[2] * theta[2] + 3.0 * theta[3]
        };
        for j in 0..4 {
            let (mut up, mut down) = (values, values);
            (up[j], down[j]) = (up[j] + 1e-6, down[j] - 1e-6);
            assert_relative_eq!(by_value[j], (f(&up) - f(&down)) / 2e-6, max_relative = 1e-7);
        }
        assert_eq!(coordinates.derived().len(), 2);
    }

    #[test]
    fn what_has_no_prior_has_a_weak_one_around_the_scale() {
        let coordinates = bind(&Priors::default()).unwrap();
        assert_eq!(coordinates.quantities[1].prior, Prior::LogNormal { mu: 39_f64.ln(), sigma: WEAK });
        assert_eq!(coordinates.quantities[0].prior, Prior::LogNormal { mu: 0.0, sigma: WEAK });
        assert!(coordinates.derived().is_empty());
    }

    #[test]
    fn bad_priors_are_refused_by_name() {
        let flat = Prior::Flat;
        let wide = Prior::Uniform { lower: -1.0, upper: 1.0 };
        for (priors, part) in [
            (Priors::default().of("s", flat), "no such parameter"),
            (Priors::default().of("r", flat).of("r", flat), "two priors"),
            (Priors::default().of("r", wide), "reaches below 0"),
            (Priors::default().of("r", Prior::HalfNormal { sigma: -1.0 }), "sigma = -1"),
            (Priors::default().of_beta(["a", "b"], ("phi", flat), ("kappa", flat)), "beyond 0 and 1"),
        ] {
            let error = bind(&priors).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn priors_are_data() {
        let priors = Priors::of_pymc_marketing("BG/NBD").unwrap();
        let text = serde_json::to_string(&priors).unwrap();
        assert_eq!(serde_json::from_str::<Priors>(&text).unwrap(), priors);
        assert!(priors.to_string().contains("kappa_dropout = a + b ~ Pareto(alpha = 1, m = 1)"));
        assert_eq!(Priors::of_pymc_marketing("GGompertz/NBD"), None);
    }
}
