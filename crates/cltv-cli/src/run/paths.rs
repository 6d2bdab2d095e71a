//! `{name}` in a path, as papermill fills it in.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Local, Utc};

use crate::params::ParamError;

/// What the names in a path stand for: parameters, and what a run knows of itself.
#[derive(Debug, Clone)]
pub(super) struct Names {
    values: BTreeMap<String, String>,
    uuid: String,
    now: DateTime<Utc>,
}

impl Names {
    /// No parameters yet.
    pub(super) fn new() -> Names {
        Names { values: BTreeMap::new(), uuid: uuid::Uuid::new_v4().to_string(), now: Utc::now() }
    }

    /// A parameter's value; a later one replaces an earlier one.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// The path with its placeholders filled in.
    ///
    /// # Errors
    /// [`ParamError::Placeholder`] when a name is unknown, or a value is no part of a file's name.
    pub(super) fn fill(&self, path: &str) -> Result<String, ParamError> {
        let mut filled = String::with_capacity(path.len());
        let mut rest = path;
        while let Some(at) = rest.find(['{', '}']) {
            filled.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            let behind = &rest[at + 1..];
            if behind.starts_with(brace) {
                filled.push_str(brace);
                rest = &behind[1..];
                continue;
            }
            let end = behind.find('}').filter(|_| brace == "{");
            let Some(end) = end else {
                return Err(wrong(path, "it has a brace without its other; {{ and }} are braces"));
            };
            filled.push_str(&self.field(&behind[..end], path)?);
            rest = &behind[end + 1..];
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn field(&self, field: &str, path: &str) -> Result<String, ParamError> {
        let (name, format) = field.split_once(':').unwrap_or((field, ""));
        // papermill keeps its own names in a dictionary `pm`.
        let own = name.strip_prefix("pm[").and_then(|rest| rest.strip_suffix(']'));
        match own.unwrap_or(name) {
            "current_datetime_utc" => moment(&self.now, format, path),
            "current_datetime_local" => moment(&self.now.with_timezone(&Local), format, path),
            name => {
                let value = match name {
                    "run_uuid" => &self.uuid,
                    name => self.values.get(name).ok_or_else(|| self.unknown(name, path))?,
                };
                part(name, &padded(value, format, path)?, path)
            }
        }
    }

    fn unknown(&self, name: &str, path: &str) -> ParamError {
        let known: Vec<&str> = self.values.keys().map(String::as_str).collect();
        let known = match known.as_slice() {
            [] => "no parameter is set here".to_owned(),
            names => format!("there are {}", names.join(", ")),
        };
        wrong(
            path,
            &format!(
                "nothing is named `{name}`; {known}, besides run_uuid, current_datetime_utc and current_datetime_local. {{{{ and }}}} are braces"
            ),
        )
    }
}

impl Default for Names {
    fn default() -> Self {
        Names::new()
    }
}

/// A date and time; without a format as Python writes it, but with `-` where a colon would stand:
/// some file systems know no colon.
fn moment<Zone: chrono::TimeZone>(
    time: &DateTime<Zone>,
    format: &str,
    path: &str,
) -> Result<String, ParamError>
where
    Zone::Offset: std::fmt::Display,
{
    let format = if format.is_empty() { "%Y-%m-%d %H-%M-%S" } else { format };
    let no_format = || wrong(path, &format!("{format:?} is no format of a date, such as %Y-%m-%d"));
    if StrftimeItems::new(format).any(|item| item == Item::Error) {
        return Err(no_format());
    }
    // Some formats are for reading only, as %#z, and fail here.
    let mut text = String::new();
    write!(text, "{}", time.format(format)).map_err(|_| no_format())?;
    part("the date", &text, path)
}

/// `{n:3}` and `{n:03}`: a number of at least so many digits.
fn padded(value: &str, format: &str, path: &str) -> Result<String, ParamError> {
    let digits = format.strip_suffix('d').unwrap_or(format);
    if digits.is_empty() {
        return Ok(value.to_owned());
    }
    let width = digits.parse::<usize>().ok().filter(|width| *width <= 100);
    match (width, value.parse::<i128>()) {
        (Some(width), Ok(number)) if digits.starts_with('0') => Ok(format!("{number:0width$}")),
        (Some(width), Ok(number)) => Ok(format!("{number:width$}")),
        _ => Err(wrong(
            path,
            &format!("{format:?} suits no {value:?}; whole numbers take a width such as 03, dates %Y-%m-%d"),
        )),
    }
}

/// DIFFERENCE: papermill lets a value lead to another folder. Values are data, often of others,
/// and data must not choose where a file is written.
fn part(name: &str, value: &str, path: &str) -> Result<String, ParamError> {
    let leads_away = value.contains(['/', '\\']) || value == "." || value == "..";
    if leads_away || value.chars().any(char::is_control) {
        let what = format!("{name} is {value:?}, which is no part of a file's name");
        return Err(wrong(path, &what));
    }
    Ok(value.to_owned())
}

fn wrong(path: &str, what: &str) -> ParamError {
    ParamError::Placeholder { path: path.to_owned(), what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::new();
        names.set("region", "north");
        names.set("month", "6");
        names.set("file", "../x");
        names.now = "2026-01-31T13:05:09Z".parse().expect("a date");
        names
    }

    fn filled(path: &str) -> String {
        names().fill(path).expect("filled in")
    }

    fn refused(path: &str) -> String {
        names().fill(path).unwrap_err().to_string()
    }

    #[test]
    fn names_dates_and_numbers() {
        assert_eq!(filled("runs/{region}-{month:02}.ipynb"), "runs/north-06.ipynb");
        assert_eq!(filled("{current_datetime_utc:%Y%m%d}_{pm[current_datetime_utc]:%H}"), "20260131_13");
        assert_eq!(filled("{current_datetime_utc}"), "2026-01-31 13-05-09");
        assert_eq!(filled("{{{region}}} plain"), "{north} plain");
        assert_eq!(filled("{run_uuid}").len(), 36);
        assert_eq!(filled("{month:3d}"), "  6");
    }

    #[test]
    fn what_cannot_be_filled_in_is_named() {
        assert!(refused("{regoin}").contains("nothing is named `regoin`"));
        assert!(refused("{regoin}").contains("region"));
        assert!(refused("{region").contains("without its other"));
        assert!(refused("region}").contains("without its other"));
        assert!(refused("{file}").contains("no part of a file's name"));
        assert!(refused("{region:02}").contains("suits no"));
        assert!(refused("{month:99999999}").contains("suits no"));
        assert!(refused("{current_datetime_utc:%Q!}").contains("no format"));
        assert!(refused("{current_datetime_utc:%#z}").contains("no format"));
        assert!(refused("{current_datetime_local:x%#z}").contains("no format"));
        assert!(refused("{current_datetime_utc:%Y/%m}").contains("no part"));
    }
}
