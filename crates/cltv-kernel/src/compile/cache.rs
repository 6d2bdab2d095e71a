//! Compiled cells are kept: a cell that was compiled before is not compiled again.
//!
//! What rustc makes of a cell depends on its source, which names all variables with their types, on
//! the prebuilt library and on the options. A notebook that is run again, with other values or none
//! changed, finds its cells here. They lie beside the library they were compiled against and go
//! with it; those of an installation, which may be read-only, lie in the user's cache. They are for this user alone, and what is not as it was written is compiled again.

use crate::private;
use anyhow::Result;
use cltv_protocol::kept_cells;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Bytes above which the cells that were not used for longest are removed.
const MOST_BYTES: u64 = 256 << 20;

/// Macros whose result depends on more than the source.
const READS_MORE: [&str; 2] = ["include", "env!"];

/// What the compiler said and made.
#[derive(Debug, PartialEq)]
pub(crate) struct Compiled {
    /// The exit code.
    pub(crate) code: u8,
    /// What it said of the cell, a message in JSON a line.
    pub(crate) messages: String,
}

/// Errors of the compiler about crates that it cannot find or read: a library was damaged or replaced,
/// whatever the cell says.
const OF_OTHER_CRATES: [&str; 9] =
    ["E0460", "E0461", "E0462", "E0463", "E0464", "E0514", "E0519", "E0523", "E0786"];

impl Compiled {
    /// Whether the compiler would say the same again: the cell compiled, or each of its errors has a code
    /// and a place in the cell. A full disk, a failed link and a damaged library give others too.
    pub(crate) fn is_about_the_cell(&self) -> bool {
        let is_error = |message: &serde_json::Value| {
            let level = message["level"].as_str().unwrap_or("error");
            level.starts_with("error") && !is_count(message)
        };
        let messages = self.messages.lines().map(|line| serde_json::from_str(line).unwrap_or_default());
        let mut errors = messages.filter(is_error).peekable();
        self.code == 0 || (errors.peek().is_some() && errors.all(|error| is_mistake(&error)))
    }
}

/// Whether an error is a mistake in the cell, and nothing that may be gone at the next try.
fn is_mistake(error: &serde_json::Value) -> bool {
    let code = error["code"]["code"].as_str();
    let is_macros_panic = error["message"].as_str().is_some_and(|text| text.ends_with("panicked"));
    let has_place = error["spans"].as_array().is_some_and(|spans| !spans.is_empty());
    // A parser's error has no code.
    has_place
        && !is_macros_panic
        && error["level"] == "error"
        && code.is_none_or(|code| !OF_OTHER_CRATES.contains(&code))
}

/// Whether a message counts the errors before it.
fn is_count(message: &serde_json::Value) -> bool {
    let text = message["message"].as_str().unwrap_or_default();
    message["code"].is_null()
        && message["spans"].as_array().is_none_or(Vec::is_empty)
        && (text.starts_with("aborting due to ")
            || text.starts_with("Some errors have detailed explanations"))
}

/// Where one cell's result is kept.
pub(crate) struct Place {
    said: PathBuf,
    library: PathBuf,
}

impl Place {
    /// The place, in a folder of cells, of a source compiled with these options against this library; none
    /// if it reads files or variables.
    pub(crate) fn of(cells: &Path, library: &Path, source: &str, options: &[String]) -> Option<Place> {
        if code_of(source).any(|line| READS_MORE.iter().any(|word| line.contains(word)))
            || source.parse().is_ok_and(names_a_module_elsewhere)
        {
            return None;
        }
        let mut hash = Sha256::new();
        let of_library = state(library)?;
        let more = [source, &of_library, env!("CARGO_PKG_VERSION")];
        for part in options.iter().map(String::as_str).chain(more) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let key: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let file = |extension: &str| cells.join(format!("{key}.{extension}"));
        Some(Place { said: file(kept_cells::SAID), library: file(kept_cells::LIBRARY) })
    }

    /// What was kept, with the library copied to where the compiler would have put it. What is not as it
    /// was written is removed.
    pub(crate) fn find(&self, library: Option<&Path>) -> Option<Compiled> {
        // A cell is code, and another user's would run as this one.
        if !self.said.parent().is_some_and(private::is_own_alone) {
            return None;
        }
        let found = self.try_find(library);
        if let Err(error) = &found
            && error.kind() != ErrorKind::NotFound
        {
            for file in [&self.said, &self.library] {
                // A file that cannot be removed is replaced when the cell has been compiled.
                let _ = std::fs::remove_file(file);
            }
        }
        found.ok()
    }

    fn try_find(&self, library: Option<&Path>) -> std::io::Result<Compiled> {
        let compiled = String::from_utf8(kept_cells::read(&self.said)?).ok().and_then(|text| {
            let (code, messages) = text.split_once('\n')?;
            Some(Compiled { code: code.parse().ok()?, messages: messages.to_owned() })
        });
        let compiled = compiled.ok_or(ErrorKind::InvalidData)?;
        if let Some(library) = library.filter(|_| compiled.code == 0) {
            let bytes = kept_cells::read(&self.library).map_err(|error| match error.kind() {
                // What was said is there only with the library.
                ErrorKind::NotFound => ErrorKind::InvalidData.into(),
                _ => error,
            })?;
            std::fs::write(library, bytes)?;
        }
        for file in [&self.said, &self.library] {
            // The time of the last use decides what is removed first.
            let _ = File::options().append(true).open(file).and_then(|f| f.set_modified(SystemTime::now()));
        }
        Ok(compiled)
    }

    /// Keeps a result. A folder that cannot be written is no failure of the cell.
    pub(crate) fn keep(&self, compiled: &Compiled, library: Option<&Path>) {
        let _ = self.try_keep(compiled, library);
    }

    fn try_keep(&self, compiled: &Compiled, library: Option<&Path>) -> Result<()> {
        private::make_folder(self.said.parent().unwrap_or(Path::new(".")))?;
        let write = |path: &Path, bytes: &[u8]| {
            let temporary = path.with_extension(format!("{}{UNFINISHED}", std::process::id()));
            kept_cells::write(path, bytes, &temporary)
        };
        if let Some(library) = library.filter(|_| compiled.code == 0) {
            write(&self.library, &std::fs::read(library)?)?;
        }
        // Written last: what was said is there only when the library is.
        write(&self.said, format!("{}\n{}", compiled.code, compiled.messages).as_bytes())?;
        Ok(())
    }
}

/// What the extension of a file ends with while it is being written.
const UNFINISHED: &str = "-unfinished";
/// The age from which such a file is no longer being written.
const LONGEST_WRITING: Duration = Duration::from_secs(3600);

/// The length and the times of a library: one that was damaged and is whole again has other times, so
/// that nothing that was made with it is found.
fn state(library: &Path) -> Option<String> {
    let data = std::fs::metadata(library).ok()?;
    Some(format!("{} {} {}", data.len(), data.mtime(), data.mtime_nsec()))
}

/// The lines that are not comments: evcxr's own module, in every cell, speaks of `include_str!`.
fn code_of(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// Whether a `mod` has no body of its own, and so is read from a file.
fn names_a_module_elsewhere(source: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = source.into_iter().collect();
    let is_body = |tree: Option<&TokenTree>| matches!(tree, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace);
    tokens.iter().enumerate().any(|(i, token)| match token {
        TokenTree::Ident(word) => word == "mod" && !is_body(tokens.get(i + 2)),
        TokenTree::Group(group) => names_a_module_elsewhere(group.stream()),
        _ => false,
    })
}

/// Removes the cells that were not used for longest, down to half of what may be kept.
pub(crate) fn sweep(cells: &Path) {
    sweep_to(cells, MOST_BYTES);
}

fn sweep_to(folder: &Path, most: u64) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let data = entry.metadata().ok()?;
            let (time, path) = (data.modified().ok()?, entry.path());
            // A kernel that was killed left it.
            let is_left = path.to_string_lossy().ends_with(UNFINISHED)
                && time.elapsed().is_ok_and(|age| age > LONGEST_WRITING);
            if is_left {
                let _ = std::fs::remove_file(&path);
                return None;
            }
            Some((time, data.len(), path))
        })
        .collect();
    let mut bytes: u64 = files.iter().map(|file| file.1).sum();
    if bytes <= most {
        return;
    }
    files.sort();
    for (_, length, path) in files {
        if bytes <= most / 2 {
            return;
        }
        let _ = std::fs::remove_file(path);
        bytes -= length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_cell_is_found_again_with_its_library() {
        let folder = tempfile::tempdir().unwrap();
        let helper = folder.path().join("helper.so");
        std::fs::write(&helper, "whole").unwrap();
        let place = |source: &str| {
            Place::of(&folder.path().join(kept_cells::FOLDER), &helper, source, &strings(&["-O"])).unwrap()
        };
        let (made, copy) = (folder.path().join("made.so"), folder.path().join("copy.so"));
        std::fs::write(&made, "a library").unwrap();
        let compiled = Compiled { code: 0, messages: "{}\n{}\n".to_owned() };
        assert_eq!(place("let a = 1;").find(Some(&copy)), None);
        place("let a = 1;").keep(&compiled, Some(&made));
        assert_eq!(place("let a = 1;").find(Some(&copy)), Some(compiled));
        assert_eq!(std::fs::read_to_string(&copy).unwrap(), "a library");
        assert_eq!(place("let a = 2;").find(Some(&copy)), None);
        let other =
            Place::of(&folder.path().join(kept_cells::FOLDER), &helper, "let a = 1;", &strings(&["-g"]))
                .unwrap();
        assert_eq!(other.find(None), None);
        // What a compiler said of a wrong cell is kept too, without a library.
        let wrong = Compiled { code: 101, messages: "no\n".to_owned() };
        place("wrong").keep(&wrong, Some(&folder.path().join("never.so")));
        assert_eq!(place("wrong").find(Some(&copy)), Some(wrong));
        // Nothing that was made while the library was another is found.
        std::fs::write(&helper, "damaged").unwrap();
        assert_eq!(place("let a = 1;").find(Some(&copy)), None);
    }

    #[test]
    fn what_was_damaged_is_removed_and_an_open_folder_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("made.so");
        std::fs::write(&made, "a library").unwrap();
        let place = Place::of(&folder.path().join(kept_cells::FOLDER), &made, "let a = 1;", &[]).unwrap();
        let found = || place.find(Some(&folder.path().join("copy.so"))).is_some();
        let compiled = Compiled { code: 0, messages: String::new() };
        for damaged in [&place.library, &place.said] {
            place.keep(&compiled, Some(&made));
            assert!(found());
            std::fs::write(damaged, "cut").unwrap();
            assert!(!found() && !place.said.exists() && !place.library.exists());
        }
        place.keep(&compiled, Some(&made));
        std::fs::remove_file(&place.library).unwrap();
        assert!(!found() && !place.said.exists());
        place.keep(&compiled, Some(&made));
        let cells = folder.path().join(kept_cells::FOLDER);
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(&cells, open).unwrap();
        assert!(!found());
        place.keep(&compiled, Some(&made));
        assert!(found());
    }

    #[test]
    fn a_cell_that_reads_a_file_is_compiled_every_time() {
        for source in ["include_str!(\"x\")", "let v = option_env!(\"HOME\");"] {
            assert!(Place::of(Path::new("/h"), Path::new("/dev/null"), source, &[]).is_none());
        }
        for source in ["#[path = \"x.rs\"] mod x;", "fn f() { pub(crate) mod y ; }"] {
            assert!(Place::of(Path::new("/h"), Path::new("/dev/null"), source, &[]).is_none());
        }
        assert!(
            Place::of(Path::new("/h"), Path::new("/dev/null"), "mod x { fn modest() {} }", &[]).is_some()
        );
        let spoken_of = "  // It is read by include_str! elsewhere.\nlet a = 1;";
        assert!(Place::of(Path::new("/h"), Path::new("/dev/null"), spoken_of, &[]).is_some());
    }

    #[test]
    fn only_an_error_with_a_place_is_about_the_cell() {
        let said = |code, messages: &str| Compiled { code, messages: messages.to_owned() };
        let error = |spans| serde_json::json!({"level": "error", "spans": spans}).to_string();
        let warning = serde_json::json!({"level": "warning", "spans": [{"line_start": 1}]});
        let no_place = format!("{warning}\n{}\n", error(serde_json::json!([])));
        assert!(!said(101, &no_place).is_about_the_cell());
        assert!(!said(101, "").is_about_the_cell());
        let place = format!("{warning}\n{}\n", error(serde_json::json!([{"line_start": 1}])));
        assert!(said(101, &place).is_about_the_cell());
        assert!(said(0, "").is_about_the_cell());
        let counted = serde_json::json!({"level": "error", "message": "aborting due to 1 previous error", "code": null, "spans": []});
        let with = |error: serde_json::Value| said(101, &format!("{error}\n{counted}\n")).is_about_the_cell();
        let spans = serde_json::json!([{"line_start": 1}]);
        let coded =
            |code: &str| serde_json::json!({"level": "error", "code": {"code": code}, "spans": spans});
        assert!(with(coded("E0308")));
        // A library that is damaged is found wanting at a place of the cell.
        assert!(!with(coded("E0463")) && !with(coded("E0786")));
        let broken =
            serde_json::json!({"level": "error: internal compiler error", "code": null, "spans": spans});
        assert!(!with(broken));
        // With a mistake of the cell beside it, too.
        let both = format!("{}\n{}\n", coded("E0308"), error(serde_json::json!([])));
        assert!(!said(101, &both).is_about_the_cell());
    }

    #[test]
    fn the_longest_unused_go_first() {
        let folder = tempfile::tempdir().unwrap();
        for (age, name) in ["new", "old", "older"].iter().enumerate() {
            let file = folder.path().join(name);
            std::fs::write(&file, [0; 100]).unwrap();
            let time = SystemTime::now() - std::time::Duration::from_secs(60 * age as u64);
            File::options().append(true).open(&file).unwrap().set_modified(time).unwrap();
        }
        sweep_to(folder.path(), 300);
        assert!(folder.path().join("older").exists());
        sweep_to(folder.path(), 299);
        let left = |name: &str| folder.path().join(name).exists();
        assert_eq!((left("new"), left("old"), left("older")), (true, false, false));
    }
}
