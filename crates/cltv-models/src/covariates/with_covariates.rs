//! A model of purchases with static covariates: its columns, and where its coefficients are.

use serde::{Deserialize, Serialize};

use super::effects::{CovariateModel, Effect};
use super::likelihood::{BASE, Block};
use super::table::{Covariates, Encoding};
use crate::base::error::InputError;
use crate::fit::model::{Parameter, interned};
use crate::purchases::model::HistoryModel;

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
    pub(super) purchase: Vec<String>,
    pub(super) dropout: Vec<String>,
    pub(super) l2: f64,
    /// How the columns of purchases and of dropout become numbers; known from the fit on.
    pub(super) encodings: Option<(Encoding, Encoding)>,
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

    /// The same model with the coding of these columns.
    ///
    /// # Errors
    /// [`InputError::BadCovariate`] for a column that is not there or the same for everybody,
    /// [`InputError::BadOption`] for a negative penalty.
    pub(super) fn with_encodings(&self, covariates: &Covariates) -> Result<Self, InputError> {
        if !(self.l2 >= 0.0 && self.l2.is_finite()) {
            let bound = "a finite number, 0 or more; 0 (the default) is plain maximum likelihood";
            return Err(InputError::BadOption { name: "l2", value: self.l2, bound });
        }
        let encoding = |names| Encoding::of_columns(names, covariates);
        let encodings = Some((encoding(&self.purchase)?, encoding(&self.dropout)?));
        Ok(Self { encodings, ..self.clone() })
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

    /// The parameters of the model, then the coefficients of each effect.
    pub(super) fn all_parameters(&self) -> Vec<Parameter> {
        let mut parameters = <M as HistoryModel>::PARAMETERS.to_vec();
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
}
