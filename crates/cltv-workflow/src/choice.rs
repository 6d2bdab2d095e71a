//! Parameters that are one of a few words, given as the word or as the value itself.

use crate::error::Error;
use cltv_accounts::regression::SplitRule;
use cltv_models::{Grain, PurchaseModel, TimeUnit};

/// A type whose values have names that a notebook's parameters use.
pub trait Named: Sized {
    /// The value of this name.
    ///
    /// # Errors
    /// [`Error`] for an unknown name; the message lists those there are.
    fn named(name: &str) -> Result<Self, Error>;
}

/// A value of `T`, or its name.
///
/// # Examples
/// ```
/// use cltv_models::{Grain, TimeUnit};
/// use cltv_workflow::{Input, load};
/// let data = load(&Input::new("cdnow"))?;
/// let by_name = data.split("week", "day")?;
/// assert_eq!(data.split(TimeUnit::Week, Grain::Day)?.calibration, by_name.calibration);
/// assert!(data.split("fortnight", "day").unwrap_err().to_string().contains("week"));
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub trait Choice<T> {
    /// The value.
    ///
    /// # Errors
    /// As [`Named::named`].
    fn chosen(self) -> Result<T, Error>;
}

impl<T: Named> Choice<T> for T {
    fn chosen(self) -> Result<T, Error> {
        Ok(self)
    }
}

impl<T: Named> Choice<T> for &str {
    fn chosen(self) -> Result<T, Error> {
        T::named(self)
    }
}

impl<T: Named> Choice<T> for &String {
    fn chosen(self) -> Result<T, Error> {
        T::named(self)
    }
}

impl Named for TimeUnit {
    fn named(name: &str) -> Result<TimeUnit, Error> {
        Ok(name.parse()?)
    }
}

impl Named for Grain {
    fn named(name: &str) -> Result<Grain, Error> {
        Ok(name.parse()?)
    }
}

impl Named for SplitRule {
    fn named(name: &str) -> Result<SplitRule, Error> {
        Ok(name.parse()?)
    }
}

impl Named for PurchaseModel {
    /// By the model's name or by its identifier: "BG/NBD" or "bg_nbd".
    fn named(name: &str) -> Result<PurchaseModel, Error> {
        let all = PurchaseModel::all();
        let wanted = identifier(name);
        let found = all.iter().find(|model| identifier(model.name()) == wanted).copied();
        found.ok_or_else(|| Error::UnknownModel {
            name: name.to_owned(),
            known: all.iter().map(|model| identifier(model.name())).collect::<Vec<_>>().join(", "),
        })
    }
}

/// A model's name as an identifier: "BG/NBD" is `bg_nbd`, "Gamma-Gamma" is `gamma_gamma`.
pub fn identifier(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.trim().chars().map(kept).collect()
}

/// The value of a word among `known`, or an error that lists them.
pub(crate) fn one_of<T: Copy>(
    name: &'static str,
    value: &str,
    known: &[(&'static str, T)],
) -> Result<T, Error> {
    let found = known.iter().find(|(word, _)| *word == value.trim());
    found.map(|(_, value)| *value).ok_or_else(|| Error::UnknownWord {
        name,
        value: value.to_owned(),
        bound: known.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(" or "),
    })
}

/// A setter for each parameter, of the parameter's name.
macro_rules! setters {
    ($input:ident: $($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        impl $input {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(mut self, value: impl ToString) -> $input {
                    self.$name = value.to_string();
                    self
                }
            )+
        }
    };
}
pub(crate) use setters;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_by_name_and_by_identifier() {
        for model in PurchaseModel::all() {
            assert_eq!(PurchaseModel::named(model.name()).unwrap(), model);
            assert_eq!(PurchaseModel::named(&identifier(model.name())).unwrap(), model);
        }
        let error = PurchaseModel::named("bgnbd").unwrap_err().to_string();
        assert!(error.contains("\"bgnbd\"") && error.contains("bg_nbd, mbg_nbd"), "{error}");
    }

    #[test]
    fn an_unknown_word_names_the_words_there_are() {
        let words = [("limit", 1), ("keep", 2)];
        assert_eq!(one_of("outliers", "keep", &words).unwrap(), 2);
        let error = one_of("outliers", "drop", &words).unwrap_err().to_string();
        assert_eq!(error, "`outliers` is \"drop\", but must be \"limit\" or \"keep\".");
    }
}
