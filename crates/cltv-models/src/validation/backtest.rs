//! Rolling origins: the same models on several splits, one after the other in time.

use std::fmt;

use super::comparison::{Comparison, ModelFigures, compare, write_aligned};
use super::split::HoldoutSplit;
use crate::base::error::InputError;
use crate::registry::PurchaseModel;
use crate::uncertainty::draws::DrawPlan;

/// One origin of a backtest: the end of a calibration, with the holdout after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// The origin's name, such as the calibration's last day.
    pub name: String,
    /// The data before and after it.
    pub split: HoldoutSplit,
}

impl Origin {
    /// An origin of this name.
    #[must_use]
    pub fn new(name: impl Into<String>, split: HoldoutSplit) -> Self {
        Self { name: name.into(), split }
    }
}

/// The comparison at one origin.
#[derive(Debug, Clone, PartialEq)]
pub struct OriginComparison {
    /// The origin's name.
    pub origin: String,
    /// The models there.
    pub comparison: Comparison,
}

/// Models compared at several origins.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// One comparison an origin, in the order they were given.
    pub origins: Vec<OriginComparison>,
}

/// Compares models at every origin: fits on what was known then, judged by what came after.
///
/// One holdout is one sample of the market; several show whether a model's advantage lasts, and whether
/// its intervals have the stated coverage.
///
/// # Errors
/// As [`compare`], and [`InputError::BadOption`] without an origin.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbd, BgNbdParams, DrawPlan, Nbd, Origin, TimeUnit, backtest, simulate_split};
/// let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, TimeUnit::Week)?;
/// let origin = |weeks: f64| {
///     let split = simulate_split(&truth, &[weeks; 800], 13.0, 42)?;
///     Ok::<_, cltv_models::InputError>(Origin::new(format!("week {weeks}"), split))
/// };
/// let plan = DrawPlan { count: 40, ..DrawPlan::default() };
/// let models = [BgNbd::default().into(), Nbd::default().into()];
/// let backtest = backtest(&models, &[origin(26.0)?, origin(39.0)?], &plan)?;
/// assert_eq!(backtest.origins.len(), 2);
/// println!("{backtest}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn backtest(
    models: &[PurchaseModel],
    origins: &[Origin],
    plan: &DrawPlan,
) -> Result<Backtest, InputError> {
    if origins.is_empty() {
        let bound = "1 or more: give a calibration and its holdout for each";
        return Err(InputError::BadOption { name: "origins", value: 0.0, bound });
    }
    let at = |origin: &Origin| {
        let comparison = compare(models, &origin.split, plan)?;
        Ok(OriginComparison { origin: origin.name.clone(), comparison })
    };
    Ok(Backtest { origins: origins.iter().map(at).collect::<Result<_, InputError>>()? })
}

impl Backtest {
    /// The figures of the model in one place of the list, at each origin where it has a fit.
    fn of_model(&self, place: usize) -> Vec<&ModelFigures> {
        self.origins.iter().filter_map(|origin| origin.comparison.rows[place].result.as_ref().ok()).collect()
    }

    /// The errors of each model over the origins, a sentence a model.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let models = self.origins.first().map_or(&[][..], |first| &first.comparison.rows);
        let sentence = |(place, row): (usize, &super::ModelRow)| {
            let figures = self.of_model(place);
            let (n, all) = (figures.len(), self.origins.len());
            if n == 0 {
                return format!("{} has no fit at any of the {all} origins.", row.model);
            }
            let mean = |figure: &dyn Fn(&ModelFigures) -> f64| {
                figures.iter().map(|figures| figure(figures)).sum::<f64>() / n as f64
            };
            let covered = figures.iter().filter(|figures| figures.total.covers()).count();
            let trusted = figures.iter().filter(|figures| figures.trusted()).count();
            format!(
                "{}: fitted at {n} of {all} origins and to be trusted at {trusted}, mean RMSE {:.4}, mean bias {:+.4} purchases a customer; its interval of the total held at {covered}, and in {:.0}% of the tenths.",
                row.model,
                mean(&|figures| figures.accuracy.rmse),
                mean(&|figures| figures.accuracy.bias),
                100.0 * mean(&ModelFigures::coverage)
            )
        };
        models.iter().enumerate().map(sentence).collect()
    }
}

impl fmt::Display for Backtest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["origin", "model", "actual", "expected", "low", "high", "RMSE", "bias", "decile err"];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        for OriginComparison { origin, comparison } in &self.origins {
            for row in &comparison.rows {
                let mut cells = vec![origin.clone(), row.model.to_owned()];
                match &row.result {
                    Ok(figures) => cells.extend(figures_of(figures)),
                    Err(_) => cells.resize(heads.len(), "no fit".to_owned()),
                }
                rows.push(cells);
            }
        }
        write_aligned(f, &rows)?;
        self.sentences().iter().try_for_each(|sentence| writeln!(f, "{sentence}"))
    }
}

fn figures_of(figures: &ModelFigures) -> [String; 7] {
    let total = &figures.total;
    [
        total.actual.to_string(),
        format!("{:.1}", total.expected),
        format!("{:.0}", total.low),
        format!("{:.0}", total.high),
        format!("{:.4}", figures.accuracy.rmse),
        format!("{:+.4}", figures.accuracy.bias),
        figures.calibration_error().map_or("-".to_owned(), |share| format!("{:.1}%", 100.0 * share)),
    ]
}
