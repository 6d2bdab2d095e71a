//! The likelihood-ratio test of one fit against a smaller one.

use std::fmt;

use serde::Serialize;
use statrs::function::gamma::gamma_ur;

use crate::base::error::InputError;
use crate::fit::fitted::Fitted;
use crate::fit::model::LikelihoodModel;

/// A likelihood-ratio test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LikelihoodRatio {
    /// Twice the difference of the log-likelihoods.
    pub statistic: f64,
    /// Parameters that the larger model has more.
    pub degrees: usize,
    /// The chance of such a statistic if the smaller model were right: that of χ² with as many
    /// degrees of freedom.
    pub p_value: f64,
}

impl fmt::Display for LikelihoodRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Twice the gain in log-likelihood is {:.3} for {} parameters more: p = {:.4}.",
            self.statistic, self.degrees, self.p_value
        )
    }
}

/// Tests a fit against one of a smaller model that it contains, such as the one without covariates,
/// on the same customers.
///
/// # Errors
/// [`InputError::NotNested`] when the models were fitted on other numbers of customers or in other
/// units, one of them with a penalty, when the first one does not have more parameters, or when its
/// likelihood is lower.
///
/// # References
/// Wilks (1938), The Large-Sample Distribution of the Likelihood Ratio for Testing Composite
/// Hypotheses, Annals of Mathematical Statistics 9(1), 60-62.
pub fn likelihood_ratio<A: LikelihoodModel, B: LikelihoodModel>(
    larger: &Fitted<A>,
    smaller: &Fitted<B>,
) -> Result<LikelihoodRatio, InputError> {
    let refuse = |problem: &'static str| {
        Err(InputError::NotNested { larger: larger.name(), smaller: smaller.name(), problem })
    };
    if larger.n_obs() != smaller.n_obs() || larger.unit() != smaller.unit() {
        return refuse("they were fitted on other data; fit both on the same summary");
    }
    let penalised = |penalties: Vec<f64>| penalties.iter().any(|penalty| *penalty > 0.0);
    if penalised(larger.model().penalties()) || penalised(smaller.model().penalties()) {
        return refuse("one has a penalty, with which the test does not hold; fit both without");
    }
    let (more, fewer) = (larger.estimates().len(), smaller.estimates().len());
    let statistic = 2.0 * (larger.log_likelihood() - smaller.log_likelihood());
    if more <= fewer || statistic < -1e-6 * larger.log_likelihood().abs() {
        return refuse("the first does not contain the second; give the model with more parameters first");
    }
    let (degrees, statistic) = (more - fewer, statistic.max(0.0));
    let p_value = if statistic > 0.0 { gamma_ur(0.5 * degrees as f64, 0.5 * statistic) } else { 1.0 };
    Ok(LikelihoodRatio { statistic, degrees, p_value })
}
