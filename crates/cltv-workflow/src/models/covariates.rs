//! Covariates of customers from a frame: effects on purchases and dropout.
//!
//! `first_purchases` iterates over customers.

use crate::choice::Choice;
use crate::data::Data;
use crate::error::Error;
use crate::frames;
use crate::progress::working;
use cltv_models::{
    BgNbd, CoefTable, CovariateModel, CovariateSummary, Covariates, FitError, Fitted, Grain, HistoryModel,
    InputError, LikelihoodModel, LikelihoodRatio, MbgNbd, ParetoNbd, PurchaseFit, PurchaseModel,
    PurchasePredictions, RfmSummary, WithCovariates, likelihood_ratio,
};
use cltv_purchases::date;
use polars::prelude::{AnyValue, Column, DataFrame, DataType};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The text where no column differs among customers.
pub const NO_EFFECTS: &str =
    "Skipped: the covariates are the same for all customers, so they have no effect to estimate.";

/// Columns of a frame as covariates, in the frame's order of rows.
///
/// Columns of numbers stay numbers and are standardised in a fit; texts, categories, dates and flags
/// become levels, of which the first in alphabetical order is what the others are compared with.
///
/// # Errors
/// [`Error::Covariate`] for a column that is not there, has a missing value or a number that is not
/// finite.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// let frame = polars::df!("channel" => ["web", "store"], "age" => [31, 54])?;
/// assert_eq!(covariates(&frame, &["channel", "age"])?.names(), ["channel", "age"]);
/// assert!(covariates(&frame, &["income"]).unwrap_err().to_string().contains("channel, age"));
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn covariates(frame: &DataFrame, columns: &[&str]) -> Result<Covariates, Error> {
    read(frame, columns, |row| (format!("row {}", row + 1), "leave the customer out"))
}

/// [`covariates`] with what a row is called in errors, and what to do about it but fill it.
fn read(
    frame: &DataFrame,
    columns: &[&str],
    named: impl Fn(usize) -> (String, &'static str),
) -> Result<Covariates, Error> {
    let mut out = Covariates::default();
    for &name in columns {
        let column = find(frame, name)?;
        let missing = |row: usize| {
            let (row, remedy) = named(row);
            bad(name, format!("{row} has no value, or no finite one; fill it, or {remedy}"))
        };
        out = if is_number(column) {
            out.numbers(name, numbers(column, missing)?)?
        } else {
            out.levels(name, levels(column, missing)?)?
        };
    }
    Ok(out)
}

fn find<'a>(frame: &'a DataFrame, name: &str) -> Result<&'a Column, Error> {
    frame.column(name).map_err(|_| {
        let known: Vec<String> = frame.columns().iter().map(|column| column.name().to_string()).collect();
        bad(name, format!("there is no such column; the columns are {}", known.join(", ")))
    })
}

fn bad(column: &str, problem: String) -> Error {
    Error::Covariate { column: column.to_owned(), problem }
}

fn is_number(column: &Column) -> bool {
    column.dtype().is_primitive_numeric()
}

fn numbers(column: &Column, missing: impl Fn(usize) -> Error) -> Result<Vec<f64>, Error> {
    let cast = column.cast(&DataType::Float64)?;
    let values = cast.f64()?.iter().enumerate();
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    values.map(|(row, value)| finite(value).ok_or_else(|| missing(row))).collect()
}

fn levels(column: &Column, missing: impl Fn(usize) -> Error) -> Result<Vec<String>, Error> {
    let level = |row: usize| match column.get(row)? {
        AnyValue::Null => Err(missing(row)),
        AnyValue::String(text) => Ok(text.to_owned()),
        other => Ok(other.to_string().trim_matches('"').to_owned()),
    };
    (0..column.len()).map(level).collect()
}

/// A summary with covariates from a frame that names its customers in `id_column`, in any order.
///
/// # Errors
/// [`Error::Covariate`] when a customer of the summary is not in the frame, is there twice, or has no
/// value; the rest as [`covariates`]. Customers that only the frame has are left out.
pub fn with_covariates(
    history: &RfmSummary,
    frame: &DataFrame,
    id_column: &str,
    columns: &[&str],
) -> Result<CovariateSummary, Error> {
    known_of(history, &of_customers(history, frame, id_column)?, columns)
}

/// A summary with columns of a frame whose rows are its customers, in their order.
fn known_of(summary: &RfmSummary, own: &DataFrame, columns: &[&str]) -> Result<CovariateSummary, Error> {
    let (ids, remedy) = (summary.customer_ids(), "leave the customer out of both, purchases and frame");
    let known = read(own, columns, |row| (format!("customer {:?}", ids.get(row)), remedy))?;
    Ok(CovariateSummary::try_new(summary.clone(), known)?)
}

/// The rows of the summary's customers, in their order.
fn of_customers(summary: &RfmSummary, frame: &DataFrame, id_column: &str) -> Result<DataFrame, Error> {
    let ids = levels(find(frame, id_column)?, |at| {
        bad(id_column, format!("row {} names no customer; fill it, or leave the row out", at + 1))
    })?;
    let mut rows: BTreeMap<&str, u32> = BTreeMap::new();
    for (row, id) in (0_u32..).zip(&ids) {
        if rows.insert(id, row).is_some() {
            return Err(bad(id_column, format!("customer {id:?} has two rows; give each customer one")));
        }
    }
    let row = |id: &str| {
        let found = rows.get(id).copied();
        found.ok_or_else(|| bad(id_column, format!("customer {id:?} of the purchases is not in the frame")))
    };
    let order: Vec<u32> = summary.customer_ids().iter().map(|id| row(&id)).collect::<Result<_, Error>>()?;
    Ok(frame.take(&polars::prelude::IdxCa::from_vec("rows".into(), order))?)
}

impl Data {
    /// Covariates of the calibration's customers at their first purchase: `customer_id`, `first_month`
    /// ("1997-01"), and with amounts `first_amount`.
    ///
    /// # Errors
    /// [`Error::Input`] for an unknown grain, [`Error::Frame`] when polars refuses the table.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// assert_eq!(data.first_purchases("day")?.width(), 3);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn first_purchases(&self, grain: impl Choice<Grain>) -> Result<DataFrame, Error> {
        let purchases = self.purchases.purchases(grain.chosen()?, self.periods.calibration_end)?;
        let firsts: Vec<usize> = purchases.by_customer().map(|own| own.start).collect();
        let codes: Vec<u32> = firsts.iter().map(|&at| purchases.customer[at]).collect();
        let month = |&at: &usize| date(purchases.day[at]).map(|day| day.format("%Y-%m").to_string());
        let months: Vec<String> = firsts.iter().filter_map(month).collect();
        let mut columns = vec![
            self.purchases.ids().column("customer_id", &codes),
            frames::texts("first_month", months.iter().map(String::as_str)),
        ];
        if let Some(amounts) = &purchases.amount {
            columns.push(frames::numbers("first_amount", firsts.iter().map(|&at| Some(amounts[at]))));
        }
        frames::frame(columns)
    }
}

/// A purchase model with covariates beside the one without.
#[derive(Debug, Clone)]
pub struct CovariateFit {
    fit: Arc<dyn AnyCovariateFit>,
    /// The model without covariates.
    pub plain: PurchaseFit,
    /// The likelihood-ratio test of the covariates.
    pub test: LikelihoodRatio,
}

/// The fit with covariates of any model that takes them.
trait AnyCovariateFit: fmt::Debug + Send + Sync {
    fn coef_table(&self) -> CoefTable;
    fn coding(&self) -> Vec<String>;
    fn columns(&self) -> Vec<String>;
    fn expected(&self, customers: &Covariates, horizon: f64) -> Result<Vec<f64>, InputError>;
}

impl<M> AnyCovariateFit for Fitted<WithCovariates<M>>
where
    M: CovariateModel + Send + Sync + 'static,
    Fitted<WithCovariates<M>>: Send + Sync,
    <M as HistoryModel>::Params: PurchasePredictions,
{
    fn coef_table(&self) -> CoefTable {
        Fitted::coef_table(self)
    }

    fn coding(&self) -> Vec<String> {
        self.model().coding()
    }

    fn columns(&self) -> Vec<String> {
        self.model().columns()
    }

    fn expected(&self, customers: &Covariates, horizon: f64) -> Result<Vec<f64>, InputError> {
        let customers = self.params().of_customers(customers)?;
        Ok(customers.iter().map(|own| own.expected_purchases_new(horizon)).collect())
    }
}

/// Fits a purchase model with covariates on purchase rates and on dropout, and tests them against the model
/// without.
///
/// A covariate z multiplies the purchase rate by e^(γz); those of dropout act on the parameters of dropout.
///
/// # Errors
/// [`Error::UnknownModel`] for a model without covariates; [`Error::Fit`] when one of the models has no
/// optimum; [`Error::Input`] for a column that is not among the summary's covariates or the same for
/// everybody.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, fit_with_covariates, load, with_covariates};
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let firsts = data.first_purchases("day")?;
/// let known = with_covariates(&split.calibration, &firsts, "customer_id", &["first_amount"])?;
/// let found = fit_with_covariates(&known, "bg_nbd", &["first_amount"], &[])?;
/// assert_eq!(found.test.degrees, 1);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn fit_with_covariates(
    data: &CovariateSummary,
    model: impl Choice<PurchaseModel>,
    purchase: &[&str],
    dropout: &[&str],
) -> Result<CovariateFit, Error> {
    of_model(data, model.chosen()?, purchase, dropout)
}

fn of_model(
    data: &CovariateSummary,
    model: PurchaseModel,
    purchase: &[&str],
    dropout: &[&str],
) -> Result<CovariateFit, Error> {
    working("Fitting the effects of covariates", || match model {
        PurchaseModel::BgNbd(model) => fitted(data, model, BgNbd::fit, purchase, dropout),
        PurchaseModel::MbgNbd(model) => fitted(data, model, MbgNbd::fit, purchase, dropout),
        PurchaseModel::ParetoNbd(model) => fitted(data, model, ParetoNbd::fit, purchase, dropout),
        other => Err(Error::UnknownModel {
            name: other.name().to_owned(),
            known: "bg_nbd, mbg_nbd and pareto_nbd, which take covariates".to_owned(),
        }),
    })
}

fn fitted<M>(
    data: &CovariateSummary,
    model: M,
    fit_plain: fn(&M, &RfmSummary) -> Result<Fitted<M>, FitError>,
    purchase: &[&str],
    dropout: &[&str],
) -> Result<CovariateFit, Error>
where
    M: CovariateModel + LikelihoodModel<Data = RfmSummary> + Send + Sync + 'static,
    Fitted<WithCovariates<M>>: Send + Sync,
    <M as HistoryModel>::Params: PurchasePredictions,
    PurchaseFit: From<Fitted<M>>,
{
    let fit = WithCovariates::new(model.clone()).purchase(purchase).dropout(dropout).fit(data)?;
    let plain = fit_plain(&model, data.rfm())?;
    let test = likelihood_ratio(&fit, &plain)?;
    Ok(CovariateFit { fit: Arc::new(fit), plain: plain.into(), test })
}

/// Effects on the purchase rate of all columns of a frame that differ among the summary's customers:
/// [`with_covariates`] and [`fit_with_covariates`] in one. None where no column does, for then there is no
/// effect to find.
///
/// # Errors
/// As these two.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, load, purchase_effects};
/// let data = load(&Input::new("cdnow"))?;
/// let (split, firsts) = (data.split("week", "day")?, data.first_purchases("day")?);
/// let effects = purchase_effects(&split.calibration, &firsts, "customer_id", "bg_nbd")?;
/// assert_eq!(effects.unwrap().columns(), ["first_month", "first_amount"]);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn purchase_effects(
    history: &RfmSummary,
    frame: &DataFrame,
    id_column: &str,
    model: impl Choice<PurchaseModel>,
) -> Result<Option<CovariateFit>, Error> {
    effects(history, frame, id_column, model.chosen()?)
}

fn effects(
    history: &RfmSummary,
    frame: &DataFrame,
    id_column: &str,
    model: PurchaseModel,
) -> Result<Option<CovariateFit>, Error> {
    let own = of_customers(history, frame, id_column)?;
    let columns = own.columns().iter().filter(|column| differs(column));
    let names: Vec<&str> = columns.map(|column| column.name().as_str()).filter(|n| *n != id_column).collect();
    if names.is_empty() {
        return Ok(None);
    }
    of_model(&known_of(history, &own, &names)?, model, &names, &[]).map(Some)
}

/// Whether the rows have more than one value.
fn differs(column: &Column) -> bool {
    let value = |row: usize| column.get(row).ok();
    (1..column.len()).any(|row| value(row) != value(0))
}

impl CovariateFit {
    /// Estimates, standard errors and 95% intervals of the parameters and coefficients.
    pub fn coef_table(&self) -> CoefTable {
        self.fit.coef_table()
    }

    /// How each column was coded, a sentence a column.
    pub fn coding(&self) -> Vec<String> {
        self.fit.coding()
    }

    /// The columns of the covariates.
    pub fn columns(&self) -> Vec<String> {
        self.fit.columns()
    }

    /// Purchases expected of new customers in the time after their first one, from a frame with
    /// the same columns: the frame with a column `expected_purchases` more.
    ///
    /// # Errors
    /// [`Error::Covariate`] for a missing column or value, [`Error::Input`] for a level that the fit has
    /// not seen.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// let split = data.split("week", "day")?;
    /// let firsts = data.first_purchases("day")?;
    /// if let Some(found) = purchase_effects(&split.calibration, &firsts, "customer_id", "bg_nbd")? {
    ///     assert_eq!(found.expected_of_new(&firsts.head(Some(5)), 6)?.height(), 5);
    /// }
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn expected_of_new(&self, frame: &DataFrame, months: u32) -> Result<DataFrame, Error> {
        let names = self.columns();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let horizon = self.plain.unit().from_months(f64::from(months));
        let expected = self.fit.expected(&covariates(frame, &names)?, horizon)?;
        let mut columns = frame.columns().to_vec();
        columns.push(frames::numbers("expected_purchases", expected.into_iter().map(Some)));
        frames::frame(columns)
    }
}

impl fmt::Display for CovariateFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}", self.coef_table(), self.coding().join(" "), self.test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Input, load};
    use polars::df;

    #[test]
    fn a_frame_in_any_order_gives_every_customer_their_own_row() {
        let data = load(&Input::default()).unwrap();
        let split = data.split("week", "day").unwrap();
        let firsts = data.first_purchases("day").unwrap();
        assert_eq!(firsts.height(), split.calibration.len());
        let backwards = firsts.reverse();
        let straight =
            with_covariates(&split.calibration, &firsts, "customer_id", &["first_month", "first_amount"]);
        let other =
            with_covariates(&split.calibration, &backwards, "customer_id", &["first_month", "first_amount"]);
        assert_eq!(straight.unwrap(), other.unwrap());
        let short = firsts.head(Some(2000));
        let error = with_covariates(&split.calibration, &short, "customer_id", &["first_month"]).unwrap_err();
        assert!(error.to_string().contains("is not in the frame"), "{error}");
        let twice = firsts.vstack(&firsts.head(Some(1))).unwrap();
        let error = with_covariates(&split.calibration, &twice, "customer_id", &["first_month"]).unwrap_err();
        assert!(error.to_string().contains("two rows"), "{error}");
    }

    #[test]
    fn a_missing_value_is_reported_with_its_customer() {
        let data = load(&Input::default()).unwrap();
        let split = data.split("week", "day").unwrap();
        let ids = split.calibration.customer_ids();
        let ages = (0..ids.len()).map(|row| (row != 4).then_some(row as f64));
        let names: Vec<String> = ids.iter().map(String::from).collect();
        let id = frames::texts("id", names.iter().map(String::as_str));
        let columns = vec![id, frames::numbers("age", ages)];
        let backwards = frames::frame(columns).unwrap().reverse();
        let error = with_covariates(&split.calibration, &backwards, "id", &["age"]).unwrap_err().to_string();
        assert!(error.contains(&format!("customer {:?} has no value", ids.get(4))), "{error}");
        assert!(error.contains("out of both"), "{error}");
    }

    #[test]
    fn customers_won_in_the_holdout_and_equal_columns_stop_nothing() {
        // All first purchases up to the calibration's end are of January; others follow.
        let input = Input::default().calibration_end("1997-01-31");
        let data = load(&input).unwrap();
        let split = data.split("week", "day").unwrap();
        assert!(split.excluded_customers > 1000);
        let firsts = data.first_purchases("day").unwrap();
        assert_eq!(firsts.height(), split.calibration.len());
        let found = purchase_effects(&split.calibration, &firsts, "customer_id", "bg_nbd").unwrap().unwrap();
        assert_eq!(found.columns(), ["first_amount"]);
        assert_eq!(found.expected_of_new(&firsts.head(Some(5)), 6).unwrap().height(), 5);
        let months = firsts.select(["customer_id", "first_month"]).unwrap();
        assert!(purchase_effects(&split.calibration, &months, "customer_id", "bg_nbd").unwrap().is_none());
    }

    #[test]
    fn coefficients_are_tested_and_predict_for_new_customers() {
        let data = load(&Input::default()).unwrap();
        let split = data.split("week", "day").unwrap();
        let firsts = data.first_purchases("day").unwrap();
        let summary =
            with_covariates(&split.calibration, &firsts, "customer_id", &["first_month", "first_amount"]);
        let found =
            fit_with_covariates(&summary.unwrap(), "bg_nbd", &["first_month", "first_amount"], &[]).unwrap();
        let names: Vec<&str> = found.coef_table().rows.iter().map(|row| row.name).collect();
        assert_eq!(
            names[4..],
            ["purchase:first_month=1997-02", "purchase:first_month=1997-03", "purchase:first_amount"]
        );
        assert_eq!(found.test.degrees, 3);
        let new = df!("first_month" => ["1997-01", "1997-03"], "first_amount" => [20.0, 200.0]).unwrap();
        let expected = found.expected_of_new(&new, 6).unwrap();
        let expected: Vec<f64> =
            expected.column("expected_purchases").unwrap().f64().unwrap().into_no_null_iter().collect();
        assert!(expected.iter().all(|purchases| *purchases > 0.0) && expected[0] != expected[1]);
        let unseen = df!("first_month" => ["1999-01"], "first_amount" => [20.0]).unwrap();
        assert!(
            found.expected_of_new(&unseen, 6).unwrap_err().to_string().contains("was not seen in the fit")
        );
        let hole = df!("first_month" => [Some("1997-01"), None], "first_amount" => [1.0, 2.0]).unwrap();
        assert!(found.expected_of_new(&hole, 6).unwrap_err().to_string().contains("row 2 has no value"));
    }

    #[test]
    fn a_model_without_covariates_is_refused_by_name() {
        let data = load(&Input::default()).unwrap();
        let (split, firsts) = (data.split("week", "day").unwrap(), data.first_purchases("day").unwrap());
        let error =
            purchase_effects(&split.calibration, &firsts, "customer_id", "nbd").unwrap_err().to_string();
        assert!(error.contains("\"NBD\"") && error.contains("pareto_nbd"), "{error}");
    }
}
