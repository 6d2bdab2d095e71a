//! The arguments of rustc: the crates that they name and where these lie.

use super::TYPED_SOURCE;
use super::inter_process_files::Externs;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The arguments that check the typed source instead of compiling the other.
pub(super) fn check_arguments(arguments: &[String], source: &str, folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy().into_owned();
    let mut changed: Vec<String> = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let before = changed.last().map(String::as_str);
        changed.push(match argument.as_str() {
            _ if before == Some("--out-dir") => folder.clone(),
            _ if argument == source => TYPED_SOURCE.to_owned(),
            // Beside the compile itself nothing may write into its folder.
            _ if before == Some("-C") && argument.starts_with("incremental=") => "debuginfo=0".to_owned(),
            _ if argument.starts_with("--emit=") => "--emit=metadata".to_owned(),
            _ => argument.clone(),
        });
    }
    changed
}

/// Sets the level of optimisation: cargo gives a cell that of the crates it depends on.
pub(super) fn set_level(arguments: &mut Vec<String>, level: &str) {
    while let Some(at) =
        arguments.windows(2).position(|pair| pair[0] == "-C" && pair[1].starts_with("opt-level="))
    {
        arguments.drain(at..at + 2);
    }
    arguments.extend(["-C".to_owned(), format!("opt-level={level}")]);
}

/// The folders in which the compiler looks for crates that others name.
pub(super) fn dependency_folders(arguments: &[String]) -> Vec<PathBuf> {
    arguments.iter().filter_map(|argument| argument.strip_prefix("dependency=")).map(PathBuf::from).collect()
}

/// The libraries of a crate, one a version.
pub(super) fn libraries(folders: &[PathBuf], name: &str) -> Vec<PathBuf> {
    let begin = format!("lib{name}-");
    let mut found: BTreeMap<OsString, PathBuf> = BTreeMap::new();
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    for path in files.map(|file| file.path()) {
        let is_its = path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&begin));
        let (true, Some(stem)) = (is_its, path.file_stem()) else { continue };
        match path.extension().and_then(|extension| extension.to_str()) {
            // A library that can be linked holds more than one made for checks.
            Some("rlib" | "so") => {
                found.insert(stem.to_owned(), path);
            }
            Some("rmeta") => {
                found.entry(stem.to_owned()).or_insert(path);
            }
            _ => {}
        }
    }
    found.into_values().collect()
}

/// The options that name crates, but for those that are among the arguments already, or gone.
pub(super) fn extern_options(externs: &Externs, arguments: &[String]) -> Vec<String> {
    let is_wanted =
        |(name, file): &(&String, &String)| !is_named(name, arguments) && Path::new(file).exists();
    let options = externs.iter().filter(is_wanted);
    options.flat_map(|(name, file)| ["--extern".to_owned(), format!("{name}={file}")]).collect()
}

/// Whether the arguments give a crate its name.
pub(super) fn is_named(name: &str, arguments: &[String]) -> bool {
    let is_its = |argument: &String| {
        argument.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    arguments.windows(2).any(|pair| pair[0] == "--extern" && is_its(&pair[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_check_writes_nothing_where_the_compile_does() {
        let arguments = strings(&[
            "src/lib.rs",
            "--emit=dep-info,link",
            "-C",
            "incremental=/x",
            "-C",
            "opt-level=0",
            "--out-dir",
            "/y",
            "-L",
            "dependency=/z",
        ]);
        assert_eq!(
            check_arguments(&arguments, "src/lib.rs", Path::new("target/typed")),
            strings(&[
                TYPED_SOURCE,
                "--emit=metadata",
                "-C",
                "debuginfo=0",
                "-C",
                "opt-level=0",
                "--out-dir",
                "target/typed",
                "-L",
                "dependency=/z",
            ])
        );
        assert_eq!(dependency_folders(&arguments), [Path::new("/z")]);
    }

    #[test]
    fn a_cell_has_its_own_level() {
        let mut arguments = strings(&["-C", "opt-level=2", "--crate-name", "ctx"]);
        set_level(&mut arguments, "0");
        assert_eq!(arguments, strings(&["--crate-name", "ctx", "-C", "opt-level=0"]));
    }

    #[test]
    fn a_crate_is_named_once() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_string_lossy().into_owned();
        let externs = ["chrono", "gone", "x"].map(|name| (name.to_owned(), path.clone()));
        let mut externs = Externs::from(externs);
        externs.insert("gone".to_owned(), "/nowhere".to_owned());
        let arguments = strings(&["--extern", "chrono=/c", "--extern", "x_y=/d"]);
        assert_eq!(extern_options(&externs, &arguments), ["--extern".to_owned(), format!("x={path}")]);
    }

    #[test]
    fn each_version_of_a_crate_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["libx-1.rmeta", "libx-1.rlib", "libx-2.rmeta", "libx_y-1.rlib", "libx-1.d", "x-3.rlib"];
        for file in files {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        let found = libraries(&[folder.path().to_owned(), PathBuf::from("/nowhere")], "x");
        assert_eq!(found, ["libx-1.rlib", "libx-2.rmeta"].map(|file| folder.path().join(file)));
    }
}
