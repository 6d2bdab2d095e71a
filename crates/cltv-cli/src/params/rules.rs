//! What a parameter may be beyond its type, known by its name.

use super::{Kind, ParamError, Value};

struct Rule {
    name: &'static str,
    bound: &'static str,
    holds: fn(&Value) -> bool,
}

const RULES: &[Rule] = &[
    Rule {
        name: "horizon_months",
        bound: "a whole number of months from 1 to 600",
        holds: |value| within(value, 1.0, 600.0),
    },
    Rule {
        name: "discount_annual",
        bound: "an annual rate of at least 0 and below 10, such as 0.10 for ten percent",
        holds: |value| within(value, 0.0, 10.0_f64.next_down()),
    },
    Rule {
        name: "margin",
        bound: "a finite number, such as 0.3 for thirty percent of revenue",
        holds: |value| within(value, f64::MIN, f64::MAX),
    },
    Rule {
        name: "at_risk_below",
        bound: "a probability from 0 to 1",
        holds: |value| within(value, 0.0, 1.0),
    },
    Rule {
        name: "time_unit",
        bound: "day, week, month or year",
        holds: |value| one_of(value, &["day", "week", "month", "year"]),
    },
    Rule {
        name: "grain",
        bound: "day, week or month",
        holds: |value| one_of(value, &["day", "week", "month"]),
    },
    Rule { name: "returns", bound: "drop or net", holds: |value| one_of(value, &["drop", "net"]) },
    Rule {
        name: "transactions",
        bound: "a named data set such as cdnow, or a csv, parquet or xlsx file",
        holds: not_blank,
    },
    Rule { name: "outputs", bound: "a folder", holds: not_blank },
];

/// Refuses a value that makes no sense for a parameter of that name.
///
/// A value of another type than the rule's is not the rule's business: a notebook may use the name
/// for something else.
///
/// # Errors
/// [`ParamError::Range`] names the parameter, what it may be, and the value.
pub fn check(name: &str, value: &Value, given: &str) -> Result<(), ParamError> {
    match RULES.iter().find(|rule| rule.name == name) {
        Some(rule) if !(rule.holds)(value) => {
            Err(ParamError::Range { name: name.to_owned(), bound: rule.bound, given: given.to_owned() })
        }
        _ => Ok(()),
    }
}

/// The bounds that a name has, for a parameter that is of the rule's kind.
pub fn bound_of(name: &str, kind: &Kind) -> Option<&'static str> {
    let rule = RULES.iter().find(|rule| rule.name == name)?;
    match kind {
        // Only a rule about numbers refuses one that is beyond every bound.
        Kind::Whole(_) => (!(rule.holds)(&Value::Whole(i128::MIN))).then_some(rule.bound),
        Kind::Double | Kind::Single => (!(rule.holds)(&Value::Number(f64::INFINITY))).then_some(rule.bound),
        _ => None,
    }
}

fn within(value: &Value, low: f64, high: f64) -> bool {
    match value {
        Value::Whole(whole) => (low..=high).contains(&(*whole as f64)),
        Value::Huge(_) => false,
        Value::Number(number) => (low..=high).contains(number),
        Value::Present(inner) => within(inner, low, high),
        _ => true,
    }
}

fn one_of(value: &Value, names: &[&str]) -> bool {
    match value {
        Value::Text(text) => names.contains(&text.as_str()),
        Value::Present(inner) => one_of(inner, names),
        _ => true,
    }
}

fn not_blank(value: &Value) -> bool {
    !matches!(value, Value::Text(text) if text.trim().is_empty())
}

/// The known name that a mistyped one most likely means.
pub fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|candidate| {
            let likeness = strsim::normalized_damerau_levenshtein(name, candidate);
            (likeness, candidate)
        })
        .filter(|(likeness, _)| *likeness > 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(name: &str, value: f64) -> bool {
        check(name, &Value::Number(value), "x").is_ok()
    }

    fn text(name: &str, value: &str) -> bool {
        check(name, &Value::Text(value.into()), value).is_ok()
    }

    #[test]
    fn rules_hold_at_their_bounds() {
        let months = |value| check("horizon_months", &Value::Whole(value), "x").is_ok();
        assert!(months(1) && months(600) && !months(0) && !months(601) && !months(-6));
        assert!(number("discount_annual", 0.0) && number("discount_annual", 9.99));
        assert!(!number("discount_annual", -0.01) && !number("discount_annual", 10.0));
        assert!(number("at_risk_below", 0.0) && number("at_risk_below", 1.0));
        assert!(!number("at_risk_below", 1.01) && !number("at_risk_below", -0.1));
        assert!(number("margin", -1.0));
    }

    #[test]
    fn names_are_from_their_list() {
        assert!(text("time_unit", "week") && !text("time_unit", "fortnight"));
        assert!(text("grain", "month") && !text("grain", "year"));
        assert!(text("returns", "net") && !text("returns", "Drop"));
        assert!(!text("outputs", " ") && text("anything_else", ""));
    }

    #[test]
    fn the_message_names_parameter_bound_and_value() {
        let error = check("horizon_months", &Value::Whole(0), "\"0\"").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`horizon_months` must be a whole number of months from 1 to 600; \"0\" is not."
        );
    }

    #[test]
    fn a_mistyped_name_finds_its_neighbour_and_nonsense_finds_none() {
        let known = ["horizon_months", "margin", "grain"];
        assert_eq!(closest("horizn_months", known.into_iter()).as_deref(), Some("horizon_months"));
        assert_eq!(closest("zzzz", known.into_iter()), None);
    }
}
