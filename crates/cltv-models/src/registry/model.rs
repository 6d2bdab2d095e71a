//! Any model of purchases before its fit.

use std::fmt;
use std::str::FromStr;

use crate::base::error::InputError;
use crate::models::*;
use crate::purchases::model::HistoryModel;

macro_rules! purchase_model {
    ($($variant:ident),+) => {
        /// Any model of purchases that is fitted on an [`RfmSummary`](crate::RfmSummary), before its fit.
        ///
        /// It is parsed from its key ([`PurchaseModel::key`]) or its name.
        ///
        /// # Examples
        /// ```
        /// use cltv_models::{BgNbdParams, PurchaseModel, TimeUnit, simulate_histories, summary_of};
        /// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
        /// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 800], 7), None)?;
        /// let models: Vec<PurchaseModel> = vec!["bg_nbd".parse()?, "NBD".parse()?];
        /// let fits = models.iter().map(|model| model.fit(&rfm)).collect::<Result<Vec<_>, _>>()?;
        /// assert!(fits[0].bic() < fits[1].bic());
        /// let error = "bgnbd2".parse::<PurchaseModel>().unwrap_err().to_string();
        /// assert!(error.contains("bgnbd2") && error.contains("mbg_cnbd_k"));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq)]
        #[non_exhaustive]
        pub enum PurchaseModel {
            $(
                #[doc = concat!("[`", stringify!($variant), "`].")]
                $variant($variant),
            )+
        }

        $(
            impl From<$variant> for PurchaseModel {
                fn from(model: $variant) -> Self {
                    Self::$variant(model)
                }
            }
        )+

        impl PurchaseModel {
            /// Every model of purchases with its default options.
            #[must_use]
            pub fn all() -> Vec<Self> {
                vec![$(Self::$variant($variant::default())),+]
            }

            /// The model's name: `"BG/NBD"`.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => <$variant as HistoryModel>::NAME,)+
                }
            }

            /// The model's key in parameters and files: `"bg_nbd"`.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => <$variant as HistoryModel>::KEY,)+
                }
            }
        }
    };
}

for_each_purchase_model!(purchase_model);

impl PurchaseModel {
    /// The keys of all models: `"bg_nbd"`, `"mbg_nbd"`, ….
    #[must_use]
    pub fn keys() -> Vec<&'static str> {
        Self::all().iter().map(Self::key).collect()
    }
}

impl Default for PurchaseModel {
    /// The BG/NBD.
    fn default() -> Self {
        BgNbd::default().into()
    }
}

impl fmt::Display for PurchaseModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Letters and digits in lower case: `"BG/NBD"` and `"bg_nbd"` are the same.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl FromStr for PurchaseModel {
    type Err = InputError;

    /// A model by its key or its name, upper or lower case.
    ///
    /// # Errors
    /// [`InputError::UnknownPurchaseModel`] with all keys.
    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let wanted = letters(value);
        let found = Self::all().into_iter().find(|model| wanted == letters(model.key()));
        found.ok_or_else(|| InputError::UnknownPurchaseModel {
            value: value.to_owned(),
            known: Self::keys().join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_names_are_parsed() {
        for model in PurchaseModel::all() {
            assert_eq!(model.key().parse(), Ok(model));
            assert_eq!(model.name().parse(), Ok(model));
            assert_eq!(format!(" {model} ").to_lowercase().parse(), Ok(model));
        }
        let error = "best".parse::<PurchaseModel>().unwrap_err().to_string();
        for key in PurchaseModel::keys() {
            assert!(error.contains(key), "{error}");
        }
    }
}
