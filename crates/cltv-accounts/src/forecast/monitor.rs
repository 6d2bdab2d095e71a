//! Accounts whose last month is outside the prediction interval from the months before.

use serde::Serialize;

use super::backtest::Backtest;
use super::fit::{Fit, MethodSettings, season_of};
use super::panel::ExpensePanel;
use crate::text::money;

/// An account outside its interval in the last month.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Deviation {
    /// The account.
    pub id: String,
    /// The month, as "2025-12".
    pub month: String,
    /// What it spent.
    pub spent: f64,
    /// What was forecast the month before.
    pub forecast: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// The finding in a sentence.
    pub sentence: String,
}

impl ExpensePanel {
    /// The accounts outside their interval in the last month, those furthest below first.
    ///
    /// The forecast knows the months before the last, and its intervals are calibrated on errors
    /// of origins before it.
    pub(crate) fn deviations(&self, test: &Backtest) -> Vec<Deviation> {
        let last = self.months() - 1;
        let settings = MethodSettings { method: test.method, discount: test.discount };
        let fit = Fit::new(self, last, settings, season_of(self, last, test.method));
        let widths = test.errors.before_last.widths(test.options.level, 1);
        let scales = fit.scales();
        let mut found = Vec::new();
        for (i, account) in fit.accounts.iter().enumerate() {
            let Some(spent) = self.series[i][last].filter(|_| !account.inactive && scales[i] > 0.0) else {
                continue;
            };
            let forecast = fit.predict(i, 1)[0];
            let (low, high) = widths.around(forecast, scales[i], 1);
            if !(low..=high).contains(&spent) {
                let side = if spent < low { "below" } else { "above" };
                let (id, month) = (self.ids[i].clone(), self.label(last));
                let sentence = format!(
                    "{id} spent {} in {month}, {side} its interval of {} to {}.",
                    money(spent),
                    money(low),
                    money(high)
                );
                found.push((
                    (spent - forecast) / scales[i],
                    Deviation { id, month, spent, forecast, low, high, sentence },
                ));
            }
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        found.into_iter().map(|(_, deviation)| deviation).collect()
    }
}
