//! Customer value from accounts and averages: regression, forecasts, and the formula.
