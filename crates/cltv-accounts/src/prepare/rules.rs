//! The rules of the preparation.

/// The category that replaces a missing one.
pub const MISSING_LEVEL: &str = "missing";

/// The rules of the preparation.
#[derive(Debug, Clone, PartialEq)]
pub struct PrepareRules {
    /// The column with the id of an account; "" for none, and then no rows are duplicates.
    pub id: String,
    /// The target; rows without it are left out, and it is never changed. "" for none.
    pub target: String,
    /// Columns that stay as they are.
    pub keep: Vec<String>,
    /// What the names of the months' columns begin with; they stay as they are, because an empty month
    /// may be one before the account's start.
    pub months: String,
    /// Outliers lie further than this many interquartile ranges from the quartiles; 0 keeps all.
    pub fence: f64,
}

impl Default for PrepareRules {
    /// The columns of the embedded workbook, and Tukey's outer fence, 3.
    fn default() -> Self {
        Self {
            id: "account_id".to_owned(),
            target: "realised_ltv".to_owned(),
            keep: vec!["name".to_owned()],
            months: "expense_".to_owned(),
            fence: 3.0,
        }
    }
}
