//! Models against purchases they have not seen: comparisons on one split, and backtests on several.

mod accuracy;
mod backtest;
mod comparison;
mod split;
mod totals;

pub use accuracy::Accuracy;
pub use backtest::{Backtest, Origin, OriginComparison, backtest};
pub use comparison::{Comparison, ModelFigures, ModelRow, compare, compare_timed};
pub use split::{HoldoutSplit, simulate_split};
pub use totals::HoldoutSum;
