//! Fitted models as files, to score other customers with.

use crate::Error;
use crate::fits::Spend;
use crate::load::{Data, Input, load};
use cltv_purchases::Outputs;
use cltv_models::{Fitted, GammaGamma, PurchaseFit};
use std::fs;

/// Writes a fitted model of purchases as JSON of about a kilobyte, with nothing of any customer, and
/// returns the path to show.
///
/// # Errors
/// [`Error::Data`] when the file cannot be written.
pub fn save_model<F>(out: &Outputs, name: &str, fit: &F) -> Result<String, Error>
where
    F: Clone + Into<PurchaseFit>,
{
    let fit: PurchaseFit = fit.clone().into();
    Ok(out.write_text(name, &(fit.to_json() + "\n"))?)
}

/// Writes the spend model as [`save_model`] does; without amounts there is none, and a file that an
/// earlier run left is removed, so that [`load_spend`] does not take it for one of these data.
///
/// # Errors
/// [`Error::Data`] when the file cannot be written or removed.
pub fn save_spend(out: &Outputs, name: &str, spend: &Spend) -> Result<(), Error> {
    match spend.model() {
        Some(fit) => {
            out.write_text(name, &(fit.to_json() + "\n"))?;
        }
        None => out.remove(name)?,
    }
    Ok(())
}

/// Reads a model of purchases that [`save_model`] wrote into the same folder.
///
/// # Errors
/// [`Error::Unreadable`] when the file is not there; [`Error::Input`] when it is no such fit, of another
/// version, or of a model that is none of purchases.
pub fn load_model(out: &Outputs, name: &str) -> Result<PurchaseFit, Error> {
    Ok(PurchaseFit::from_json(&text(out, name)?)?)
}

/// Reads a spend model that [`save_spend`] wrote; a file that is not there means that there were no
/// amounts.
///
/// # Errors
/// As [`load_model`].
pub fn load_spend(out: &Outputs, name: &str) -> Result<Spend, Error> {
    if !out.folder().join(name).exists() {
        return Ok(Spend::Skipped);
    }
    Ok(Spend::Fitted(Fitted::<GammaGamma>::from_json(&text(out, name)?)?))
}

fn text(out: &Outputs, name: &str) -> Result<String, Error> {
    fs::read_to_string(out.folder().join(name)).map_err(|error| Error::Unreadable {
        file: format!("{}/{name}", out.shown().trim_end_matches('/')),
        reason: error.to_string(),
    })
}

/// The customers that a saved model shall score: the file or data set `score_transactions`, read like the
/// first one. "" is the whole cohort `cdnow_master` for `cdnow`, else the same file again.
///
/// # Errors
/// As [`load`].
pub fn load_others(input: &Input, score_transactions: &'static str) -> Result<Data, Error> {
    let others = match (score_transactions.trim(), input.transactions) {
        ("", "cdnow") => "cdnow_master",
        ("", same) => same,
        _ => score_transactions,
    };
    load(&Input { transactions: others, ..*input })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spend_model_of_other_data_is_not_left_behind() {
        let folder = std::env::temp_dir().join(format!("cltv_saved_{}", std::process::id()));
        let out = Outputs::open(&folder.display().to_string()).unwrap();
        out.write_text("spend_model.json", "of an earlier run").unwrap();
        save_spend(&out, "spend_model.json", &Spend::Skipped).unwrap();
        assert!(matches!(load_spend(&out, "spend_model.json"), Ok(Spend::Skipped)));
        fs::remove_dir_all(folder).unwrap();
    }
}
