//! The names of the columns of a CRM.

/// The names of the columns; the defaults are those of the embedded workbook.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each field names the column of the Account field of that name")]
pub struct CrmColumns {
    pub id: String,
    pub name: String,
    pub channel: String,
    pub segment: String,
    pub income: String,
    pub engagement: String,
    pub acquisition_cost: String,
    pub churned: String,
    pub realised_value: String,
    /// Beginning of the months' headings, before "2024-01".
    pub months: String,
    /// A month above this many times the account's median, between two months below three times it, is
    /// a typing error; 0 keeps all.
    pub spike: f64,
}

impl Default for CrmColumns {
    fn default() -> Self {
        let column = |name: &str| name.to_owned();
        Self {
            id: column("account_id"),
            name: column("name"),
            channel: column("channel"),
            segment: column("plan"),
            income: column("income"),
            engagement: column("engagement"),
            acquisition_cost: column("acquisition_cost"),
            churned: column("churned"),
            realised_value: column("realised_ltv"),
            months: column("expense_"),
            spike: 6.0,
        }
    }
}
