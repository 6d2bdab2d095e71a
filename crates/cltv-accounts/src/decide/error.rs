//! What can be wrong with the inputs of a decision.

/// Inputs that do not fit together, or rules out of bounds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecideError {
    /// No accounts.
    #[error("there are no accounts; check what the preparation left out")]
    NoAccounts,
    /// Values that are not one for each account.
    #[error("there are {found} {what} for {expected} accounts; give one for each account, in their order")]
    UnequalLengths {
        /// What the values are.
        what: String,
        /// How many there are.
        found: usize,
        /// How many accounts there are.
        expected: usize,
    },
    /// A value that is no number.
    #[error("number {index} of the {what} is not finite; check the model that made them")]
    NotFinite {
        /// What the values are.
        what: String,
        /// Its index, from 1.
        index: usize,
    },
    /// Values whose sum is not above 0 have no shares.
    #[error("the values add up to {total}; shares need a sum above 0")]
    NoValue {
        /// The sum.
        total: f64,
    },
    /// A rule out of its bounds.
    #[error("{rule} is {value}; it must be {bound}")]
    BadRule {
        /// The rule.
        rule: String,
        /// Its value.
        value: f64,
        /// What it must be.
        bound: String,
    },
    /// The csv writer refuses.
    #[error("the export cannot be written ({reason}); report this as a bug")]
    Export {
        /// The writer's message.
        reason: String,
    },
}
