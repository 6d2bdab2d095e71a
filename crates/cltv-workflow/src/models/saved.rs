//! Fitted models as files, to score other customers with.

use crate::data::{Data, Input, load};
use crate::error::Error;
use crate::models::fits::{Models, Spend};
use cltv_models::{Fitted, GammaGamma, PurchaseFit};
use cltv_purchases::Outputs;
use std::fs;

/// The files of a saved pair of models.
const PURCHASES: &str = "purchase_model.json";
const SPEND: &str = "spend_model.json";

impl Models {
    /// Writes both models as JSON of about a kilobyte each, without data of any customer:
    /// `purchase_model.json` and `spend_model.json`. Without amounts the second file of an earlier run is
    /// removed, so that [`load_models`] does not read a spend model of other data.
    ///
    /// # Errors
    /// [`Error::Data`] when a file cannot be written or removed.
    ///
    /// # Examples
    /// ```
    /// use cltv_purchases::Outputs;
    /// use cltv_workflow::{Input, fit_models, load, load_models};
    /// let models = fit_models(&load(&Input::new("cdnow"))?.summary("week", "day")?, "bg_nbd")?;
    /// let folder = std::env::temp_dir().join(format!("cltv_models_{}", std::process::id()));
    /// let out = Outputs::open(&folder.display().to_string())?;
    /// models.save(&out)?;
    /// assert_eq!(load_models(&out)?.purchases.estimates(), models.purchases.estimates());
    /// # std::fs::remove_dir_all(folder).unwrap();
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn save(&self, out: &Outputs) -> Result<(), Error> {
        out.write_text(PURCHASES, &(self.purchases.to_json() + "\n"))?;
        match self.spend.model() {
            Some(fit) => {
                out.write_text(SPEND, &(fit.to_json() + "\n"))?;
            }
            None => out.remove(SPEND)?,
        }
        Ok(())
    }
}

/// Reads the models that [`Models::save`] wrote into the same folder; without `spend_model.json` there were
/// no amounts.
///
/// # Errors
/// [`Error::Unreadable`] when `purchase_model.json` is not there; [`Error::Input`] for a file that is no
/// such fit, of another version, or of another kind of model.
pub fn load_models(out: &Outputs) -> Result<Models, Error> {
    let purchases = PurchaseFit::from_json(&text(out, PURCHASES)?)?;
    let spend = match out.folder().join(SPEND).exists() {
        true => Spend::Fitted(Fitted::<GammaGamma>::from_json(&text(out, SPEND)?)?),
        false => Spend::Skipped,
    };
    Ok(Models { purchases, spend })
}

fn text(out: &Outputs, name: &str) -> Result<String, Error> {
    fs::read_to_string(out.folder().join(name)).map_err(|error| Error::Unreadable {
        file: format!("{}/{name}", out.shown().trim_end_matches('/')),
        reason: error.to_string(),
    })
}

/// The customers that saved models score: the file or data set `score_transactions`, read with the other
/// parameters of `input`. "" is the whole cohort `cdnow_master` for `cdnow`, else the same file again.
///
/// # Errors
/// As [`load`].
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, load_others};
/// let others = load_others(&Input::new("cdnow"), "")?;
/// assert_eq!(others.purchases.customers(), 23_570);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn load_others(input: &Input, score_transactions: &str) -> Result<Data, Error> {
    let others = match (score_transactions.trim(), input.transactions.as_str()) {
        ("", "cdnow") => "cdnow_master",
        ("", same) => same,
        (named, _) => named,
    };
    load(&input.clone().transactions(others))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::fits::fit_models;

    #[test]
    fn a_spend_model_of_other_data_is_not_left_behind() {
        let history = load(&Input::default()).unwrap().summary("week", "day").unwrap();
        let models = Models { spend: Spend::Skipped, ..fit_models(&history, "bg_nbd").unwrap() };
        let folder = std::env::temp_dir().join(format!("cltv_saved_{}", std::process::id()));
        let out = Outputs::open(&folder.display().to_string()).unwrap();
        assert!(matches!(load_models(&out), Err(Error::Unreadable { .. })));
        out.write_text(SPEND, "of an earlier run").unwrap();
        models.save(&out).unwrap();
        assert!(matches!(load_models(&out).unwrap().spend, Spend::Skipped));
        fs::remove_dir_all(folder).unwrap();
    }
}
