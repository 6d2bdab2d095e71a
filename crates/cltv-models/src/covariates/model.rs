//! The models that take covariates, their data, and what they are tested against.

use std::fmt;

use serde::{Deserialize, Serialize};
use statrs::function::gamma::gamma_ur;

use super::likelihood::{BASE, Block, CovariateRow, compressed, sum};
use super::params::CovariateParams;
use super::table::{Covariates, Encoding};
use crate::error::{FitError, InputError};
use crate::fitted::Fitted;
use crate::histories::HistoryModel;
use crate::model::{FitData, FitOptions, LikelihoodModel, Parameter, Sample, Weighted, interned};
use crate::models::bg_nbd::BgNbd;
use crate::models::mbg_nbd::MbgNbd;
use crate::models::pareto_nbd::ParetoNbd;
use crate::rfm::{RfmSummary, TimeUnit};

/// One parameter that characteristics multiply by e^(± γ′z).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// What coefficients are called: `purchase` makes `purchase:channel=web`.
    pub name: &'static str,
    /// Whether it is of dropout, not of purchases.
    pub dropout: bool,
    /// The place of the parameter.
    pub on: usize,
    /// 1 or −1.
    pub sign: f64,
}

impl Effect {
    const fn new(name: &'static str, dropout: bool, on: usize, sign: f64) -> Self {
        Self { name, dropout, on, sign }
    }
}

/// A model of purchases whose parameters may depend on customers' characteristics.
pub trait CovariateModel: HistoryModel + PartialEq {
    /// The model's name when they do.
    const WITH_COVARIATES: &'static str;
    /// The parameters that characteristics multiply.
    const EFFECTS: &'static [Effect];
}

/// α falls with the characteristics, so that the rates rise.
const PURCHASE: Effect = Effect::new("purchase", false, 1, -1.0);
/// Both shapes of the dropout probability, each with coefficients of its own.
const BETA_DROPOUT: &[Effect] =
    &[PURCHASE, Effect::new("dropout_a", true, 2, 1.0), Effect::new("dropout_b", true, 3, 1.0)];

impl CovariateModel for BgNbd {
    const WITH_COVARIATES: &'static str = "BG/NBD with covariates";
    const EFFECTS: &'static [Effect] = BETA_DROPOUT;
}

impl CovariateModel for MbgNbd {
    const WITH_COVARIATES: &'static str = "MBG/NBD with covariates";
    const EFFECTS: &'static [Effect] = BETA_DROPOUT;
}

impl CovariateModel for ParetoNbd {
    const WITH_COVARIATES: &'static str = "Pareto/NBD with covariates";
    const EFFECTS: &'static [Effect] = &[PURCHASE, Effect::new("dropout", true, 3, -1.0)];
}

/// A summary with the characteristics of its customers, in the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateSummary {
    rfm: RfmSummary,
    covariates: Covariates,
}

impl CovariateSummary {
    /// Puts both together.
    ///
    /// # Errors
    /// [`InputError::LengthMismatch`] without one value of every characteristic a customer.
    pub fn try_new(rfm: RfmSummary, covariates: Covariates) -> Result<Self, InputError> {
        let (found, expected) = (covariates.rows().unwrap_or(rfm.len()), rfm.len());
        if found != expected {
            return Err(InputError::LengthMismatch { column: "covariates", found, expected });
        }
        Ok(Self { rfm, covariates })
    }

    /// The histories.
    #[must_use]
    pub fn rfm(&self) -> &RfmSummary {
        &self.rfm
    }

    /// The characteristics.
    #[must_use]
    pub fn covariates(&self) -> &Covariates {
        &self.covariates
    }
}

impl FitData for CovariateSummary {
    fn unit(&self) -> TimeUnit {
        self.rfm.unit()
    }
}

/// A model of purchases with static covariates, before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbd, BgNbdParams, CovariateSummary, Covariates, PurchasePredictions, TimeUnit};
/// use cltv_models::{WithCovariates, likelihood_ratio, simulate_histories, summary_of};
/// let of = |alpha| BgNbdParams::new(0.8, alpha, 0.9, 2.5, TimeUnit::Week);
/// let mut histories = simulate_histories(&of(6.0)?, &[52.0; 600], 7);
/// histories.extend(simulate_histories(&of(3.0)?, &[52.0; 600], 8));
/// let channel: Vec<String> = [vec!["store".to_owned(); 600], vec!["web".to_owned(); 600]].concat();
/// let covariates = Covariates::default().levels("channel", channel)?;
/// let data = CovariateSummary::try_new(summary_of(TimeUnit::Week, &histories, None)?, covariates)?;
///
/// let fit = WithCovariates::new(BgNbd::default()).purchase(&["channel"]).fit(&data)?;
/// println!("{fit}");
/// // Twice the rate: a coefficient of about ln 2.
/// assert_eq!(fit.parameter_names()[4], "purchase:channel=web");
/// assert!((fit.estimates()[4] - 2.0_f64.ln()).abs() < 0.3);
/// let plain = BgNbd::default().fit(data.rfm())?;
/// assert!(likelihood_ratio(&fit, &plain)?.p_value < 0.01);
/// // A customer who has not bought yet, of a known channel.
/// let new = Covariates::default().levels("channel", vec!["web".to_owned()])?;
/// let expected = fit.params().of_customers(&new)?[0].expected_purchases_new(52.0);
/// assert!(expected > plain.expected_purchases_new(52.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WithCovariates<M> {
    pub(super) model: M,
    purchase: Vec<String>,
    dropout: Vec<String>,
    l2: f64,
    /// How the columns of purchases and of dropout become numbers; known from the fit on.
    encodings: Option<(Encoding, Encoding)>,
}

impl<M: CovariateModel> WithCovariates<M> {
    /// A model without characteristics yet.
    #[must_use]
    pub fn new(model: M) -> Self {
        Self { model, purchase: vec![], dropout: vec![], l2: 0.0, encodings: None }
    }

    /// The columns that purchase rates depend on.
    #[must_use]
    pub fn purchase(mut self, columns: &[&str]) -> Self {
        self.purchase = columns.iter().map(ToString::to_string).collect();
        self
    }

    /// The columns that dropout depends on.
    #[must_use]
    pub fn dropout(mut self, columns: &[&str]) -> Self {
        self.dropout = columns.iter().map(ToString::to_string).collect();
        self
    }

    /// Adds λ Σ γ² to the mean negative log-likelihood a customer; 0, the default, is maximum
    /// likelihood. The log-likelihood that a fit reports is the unpenalised one.
    #[must_use]
    pub fn l2(mut self, lambda: f64) -> Self {
        self.l2 = lambda;
        self
    }

    /// Fits the model's parameters and the coefficients.
    ///
    /// # Errors
    /// As the model's own fit; [`InputError::BadCovariate`] for a column that is not there or the same
    /// for everybody, [`InputError::BadOption`] for a negative penalty.
    pub fn fit(&self, data: &CovariateSummary) -> Result<Fitted<Self>, FitError> {
        if !(self.l2 >= 0.0 && self.l2.is_finite()) {
            let bound = "a finite number, 0 or more; 0 (the default) is plain maximum likelihood";
            return Err(InputError::BadOption { name: "l2", value: self.l2, bound }.into());
        }
        let learn = |names| Encoding::learn(names, &data.covariates);
        let encodings = Some((learn(&self.purchase)?, learn(&self.dropout)?));
        crate::fit::fit(&Self { encodings, ..self.clone() }, data)
    }

    /// How the columns were made into numbers, a sentence a column; none before a fit.
    #[must_use]
    pub fn coding(&self) -> Vec<String> {
        let (purchase, dropout) = self.encodings.clone().unwrap_or_default();
        let mut sentences = purchase.sentences();
        for sentence in dropout.sentences() {
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
        sentences
    }

    /// The columns that purchases or dropout depend on, each once.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut columns = self.purchase.clone();
        for column in &self.dropout {
            if !columns.contains(column) {
                columns.push(column.clone());
            }
        }
        columns
    }

    /// Where the coefficients of each effect are; none before a fit.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let Some((purchase, dropout)) = &self.encodings else {
            return vec![];
        };
        let (split, end) = (purchase.width(), purchase.width() + dropout.width());
        let mut first = BASE;
        let block = |effect: &Effect| {
            let columns = if effect.dropout { split..end } else { 0..split };
            let block = Block { first, columns, on: effect.on, sign: effect.sign };
            first += block.columns.len();
            block
        };
        M::EFFECTS.iter().map(block).collect()
    }

    /// The characteristics of customers as numbers: those of purchases, then those of dropout.
    pub(super) fn encoded(
        &self,
        covariates: &Covariates,
        customers: usize,
    ) -> Result<Vec<Vec<f64>>, InputError> {
        let mut rows = vec![vec![]; customers];
        if let Some((purchase, dropout)) = &self.encodings {
            purchase.append(covariates, &mut rows)?;
            dropout.append(covariates, &mut rows)?;
        }
        Ok(rows)
    }
}

impl<M: CovariateModel> LikelihoodModel for WithCovariates<M> {
    type Data = CovariateSummary;
    type Row = CovariateRow;
    type Params = CovariateParams<M>;
    const NAME: &'static str = M::WITH_COVARIATES;
    const PARAMETERS: &'static [Parameter] = <M as HistoryModel>::PARAMETERS;

    fn options(&self) -> FitOptions {
        HistoryModel::options(&self.model)
    }

    fn parameters(&self) -> Vec<Parameter> {
        let mut parameters = Self::PARAMETERS.to_vec();
        let (purchase, dropout) = self.encodings.clone().unwrap_or_default();
        for effect in M::EFFECTS {
            let names = if effect.dropout { dropout.names() } else { purchase.names() };
            let coefficient = |name: String| {
                let name = interned(format!("{}:{name}", effect.name));
                Parameter { name, scale_power: 0, signed: true }
            };
            parameters.extend(names.into_iter().map(coefficient));
        }
        parameters
    }

    fn penalties(&self) -> Vec<f64> {
        let n = self.parameters().len();
        (0..n).map(|k| if k < BASE { self.options().penalty } else { self.l2 }).collect()
    }

    fn sample(&self, data: &CovariateSummary) -> Result<Sample<CovariateRow>, FitError> {
        if self.encodings.is_none() && !(self.purchase.is_empty() && self.dropout.is_empty()) {
            let problem = "how it becomes numbers is learnt by the model's own fit; call that".to_owned();
            let name = self.purchase.iter().chain(&self.dropout).next().cloned().unwrap_or_default();
            return Err(InputError::BadCovariate { name, problem }.into());
        }
        let own = HistoryModel::sample(&self.model, &data.rfm)?;
        let encoded = self.encoded(&data.covariates, data.rfm.len())?;
        Ok(own.with_rows(compressed(&data.rfm, own.scale, encoded)))
    }

    /// Those of the model, without any effect.
    fn starts(&self, sample: &Sample<CovariateRow>) -> Vec<Vec<f64>> {
        let row = |row: &Weighted<CovariateRow>| Weighted { row: row.row.history(), weight: row.weight };
        let histories = sample.with_rows(sample.rows.iter().map(row).collect());
        let mut starts = HistoryModel::starts(&self.model, &histories);
        let all = self.parameters().len();
        starts.iter_mut().for_each(|start| start.resize(all, 0.0));
        starts
    }

    fn log_likelihood(&self, theta: &[f64], rows: &[Weighted<CovariateRow>], gradient: &mut [f64]) -> f64 {
        sum(&self.model, theta, &self.blocks(), rows, gradient, None).unwrap_or(f64::NAN)
    }

    fn second_order(
        &self,
        theta: &[f64],
        rows: &[Weighted<CovariateRow>],
        gradient: &mut [f64],
        hessian: &mut [f64],
    ) -> Option<f64> {
        sum(&self.model, theta, &self.blocks(), rows, gradient, Some(hessian))
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<CovariateParams<M>, InputError> {
        CovariateParams::new(self.clone(), theta, unit)
    }
}

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
