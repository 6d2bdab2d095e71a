//! Compiled cells are kept: a cell that was compiled before is not compiled again.
//!
//! What rustc makes of a cell depends on its source, which names all variables with their types, on
//! the prebuilt library and on the options. A notebook that is run again, with other values or none
//! changed, finds its cells here. They lie beside the library they were compiled against and go
//! with it.

use crate::private;
use anyhow::Result;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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

impl Compiled {
    /// Whether the compiler would say the same again: the cell compiled, or an error names a place in
    /// it. A full disk and a failed link are errors without a place, and pass.
    pub(crate) fn is_about_the_cell(&self) -> bool {
        let names_a_place = |line: &str| {
            let message: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            let has_span = message["spans"].as_array().is_some_and(|spans| !spans.is_empty());
            message["level"] == "error" && has_span
        };
        self.code == 0 || self.messages.lines().any(names_a_place)
    }
}

/// Where one cell's result is kept.
pub(crate) struct Place {
    said: PathBuf,
    library: PathBuf,
}

impl Place {
    /// The place of a source compiled with these options; none if it reads files or variables.
    pub(crate) fn of(helper: &Path, source: &str, options: &[String]) -> Option<Place> {
        if code_of(source).any(|line| READS_MORE.iter().any(|word| line.contains(word)))
            || source.parse().is_ok_and(names_a_module_elsewhere)
        {
            return None;
        }
        let mut hash = Sha256::new();
        for part in options.iter().map(String::as_str).chain([source, env!("CARGO_PKG_VERSION")]) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let key: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let folder = folder(helper);
        Some(Place { said: folder.join(format!("{key}.said")), library: folder.join(format!("{key}.so")) })
    }

    /// What was kept, with the library copied to where the compiler would have put it.
    pub(crate) fn find(&self, library: Option<&Path>) -> Option<Compiled> {
        // A cell is code, and another user's would run as this one.
        if !self.said.parent().is_some_and(private::is_own_alone) {
            return None;
        }
        let text = std::fs::read_to_string(&self.said).ok()?;
        let (code, messages) = text.split_once('\n')?;
        let compiled = Compiled { code: code.parse().ok()?, messages: messages.to_owned() };
        if let Some(library) = library.filter(|_| compiled.code == 0) {
            std::fs::copy(&self.library, library).ok()?;
        }
        for file in [&self.said, &self.library] {
            // The time of the last use decides what is removed first.
            let _ = File::options().append(true).open(file).and_then(|f| f.set_modified(SystemTime::now()));
        }
        Some(compiled)
    }

    /// Keeps a result. A folder that cannot be written is no failure of the cell.
    pub(crate) fn keep(&self, compiled: &Compiled, library: Option<&Path>) {
        let _ = self.try_keep(compiled, library);
    }

    fn try_keep(&self, compiled: &Compiled, library: Option<&Path>) -> Result<()> {
        let folder = self.said.parent().unwrap_or(Path::new("."));
        private::make_folder(folder)?;
        if let Some(library) = library.filter(|_| compiled.code == 0) {
            let mut copy = tempfile::NamedTempFile::new_in(folder)?;
            std::io::copy(&mut File::open(library)?, &mut copy)?;
            copy.persist(&self.library)?;
        }
        // Written last: what was said is there only when the library is.
        let said = tempfile::NamedTempFile::new_in(folder)?;
        std::fs::write(&said, format!("{}\n{}", compiled.code, compiled.messages))?;
        said.persist(&self.said)?;
        Ok(())
    }
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

fn folder(helper: &Path) -> PathBuf {
    helper.join("cells")
}

/// Removes the cells that were not used for longest, down to half of what may be kept.
pub(crate) fn sweep(helper: &Path) {
    sweep_to(&folder(helper), MOST_BYTES);
}

fn sweep_to(folder: &Path, most: u64) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let data = entry.metadata().ok()?;
            Some((data.modified().ok()?, data.len(), entry.path()))
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
        let place = |source: &str| Place::of(folder.path(), source, &strings(&["-O"])).unwrap();
        let (made, copy) = (folder.path().join("made.so"), folder.path().join("copy.so"));
        std::fs::write(&made, "a library").unwrap();
        let compiled = Compiled { code: 0, messages: "{}\n{}\n".to_owned() };
        assert_eq!(place("let a = 1;").find(Some(&copy)), None);
        place("let a = 1;").keep(&compiled, Some(&made));
        assert_eq!(place("let a = 1;").find(Some(&copy)), Some(compiled));
        assert_eq!(std::fs::read_to_string(&copy).unwrap(), "a library");
        assert_eq!(place("let a = 2;").find(Some(&copy)), None);
        let other = Place::of(folder.path(), "let a = 1;", &strings(&["-g"])).unwrap();
        assert_eq!(other.find(None), None);
        // What a compiler said of a wrong cell is kept too, without a library.
        let wrong = Compiled { code: 101, messages: "no\n".to_owned() };
        place("wrong").keep(&wrong, Some(&folder.path().join("never.so")));
        assert_eq!(place("wrong").find(Some(&copy)), Some(wrong));
    }

    #[test]
    fn a_cell_that_reads_a_file_is_compiled_every_time() {
        for source in ["include_str!(\"x\")", "let v = option_env!(\"HOME\");"] {
            assert!(Place::of(Path::new("/h"), source, &[]).is_none());
        }
        for source in ["#[path = \"x.rs\"] mod x;", "fn f() { pub(crate) mod y ; }"] {
            assert!(Place::of(Path::new("/h"), source, &[]).is_none());
        }
        assert!(Place::of(Path::new("/h"), "mod x { fn modest() {} }", &[]).is_some());
        let spoken_of = "  // It is read by include_str! elsewhere.\nlet a = 1;";
        assert!(Place::of(Path::new("/h"), spoken_of, &[]).is_some());
    }

    #[test]
    fn only_an_error_with_a_place_is_about_the_cell() {
        let said = |code, messages: &str| Compiled { code, messages: messages.to_owned() };
        let error = |spans| serde_json::json!({"level": "error", "spans": spans}).to_string();
        let warning = serde_json::json!({"level": "warning", "spans": [{"line_start": 1}]});
        let no_place = format!("{warning}\n{}\n", error(serde_json::json!([])));
        assert!(!said(101, &no_place).is_about_the_cell());
        assert!(!said(101, "").is_about_the_cell());
        let place = format!("{no_place}{}\n", error(serde_json::json!([{"line_start": 1}])));
        assert!(said(101, &place).is_about_the_cell());
        assert!(said(0, "").is_about_the_cell());
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
