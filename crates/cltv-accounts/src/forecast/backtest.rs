//! Rolling origins: forecasts of past months from the months before them.

use serde::Serialize;

use super::baseline::YEAR;
use super::error::ForecastError;
use super::fit::{DISCOUNTS, Fit, MethodSettings, season_of};
use super::intervals::{IntervalWidths, ScaledErrors};
use super::method::Method;
use super::options::ForecastOptions;
use super::panel::ExpensePanel;
use super::scores::{Coverage, Pairs, Score, table};
use super::season::FEWEST_MONTHS;
use crate::text::{capital, count, money, percent};

/// The results of a backtest.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Backtest {
    /// The options.
    pub options: ForecastOptions,
    /// The method with the lowest root mean squared error before the test.
    pub method: Method,
    /// Weight of a month by its age: 1 counts all months alike.
    pub discount: f64,
    /// First and last month from which the test's forecasts were made, as "2025-06".
    pub test_months: [String; 2],
    /// Scores by method and horizon, over accounts and months; horizon 0 is all together.
    pub scores: Vec<Score>,
    /// The same for the sum of all accounts, whose origins are few.
    pub total_scores: Vec<Score>,
    /// Coverage of the prediction intervals in the test, by horizon.
    pub coverage: Vec<Coverage>,
    /// Accounts left out at the first origin of the test because they have less than a year of history.
    pub short_history: usize,
    #[serde(skip)]
    pub(crate) errors: AllErrors,
}

/// Errors of the chosen method at all origins, which the final intervals are made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllErrors {
    pub(crate) accounts: ScaledErrors,
    /// The accounts' errors without those of the last month.
    pub(crate) before_last: ScaledErrors,
    /// Relative errors of the sum of all accounts, by horizon.
    pub(crate) total: Vec<(usize, f64)>,
}

impl PartialEq for AllErrors {
    /// The errors follow from the other fields.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// One origin with its fit and the accounts that are compared.
struct Origin {
    fit: Fit,
    horizon: usize,
}

impl ExpensePanel {
    /// Chooses a method on early origins and tests it on later ones.
    ///
    /// An origin is a month up to which values are known. The earlier origins, which do not use the
    /// test's months, choose the method and its weight of older months and calibrate the
    /// intervals; the last `test_origins` measure all methods. Only accounts with a year
    /// of history are compared, because the seasonal naive needs it.
    ///
    /// # Errors
    /// [`ForecastError::BadOption`] or [`ForecastError::TooFewMonths`].
    ///
    /// # References
    /// Hyndman, R. J. & Athanasopoulos, G. (2021). Forecasting: Principles and Practice, 3rd ed.,
    /// sections 5.2 (baselines) and 5.10 (rolling origins). Vovk, V., Gammerman, A. & Shafer, G.
    /// (2005). Algorithmic Learning in a Random World (conformal intervals).
    pub fn backtest(&self, options: &ForecastOptions) -> Result<Backtest, ForecastError> {
        options.check(self.months())?;
        let first_test = self.months() - options.test_origins;
        let early: Vec<(usize, usize)> = (FEWEST_MONTHS..first_test)
            .map(|origin| (origin, options.tested_horizon.min(first_test - origin)))
            .collect();
        let late: Vec<(usize, usize)> = (first_test..self.months())
            .map(|origin| (origin, options.tested_horizon.min(self.months() - origin)))
            .collect();
        let settings: Vec<(MethodSettings, f64)> =
            Method::ALL.iter().map(|&method| self.tune(method, &early)).collect();
        let (chosen, _) = settings.iter().min_by(|a, b| a.1.total_cmp(&b.1)).copied().unwrap_or(settings[0]);
        let mut test = Backtest {
            options: *options,
            method: chosen.method,
            discount: chosen.discount,
            test_months: [self.label(first_test - 1), self.label(self.months() - 2)],
            scores: Vec::new(),
            total_scores: Vec::new(),
            coverage: Vec::new(),
            short_history: self.short_history(&late),
            errors: AllErrors::default(),
        };
        let mut errors = AllErrors::default();
        self.add_errors(&self.fits(chosen, &early), self.months(), &mut errors);
        let (mut accounts, mut totals) = (Vec::new(), Vec::new());
        for (settings, _) in settings {
            let origins = self.fits(settings, &late);
            accounts.push((settings.method, self.pairs(&origins)));
            totals.push((settings.method, self.total_pairs(&origins)));
            if settings == chosen {
                let widths = errors.accounts.widths(options.level, options.tested_horizon);
                test.coverage = self.coverage(&origins, &widths, options);
                let mut before = errors.clone();
                self.add_errors(&origins, self.months() - 1, &mut before);
                self.add_errors(&origins, self.months(), &mut errors);
                errors.before_last = before.accounts;
            }
        }
        test.scores = table(&accounts, options.tested_horizon);
        test.total_scores = table(&totals, options.tested_horizon);
        test.errors = errors;
        Ok(test)
    }

    /// The weight of older months that serves a method best at the early origins, and its error.
    fn tune(&self, method: Method, origins: &[(usize, usize)]) -> (MethodSettings, f64) {
        let seasons: Vec<_> = origins.iter().map(|&(origin, _)| season_of(self, origin, method)).collect();
        let discounts: &[f64] = match method {
            Method::Naive | Method::SeasonalNaive => &DISCOUNTS[..1],
            _ => &DISCOUNTS,
        };
        let tried = discounts.iter().map(|&discount| {
            let settings = MethodSettings { method, discount };
            let fits: Vec<Origin> = origins
                .iter()
                .zip(&seasons)
                .map(|(&(origin, horizon), season)| Origin {
                    fit: Fit::new(self, origin, settings, *season),
                    horizon,
                })
                .collect();
            (settings, self.pairs(&fits).rmse(0))
        });
        tried
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or((MethodSettings { method, discount: 1.0 }, f64::INFINITY))
    }

    fn fits(&self, settings: MethodSettings, origins: &[(usize, usize)]) -> Vec<Origin> {
        let fit = |&(origin, horizon): &(usize, usize)| {
            let season = season_of(self, origin, settings.method);
            Origin { fit: Fit::new(self, origin, settings, season), horizon }
        };
        origins.iter().map(fit).collect()
    }

    /// Accounts with a year before the origin.
    fn compared(&self, origin: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.series.len()).filter(move |&i| origin >= YEAR && self.series[i][origin - YEAR].is_some())
    }

    fn short_history(&self, origins: &[(usize, usize)]) -> usize {
        let first = origins.first().map_or(0, |origin| origin.0);
        self.series.len() - self.compared(first).count()
    }

    fn value(&self, account: usize, place: usize) -> f64 {
        self.series[account][place].unwrap_or(0.0)
    }

    fn pairs(&self, origins: &[Origin]) -> Pairs {
        let mut pairs = Pairs::default();
        for Origin { fit, horizon } in origins {
            for account in self.compared(fit.origin()) {
                for (h, forecast) in fit.predict(account, *horizon).into_iter().enumerate() {
                    pairs.0.push((h + 1, forecast, self.value(account, fit.origin() + h)));
                }
            }
        }
        pairs
    }

    fn total_pairs(&self, origins: &[Origin]) -> Pairs {
        let mut pairs = Pairs::default();
        for Origin { fit, horizon } in origins {
            let mut sums = vec![(0.0, 0.0); *horizon];
            for account in self.compared(fit.origin()) {
                for (h, forecast) in fit.predict(account, *horizon).into_iter().enumerate() {
                    sums[h].0 += forecast;
                    sums[h].1 += self.value(account, fit.origin() + h);
                }
            }
            pairs.0.extend(sums.iter().enumerate().map(|(h, sum)| (h + 1, sum.0, sum.1)));
        }
        pairs
    }

    /// Adds the errors of months before `until`.
    fn add_errors(&self, origins: &[Origin], until: usize, errors: &mut AllErrors) {
        for Origin { fit, horizon } in origins {
            let scales = fit.scales();
            for account in
                self.compared(fit.origin()).filter(|&i| scales[i] > 0.0 && !fit.accounts[i].inactive)
            {
                let known = (*horizon).min(until - fit.origin());
                for (h, forecast) in fit.predict(account, known).into_iter().enumerate() {
                    let off = self.value(account, fit.origin() + h) - forecast;
                    errors.accounts.push(h + 1, off / scales[account]);
                }
            }
        }
        let totals = self.total_pairs(origins).0;
        errors
            .total
            .extend(totals.iter().filter(|pair| pair.1 > 0.0).map(|pair| (pair.0, pair.2 / pair.1 - 1.0)));
    }

    fn coverage(
        &self,
        origins: &[Origin],
        widths: &IntervalWidths,
        options: &ForecastOptions,
    ) -> Vec<Coverage> {
        let mut covered = vec![(0, 0); options.tested_horizon + 1];
        for Origin { fit, horizon } in origins {
            let scales = fit.scales();
            for account in
                self.compared(fit.origin()).filter(|&i| scales[i] > 0.0 && !fit.accounts[i].inactive)
            {
                for (h, forecast) in fit.predict(account, *horizon).into_iter().enumerate() {
                    let (low, high) = widths.around(forecast, scales[account], h + 1);
                    let value = self.value(account, fit.origin() + h);
                    for at in [0, h + 1] {
                        covered[at].0 += 1;
                        covered[at].1 += usize::from((low..=high).contains(&value));
                    }
                }
            }
        }
        let coverage = |(horizon, &(n, covered)): (usize, &(usize, usize))| Coverage {
            horizon,
            n,
            level: options.level,
            covered: covered as f64 / n.max(1) as f64,
        };
        covered.iter().enumerate().map(coverage).collect()
    }
}

impl Backtest {
    /// The score of a method at a horizon (0 for all together), if it was measured.
    #[must_use]
    pub fn score(&self, method: Method, horizon: usize) -> Option<Score> {
        self.scores.iter().find(|score| score.method == method && score.horizon == horizon).copied()
    }

    /// The findings, one sentence each; the first names the chosen method and compares it with the seasonal naive.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut out = Vec::new();
        if let (Some(own), Some(base)) = (self.score(self.method, 0), self.score(Method::SeasonalNaive, 0)) {
            let verdict = match own.skill {
                skill if skill > 0.0 => format!("{} below", percent(skill)),
                skill if skill < 0.0 => format!("{} above", percent(-skill)),
                _ => "the same as".to_owned(),
            };
            out.push(format!(
                "{} was chosen before the test; for origins from {} to {} its RMSE over {} forecasts is {} (R2 {:.3}, mean absolute error {}), {verdict} the {} of the seasonal naive.",
                capital(self.method.name()), self.test_months[0], self.test_months[1],
                count(own.n), money(own.rmse), own.r2, money(own.mae), money(base.rmse)
            ));
        }
        let loses = self
            .scores
            .iter()
            .filter(|score| score.method == self.method && score.horizon > 0 && score.skill <= 0.0);
        let horizons: Vec<String> = loses.map(|score| score.horizon.to_string()).collect();
        if !horizons.is_empty() && self.method != Method::SeasonalNaive {
            out.push(format!(
                "Its RMSE is not below that of the seasonal naive at {} months ahead.",
                horizons.join(", ")
            ));
        }
        let total = self.total_scores.iter().find(|score| score.method == self.method && score.horizon == 0);
        if let Some(total) = total {
            out.push(format!(
                "For the sum of all accounts its RMSE is {} {} that of the seasonal naive, on {} forecasts from only {} origins.",
                percent(total.skill.abs()),
                if total.skill >= 0.0 { "below" } else { "above" }, total.n, self.options.test_origins
            ));
        }
        if let Some(all) = self.coverage.first() {
            out.push(format!(
                "The {} prediction intervals covered {} of {} values.",
                percent(all.level),
                percent(all.covered),
                count(all.n)
            ));
        }
        out.push(format!(
            "{} accounts with less than a year of history before the test are left out at its first origin.",
            count(self.short_history)
        ));
        out
    }
}
