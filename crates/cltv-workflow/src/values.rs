//! What customers are worth: scores, value tiers, campaigns, and the value formula beside them.

mod campaign;
mod concentration;
mod formula;
mod score;
mod segments;

pub use campaign::Campaign;
pub use concentration::Concentration;
pub use formula::{Classroom, FormulaBase, FormulaComparison, FormulaPeriod, classroom};
pub use score::{Score, Scores, TotalInterval, score};
pub use segments::{Customers, GroupFigures, segment};
