//! The rules by which columns become features.

use crate::accounts::CrmColumns;

/// Which columns are features.
#[derive(Debug, Clone, PartialEq)]
pub struct DesignRules {
    /// The target, the column to be predicted.
    pub target: String,
    /// The column with the id of an account, where there is one; it is not a feature.
    pub id: String,
    /// Columns that are left out: those known only after the target, and names of accounts.
    pub drop: Vec<String>,
    /// Months, from the first, that features are made of; 0 keeps the months' columns as
    /// they are. See [`Accounts::with_features`](crate::Accounts::with_features).
    pub feature_months: usize,
    /// The names of the columns that those features need.
    pub columns: CrmColumns,
}

impl Default for DesignRules {
    /// The columns of the embedded workbook, nothing dropped, features of the first twelve months.
    fn default() -> Self {
        Self {
            target: "realised_ltv".to_owned(),
            id: "account_id".to_owned(),
            drop: Vec::new(),
            feature_months: 12,
            columns: CrmColumns::default(),
        }
    }
}
