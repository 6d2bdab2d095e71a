//! What can go wrong between an address and its figures, each said in one sentence with its remedy.

use cltv_models::{FitError, InputError};
use cltv_protocol::database::AddressError;
use cltv_protocol::text::quoted;

/// What went wrong with a table of a database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WarehouseError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The connections file cannot be used.
    #[error("the connections file {path} {problem}")]
    Connections {
        /// The file.
        path: String,
        /// What is wrong, with the remedy.
        problem: String,
    },
    /// The driver's library was not found or is none.
    #[error("{engine} needs {library}, which {problem}; {remedy}")]
    Driver {
        /// The engine.
        engine: &'static str,
        /// The library.
        library: String,
        /// What is wrong with it.
        problem: String,
        /// How to get it.
        remedy: String,
    },
    /// The database file of an address is not there.
    #[error(
        "there is no database file {path}, which {address} names; check the path, which starts at {root} when it is relative"
    )]
    NoDatabase {
        /// The file.
        path: String,
        /// The address.
        address: String,
        /// Where relative paths start.
        root: String,
    },
    /// The engine does not answer, or refuses the user.
    #[error(
        "{address} cannot be opened: {reason}; check that the engine runs there, and the user and password in CLTV_DATABASE_USER and CLTV_DATABASE_PASSWORD or in the connections file"
    )]
    NotOpened {
        /// The address.
        address: String,
        /// What the engine says.
        reason: String,
    },
    /// The table cannot be read.
    #[error(
        "the table of {address} cannot be read: {reason}; check its name, its schema and that this user may SELECT from it"
    )]
    NoTable {
        /// The address.
        address: String,
        /// What the engine says.
        reason: String,
    },
    /// A column is not there.
    #[error(
        "{address} has no column {column:?}, which {parameter} names; its columns are {}",
        quoted(columns)
    )]
    NoColumn {
        /// The address.
        address: String,
        /// The column.
        column: String,
        /// The parameter.
        parameter: &'static str,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// A column has a type that the plan does not take.
    #[error("column {column:?} of {address}, the {role}, {problem} and name the view")]
    BadColumn {
        /// The address.
        address: String,
        /// The column.
        column: String,
        /// What it is for.
        role: &'static str,
        /// Its type, what it must be, and the view that makes it so.
        problem: String,
    },
    /// A statement failed.
    #[error("{step} failed in {address}: {reason}; nothing was written, and the same call may be repeated")]
    Failed {
        /// What was computed.
        step: String,
        /// The address.
        address: String,
        /// What the engine says.
        reason: String,
    },
    /// A statement took too long.
    #[error(
        "{step} in {address} took longer than {seconds} seconds and was cancelled; give more time with --timeout, or read fewer rows through a view"
    )]
    TooLong {
        /// What was computed.
        step: String,
        /// The address.
        address: String,
        /// The limit.
        seconds: u64,
    },
    /// A result is larger than allowed.
    #[error(
        "{step} of {address} has more than {most} rows, which is the most that is brought here; {remedy}"
    )]
    TooMany {
        /// What was computed.
        step: String,
        /// The address.
        address: String,
        /// The limit.
        most: u64,
        /// How to get fewer.
        remedy: &'static str,
    },
    /// A column of a result is missing, or has a value of another kind.
    #[error(
        "{step} of {address} came back without a number in column {column:?}; this engine is not supported for it"
    )]
    BadResult {
        /// What was computed.
        step: String,
        /// The address.
        address: String,
        /// The column.
        column: String,
    },
    /// The rows are no purchases that a model can be fitted on.
    #[error("{address}: {problem}")]
    Data {
        /// The address.
        address: String,
        /// What is wrong, with the remedy.
        problem: String,
    },
    /// A parameter has a value that it cannot have.
    #[error("{parameter} is {value:?}, which is not {allowed}")]
    Parameter {
        /// The parameter.
        parameter: &'static str,
        /// The value.
        value: String,
        /// What is allowed, with an example.
        allowed: &'static str,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written: {reason}; choose another folder with --output, or make room")]
    Write {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// Histories that the models refuse.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A fit that failed.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// What an engine says as one short line without control characters and secrets.
pub(crate) fn reason(message: &str, secrets: &[String]) -> String {
    const LONGEST: usize = 300;
    let mut text = message.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret.as_str(), "***");
    }
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    let line = line.trim_end_matches(['.', ';']);
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    line.chars().take(LONGEST).collect::<String>() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_engine_says_is_short_and_without_secrets() {
        let said = reason("line 1\n\u{1b}[31mpassword=Planted1 refused.\n", &["Planted1".to_owned()]);
        assert_eq!(said, "line 1 [31mpassword=*** refused");
        assert_eq!(reason(&"x".repeat(1000), &[]).chars().count(), 301);
    }
}
