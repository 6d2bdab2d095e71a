//! Value tiers in words.

use serde::{Serialize, Serializer};
use std::fmt;

/// The value tier of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Bought again, past spend in the upper half, but unlikely to buy within the horizon.
    AtRisk,
    /// The top 20% by CLV of the others.
    High,
    /// The next 30%.
    Medium,
    /// The rest.
    Low,
}

impl Tier {
    /// All tiers, those at risk first, then from the most to the least valuable.
    pub const ALL: [Tier; 4] = [Tier::AtRisk, Tier::High, Tier::Medium, Tier::Low];

    /// The tier's name in tables and files.
    ///
    /// ```
    /// assert_eq!(cltv_report::Tier::AtRisk.name(), "At-risk");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Tier::AtRisk => "At-risk",
            Tier::High => "High",
            Tier::Medium => "Medium",
            Tier::Low => "Low",
        }
    }

    /// The kind of action.
    pub fn action(self) -> &'static str {
        match self {
            Tier::AtRisk => "reactivation",
            Tier::High => "retention",
            Tier::Medium => "upsell and cross-sell",
            Tier::Low => "spend",
        }
    }

    /// The action in a sentence.
    pub fn advice(self) -> &'static str {
        match self {
            Tier::AtRisk => {
                "Win them back, those of the highest win-back value first; spend at most that value on each."
            }
            Tier::High => "Keep them: service, early access, a personal contact. No discounts needed.",
            Tier::Medium => "Raise order value and frequency with what similar buyers bought next.",
            Tier::Low => "Automated contact only; acquire no more customers of this kind at a loss.",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Tier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
