//! What a parameter may be beyond its type: the table of `cltv-protocol`, found by name.

use cltv_protocol::database;
use cltv_protocol::parameters::{self, BoundError, Bounds};

use super::{Kind, Value};

/// Refuses a value that is out of the bounds of a parameter of that name.
///
/// # Errors
/// [`BoundError`] names the parameter, the bound and the value as it was `given`.
pub fn check(name: &str, workflow: Option<&str>, value: &Value, given: &str) -> Result<(), BoundError> {
    let Some((parameter, value)) = parameters::find(name).zip(in_table(value)) else { return Ok(()) };
    let checked = parameter.check(workflow, value);
    // An address may have a password, which its error leaves out.
    let is_address = matches!(value, parameters::Value::Text(text) if database::is_address(text));
    checked.map_err(|error| if is_address { error } else { BoundError { value: given.to_owned(), ..error } })
}

/// The bounds of a numeric parameter in words, where the notebook declares it as a number too.
pub fn bound_of(name: &str, workflow: Option<&str>, kind: &Kind) -> Option<String> {
    let parameter = parameters::find(name)?;
    let is_number = matches!(kind, Kind::Whole(_) | Kind::Double | Kind::Single);
    let has_bounds = parameter.bounds_in(workflow) != Bounds::Any;
    (is_number && !parameter.kind.is_string() && has_bounds).then(|| parameter.bound(workflow))
}

/// The value as the table checks it; nothing for a kind that no parameter of the table has.
fn in_table(value: &Value) -> Option<parameters::Value<'_>> {
    Some(match value {
        Value::Text(text) => parameters::Value::Text(text),
        Value::Whole(whole) => parameters::Value::Integer(*whole),
        Value::Huge(_) => parameters::Value::Integer(i128::MAX),
        Value::Number(number) => parameters::Value::Real(*number),
        Value::Present(inner) => in_table(inner)?,
        _ => return None,
    })
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

    #[test]
    fn values_of_every_type_are_checked() {
        let months = |value: &Value| check("horizon_months", None, value, "x").is_ok();
        assert!(
            months(&Value::Whole(600)) && !months(&Value::Whole(601)) && !months(&Value::Huge(u128::MAX))
        );
        assert!(!months(&Value::Present(Box::new(Value::Whole(0)))) && months(&Value::Absent));
        assert!(check("grain", None, &Value::Text("year".into()), "year").is_err());
        assert!(check("anything_else", None, &Value::Text(String::new()), "").is_ok());
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        let given = "adbc:postgresql://ann:Planted1@db/shop#t";
        let said =
            check("transactions", Some("clv"), &Value::Text(given.into()), given).unwrap_err().to_string();
        assert!(said.contains("CLTV_DATABASE_PASSWORD") && !said.contains("Planted1"), "{said}");
        let sound = "adbc:postgresql://db/shop#t";
        assert!(check("transactions", Some("clv"), &Value::Text(sound.into()), sound).is_ok());
    }

    #[test]
    fn the_workflow_decides_between_bounds() {
        let margin = |workflow| check("margin", workflow, &Value::Number(-3.0), "-3").is_ok();
        assert!(margin(Some("formula")) && !margin(Some("clv")) && !margin(None));
        let discount = |value| check("discount_annual", Some("clv"), &Value::Number(value), "x").is_ok();
        assert!(discount(0.0) && discount(0.99) && !discount(1.0) && !discount(9.99));
    }

    #[test]
    fn the_message_has_the_value_as_it_was_given() {
        let error = check("horizon_months", None, &Value::Whole(0), "\"0\"").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`horizon_months` must be a whole number from 1 to 600; \"0\" is not. Use a value such as 6."
        );
    }

    #[test]
    fn a_mistyped_name_finds_its_neighbour_and_nonsense_finds_none() {
        let known = ["horizon_months", "margin", "grain"];
        assert_eq!(closest("horizn_months", known.into_iter()).as_deref(), Some("horizon_months"));
        assert_eq!(closest("zzzz", known.into_iter()), None);
    }
}
