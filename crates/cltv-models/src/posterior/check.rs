//! Posterior predictive checks: does the model, with all its uncertainty, make data like these?

use std::fmt;

use serde::Serialize;

use super::Posterior;
use super::diagnostics::{mean, sorted, variance};
use crate::base::error::{FitError, InputError};
use crate::fit::fitted::check_units;
use crate::fit::model::LikelihoodModel;
use crate::numeric::parallel::in_pieces;
use crate::numeric::quantile::quantile;
use crate::numeric::random::seed_of_run;
use crate::purchases::process::PurchaseParameters;
use crate::purchases::simulate::simulate_histories;
use crate::spend::gamma_gamma::{GammaGamma, GammaGammaParams};
use crate::spend::simulate::simulate_spend;
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;
use crate::uncertainty::draws::{DrawPlan, ParameterDraws};

/// Figures of purchase histories that are compared.
const PURCHASES: [&str; 6] = [
    "share without repeat purchases",
    "mean repeat purchases",
    "variance of repeat purchases",
    "99% quantile of repeat purchases",
    "most repeat purchases",
    "mean t_x / T of repeat customers",
];
/// Figures of mean spends that are compared.
const SPEND: [&str; 5] =
    ["mean spend", "standard deviation of spend", "median spend", "99% quantile of spend", "largest spend"];

/// One figure of the data beside its distribution over data sets that the model makes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckedFigure {
    /// What it is.
    pub name: &'static str,
    /// In the data.
    pub observed: f64,
    /// Mean over the simulated data sets.
    pub mean: f64,
    /// Lower end of the interval of the simulated figures, at the plan's level.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Share of simulated data sets with a larger figure, equal ones counted half: near 0 or 1 where
    /// the model does not make such data.
    pub p_value: f64,
}

/// Figures of the data beside those of data sets simulated from posterior draws.
///
/// # References
/// Gelman, Meng & Stern (1996), Posterior Predictive Assessment of Model Fitness via Realized
/// Discrepancies, Statistica Sinica 6, 733-807.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictiveCheck {
    /// The model.
    pub model: &'static str,
    /// Simulated data sets.
    pub replicates: usize,
    /// Level of the intervals.
    pub level: f64,
    /// The figures.
    pub figures: Vec<CheckedFigure>,
}

impl PredictiveCheck {
    fn of(
        model: &'static str,
        names: &[&'static str],
        observed: &[f64],
        simulated: &[Vec<f64>],
        plan: &DrawPlan,
    ) -> Self {
        let figure = |(k, name): (usize, &&'static str)| {
            let values = sorted(simulated.iter().map(|figures| figures[k]));
            let share = |counts: &dyn Fn(&f64) -> bool| {
                values.iter().filter(|value| counts(value)).count() as f64 / values.len() as f64
            };
            CheckedFigure {
                name,
                observed: observed[k],
                mean: mean(&values),
                low: quantile(&values, 0.5 * (1.0 - plan.level)),
                high: quantile(&values, 0.5 * (1.0 + plan.level)),
                p_value: share(&|value| *value > observed[k]) + 0.5 * share(&|value| *value == observed[k]),
            }
        };
        Self {
            model,
            replicates: simulated.len(),
            level: plan.level,
            figures: names.iter().enumerate().map(figure).collect(),
        }
    }

    /// The figures whose p-value lies outside the level: what the model does not reproduce.
    #[must_use]
    pub fn failures(&self) -> Vec<CheckedFigure> {
        let tail = 0.5 * (1.0 - self.level);
        let fails = |figure: &&CheckedFigure| figure.p_value < tail || figure.p_value > 1.0 - tail;
        self.figures.iter().filter(fails).cloned().collect()
    }

    /// The result in sentences: one a failure, or one that there is none.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let one = |figure: CheckedFigure| {
            format!(
                "{} is {:.4} in the data, but {:.0}% of the data sets that {} makes have {:.4} to {:.4} (p = {:.3}): the model does not reproduce it.",
                capitalised(figure.name),
                figure.observed,
                100.0 * self.level,
                self.model,
                figure.low,
                figure.high,
                figure.p_value
            )
        };
        let failures: Vec<String> = self.failures().into_iter().map(one).collect();
        if failures.is_empty() {
            return vec![format!(
                "{} makes data like these in all {} figures.",
                self.model,
                self.figures.len()
            )];
        }
        failures
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl fmt::Display for PredictiveCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or(0);
        writeln!(f, "{} beside {} data sets from its posterior:", self.model, self.replicates)?;
        writeln!(f, "{:<width$} {:>12} {:>12} {:>12} {:>12} {:>7}", "", "data", "mean", "low", "high", "p")?;
        for figure in &self.figures {
            let CheckedFigure { name, observed, mean, low, high, p_value } = figure;
            writeln!(
                f,
                "{name:<width$} {observed:>12.4} {mean:>12.4} {low:>12.4} {high:>12.4} {p_value:>7.3}"
            )?;
        }
        self.sentences().iter().try_for_each(|sentence| writeln!(f, "{sentence}"))
    }
}

impl<M> Posterior<M>
where
    M: LikelihoodModel,
    M::Params: PurchaseParameters + Sync,
{
    /// Simulates customers of the same ages with `plan.count` posterior draws and compares their
    /// repeat purchases with those of the summary.
    ///
    /// # Errors
    /// [`FitError::Input`] for a summary in another unit, or a plan outside its bounds.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbd, BgNbdParams, DrawPlan, Sampling, TimeUnit};
    /// use cltv_models::{simulate_histories, summary_of};
    /// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
    /// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 300], 7), None)?;
    /// let posterior = Sampling::default().draws(100).tune(200).sample(&BgNbd::default(), &rfm)?;
    /// let check = posterior.check_purchases(&rfm, &DrawPlan::default())?;
    /// let never = &check.figures[0];
    /// assert!(never.low < never.observed && never.observed < never.high);
    /// println!("{check}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_purchases(&self, rfm: &RfmSummary, plan: &DrawPlan) -> Result<PredictiveCheck, FitError> {
        plan.check()?;
        check_units(self.unit, rfm.unit())?;
        let params = self.drawn_params(plan.count, plan.seed)?;
        let simulated = in_pieces(params.len(), 1, |one| {
            let k = one.start;
            purchase_figures(&simulate_histories(&params[k], rfm.age(), replicate_seed(plan, k)))
        });
        Ok(PredictiveCheck::of(M::NAME, &PURCHASES, &purchase_figures(&rfm.histories()), &simulated, plan))
    }
}

impl Posterior<GammaGamma> {
    /// Simulates the mean spends of the summary's repeat customers with `plan.count` posterior
    /// draws and compares them with the summary's.
    ///
    /// # Errors
    /// [`FitError::Input`] for a summary without amounts, or a plan outside its bounds.
    pub fn check_spend(&self, rfm: &RfmSummary, plan: &DrawPlan) -> Result<PredictiveCheck, FitError> {
        plan.check()?;
        let monetary = rfm.monetary().ok_or(InputError::NoAmounts)?;
        let customers = rfm.frequency().iter().zip(monetary).filter(|&(&x, &spend)| x > 0 && spend > 0.0);
        let (frequency, observed): (Vec<u64>, Vec<f64>) =
            customers.map(|(&x, &spend)| (u64::from(x), spend)).unzip();
        let params: Vec<GammaGammaParams> = self.drawn_params(plan.count, plan.seed)?;
        let simulated = in_pieces(params.len(), 1, |one| {
            let k = one.start;
            spend_figures(simulate_spend(&params[k], &frequency, replicate_seed(plan, k)))
        });
        Ok(PredictiveCheck::of(GammaGamma::NAME, &SPEND, &spend_figures(observed), &simulated, plan))
    }
}

/// A seed of its own for each data set, another than the one that chose the draws.
fn replicate_seed(plan: &DrawPlan, replicate: usize) -> u64 {
    seed_of_run(plan.seed ^ 0x5265_706c_6963, replicate)
}

fn purchase_figures(histories: &[History]) -> Vec<f64> {
    let counts = sorted(histories.iter().map(|history| history.x as f64));
    let repeat: Vec<f64> =
        histories.iter().filter(|history| history.x > 0).map(|history| history.t_x / history.T).collect();
    let never = histories.len() - repeat.len();
    vec![
        never as f64 / histories.len() as f64,
        mean(&counts),
        variance(&counts),
        quantile(&counts, 0.99),
        quantile(&counts, 1.0),
        mean(&repeat),
    ]
}

fn spend_figures(spend: Vec<f64>) -> Vec<f64> {
    let spend = sorted(spend.into_iter());
    vec![
        mean(&spend),
        variance(&spend).sqrt(),
        quantile(&spend, 0.5),
        quantile(&spend, 0.99),
        quantile(&spend, 1.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_by_hand() {
        let history = |x: u64, t_x: f64| History { x, t_x, T: 10.0 };
        let figures = purchase_figures(&[history(0, 0.0), history(1, 5.0), history(3, 9.0), history(0, 0.0)]);
        for (found, expected) in figures.iter().zip([0.5, 1.0, 2.0, 1.0 + 2.0 * 0.97, 3.0, 0.7]) {
            assert!((found - expected).abs() < 1e-12, "{figures:?}");
        }
        assert_eq!(spend_figures(vec![3.0, 1.0, 2.0])[..3], [2.0, 1.0, 2.0]);
    }

    #[test]
    fn what_the_model_does_not_make_is_said() {
        let plan = DrawPlan::default();
        let simulated: Vec<Vec<f64>> = (0..100).map(|k| vec![f64::from(k), f64::from(k % 2)]).collect();
        let check = PredictiveCheck::of("BG/NBD", &["mean x", "share"], &[99.5, 1.0], &simulated, &plan);
        assert_eq!((check.figures[0].p_value, check.figures[1].p_value), (0.0, 0.25));
        let sentences = check.sentences();
        assert!(
            sentences.len() == 1 && sentences[0].starts_with("Mean x is 99.5000 in the data"),
            "{sentences:?}"
        );
        let fine = PredictiveCheck::of("BG/NBD", &["mean x", "share"], &[50.0, 1.0], &simulated, &plan);
        assert!(fine.failures().is_empty() && fine.to_string().contains("all 2 figures"));
    }
}
