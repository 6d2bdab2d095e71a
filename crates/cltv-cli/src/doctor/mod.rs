//! `cltv doctor`: whether everything is there that cltv needs, and what to type where it is not.

mod machine;

use serde_json::json;

use crate::cli::DoctorArgs;
use crate::kernel::{self, KernelError, KernelSpecFolder, PartState, SpecState, Status};
use crate::run::error::RunError;
use crate::terminal::{print, print_json};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Fine.
    Ok,
    /// cltv runs, but something is slower, or cannot be done.
    Warning,
    /// cltv cannot run.
    Missing,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Missing => "missing",
        }
    }
}

/// One line of the examination.
#[derive(Debug, Clone)]
struct Check {
    name: &'static str,
    state: State,
    /// What was found.
    detail: String,
    /// What to do about it; nothing where all is fine.
    remedy: Option<String>,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Check {
        Check { name, state: State::Ok, detail: detail.into(), remedy: None }
    }

    fn warning(name: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Check {
        Check { name, state: State::Warning, detail: detail.into(), remedy: Some(remedy.into()) }
    }

    fn missing(name: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Check {
        Check { name, state: State::Missing, detail: detail.into(), remedy: Some(remedy.into()) }
    }
}

/// Prints a line for each check.
///
/// # Errors
/// [`RunError::Doctor`] when something is missing without which cltv cannot run.
pub fn doctor(args: &DoctorArgs) -> Result<(), RunError> {
    let checks = examined();
    match args.json {
        true => print_json(&as_json(&checks))?,
        false => print(&as_lines(&checks))?,
    }
    let missing: Vec<String> = checks
        .iter()
        .filter(|check| check.state == State::Missing)
        .map(|check| check.name.to_owned())
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(RunError::Doctor { missing }) }
}

fn examined() -> Vec<Check> {
    let status = match kernel::status(&KernelSpecFolder::User) {
        Ok(status) => status,
        Err(error) => {
            return [vec![unknown(&error)], beside_the_kernel()].concat();
        }
    };
    let mut of_the_kernel = vec![
        installation(&status),
        machine::compiler(&status),
        machine::cache(&status),
        part("kernel", status.program, &status),
        part("helper library", status.helper, &status),
        cells(&status),
        spec(&status),
    ];
    // An installation links cells with the linker that comes with the compiler.
    if status.installed.is_none() {
        of_the_kernel.push(machine::linker());
    }
    [of_the_kernel, beside_the_kernel()].concat()
}

fn beside_the_kernel() -> Vec<Check> {
    vec![machine::temporary(), machine::jupyter(), machine::browser()]
}

/// Which of several installations is in use.
fn installation(status: &Status) -> Check {
    let name = "installation";
    let Some(installed) = &status.installed else {
        let from = kernel::sources().map_or_else(
            || "a checkout that is gone".to_owned(),
            |sources| format!("the checkout {}", sources.display()),
        );
        return Check::ok(name, format!("built from {from}"));
    };
    match &installed.what {
        Some(what) => Check::ok(
            name,
            format!(
                "cltv {}, {} variant, commit {}, in {}",
                what.version,
                what.variant.name(),
                what.commit,
                installed.prefix().display()
            ),
        ),
        None => {
            Check::missing(name, format!("{} is damaged", installed.home.display()), "install cltv again")
        }
    }
}

/// Nothing is known of the kernel: a source file cannot be read, or there is no cache.
fn unknown(error: &KernelError) -> Check {
    let found = error.to_string();
    match error {
        KernelError::File { action: "Reading", path, .. } => {
            Check::missing("sources", found, format!("see that {} can be read", path.display()))
        }
        _ => Check::missing("cache", found, "set CLTV_CACHE to a folder that can be written"),
    }
}

fn part(name: &'static str, state: PartState, status: &Status) -> Check {
    if status.installed.is_some() {
        return match state {
            PartState::Fresh => Check::ok(name, "as it was made"),
            _ => Check::missing(name, "a file of the installation was cut or changed", "install cltv again"),
        };
    }
    let remedy = "cltv kernel install (a run builds it too, which takes a while)";
    match state {
        PartState::Fresh => Check::ok(name, "built"),
        PartState::Stale => Check::warning(name, "built from earlier sources or by another compiler", remedy),
        PartState::Damaged => Check::missing(name, "a file of it was cut or changed", "cltv kernel install"),
        PartState::Missing => Check::warning(name, "not built yet", remedy),
    }
}

fn cells(status: &Status) -> Check {
    let name = "compiled cells";
    match &status.cells {
        None => Check::ok(name, "none are kept"),
        Some(cells) if cells.damaged.is_empty() => {
            Check::ok(name, format!("{} files are as they were written", cells.whole))
        }
        Some(cells) => {
            let found = format!(
                "{} of {} files were cut or changed",
                cells.damaged.len(),
                cells.damaged.len() + cells.whole
            );
            Check::warning(name, found, "none needed: the next run compiles these cells again")
        }
    }
}

fn spec(status: &Status) -> Check {
    let name = "kernelspec";
    match status.spec {
        SpecState::Current => Check::ok(name, "Jupyter starts this kernel"),
        SpecState::Outdated => {
            Check::warning(name, "Jupyter starts an earlier kernel", "cltv kernel install")
        }
        SpecState::Elsewhere => {
            Check::ok(name, "a Jupyter of another prefix starts this kernel; the user's own does not know it")
        }
        SpecState::NotInstalled => {
            Check::warning(name, "Jupyter does not know the kernel", "cltv kernel install")
        }
    }
}

fn as_lines(checks: &[Check]) -> String {
    let lines = checks.iter().map(|check| {
        let remedy = check.remedy.as_ref().map_or_else(String::new, |remedy| format!(" -> {remedy}"));
        format!("{:8} {:15} {}{remedy}\n", check.state.name(), check.name, check.detail)
    });
    lines.collect()
}

fn as_json(checks: &[Check]) -> serde_json::Value {
    let list = checks.iter().map(|check| {
        json!({
            "check": check.name,
            "state": check.state.name(),
            "detail": check.detail,
            "remedy": check.remedy,
        })
    });
    list.collect()
}
