//! What a CRM imports: one csv with a set of columns for HubSpot and one for Salesforce.

use cltv_protocol::spreadsheet::escape_formula;
use serde::Serialize;

use super::error::DecideError;
use super::ranking::{Priority, RankedAccount};
use crate::text::capital;

/// A column of the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExportField {
    /// The csv's heading: the property's label in HubSpot, the field's API name in Salesforce.
    pub column: &'static str,
    /// "HubSpot" or "Salesforce".
    pub system: &'static str,
    /// Whether the system has it from the start; the others are made once, before the import.
    pub standard: bool,
    /// The type that the property or field has or is to be given.
    pub kind: &'static str,
    /// What it holds.
    pub meaning: &'static str,
}

const fn field(
    column: &'static str,
    system: &'static str,
    standard: bool,
    kind: &'static str,
    meaning: &'static str,
) -> ExportField {
    ExportField { column, system, standard, kind, meaning }
}

const HUBSPOT: &str = "HubSpot";
const SALESFORCE: &str = "Salesforce";
const FIELDS: [ExportField; 17] = [
    field("Company name", HUBSPOT, true, "single-line text", "the account's name"),
    field(
        "CRM account ID",
        HUBSPOT,
        false,
        "single-line text, unique values",
        "the account's id, by which rows are matched",
    ),
    field("CLTV rank", HUBSPOT, false, "number", "1 for the most valuable account"),
    field("CLTV predicted value", HUBSPOT, false, "number, currency", "predicted lifetime value"),
    field(
        "CLTV forecast spend",
        HUBSPOT,
        false,
        "number, currency",
        "spending forecast for the months ahead",
    ),
    field("CLTV churn risk", HUBSPOT, false, "dropdown: None, Watch, High, Left", "churn risk"),
    field(
        "CLTV priority",
        HUBSPOT,
        false,
        "dropdown: Protect, Grow, Win back, Maintain, Deprioritise",
        "what to do",
    ),
    field("CLTV reason", HUBSPOT, false, "multi-line text", "why"),
    field(
        "AccountNumber",
        SALESFORCE,
        true,
        "text, 40 characters",
        "the account's id, by which rows are matched",
    ),
    field("Name", SALESFORCE, true, "text, 255 characters", "the account's name"),
    field(
        "Rating",
        SALESFORCE,
        true,
        "picklist: Hot, Warm, Cold",
        "Hot to protect, grow or win back, Warm to maintain, Cold to deprioritise",
    ),
    field("CLTV_Rank__c", SALESFORCE, false, "number(18, 0)", "1 for the most valuable account"),
    field("CLTV_Predicted_Value__c", SALESFORCE, false, "currency(16, 2)", "predicted lifetime value"),
    field(
        "CLTV_Forecast_Spend__c",
        SALESFORCE,
        false,
        "currency(16, 2)",
        "spending forecast for the months ahead",
    ),
    field("CLTV_Churn_Risk__c", SALESFORCE, false, "picklist: None, Watch, High, Left", "churn risk"),
    field(
        "CLTV_Priority__c",
        SALESFORCE,
        false,
        "picklist: Protect, Grow, Win back, Maintain, Deprioritise",
        "what to do",
    ),
    field("CLTV_Reason__c", SALESFORCE, false, "long text area", "why"),
];

/// The columns of [`crm_export`] in their order.
///
/// ```
/// let columns = cltv_accounts::crm_export_fields();
/// assert_eq!(columns.iter().filter(|field| field.system == "Salesforce").count(), 9);
/// ```
#[must_use]
pub fn crm_export_fields() -> Vec<ExportField> {
    FIELDS.to_vec()
}

/// The ranked accounts as csv text, `crm_accounts_ranked.csv`.
///
/// Each system maps the columns of its own set and leaves out the others: HubSpot matches a
/// heading to a property's label, Salesforce's Data Loader to a field's API name. Amounts have two
/// decimals and a point. A text that a spreadsheet would take for a formula (beginning with =, +,
/// -, @, tab or a line end, also after a `;` or a tab inside it) gets an apostrophe there, unless it
/// is a plain number.
///
/// # Errors
/// [`DecideError::Export`] if the csv writer refuses.
///
/// # References
/// HubSpot Knowledge Base, "Set up your import files"; Salesforce Object Reference, "Account";
/// OWASP, "CSV Injection".
pub fn crm_export(accounts: &[RankedAccount]) -> Result<String, DecideError> {
    let failed = |reason: String| DecideError::Export { reason };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(FIELDS.map(|field| field.column)).map_err(|error| failed(error.to_string()))?;
    for account in accounts {
        writer.write_record(record(account)).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

fn record(account: &RankedAccount) -> [String; 17] {
    let id = escape_formula(&account.id).into_owned();
    let name = escape_formula(&account.name).into_owned();
    let rank = account.rank.to_string();
    let predicted = format!("{:.2}", account.predicted_value);
    let forecast = format!("{:.2}", account.forecast_expense);
    let risk = capital(account.risk.name());
    let priority = account.priority.to_string();
    let reason = escape_formula(&account.reason).into_owned();
    let rating = match account.priority {
        Priority::Protect | Priority::Grow | Priority::WinBack => "Hot",
        Priority::Maintain => "Warm",
        Priority::Deprioritise => "Cold",
    };
    [
        name.clone(),
        id.clone(),
        rank.clone(),
        predicted.clone(),
        forecast.clone(),
        risk.clone(),
        priority.clone(),
        reason.clone(),
        id,
        name,
        rating.to_owned(),
        rank,
        predicted,
        forecast,
        risk,
        priority,
        reason,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_stay() {
        for text in ["=1+1", "+a", "-cmd", "@x", "\tx", "-1-1"] {
            assert_eq!(escape_formula(text), format!("'{text}"));
        }
        for text in ["-12.5", "+4", "A-00001", "O'Brien", ""] {
            assert_eq!(escape_formula(text), text);
        }
    }
}
