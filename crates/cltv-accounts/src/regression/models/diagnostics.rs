//! Tests of the assumptions of least squares.

use std::fmt;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::ols::LinearFit;
use crate::numeric::{kurtosis, mean, skewness, sum_of_squared_deviations};
use crate::regression::solve::orthogonal::{Basis, dot};
use crate::regression::solve::probability::{chi2_upper, f_upper, p_text};

/// An assumption counts as violated when its test's p is below this.
pub const SIGNIFICANCE: f64 = 0.01;
/// A variance inflation factor above this makes coefficients uncertain (Marquardt 1970).
pub const VIF_LIMIT: f64 = 10.0;
/// Cook's distance above this lets one row move all coefficients (Cook and Weisberg 1982).
pub const COOK_LIMIT: f64 = 1.0;
/// Leverages from here on leave a row without a residual of its own.
const FULL_LEVERAGE: f64 = 1.0 - 1e-12;

/// One training row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RowDiagnostic {
    /// The row in the data, counted from 0.
    pub row: usize,
    /// ŷ, in units of the target.
    pub fitted: f64,
    /// e = y − ŷ, in units of the target.
    pub residual: f64,
    /// e / (s √(1 − h)): internally studentised; NaN where h is 1.
    pub standardised: f64,
    /// h, the row's weight in its own fitted value, between 1 / n and 1.
    pub leverage: f64,
    /// Cook's distance e² h / ((p + 1) s² (1 − h)²); NaN where h is 1.
    pub cooks_distance: f64,
}

/// One point of a Q-Q plot: on the diagonal where errors are normal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct QqPoint {
    /// Φ⁻¹((k − ½) / n).
    pub theoretical: f64,
    /// The k-th smallest standardised residual.
    pub standardised: f64,
}

/// One assumption and the test of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AssumptionCheck {
    /// The assumption.
    pub assumption: String,
    /// The figure that is compared.
    pub test: String,
    /// Its value.
    pub statistic: f64,
    /// Its p, for tests that have one.
    pub p_value: Option<f64>,
    /// What the p (or, without one, the statistic) is compared with.
    pub threshold: f64,
    /// Whether the assumption is violated.
    pub violated: bool,
    /// What that means, with figure and threshold.
    pub sentence: String,
}

/// Residuals and the checks made of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnostics {
    /// Training rows, in the order of the split.
    pub rows: Vec<RowDiagnostic>,
    /// Points of the Q-Q plot, rising.
    pub qq: Vec<QqPoint>,
    /// Skewness of the residuals; 0 for normal ones.
    pub skewness: f64,
    /// Kurtosis of the residuals; 3 for normal ones.
    pub kurtosis: f64,
    /// The checks.
    pub checks: Vec<AssumptionCheck>,
}

impl Diagnostics {
    /// A sentence for each violated assumption.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.checks.iter().filter(|check| check.violated).map(|check| check.sentence.clone()).collect()
    }

    /// The check of an assumption by its test's name.
    #[must_use]
    pub fn check(&self, test: &str) -> Option<&AssumptionCheck> {
        self.checks.iter().find(|check| check.test == test)
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentences: Vec<&str> = self.checks.iter().map(|check| check.sentence.as_str()).collect();
        f.write_str(&sentences.join("\n"))
    }
}

impl LinearFit {
    /// Residuals, leverage, Q-Q points, and a check of each assumption on the training rows.
    ///
    /// | assumption | test | violated when |
    /// |---|---|---|
    /// | linearity | Ramsey's RESET with ŷ² and ŷ³ (F) | p < 0.01 |
    /// | equal variance | Breusch-Pagan, studentised by Koenker (χ²) | p < 0.01 |
    /// | normality of the errors | Jarque-Bera (χ²) | p < 0.01 |
    /// | absence of collinearity | largest variance inflation factor | above 10 |
    /// | absence of decisive rows | largest Cook's distance | above 1 |
    ///
    /// # References
    /// Ramsey (1969), *JRSS B* 31, 350-371; Breusch and Pagan (1979), *Econometrica* 47, 1287-1294;
    /// Koenker (1981), *Journal of Econometrics* 17, 107-112; Jarque and Bera (1987), *International
    /// Statistical Review* 55, 163-172; Cook and Weisberg (1982), *Residuals and Influence in
    /// Regression*; Marquardt (1970), *Technometrics* 12, 591-612.
    #[must_use]
    pub fn diagnostics(&self) -> Diagnostics {
        let rows = self.row_diagnostics();
        let (skewness, kurtosis) = (skewness(&self.residuals), kurtosis(&self.residuals));
        let checks = [
            self.linearity(),
            self.equal_variance(),
            Some(self.normality(skewness, kurtosis)),
            self.collinearity(),
            self.influence(&rows),
        ];
        Diagnostics {
            qq: qq(&rows),
            rows,
            skewness,
            kurtosis,
            checks: checks.into_iter().flatten().collect(),
        }
    }

    fn row_diagnostics(&self) -> Vec<RowDiagnostic> {
        let parameters = self.coefficients.len() as f64;
        let leverage = self.basis.leverage();
        let row = |k: usize| {
            let (residual, h) = (self.residuals[k], leverage[k]);
            let own = if h < FULL_LEVERAGE { 1.0 - h } else { f64::NAN };
            let standardised = residual / (self.sigma * own.sqrt());
            RowDiagnostic {
                row: self.split.train[k],
                fitted: self.fitted[k],
                residual,
                standardised,
                leverage: h,
                cooks_distance: standardised * standardised * h / (parameters * own),
            }
        };
        (0..self.residuals.len()).map(row).collect()
    }

    /// RESET: do powers of the prediction explain what the columns do not?
    fn linearity(&self) -> Option<AssumptionCheck> {
        let centre = mean(&self.fitted);
        let spread = (sum_of_squared_deviations(&self.fitted) / self.fitted.len() as f64).sqrt();
        // Powers of standardised predictions span the same columns, without their size.
        let z: Vec<f64> = self.fitted.iter().map(|fit| (fit - centre) / spread).collect();
        let powers = [2, 3].map(|power| z.iter().map(|z| z.powi(power)).collect::<Vec<f64>>());
        let wider = Basis::of(self.basis.q.iter().chain(&powers).map(Vec::as_slice));
        let added = (wider.kept.len() - self.basis.kept.len()) as f64;
        let free = self.residuals.len() as f64 - wider.kept.len() as f64;
        if added == 0.0 || free < 1.0 {
            return None;
        }
        let rest = wider.residuals(&self.residuals);
        let (before, after) = (dot(&self.residuals, &self.residuals), dot(&rest, &rest));
        let f = (before - after) / added / (after / free);
        let p = f_upper(f, added, free);
        let share = 100.0 * (1.0 - after / before);
        let finding =
            format!("powers of the prediction explain a further {share:.1}% of the errors' variation");
        Some(by_p(
            "Linearity",
            "RESET",
            f,
            p,
            &finding,
            "compare the log target and the multiplicative model, or transform a feature",
        ))
    }

    /// Breusch-Pagan: do the columns explain the squared errors?
    fn equal_variance(&self) -> Option<AssumptionCheck> {
        let columns = (self.basis.kept.len() - 1) as f64;
        let squared: Vec<f64> = self.residuals.iter().map(|e| e * e).collect();
        let all = sum_of_squared_deviations(&squared);
        if columns == 0.0 || all == 0.0 {
            return None;
        }
        let rest = self.basis.residuals(&squared);
        let explained = 1.0 - dot(&rest, &rest) / all;
        let lm = squared.len() as f64 * explained;
        let p = chi2_upper(lm, columns);
        let share = 100.0 * explained;
        let finding = format!("the columns explain {share:.1}% of the squared errors' variation");
        let advice = "read the robust standard errors, or compare the multiplicative model";
        Some(by_p("Equal variance", "Breusch-Pagan", lm, p, &finding, advice))
    }

    fn normality(&self, skewness: f64, kurtosis: f64) -> AssumptionCheck {
        let n = self.residuals.len() as f64;
        let statistic = n / 6.0 * (skewness.powi(2) + 0.25 * (kurtosis - 3.0).powi(2));
        let p = chi2_upper(statistic, 2.0);
        let finding =
            format!("the errors have skewness {skewness:.2} and kurtosis {kurtosis:.2}, normal ones 0 and 3");
        let advice =
            "intervals of single predictions do not hold, those of coefficients only thanks to many rows";
        by_p("Normality of the errors", "Jarque-Bera", statistic, p, &finding, advice)
    }

    fn collinearity(&self) -> Option<AssumptionCheck> {
        let worst = self.coefficients.iter().skip(1).max_by(|a, b| a.vif.total_cmp(&b.vif))?;
        let finding = format!(
            "the variance of the coefficient of {} is {:.1} times what it were without the other columns",
            worst.name, worst.vif
        );
        let advice = "drop one of the collinear columns, or use ridge";
        Some(by_limit("Absence of collinearity", "largest VIF", worst.vif, VIF_LIMIT, &finding, advice))
    }

    fn influence(&self, rows: &[RowDiagnostic]) -> Option<AssumptionCheck> {
        let measured = rows.iter().filter(|row| row.cooks_distance.is_finite());
        let worst = measured.max_by(|a, b| a.cooks_distance.total_cmp(&b.cooks_distance))?;
        let cook = worst.cooks_distance;
        let noted = rows.iter().filter(|row| row.cooks_distance > 4.0 / rows.len() as f64).count();
        let finding = format!(
            "row {} has the largest Cook's distance, {cook:.3}, and {noted} of {} rows are above 4/n",
            worst.row + 1,
            rows.len()
        );
        let advice = "look whether that row is right, and fit without it";
        let test = "largest Cook's distance";
        Some(by_limit("Absence of decisive rows", test, cook, COOK_LIMIT, &finding, advice))
    }
}

fn by_p(
    assumption: &str,
    test: &str,
    statistic: f64,
    p: f64,
    finding: &str,
    advice: &str,
) -> AssumptionCheck {
    let violated = p < SIGNIFICANCE;
    let side = if violated { "below" } else { "not below" };
    let figures = format!("{test} {statistic:.1}, {}, {side} the threshold of {SIGNIFICANCE}", p_text(p));
    AssumptionCheck {
        assumption: assumption.to_owned(),
        test: test.to_owned(),
        statistic,
        p_value: Some(p),
        threshold: SIGNIFICANCE,
        violated,
        sentence: sentence(assumption, violated, finding, &figures, advice),
    }
}

fn by_limit(
    assumption: &str,
    test: &str,
    statistic: f64,
    limit: f64,
    finding: &str,
    advice: &str,
) -> AssumptionCheck {
    let violated = statistic > limit;
    let figures = format!("{} the limit of {limit}", if violated { "above" } else { "within" });
    AssumptionCheck {
        assumption: assumption.to_owned(),
        test: test.to_owned(),
        statistic,
        p_value: None,
        threshold: limit,
        violated,
        sentence: sentence(assumption, violated, finding, &figures, advice),
    }
}

fn sentence(assumption: &str, violated: bool, finding: &str, figures: &str, advice: &str) -> String {
    if violated {
        format!("{assumption} is violated: {finding} ({figures}); {advice}.")
    } else {
        format!("{assumption} is not contradicted: {finding} ({figures}).")
    }
}

fn qq(rows: &[RowDiagnostic]) -> Vec<QqPoint> {
    let mut sorted: Vec<f64> = rows.iter().map(|row| row.standardised).filter(|z| z.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let normal = Normal::standard();
    let point =
        |(k, standardised)| QqPoint { theoretical: normal.inverse_cdf((k as f64 + 0.5) / n), standardised };
    sorted.into_iter().enumerate().map(point).collect()
}
