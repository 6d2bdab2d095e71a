//! The parameters of the notebooks: one table for the command line, the library and the documentation.
//!
//! ```
//! use cltv_protocol::parameters::{Value, find};
//! let discount = find("discount_annual").expect("a parameter");
//! assert!(discount.check(None, Value::Real(0.1)).is_ok());
//! let error = discount.check(None, Value::Real(2.0)).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "`discount_annual` must be a number from 0 to below 1; 2 is not. Use a value such as 0.10."
//! );
//! ```

mod bounds;
mod table;

use std::fmt::{self, Display, Formatter};

use thiserror::Error;

use crate::database;

pub use bounds::{Bounds, End, Kind};
pub use table::{
    ALL, DISCOUNT_ANNUAL, DISCOUNT_WITHOUT_END, FORMULA_MARGIN, HORIZON_MONTHS, MARGIN, PURCHASE_MODELS,
    REVOPS_HORIZON_MONTHS,
};

/// A parameter of one or more notebooks. One name means the same in all of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// What a value must be beyond that, where the workflow says nothing else.
    pub bounds: Bounds,
    /// Workflows with other bounds.
    pub by_workflow: &'static [(&'static str, Bounds)],
    /// A value that is allowed, as it is written on the command line.
    pub example: &'static str,
    /// What the parameter is, in one sentence.
    pub sentence: &'static str,
}

/// A value to be checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A string.
    Text(&'a str),
    /// An integer.
    Integer(i128),
    /// A real number.
    Real(f64),
}

impl Display for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Integer(integer) => write!(f, "{integer}"),
            Value::Real(real) => write!(f, "{real}"),
        }
    }
}

/// A value that a parameter may not have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{name}` must be {bound}; {value} is not. {remedy}")]
pub struct BoundError {
    /// The parameter.
    pub name: String,
    /// What it must be.
    pub bound: String,
    /// The value as it was given.
    pub value: String,
    /// What to do instead: a sentence.
    pub remedy: String,
}

/// A message as a sentence of its own.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// The parameter of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Parameter> {
    ALL.iter().find(|parameter| parameter.name == name)
}

impl Parameter {
    /// The bounds in a workflow, or the general ones.
    #[must_use]
    pub fn bounds_in(&self, workflow: Option<&str>) -> Bounds {
        let own = workflow.and_then(|workflow| self.by_workflow.iter().find(|(name, _)| *name == workflow));
        own.map_or(self.bounds, |(_, bounds)| *bounds)
    }

    /// Refuses a value that is out of bounds.
    ///
    /// A value of another kind than the table's is not checked: a notebook of the user's own may declare
    /// the name with another type.
    ///
    /// # Errors
    /// [`BoundError`] names the parameter, the bound, the value, and a value that is allowed.
    pub fn check(&self, workflow: Option<&str>, value: Value<'_>) -> Result<(), BoundError> {
        if let (Kind::Text, Value::Text(text)) = (self.kind, value)
            && database::is_address(text)
            && let Err(error) = database::Address::parse(text)
        {
            return Err(BoundError {
                name: self.name.to_owned(),
                bound: "the address of a table in a database, without a password".to_owned(),
                value: format!("{:?}", database::shown(text)),
                remedy: sentence(&error.to_string()),
            });
        }
        let bounds = self.bounds_in(workflow);
        let allowed = match (self.kind, value) {
            (Kind::Integer, Value::Integer(integer)) => bounds.allow(integer as f64),
            (Kind::Integer, Value::Real(real)) => real.fract() == 0.0 && bounds.allow(real),
            (Kind::Real, Value::Integer(integer)) => bounds.allow(integer as f64),
            (Kind::Real, Value::Real(real)) => bounds.allow(real),
            (Kind::Date, Value::Text(text)) => text.is_empty() || bounds::is_day(text),
            (Kind::OneOf(words), Value::Text(text)) => words.contains(&text),
            (Kind::Text | Kind::List, Value::Text(text)) => bounds.allow_text(text),
            _ => true,
        };
        if allowed {
            return Ok(());
        }
        Err(BoundError {
            name: self.name.to_owned(),
            bound: self.bound(workflow),
            value: value.to_string(),
            remedy: self.remedy(),
        })
    }

    /// What a value must be, in words: "a whole number from 1 to 600".
    #[must_use]
    pub fn bound(&self, workflow: Option<&str>) -> String {
        let bounds = self.bounds_in(workflow);
        let values = match self.kind {
            Kind::Text if bounds == Bounds::LocalPath => "a local path".to_owned(),
            Kind::Text => "a string".to_owned(),
            Kind::List => "a list with commas".to_owned(),
            Kind::Date => "a day such as 1997-09-30, or \"\"".to_owned(),
            Kind::OneOf(words) => alternatives(words),
            Kind::Integer => "a whole number".to_owned(),
            Kind::Real => "a number".to_owned(),
        };
        let place = match workflow {
            Some(workflow) if bounds != self.bounds => format!("in the workflow {workflow}"),
            _ => String::new(),
        };
        [values, bounds.in_words(), place].iter().filter(|part| !part.is_empty()).fold(
            String::new(),
            |all, part| if all.is_empty() { part.clone() } else { format!("{all} {part}") },
        )
    }

    /// Numbers at each end of the bounds and just beyond it, with whether they are allowed; none for
    /// strings. A test feeds them to other checks of the same parameter.
    ///
    /// # Examples
    /// ```
    /// let months = cltv_protocol::parameters::find("horizon_months").expect("a parameter");
    /// assert_eq!(months.edges(None), [(1.0, true), (0.0, false), (600.0, true), (601.0, false)]);
    /// ```
    #[must_use]
    pub fn edges(&self, workflow: Option<&str>) -> Vec<(f64, bool)> {
        let Bounds::Between(low, high) = self.bounds_in(workflow) else { return Vec::new() };
        let whole = self.kind == Kind::Integer;
        let below = |bound: f64| if whole { bound - 1.0 } else { bound.next_down() };
        let above = |bound: f64| if whole { bound + 1.0 } else { bound.next_up() };
        let low = match low {
            End::Open => vec![],
            End::Including(bound) => vec![(bound, true), (below(bound), false)],
            End::Excluding(bound) => vec![(above(bound), true), (bound, false)],
        };
        let high = match high {
            End::Open => vec![],
            End::Including(bound) => vec![(bound, true), (above(bound), false)],
            End::Excluding(bound) => vec![(below(bound), true), (bound, false)],
        };
        [low, high].concat()
    }

    fn remedy(&self) -> String {
        match self.kind {
            Kind::OneOf(_) => "Use one of these.".to_owned(),
            Kind::Integer | Kind::Real => format!("Use a value such as {}.", self.example),
            _ => format!("Use a value such as {:?}.", self.example),
        }
    }

    /// The bounds of every workflow, for a table.
    #[must_use]
    pub fn bounds_in_words(&self) -> String {
        let general = match (self.kind, self.bounds) {
            (Kind::OneOf(words), _) => alternatives(words),
            (Kind::Date, _) => "a day such as 1997-09-30, or \"\"".to_owned(),
            (_, Bounds::NotBlank) => "not blank".to_owned(),
            (_, Bounds::LocalPath) => "a local path".to_owned(),
            (_, bounds) => bounds.in_words(),
        };
        let others = self.by_workflow.iter().map(|(name, bounds)| format!("{name}: {}", bounds.in_words()));
        let parts: Vec<String> =
            std::iter::once(general).filter(|text| !text.is_empty()).chain(others).collect();
        parts.join("; ")
    }
}

/// "day, week or month"; what is empty or a punctuation mark is written in quotation marks.
fn alternatives(words: &[&str]) -> String {
    let shown = |word: &&str| match word.chars().any(char::is_alphanumeric) {
        true => (*word).to_owned(),
        false => format!("{word:?}"),
    };
    let shown: Vec<String> = words.iter().map(shown).collect();
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn check(name: &str, workflow: Option<&str>, value: Value<'_>) -> Result<(), BoundError> {
        find(name).expect("in the table").check(workflow, value)
    }

    fn allowed(name: &str, value: Value<'_>) -> bool {
        check(name, None, value).is_ok()
    }

    #[test]
    fn the_bounds_that_the_workflow_rests_on() {
        let months = |value| allowed("horizon_months", Value::Integer(value));
        assert!(months(1) && months(600) && !months(0) && !months(601) && !months(-6));
        let discount = |value| allowed("discount_annual", Value::Real(value));
        assert!(discount(0.0) && discount(0.99) && !discount(-0.01) && !discount(1.0) && !discount(2.0));
        let margin = |value| allowed("margin", Value::Real(value));
        assert!(margin(1.0) && margin(1e-9) && !margin(0.0) && !margin(-3.0) && !margin(1.1));
        assert!(check("margin", Some("formula"), Value::Real(-3.0)).is_ok());
        assert!(check("margin", Some("formula"), Value::Real(1.01)).is_err());
        assert!(check("discount_annual", Some("contracts"), Value::Real(0.0)).is_err());
        assert!(check("horizon_months", Some("revops"), Value::Integer(61)).is_err());
        assert!(check("horizon_months", Some("clv"), Value::Integer(61)).is_ok());
    }

    #[test]
    fn strings_are_words_days_or_not_blank() {
        assert!(allowed("grain", Value::Text("month")) && !allowed("grain", Value::Text("year")));
        assert!(allowed("returns", Value::Text("net")) && !allowed("returns", Value::Text("Drop")));
        assert!(allowed("decimal_mark", Value::Text("")) && !allowed("decimal_mark", Value::Text(";")));
        assert!(allowed("calibration_end", Value::Text("")));
        assert!(!allowed("calibration_end", Value::Text("30.9.97")));
        assert!(allowed("sheet", Value::Text("")) && !allowed("outputs", Value::Text(" ")));
        assert!(allowed("outputs", Value::Text("/a:b/c")) && !allowed("outputs", Value::Text("s3://bucket")));
    }

    #[test]
    fn edges_are_allowed_or_not_as_the_check_says() {
        for parameter in ALL {
            let workflows = parameter.by_workflow.iter().map(|(workflow, _)| Some(*workflow));
            for workflow in workflows.chain([None]) {
                for (number, allowed) in parameter.edges(workflow) {
                    let checked = parameter.check(workflow, Value::Real(number));
                    assert_eq!(checked.is_ok(), allowed, "{} {workflow:?} {number}", parameter.name);
                }
            }
        }
        let margin = find("margin").expect("a parameter");
        assert_eq!(margin.edges(Some("formula")), [(1.0, true), (1.0_f64.next_up(), false)]);
    }

    #[test]
    fn another_kind_is_not_checked() {
        assert!(allowed("horizon_months", Value::Text("six")));
        assert!(allowed("grain", Value::Integer(7)));
        assert!(!allowed("horizon_months", Value::Real(2.5)));
        assert!(allowed("margin", Value::Integer(1)));
    }

    #[test]
    fn messages_name_parameter_bound_value_and_remedy() {
        let message = |name, workflow, value| check(name, workflow, value).unwrap_err().to_string();
        assert_eq!(
            message("horizon_months", Some("revops"), Value::Integer(61)),
            "`horizon_months` must be a whole number from 1 to 60 in the workflow revops; 61 is not. \
             Use a value such as 6."
        );
        assert_eq!(
            message("decimal_mark", None, Value::Text("'")),
            "`decimal_mark` must be \"\", \".\" or \",\"; \"'\" is not. Use one of these."
        );
        assert_eq!(
            message("outputs", None, Value::Text(" ")),
            "`outputs` must be a local path; \" \" is not. Use a value such as \"outputs\"."
        );
    }

    #[test]
    fn every_parameter_is_listed_once_with_a_sentence_and_an_example_that_is_allowed() {
        let names: BTreeSet<&str> = ALL.iter().map(|parameter| parameter.name).collect();
        assert_eq!(names.len(), ALL.len());
        for parameter in ALL {
            let Parameter { name, example, .. } = parameter;
            assert!(parameter.sentence.ends_with('.'), "{name}");
            let value = match parameter.kind {
                Kind::Integer => Value::Integer(example.parse().expect(name)),
                Kind::Real => Value::Real(example.parse().expect(name)),
                _ => Value::Text(example),
            };
            let workflows = parameter.by_workflow.iter().map(|(workflow, _)| Some(*workflow));
            for workflow in workflows.chain([None]) {
                assert_eq!(parameter.check(workflow, value), Ok(()));
            }
        }
    }
}
