//! Enums whose values users write as words.

/// A word that is none of the allowed ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {value:?} is not known; use {allowed}")]
#[non_exhaustive]
pub struct UnknownWord {
    /// What the word names, such as "split".
    pub what: &'static str,
    /// The word as it was written.
    pub value: String,
    /// The allowed words, each in quotes.
    pub allowed: String,
}

impl UnknownWord {
    pub(crate) fn new(what: &'static str, value: &str, allowed: &[&str]) -> Self {
        let quoted: Vec<String> = allowed.iter().map(|word| format!("{word:?}")).collect();
        let allowed = match quoted.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => quoted.concat(),
        };
        Self { what, value: value.to_owned(), allowed }
    }
}

/// Gives an enum without fields `ALL`, `name`, `Display` and `FromStr`, from one list of words.
macro_rules! named {
    ($type:ident, $what:literal, $($variant:ident => $word:literal),+ $(,)?) => {
        impl $type {
            /// All values.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word for it, which `parse` accepts.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::text::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let unknown = || crate::text::UnknownWord::new($what, word, &Self::ALL.map(Self::name));
                Self::ALL.into_iter().find(|value| value.name() == word).ok_or_else(unknown)
            }
        }
    };
}

pub(crate) use named;
