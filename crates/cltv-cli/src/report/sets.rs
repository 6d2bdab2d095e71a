//! The parameter sets of a sweep: a file with a list of them.

use std::collections::HashSet;

use super::log;
use super::plan::OUTPUTS;
use crate::cli::ReportArgs;
use crate::params::{Assignment, ParamError, sources, yaml};
use crate::run::error::RunError;

/// The key that names a set's folder.
const NAME: &str = "name";

/// Folders that an output folder has for itself.
const TAKEN: [&str; 4] = ["failed", "notebooks", "visualizations", log::FOLDER];

/// One set of a sweep.
#[derive(Debug, Clone)]
pub(super) struct Set {
    /// Its name, which is its folder's.
    pub(super) name: String,
    /// What it sets, with the values that count: options after the files change them for all sets.
    pub(super) values: Vec<(String, String)>,
    /// Everything that is set, in the order in which it counts.
    pub(super) assignments: Vec<Assignment>,
}

/// The sets, when one of the parameter files is a list.
pub(super) fn read(args: &ReportArgs) -> Result<Option<Vec<Set>>, RunError> {
    let parameters = &args.execution.parameters;
    let mut base = sources::before_files(parameters)?;
    let mut list = None;
    for path in &parameters.files {
        let (text, source) = (sources::text_of(path)?, path.display().to_string());
        if !yaml::is_list(&text, &source)? {
            base.extend(yaml::assignments(&text, &source)?);
        } else if list.replace((yaml::sets(&text, &source)?, source.clone())).is_some() {
            return Err(wrong(&source, "another file is a list of parameter sets already").into());
        }
    }
    let Some((sets, source)) = list else {
        return match args.jobs {
            Some(_) => Err(RunError::NoSets),
            None => Ok(None),
        };
    };
    if sets.is_empty() {
        return Err(wrong(&source, "its list has no sets").into());
    }
    let after = sources::after_files(parameters)?;
    let mut taken = HashSet::new();
    let numbered = sets.into_iter().zip(1..);
    let sets = numbered.map(|(own, number)| {
        let set = set(own, number, &base, &after).map_err(|what| wrong(&source, &what))?;
        match taken.insert(set.name.to_lowercase()) {
            true => Ok(set),
            false => Err(wrong(&source, &format!("two of its sets are named {:?}", set.name)).into()),
        }
    });
    sets.collect::<Result<_, _>>().map(Some)
}

fn set(
    mut own: Vec<Assignment>,
    number: usize,
    base: &[Assignment],
    after: &[Assignment],
) -> Result<Set, String> {
    let name = match own.iter().position(|assignment| assignment.name == NAME) {
        Some(at) => {
            let given = own.remove(at).value;
            let name = given.characters().map(str::to_owned);
            name.filter(|name| is_folder(name)).ok_or_else(|| {
                format!("the name of set {number} is {}, which is no name of a folder", given.shown())
            })?
        }
        None => number.to_string(),
    };
    if own.iter().any(|assignment| assignment.name == OUTPUTS) {
        return Err(format!("set {name} sets `{OUTPUTS}`: its folder is named by the key `{NAME}`"));
    }
    let counts = |own: &Assignment| {
        let last = after.iter().rev().find(|later| later.name == own.name).unwrap_or(own);
        let value = last.value.characters().map_or_else(|| last.value.shown(), str::to_owned);
        (own.name.clone(), value)
    };
    Ok(Set { values: own.iter().map(counts).collect(), assignments: [base, &own, after].concat(), name })
}

/// Whether a name is that of one visible folder that cltv does not use itself.
fn is_folder(name: &str) -> bool {
    let plain = |c: char| !c.is_control() && !"/\\:*?\"<>|".contains(c);
    let trimmed = name.trim();
    !trimmed.is_empty()
        && trimmed == name
        && name.len() <= 100
        && name.chars().all(plain)
        && !name.starts_with('.')
        && !TAKEN.contains(&name.to_lowercase().as_str())
}

fn wrong(source: &str, what: &str) -> ParamError {
    ParamError::Source { source_name: source.to_owned(), what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_folder() {
        for name in ["long horizon", "2", "größer", "a-b_c.d"] {
            assert!(is_folder(name), "{name}");
        }
        for name in ["", " ", "a/b", "..", ".hidden", "runs", "Notebooks", "a\n", "c:", " a", "\\"] {
            assert!(!is_folder(name), "{name:?}");
        }
    }
}
