//! Several models on one split, in one table, with what to make of it.

use std::fmt;

use super::accuracy::Accuracy;
use super::split::HoldoutSplit;
use super::totals::{HoldoutSum, sums};
use crate::audit::{
    Audit, AuditLevel, holdout_total, parameters_identified, repeats_within_grain, small_sample,
};
use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::base::words::grouped;
use crate::purchases::predictions::PurchasePredictions;
use crate::registry::{PurchaseFit, PurchaseModel};
use crate::uncertainty::draws::DrawPlan;

/// Root mean squared errors this close to the lowest one are no reason to prefer a model.
const AS_GOOD: f64 = 0.01;

/// One model's fit on the calibration and its figures on the holdout.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFigures {
    /// The fit.
    pub fit: PurchaseFit,
    /// Errors by customer.
    pub accuracy: Accuracy,
    /// All customers together.
    pub total: HoldoutSum,
    /// Tenths of the customers by falling prediction; customers with the same prediction stay
    /// together, so that there may be fewer.
    pub tenths: Vec<HoldoutSum>,
    /// Whether its parameters are identified, and whether chance explains the holdout.
    pub audits: Vec<Audit>,
}

impl ModelFigures {
    /// Judges one fit by the holdout of its calibration, as [`compare`] does.
    ///
    /// # Errors
    /// [`FitError::Input`] for a plan outside its bounds, or for a fit in another time unit than the
    /// split's.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbd, BgNbdParams, DrawPlan, ModelFigures, TimeUnit, simulate_split};
    /// let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, TimeUnit::Week)?;
    /// let split = simulate_split(&truth, &[39.0; 1500], 39.0, 42)?;
    /// let fit = BgNbd::default().fit(split.calibration())?;
    /// let figures = ModelFigures::of(fit.into(), &split, &DrawPlan::default())?;
    /// let miss = figures.total.expected - figures.total.actual as f64;
    /// assert!(miss.abs() < 4.0 * figures.total.standard_deviation);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(fit: PurchaseFit, split: &HoldoutSplit, plan: &DrawPlan) -> Result<Self, FitError> {
        plan.check()?;
        let expected = fit.expected_purchases_all(split.calibration(), split.duration())?;
        let (total, tenths) = sums(&fit, split, &expected, plan)?;
        let holdout = holdout_total(fit.name(), total.expected, total.standard_deviation, total.actual);
        Ok(Self {
            accuracy: Accuracy::of(&expected, split.actual()),
            total,
            tenths,
            audits: vec![parameters_identified(&fit), holdout],
            fit,
        })
    }

    /// Decile calibration: Σ |expected − actual| over the tenths, as a share of all purchases;
    /// `None` when there were none.
    #[must_use]
    pub fn calibration_error(&self) -> Option<f64> {
        let off: f64 = self.tenths.iter().map(|tenth| (tenth.expected - tenth.actual as f64).abs()).sum();
        (self.total.actual > 0).then(|| off / self.total.actual as f64)
    }

    /// Share of the tenths whose interval contains the purchases made; about the plan's level for a model
    /// that knows its uncertainty.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.covered() as f64 / self.tenths.len().max(1) as f64
    }

    fn covered(&self) -> usize {
        self.tenths.iter().filter(|tenth| tenth.covers()).count()
    }

    /// Whether none of its audits is a warning.
    #[must_use]
    pub fn trusted(&self) -> bool {
        self.audits.iter().all(|audit| audit.level < AuditLevel::Warning)
    }
}

/// A model, and its figures or why there are none.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelRow {
    /// The model's name.
    pub model: &'static str,
    /// The fit and its figures, or the error that stopped them.
    pub result: Result<ModelFigures, FitError>,
    /// Seconds the fit took, where a clock was given.
    pub seconds: Option<f64>,
}

/// Several models on one calibration and holdout.
///
/// Its text is the table, a model a row, and the sentences of [`Comparison::sentences`].
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// One row a model, in the order they were given.
    pub rows: Vec<ModelRow>,
    /// Audits of the calibration data, which are the same for all models.
    pub audits: Vec<Audit>,
    /// Customers.
    pub customers: usize,
    /// The holdout's length.
    pub duration: f64,
    /// The unit of that length.
    pub unit: TimeUnit,
    /// Level of the intervals.
    pub level: f64,
}

/// Fits models on a calibration and compares them on its holdout.
///
/// - Log-likelihood (unpenalised), AIC and BIC are those of the calibration, with the densities of
///   all purchase times, so that they can be compared between these models.
/// - MAE, RMSE, bias, correlation and normalised Gini are of single customers' purchases in the
///   holdout.
/// - Intervals are of sums of purchases, over all customers and over tenths of them by falling
///   prediction. They include the uncertainty of the parameters, by `plan.count` draws, and the random variation
///   of each customer's own purchases, whose variance is exact and whose sum is taken as normal:
///   for some hundred customers or more.
///
/// A model that cannot be fitted is a row with its error.
///
/// # Errors
/// [`InputError::BadOption`] for a plan outside its bounds, or for no model at all.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbd, BgNbdParams, DrawPlan, Nbd, TimeUnit, compare, simulate_split};
/// let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, TimeUnit::Week)?;
/// let split = simulate_split(&truth, &[39.0; 1500], 39.0, 42)?;
/// let plan = DrawPlan { count: 50, ..DrawPlan::default() };
/// let comparison = compare(&[Nbd::default().into(), BgNbd::default().into()], &split, &plan)?;
/// assert_eq!(comparison.best(), Some("BG/NBD"));
/// println!("{comparison}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare(
    models: &[PurchaseModel],
    split: &HoldoutSplit,
    plan: &DrawPlan,
) -> Result<Comparison, InputError> {
    compared(models, split, plan, &mut || None)
}

/// [`compare`] with the time that each fit takes: `clock` gives seconds since any moment (this crate
/// reads no clock itself).
///
/// # Errors
/// As [`compare`].
pub fn compare_timed(
    models: &[PurchaseModel],
    split: &HoldoutSplit,
    plan: &DrawPlan,
    mut clock: impl FnMut() -> f64,
) -> Result<Comparison, InputError> {
    compared(models, split, plan, &mut || Some(clock()))
}

fn compared(
    models: &[PurchaseModel],
    split: &HoldoutSplit,
    plan: &DrawPlan,
    clock: &mut dyn FnMut() -> Option<f64>,
) -> Result<Comparison, InputError> {
    plan.check()?;
    if models.is_empty() {
        let bound = "1 or more: give the models that are to be compared";
        return Err(InputError::BadOption { name: "models", value: 0.0, bound });
    }
    let rfm = split.calibration();
    let mut row = |model: &PurchaseModel| {
        let started = clock();
        let fit = model.fit(rfm);
        let seconds = clock().zip(started).map(|(now, before)| now - before);
        let result = fit.and_then(|fit| ModelFigures::of(fit, split, plan));
        ModelRow { model: model.name(), result, seconds }
    };
    Ok(Comparison {
        rows: models.iter().map(&mut row).collect(),
        audits: vec![small_sample(rfm), repeats_within_grain(rfm)],
        customers: rfm.len(),
        duration: split.duration(),
        unit: rfm.unit(),
        level: plan.level,
    })
}

impl Comparison {
    fn figures(&self) -> impl Iterator<Item = &ModelFigures> {
        self.rows.iter().filter_map(|row| row.result.as_ref().ok())
    }

    /// The figures of the model to use.
    ///
    /// Of the fits that can be trusted (of all fits, where none can), those whose root mean squared
    /// error is within 1% of the lowest count as equally good; of these it is the one with the lowest
    /// BIC.
    fn choice(&self) -> Option<&ModelFigures> {
        let anyone = !self.figures().any(ModelFigures::trusted);
        let candidates: Vec<&ModelFigures> = self.figures().filter(|f| anyone || f.trusted()).collect();
        let lowest = candidates.iter().map(|f| f.accuracy.rmse).fold(f64::INFINITY, f64::min);
        let good = candidates.into_iter().filter(|f| f.accuracy.rmse <= (1.0 + AS_GOOD) * lowest);
        good.min_by(|left, right| left.fit.bic().total_cmp(&right.fit.bic()))
    }

    /// The name of the model that [`Comparison::sentences`] begin with: [`Comparison::best`], or the
    /// least wrong one when no fit can be trusted. `None` without a fit.
    #[must_use]
    pub fn chosen(&self) -> Option<&'static str> {
        self.choice().map(|figures| figures.fit.name())
    }

    /// The name of the model to use: of the fits that can be trusted, the one with the lowest BIC
    /// among those whose holdout RMSE is within 1% of the lowest. `None` when no fit can be trusted.
    #[must_use]
    pub fn best(&self) -> Option<&'static str> {
        self.choice().filter(|figures| figures.trusted()).map(|figures| figures.fit.name())
    }

    /// Which model to use and why, and which fits cannot be trusted or do not exist.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences: Vec<String> = self.choice().map(|best| self.advice(best)).into_iter().collect();
        let warning = |audit: &&Audit| audit.level == AuditLevel::Warning;
        for row in &self.rows {
            match &row.result {
                Err(error) => sentences.push(format!("{} has no fit: {error}.", row.model)),
                Ok(figures) => {
                    let reasons: Vec<&str> =
                        figures.audits.iter().filter(warning).map(|audit| audit.message.as_str()).collect();
                    if !reasons.is_empty() {
                        sentences.push(format!("{} cannot be trusted. {}", row.model, reasons.join(" ")));
                    }
                }
            }
        }
        sentences.extend(self.audits.iter().filter(warning).map(|audit| audit.message.clone()));
        sentences
    }

    fn advice(&self, best: &ModelFigures) -> String {
        let (name, total) = (best.fit.name(), &best.total);
        let start = match best.trusted() {
            true => format!("Use {name}: of the fits that can be trusted,"),
            false => format!("No fit can be trusted. The least wrong is {name}: of all fits,"),
        };
        let side = if total.covers() { "inside" } else { "outside" };
        format!(
            "{start} it has the lowest BIC ({:.1}) among those whose RMSE is within {:.0}% of the lowest (its own is {:.4} purchases a customer). In the {:.1} {}s held back it expected {:.1} purchases; {} were made, {side} its {:.0}% interval of {:.0} to {:.0}.",
            best.fit.bic(),
            100.0 * AS_GOOD,
            best.accuracy.rmse,
            self.duration,
            self.unit,
            total.expected,
            grouped(total.actual),
            100.0 * self.level,
            total.low,
            total.high
        )
    }
}

/// The table's columns.
const COLUMNS: [&str; 14] = [
    "model",
    "log-lik",
    "AIC",
    "BIC",
    "MAE",
    "RMSE",
    "bias",
    "corr",
    "Gini",
    "decile err",
    "total",
    "covered",
    "seconds",
    "audits",
];

fn cells(row: &ModelRow) -> Vec<String> {
    let optional =
        |value: Option<f64>, digits: usize| value.map_or("-".to_owned(), |value| format!("{value:.digits$}"));
    let Ok(figures) = &row.result else {
        let mut cells = vec!["-".to_owned(); COLUMNS.len()];
        (cells[0], cells[12]) = (row.model.to_owned(), optional(row.seconds, 3));
        cells[13] = "no fit".to_owned();
        return cells;
    };
    let ModelFigures { fit, accuracy, total, tenths, .. } = figures;
    let worst = figures.audits.iter().map(|audit| audit.level).max().unwrap_or(AuditLevel::Ok);
    vec![
        row.model.to_owned(),
        format!("{:.2}", fit.log_likelihood()),
        format!("{:.1}", fit.aic()),
        format!("{:.1}", fit.bic()),
        format!("{:.4}", accuracy.mae),
        format!("{:.4}", accuracy.rmse),
        format!("{:+.4}", accuracy.bias),
        optional(accuracy.correlation, 3),
        optional(accuracy.gini, 3),
        optional(figures.calibration_error().map(|share| 100.0 * share), 1) + "%",
        format!("{:.0} ({:.0}-{:.0})", total.expected, total.low, total.high),
        format!("{}, {}/{}", if total.covers() { "yes" } else { "no" }, figures.covered(), tenths.len()),
        optional(row.seconds, 3),
        worst.name().to_owned(),
    ]
}

/// Rows of cells with aligned columns: the first to the left, the others to the right.
pub(super) fn write_aligned(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>]) -> fmt::Result {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |k: usize| rows.iter().map(|row| row[k].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        write!(f, "{:<1$}", row[0], widths[0])?;
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            write!(f, "  {cell:>width$}")?;
        }
        writeln!(f)?;
    }
    Ok(())
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
        rows.extend(self.rows.iter().map(cells));
        write_aligned(f, &rows)?;
        let actual = self.figures().next().map(|figures| figures.total.actual);
        if let Some(actual) = actual {
            writeln!(
                f,
                "{} customers made {} purchases in the holdout. total: purchases expected, with the {:.0}% interval of what will be bought (parameters and chance); covered: whether it holds the actual total, and in how many tenths of the customers by falling prediction theirs does; decile err: the tenths' differences as a share of all purchases.",
                grouped(self.customers as u64),
                grouped(actual),
                100.0 * self.level
            )?;
        }
        self.sentences().iter().try_for_each(|sentence| writeln!(f, "{sentence}"))
    }
}
