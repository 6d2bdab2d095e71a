//! What can be wrong with the inputs of a decision.

/// Inputs that do not fit together, or rules out of bounds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecideError {
    /// Nothing to decide about.
    #[error("there are no accounts; check what the preparation left out")]
    NoAccounts,
    /// One value an account is needed.
    #[error("there are {found} {what} for {expected} accounts; give one an account, in their order")]
    UnequalLengths {
        /// What was given.
        what: String,
        /// How many there are.
        found: usize,
        /// How many accounts there are.
        expected: usize,
    },
    /// A value that is no number.
    #[error("number {place} of the {what} is not finite; check the model that made them")]
    NotFinite {
        /// What was given.
        what: String,
        /// Its place, from 1.
        place: usize,
    },
    /// Values that add up to nothing cannot be shared out.
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
        /// What was given.
        value: f64,
        /// What it must be.
        bound: String,
    },
    /// The csv writer refuses.
    #[error("the export cannot be written ({reason}); report this as a mistake of the program")]
    Export {
        /// What the writer says.
        reason: String,
    },
}
