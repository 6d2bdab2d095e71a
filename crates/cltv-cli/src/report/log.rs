//! The log of a run: the parameters, the versions, every progress line, the result.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use chrono::Utc;
use cltv_protocol::private;

use crate::files::FileError;
use crate::version;

/// The folder of logs inside an output folder.
pub(super) const FOLDER: &str = "runs";

/// A new log in an output folder, with its first lines written.
pub(super) fn begin(outputs: &Path, parameters: &[(String, String)]) -> Result<File, FileError> {
    let folder = outputs.join(FOLDER);
    // The command line and the values of parameters are nobody else's business.
    private::folder(&folder).map_err(FileError::write(&folder))?;
    let now = Utc::now();
    let mut file = created(&folder, &now.format("%Y-%m-%dT%H-%M-%SZ").to_string())?;
    let mut text = format!("{}\ncltv {}\n", now.to_rfc3339(), version::text());
    text += &format!("system: {} {}\n", std::env::consts::OS, std::env::consts::ARCH);
    text += &format!("command: {}\n", command());
    for (name, value) in parameters {
        text += &format!("parameter: {name} = {value:?}\n");
    }
    file.write_all(text.as_bytes()).map_err(FileError::write(&folder))?;
    Ok(file)
}

/// Runs that begin in the same second get a number.
fn created(folder: &Path, name: &str) -> Result<File, FileError> {
    let mut path = folder.join(format!("{name}.log"));
    let mut number = 2;
    loop {
        match private::new_file(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                path = folder.join(format!("{name}-{number}.log"));
                number += 1;
            }
            made => return made.map_err(FileError::write(&path)),
        }
    }
}

/// The command line, each argument as a literal where it is more than a word.
fn command() -> String {
    let words = std::env::args_os().map(|argument| {
        let text = argument.to_string_lossy().into_owned();
        let is_word = text.chars().all(|c| c.is_alphanumeric() || "-_./=".contains(c)) && !text.is_empty();
        if is_word { text } else { format!("{text:?}") }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_log_has_its_own_file_with_the_parameters() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let parameters = [("currency".to_owned(), "two\nlines".to_owned())];
        for _ in 0..3 {
            begin(folder.path(), &parameters).expect("begun");
        }
        let logs: Vec<_> = fs::read_dir(folder.path().join(FOLDER)).expect("there").flatten().collect();
        assert_eq!(logs.len(), 3);
        let text = fs::read_to_string(logs[0].path()).expect("readable");
        assert!(text.contains("parameter: currency = \"two\\nlines\"\n"), "{text}");
        assert!(text.contains("command: ") && text.contains(env!("CARGO_PKG_VERSION")), "{text}");
    }
}
