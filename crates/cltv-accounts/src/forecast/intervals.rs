//! Prediction intervals from the errors of the method (split conformal prediction).

use crate::numeric::quantile;

/// Errors in units of each account's own spread, by horizon.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScaledErrors {
    by_horizon: Vec<Vec<f64>>,
}

/// How many spreads an interval extends down and up, by horizon.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IntervalWidths {
    by_horizon: Vec<(f64, f64)>,
}

impl ScaledErrors {
    pub(crate) fn push(&mut self, horizon: usize, error: f64) {
        if self.by_horizon.len() < horizon {
            self.by_horizon.resize(horizon, Vec::new());
        }
        self.by_horizon[horizon - 1].push(error);
    }

    /// The quantiles of the errors at each horizon; each is at least as far as at the one before.
    ///
    /// Beyond the longest horizon of the backtest, the width grows with the square root of the horizon,
    /// as that of a random walk does; this is an extrapolation.
    pub(crate) fn widths(&self, level: f64, horizons: usize) -> IntervalWidths {
        let mut by_horizon: Vec<(f64, f64)> = Vec::with_capacity(horizons);
        let seen = self.by_horizon.iter().filter(|errors| !errors.is_empty()).count();
        for h in 0..horizons {
            let last = by_horizon.last().copied().unwrap_or((0.0, 0.0));
            let next = match self.by_horizon.get(h).filter(|errors| !errors.is_empty()) {
                Some(errors) => (
                    quantile(errors, (1.0 - level) / 2.0).min(last.0),
                    quantile(errors, (1.0 + level) / 2.0).max(last.1),
                ),
                None => {
                    let wider = ((h + 1) as f64 / h.max(1) as f64).sqrt();
                    if h >= seen { (last.0 * wider, last.1 * wider) } else { last }
                }
            };
            by_horizon.push(next);
        }
        IntervalWidths { by_horizon }
    }
}

impl IntervalWidths {
    /// The interval around a forecast of a month ahead (1 is the next).
    pub(crate) fn around(&self, forecast: f64, scale: f64, horizon: usize) -> (f64, f64) {
        let (down, up) = self.by_horizon[horizon - 1];
        ((forecast + down * scale).max(0.0), (forecast + up * scale).max(0.0))
    }
}
