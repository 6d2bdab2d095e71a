//! A method fitted on the months before an origin, for all accounts at once.

use super::baseline::{naive, seasonal_naive};
use super::method::Method;
use super::panel::ExpensePanel;
use super::season::{self, Season};
use crate::numeric::quantile;

/// After this many months without spending an account is inactive, and its forecast is 0.
pub(crate) const INACTIVE_MONTHS: usize = 3;
/// The median absolute deviation of a normal variable, times this, is its standard deviation.
const MAD_TO_DEVIATION: f64 = 1.4826;
/// Weights of a month by its age in months, tried in the backtest: 1 is ordinary least squares.
pub(crate) const DISCOUNTS: [f64; 4] = [1.0, 0.85, 0.7, 0.55];

/// A method with its weight of older months.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MethodSettings {
    pub(crate) method: Method,
    pub(crate) discount: f64,
}

/// One account's line, amplitude of the season, and spread.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AccountFit {
    /// Place of the account's first month.
    start: usize,
    values: Vec<f64>,
    /// Mean of the values: the scale of an additive season.
    scale: f64,
    /// The line at the account's first month, and its slope a month.
    level: f64,
    slope: f64,
    slope_error: f64,
    /// The account's amplitude of the common season; 1 is the average.
    amplitude: f64,
    amplitude_error: f64,
    /// Standard deviation of the residuals.
    pub(crate) spread: f64,
    pub(crate) inactive: bool,
}

/// All accounts fitted at an origin.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    settings: MethodSettings,
    origin: usize,
    season: Season,
    /// The first calendar month of the panel, 0 to 11, in the season's order.
    first: usize,
    pub(crate) accounts: Vec<AccountFit>,
}

/// The common season of a method at an origin; none for methods without one, or too short panels.
pub(crate) fn season_of(panel: &ExpensePanel, origin: usize, method: Method) -> Season {
    let found = match method {
        Method::AdditiveSeason => season::additive(panel, origin),
        Method::MultiplicativeSeason => season::multiplicative(panel, origin),
        _ => None,
    };
    found.unwrap_or(if method == Method::MultiplicativeSeason { [1.0; 12] } else { [0.0; 12] })
}

impl Fit {
    /// Fits all accounts: a line each, its slope and the season's size shrunk to those of all.
    pub(crate) fn new(panel: &ExpensePanel, origin: usize, settings: MethodSettings, season: Season) -> Self {
        let accounts = (0..panel.series.len()).map(|i| AccountFit::new(panel.before(i, origin))).collect();
        let mut fit = Self { settings, origin, season, first: panel.calendar_month(0), accounts };
        if matches!(settings.method, Method::Naive | Method::SeasonalNaive) {
            fit.each(AccountFit::spread_of_steps);
            return fit;
        }
        let all = |_: &AccountFit, _: f64| None;
        fit.each_line(all);
        if settings.method != Method::Trend {
            fit.shrink_amplitudes();
            fit.each_line(all);
        }
        fit.shrink_slopes();
        fit
    }

    fn each(&mut self, change: impl Fn(&mut AccountFit)) {
        self.accounts.iter_mut().for_each(change);
    }

    /// Fits each account's line; `slope` may fix it.
    fn each_line(&mut self, slope: impl Fn(&AccountFit, f64) -> Option<f64>) {
        let (settings, season, first) = (self.settings, self.season, self.first);
        for account in &mut self.accounts {
            let (factors, shifts) =
                account.season_terms(settings.method, &season, first, account.values.len());
            let fixed = slope(account, account.slope);
            account.fit_line(&factors, &shifts, settings.discount, fixed);
        }
    }

    /// Estimates each account's amplitude of the season, and shrinks it to 1.
    fn shrink_amplitudes(&mut self) {
        let (settings, season, first) = (self.settings, self.season, self.first);
        self.each(|account| account.fit_amplitude(settings, &season, first));
        let known = self.accounts.iter().filter(|account| account.amplitude_error.is_finite());
        let (values, errors) = known.map(|account| (account.amplitude, account.amplitude_error)).unzip();
        let spread = between(values, errors).1;
        self.each(|account| {
            let weight = shrinkage(spread, account.amplitude_error);
            account.amplitude = 1.0 + weight * (account.amplitude - 1.0);
        });
    }

    /// Shrinks each account's slope, as a share of its mean, to the median of all.
    fn shrink_slopes(&mut self) {
        let relative =
            |account: &AccountFit| (account.slope / account.scale, account.slope_error / account.scale);
        let known =
            self.accounts.iter().filter(|a| a.scale > 0.0 && a.slope_error.is_finite() && !a.inactive);
        let (values, errors) = known.map(relative).unzip();
        let (centre, spread) = between(values, errors);
        self.each_line(|account, _| {
            let (own, error) = relative(account);
            let weight = shrinkage(spread, error);
            let pulled = if weight > 0.0 { centre + weight * (own - centre) } else { centre };
            Some(if account.scale > 0.0 { account.scale * pulled } else { 0.0 })
        });
    }

    /// The forecast of an account for the months after the origin, never below 0.
    pub(crate) fn predict(&self, account: usize, horizon: usize) -> Vec<f64> {
        let fit = &self.accounts[account];
        let values = match self.settings.method {
            _ if fit.inactive => vec![0.0; horizon],
            Method::Naive => naive(&fit.values, horizon),
            Method::SeasonalNaive => seasonal_naive(&fit.values, horizon),
            method => {
                let months = fit.values.len();
                let (factors, shifts) = fit.season_terms(method, &self.season, self.first, months + horizon);
                let at = |t: usize| (fit.level + fit.slope * t as f64) * factors[t] + shifts[t];
                (months..months + horizon).map(at).collect()
            }
        };
        values.into_iter().map(|value| value.max(0.0)).collect()
    }

    /// The scale of the errors of each account: its residual spread, shrunk to that of all accounts.
    ///
    /// A spread from few months is imprecise; it is averaged with the median relative spread, which
    /// has the weight of four months.
    pub(crate) fn scales(&self) -> Vec<f64> {
        let relative = |account: &AccountFit| account.spread / account.scale;
        let usable =
            |account: &&AccountFit| account.scale > 0.0 && !account.inactive && account.values.len() > 3;
        let spreads: Vec<f64> = self.accounts.iter().filter(usable).map(relative).collect();
        let usual = quantile(&spreads, 0.5);
        let scale = |account: &AccountFit| {
            let months = account.values.len().saturating_sub(2) as f64;
            let prior = (usual * account.scale).powi(2);
            ((months * account.spread.powi(2) + 4.0 * prior) / (months + 4.0)).sqrt()
        };
        self.accounts.iter().map(scale).collect()
    }

    /// The season from January to December.
    pub(crate) fn season(&self) -> Season {
        self.season
    }

    pub(crate) fn origin(&self) -> usize {
        self.origin
    }
}

impl AccountFit {
    fn new((start, values): (usize, Vec<f64>)) -> Self {
        let inactive = values.iter().rev().take(INACTIVE_MONTHS).all(|value| *value <= 0.0);
        Self {
            start,
            scale: crate::numeric::mean(&values),
            values,
            level: 0.0,
            slope: 0.0,
            slope_error: f64::INFINITY,
            amplitude: 1.0,
            amplitude_error: f64::INFINITY,
            spread: 0.0,
            inactive,
        }
    }

    /// Factor and shift of each month: the model is `(level + slope t) factor + shift`.
    fn season_terms(
        &self,
        method: Method,
        season: &Season,
        first: usize,
        months: usize,
    ) -> (Vec<f64>, Vec<f64>) {
        let at = |t: usize| season[(first + self.start + t) % 12];
        let factor = |t: usize| match method {
            Method::MultiplicativeSeason => 1.0 + self.amplitude * (at(t) - 1.0),
            _ => 1.0,
        };
        let shift = |t: usize| match method {
            Method::AdditiveSeason => self.amplitude * at(t) * self.scale,
            _ => 0.0,
        };
        ((0..months).map(factor).collect(), (0..months).map(shift).collect())
    }

    /// Weighted least squares of level and slope (or of the level under a given slope).
    fn fit_line(&mut self, factors: &[f64], shifts: &[f64], discount: f64, fixed: Option<f64>) {
        let n = self.values.len();
        let weight = |t: usize| discount.powi((n - 1 - t) as i32);
        let (mut s, mut st, mut stt, mut sy, mut sty, mut total) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for t in 0..n {
            let (w, f, x) = (weight(t), factors[t], t as f64);
            let y = self.values[t] - shifts[t];
            total += w;
            s += w * f * f;
            st += w * f * f * x;
            stt += w * f * f * x * x;
            sy += w * f * y;
            sty += w * f * x * y;
        }
        let determinant = s * stt - st * st;
        let estimable = n >= 3 && determinant > 1e-12 * s * stt;
        self.slope = match fixed {
            Some(slope) => slope,
            None if estimable => (s * sty - st * sy) / determinant,
            None => 0.0,
        };
        self.level = if s > 0.0 { (sy - self.slope * st) / s } else { 0.0 };
        let residual =
            |t: usize| self.values[t] - shifts[t] - (self.level + self.slope * t as f64) * factors[t];
        let squares: f64 = (0..n).map(|t| weight(t) * residual(t).powi(2)).sum();
        let variance = if total > 0.0 && n > 2 { squares / total * n as f64 / (n - 2) as f64 } else { 0.0 };
        self.spread = variance.sqrt();
        if fixed.is_none() {
            // Under weights w the slope's variance is sigma^2 (X'WX)^-1 X'W^2X (X'WX)^-1; with the
            // effective months 1 / (1 - discount) it is close to sigma^2 s / determinant.
            self.slope_error = if estimable { (variance * s / determinant).sqrt() } else { f64::INFINITY };
        }
    }

    /// Regresses the residuals from the line on the season's part of the model.
    fn fit_amplitude(&mut self, settings: MethodSettings, season: &Season, first: usize) {
        let n = self.values.len();
        let (mut xx, mut xr, mut rr) = (0.0, 0.0, 0.0);
        for t in 0..n {
            let line = self.level + self.slope * t as f64;
            let index = season[(first + self.start + t) % 12];
            let x = match settings.method {
                Method::MultiplicativeSeason => line * (index - 1.0),
                _ => self.scale * index,
            };
            let r = self.values[t] - line;
            xx += x * x;
            xr += x * r;
            rr += r * r;
        }
        if n < season::FEWEST_MONTHS || xx <= 0.0 {
            return;
        }
        self.amplitude = xr / xx;
        let variance = (rr - xr * xr / xx).max(0.0) / (n - 3) as f64;
        self.amplitude_error = (variance / xx).sqrt();
    }

    /// The spread for baselines: that of the changes from month to month.
    fn spread_of_steps(&mut self) {
        let steps: Vec<f64> = self.values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        self.spread = crate::numeric::deviation(&steps) / std::f64::consts::SQRT_2;
    }
}

/// Centre of the accounts' true values and their spread, by medians: the spread of the estimates
/// less that of their errors (empirical Bayes by moments).
fn between(values: Vec<f64>, errors: Vec<f64>) -> (f64, f64) {
    let centre = quantile(&values, 0.5);
    let distances: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    let spread = MAD_TO_DEVIATION * quantile(&distances, 0.5);
    let error = quantile(&errors, 0.5);
    (centre, (spread.powi(2) - error.powi(2)).max(0.0).sqrt())
}

/// Weight of an account's own estimate: 1 without error, 0 with an infinite one.
fn shrinkage(spread: f64, error: f64) -> f64 {
    if error <= f64::EPSILON {
        return 1.0;
    }
    if error.is_finite() { spread.powi(2) / (spread.powi(2) + error.powi(2)) } else { 0.0 }
}
