//! What customers are worth: scores, value tiers, campaigns, and the value formula beside them.

mod campaign;
mod classroom;
mod concentration;
mod formula;
mod predicted;
mod score;
mod segments;
mod tiers;

pub use campaign::Campaign;
pub use classroom::{Classroom, classroom};
pub use concentration::Concentration;
pub use formula::{FormulaBase, FormulaComparison, FormulaPeriod};
pub use score::{Score, Scores, TotalInterval, score};
pub use segments::{Customers, GroupFigures, segment};
pub use tiers::TierRules;
