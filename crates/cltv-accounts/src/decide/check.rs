//! The check that all decisions share.

use super::error::DecideError;

/// Checks that there is one finite value for each account.
pub(super) fn check_values(accounts: usize, what: &str, values: &[f64]) -> Result<(), DecideError> {
    if accounts == 0 {
        return Err(DecideError::NoAccounts);
    }
    if values.len() != accounts {
        let what = what.to_owned();
        return Err(DecideError::UnequalLengths { what, found: values.len(), expected: accounts });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(DecideError::NotFinite { what: what.to_owned(), index: at + 1 }),
        None => Ok(()),
    }
}
