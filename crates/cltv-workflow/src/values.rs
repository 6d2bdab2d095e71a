//! What customers are worth: scores, value tiers, campaigns, and the value formula beside them.

mod campaign;
mod concentration;
mod formula;
mod score;
mod segments;

pub use campaign::{Campaign, CampaignGroup};
pub use concentration::Concentration;
pub use formula::{FormulaBase, FormulaComparison, classroom, classroom_frame};
pub use score::{Score, Scores, score, score_with};
pub use segments::{Customer, Customers, GroupFigures, Tier, segment};
