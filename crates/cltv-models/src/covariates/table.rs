//! Columns of customers' characteristics, and what makes numbers of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::error::InputError;

/// Named columns with one value a customer: numbers, or levels such as a channel's name.
///
/// # Examples
/// ```
/// use cltv_models::Covariates;
/// let channel = ["web", "store", "web"].map(str::to_owned).to_vec();
/// let covariates = Covariates::default().numbers("age", vec![31.0, 54.0, 40.0])?.levels("channel", channel)?;
/// assert_eq!(covariates.names(), ["age", "channel"]);
/// assert!(covariates.numbers("income", vec![1.0]).is_err());
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Covariates {
    columns: Vec<(String, Column)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Column {
    Numbers(Vec<f64>),
    Levels(Vec<String>),
}

impl Column {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Levels(values) => values.len(),
        }
    }
}

impl Covariates {
    /// Adds a column of numbers.
    ///
    /// A model divides the distance from their mean by their standard deviation, both of the
    /// customers it is fitted on: a coefficient belongs to one standard deviation.
    ///
    /// # Errors
    /// [`InputError::BadCovariate`] for a name that is taken, another number of rows than the columns
    /// before, or a value that is not finite.
    pub fn numbers(self, name: impl Into<String>, values: Vec<f64>) -> Result<Self, InputError> {
        let name = name.into();
        if let Some(row) = values.iter().position(|value| !value.is_finite()) {
            let problem =
                format!("row {} is {}; give a finite number, or leave it out", row + 1, values[row]);
            return Err(InputError::BadCovariate { name, problem });
        }
        self.with(name, Column::Numbers(values))
    }

    /// Adds a column of levels.
    ///
    /// A model compares every level with the first one in alphabetical order; `channel=web` is 1 for
    /// customers of that level and 0 for others, and is not standardised.
    ///
    /// # Errors
    /// As [`Covariates::numbers`].
    pub fn levels(self, name: impl Into<String>, values: Vec<String>) -> Result<Self, InputError> {
        self.with(name.into(), Column::Levels(values))
    }

    fn with(mut self, name: String, column: Column) -> Result<Self, InputError> {
        let bad = |problem: String| Err(InputError::BadCovariate { name: name.clone(), problem });
        if self.column(&name).is_some() {
            return bad("there is already a column of this name; give each its own".to_owned());
        }
        let found = column.len();
        match self.columns.first() {
            Some((first, other)) if other.len() != found => bad(format!(
                "it has {found} rows but {first} has {}; every column needs one value a customer",
                other.len()
            )),
            _ => {
                self.columns.push((name, column));
                Ok(self)
            }
        }
    }

    /// The columns' names, in their order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Customers; `None` without columns.
    #[must_use]
    pub fn rows(&self) -> Option<usize> {
        self.columns.first().map(|(_, column)| column.len())
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, column)| column)
    }

    fn known(&self, name: &str) -> Result<&Column, InputError> {
        self.column(name).ok_or_else(|| InputError::BadCovariate {
            name: name.to_owned(),
            problem: format!("there is no such column; the columns are {}", self.names().join(", ")),
        })
    }
}

/// How a column becomes numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Coding {
    /// (value − mean) / deviation.
    Standardised { mean: f64, deviation: f64 },
    /// A 1 for each level but the first, which is all 0.
    Levels { levels: Vec<String> },
}

/// How the columns of one side of a model become numbers, from the customers of its fit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub(crate) struct Encoding {
    columns: Vec<(String, Coding)>,
}

/// An encoding as a file has it.
#[derive(Deserialize)]
struct Unchecked {
    columns: Vec<(String, Coding)>,
}

impl TryFrom<Unchecked> for Encoding {
    type Error = String;

    fn try_from(Unchecked { columns }: Unchecked) -> Result<Self, String> {
        let is_sound = |coding: &Coding| match coding {
            Coding::Standardised { mean, deviation } => {
                mean.is_finite() && *deviation > 0.0 && deviation.is_finite()
            }
            Coding::Levels { levels } => levels.len() > 1,
        };
        match columns.iter().find(|(_, coding)| !is_sound(coding)) {
            Some((name, _)) => Err(format!("its column {name} has one value only")),
            None => Ok(Self { columns }),
        }
    }
}

impl Encoding {
    /// # Errors
    /// [`InputError::BadCovariate`] for a column that is not there, or that is the same for everybody.
    pub(crate) fn of_columns(names: &[String], covariates: &Covariates) -> Result<Self, InputError> {
        let one = |name: &String| {
            let coding = match covariates.known(name)? {
                Column::Numbers(values) => standardised(values),
                Column::Levels(values) => {
                    let levels: BTreeSet<&String> = values.iter().collect();
                    let levels: Vec<String> = levels.into_iter().cloned().collect();
                    (levels.len() > 1).then_some(Coding::Levels { levels })
                }
            };
            let problem = "it is the same for all customers, so it has no effect to find; leave it out";
            let coding = coding.ok_or_else(|| InputError::BadCovariate {
                name: name.clone(),
                problem: problem.to_owned(),
            })?;
            Ok((name.clone(), coding))
        };
        Ok(Self { columns: names.iter().map(one).collect::<Result<_, InputError>>()? })
    }

    /// The encoded columns' names: `age`, `channel=web`.
    pub(crate) fn names(&self) -> Vec<String> {
        let of = |(name, coding): &(String, Coding)| match coding {
            Coding::Standardised { .. } => vec![name.clone()],
            Coding::Levels { levels } => levels[1..].iter().map(|level| format!("{name}={level}")).collect(),
        };
        self.columns.iter().flat_map(of).collect()
    }

    /// How many encoded columns there are.
    pub(crate) fn width(&self) -> usize {
        let of = |(_, coding): &(String, Coding)| match coding {
            Coding::Standardised { .. } => 1,
            Coding::Levels { levels } => levels.len() - 1,
        };
        self.columns.iter().map(of).sum()
    }

    /// One sentence a column: how it was made into numbers.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let of = |(name, coding): &(String, Coding)| match coding {
            Coding::Standardised { mean, deviation } => {
                format!("{name} is standardised: (value - {mean:.6}) / {deviation:.6}.")
            }
            Coding::Levels { levels } => format!("{name} is compared with its level {}.", levels[0]),
        };
        self.columns.iter().map(of).collect()
    }

    /// Adds the encoded columns of every customer to their rows.
    ///
    /// # Errors
    /// [`InputError::BadCovariate`] for a column that is missing, of another kind, or has a level that
    /// the fit has not seen.
    pub(crate) fn append(&self, covariates: &Covariates, rows: &mut [Vec<f64>]) -> Result<(), InputError> {
        for (name, coding) in &self.columns {
            match (coding, covariates.known(name)?) {
                (Coding::Standardised { mean, deviation }, Column::Numbers(values)) => {
                    rows.iter_mut().zip(values).for_each(|(row, x)| row.push((x - mean) / deviation));
                }
                (Coding::Levels { levels }, Column::Levels(values)) => {
                    for (row, value) in rows.iter_mut().zip(values) {
                        let place = levels.iter().position(|level| level == value);
                        let place = place.ok_or_else(|| unseen(name, value, levels))?;
                        row.extend((1..levels.len()).map(|k| f64::from(u8::from(k == place))));
                    }
                }
                (coding, _) => {
                    let kind = if matches!(coding, Coding::Levels { .. }) { "levels" } else { "numbers" };
                    let problem = format!("the model was fitted on {kind} in it; give {kind} again");
                    return Err(InputError::BadCovariate { name: name.clone(), problem });
                }
            }
        }
        Ok(())
    }
}

fn unseen(name: &str, level: &str, levels: &[String]) -> InputError {
    let problem = format!(
        "level {level:?} was not seen in the fit, which knows {}; use one of those, or fit the model again",
        levels.join(", ")
    );
    InputError::BadCovariate { name: name.to_owned(), problem }
}

/// `None` for values that are all the same.
fn standardised(values: &[f64]) -> Option<Coding> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    (deviation > 1e-12 * mean.abs()).then_some(Coding::Standardised { mean, deviation })
}
