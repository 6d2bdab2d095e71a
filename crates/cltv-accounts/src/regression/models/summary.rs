//! The figures of a fit, as in `outputs/regression_summary.json`.

use std::fmt;

use serde::Serialize;

use super::log_target::LogFit;
use super::multiplicative::MultiplicativeFit;
use super::ols::{DroppedColumn, LinearFit};
use super::shrinkage::ShrunkFit;
use crate::regression::data::metrics::Metrics;
use crate::regression::data::model::RegressionModel;
use crate::text::count;

/// A metric on both sides of the split.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrainTest {
    /// On the training rows.
    pub train: f64,
    /// On the test rows.
    pub test: f64,
}

/// The fit in figures; as JSON each metric is `{"train": …, "test": …}`, not-a-number is null.
///
/// # Examples
/// ```
/// use cltv_accounts::regression::{Feature, RegressionData, sklearn_split};
/// let x: Vec<f64> = (0..20).map(f64::from).collect();
/// let y = x.iter().map(|x| 5.0 + 2.0 * x + (3.0 * x).cos()).collect();
/// let data = RegressionData::new("ltv", y, vec![Feature::numeric("tenure", x)])?;
/// let summary = data.fit(&sklearn_split(20, 0.2, 42)?)?.summary();
/// let json = serde_json::to_value(&summary)?;
/// assert_eq!(json["n_train"], 16);
/// assert!(json["r2"]["test"].as_f64() > Some(0.9));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegressionSummary {
    /// The model.
    pub model: RegressionModel,
    /// The target.
    pub target: String,
    /// Training rows.
    pub n_train: usize,
    /// Test rows.
    pub n_test: usize,
    /// Columns with a coefficient, the intercept left out.
    pub features: Vec<String>,
    /// Columns left out because they are combinations of others.
    pub dropped: Vec<String>,
    /// R².
    pub r2: TrainTest,
    /// Adjusted R².
    pub adj_r2: TrainTest,
    /// Root mean squared error, in units of the target.
    pub rmse: TrainTest,
    /// Mean absolute error.
    pub mae: TrainTest,
    /// Median absolute error.
    pub medae: TrainTest,
}

impl RegressionSummary {
    fn new(
        model: RegressionModel,
        target: &str,
        features: Vec<String>,
        train: &Metrics,
        test: &Metrics,
    ) -> Self {
        let both = |pick: fn(&Metrics) -> f64| TrainTest { train: pick(train), test: pick(test) };
        Self {
            model,
            target: target.to_owned(),
            n_train: train.n,
            n_test: test.n,
            features,
            dropped: Vec::new(),
            r2: both(|set| set.r2),
            adj_r2: both(|set| set.adj_r2),
            rmse: both(|set| set.rmse),
            mae: both(|set| set.mae),
            medae: both(|set| set.medae),
        }
    }

    fn without(self, dropped: &[DroppedColumn]) -> Self {
        Self { dropped: dropped.iter().map(|column| column.name.clone()).collect(), ..self }
    }
}

impl LinearFit {
    /// The fit in figures.
    #[must_use]
    pub fn summary(&self) -> RegressionSummary {
        let features = self.coefficients.iter().skip(1).map(|row| row.name.clone()).collect();
        let summary =
            RegressionSummary::new(RegressionModel::Linear, &self.target, features, &self.train, &self.test);
        summary.without(&self.dropped)
    }
}

impl ShrunkFit {
    /// The fit in figures; features are those with a coefficient other than 0.
    #[must_use]
    pub fn summary(&self) -> RegressionSummary {
        let used = self.coefficients.iter().filter(|row| row.estimate != 0.0);
        let features = used.map(|row| row.name.clone()).collect();
        RegressionSummary::new(self.kind.into(), &self.target, features, &self.train, &self.test)
    }
}

impl LogFit {
    /// The fit in figures, the metrics those of the target itself and not of its logarithm.
    #[must_use]
    pub fn summary(&self) -> RegressionSummary {
        let log = self.log_fit.summary();
        let metrics = RegressionSummary::new(
            RegressionModel::LogTarget,
            &self.log_fit.target,
            log.features,
            &self.train,
            &self.test,
        );
        RegressionSummary { dropped: log.dropped, ..metrics }
    }
}

impl MultiplicativeFit {
    /// The fit in figures.
    #[must_use]
    pub fn summary(&self) -> RegressionSummary {
        let features = self.coefficients.iter().skip(1).map(|row| row.name.clone()).collect();
        let summary = RegressionSummary::new(
            RegressionModel::Multiplicative,
            &self.target,
            features,
            &self.train,
            &self.test,
        );
        summary.without(&self.dropped)
    }
}

impl fmt::Display for RegressionSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "The {} model of {} explains {:.1}% of the variation in {} test rows (R2 {:.4}; {:.4} in the {} training rows), \
             with a typical error of {:.2} (median; mean {:.2}, RMSE {:.2}).",
            self.model,
            self.target,
            100.0 * self.r2.test.max(0.0),
            count(self.n_test),
            self.r2.test,
            self.r2.train,
            count(self.n_train),
            self.medae.test,
            self.mae.test,
            self.rmse.test
        )
    }
}
