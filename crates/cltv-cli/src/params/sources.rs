//! Where parameters come from, in papermill's order: what comes later counts.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cltv_protocol::workspace::scheme;

use super::{Assignment, ParamError, yaml};
use crate::cli::ParameterArgs;

/// Everything that the command line sets, in papermill's order: base64, files, YAML, `-p`, `-r`.
///
/// # Errors
/// [`ParamError::Source`] names the option or the file that cannot be read.
pub fn assignments(args: &ParameterArgs) -> Result<Vec<Assignment>, ParamError> {
    let mut all = before_files(args)?;
    for path in &args.files {
        all.extend(yaml::assignments(&text_of(path)?, &path.display().to_string())?);
    }
    all.extend(after_files(args)?);
    Ok(all)
}

/// What counts less than a file.
pub(crate) fn before_files(args: &ParameterArgs) -> Result<Vec<Assignment>, ParamError> {
    let mut all = Vec::new();
    for encoded in &args.base64 {
        all.extend(yaml::assignments(&decoded(encoded)?, "-b")?);
    }
    Ok(all)
}

/// What counts more than a file.
pub(crate) fn after_files(args: &ParameterArgs) -> Result<Vec<Assignment>, ParamError> {
    let mut all = Vec::new();
    for text in &args.yaml {
        all.extend(yaml::assignments(text, "-y")?);
    }
    all.extend(args.typed.chunks_exact(2).map(|pair| Assignment::new(&pair[0], &pair[1])));
    all.extend(args.raw.chunks_exact(2).map(|pair| Assignment::text(&pair[0], &pair[1])));
    Ok(all)
}

/// A parameter file's text.
pub(crate) fn text_of(path: &Path) -> Result<String, ParamError> {
    let wrong = |what: String| ParamError::Source { source_name: path.display().to_string(), what };
    if let Some(scheme) = path.to_str().and_then(scheme) {
        return Err(wrong(format!("it is not a local path, because `{scheme}:` names another place")));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("{error}. Give the path of a YAML or JSON file with -f")))?;
    // Windows' editors put a mark before the text, which YAML does not expect.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn decoded(encoded: &str) -> Result<String, ParamError> {
    let wrong = |what: String| ParamError::Source { source_name: "-b".to_owned(), what };
    // Tools break long lines; what they break is still base64.
    let compact: String = encoded.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD.decode(compact).map_err(|error| {
        wrong(format!("it is not base64 ({error}); `base64 -w0 parameters.yaml` makes it"))
    })?;
    String::from_utf8(bytes).map_err(|_| wrong("what it encodes is not UTF-8 text".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Given;

    fn of(args: ParameterArgs) -> Vec<(String, Given)> {
        assignments(&args).expect("valid").into_iter().map(|a| (a.name, a.value)).collect()
    }

    #[test]
    fn the_order_is_papermills() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("p.yaml");
        std::fs::write(&file, "\u{feff}a: file\n").expect("written");
        let given = of(ParameterArgs {
            typed: vec!["a".into(), "p".into()],
            raw: vec!["a".into(), "r".into()],
            files: vec![file],
            yaml: vec!["a: yaml".into()],
            base64: vec![STANDARD.encode("a: b64")],
        });
        let values: Vec<&str> = given.iter().filter_map(|(_, value)| value.characters()).collect();
        assert_eq!(values, ["b64", "file", "yaml", "p", "r"]);
        assert_eq!(given[4].1, Given::Text("r".into()));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let refused = |args: ParameterArgs| assignments(&args).unwrap_err().to_string();
        let file = refused(ParameterArgs { files: vec!["none.yaml".into()], ..Default::default() });
        assert!(file.contains("none.yaml cannot be read"), "{file}");
        let base64 = refused(ParameterArgs { base64: vec!["a: 1".into()], ..Default::default() });
        assert!(base64.contains("-b cannot be read: it is not base64"), "{base64}");
        let bytes = STANDARD.encode([0xff, 0xfe]);
        assert!(refused(ParameterArgs { base64: vec![bytes], ..Default::default() }).contains("UTF-8"));
    }

    #[test]
    fn broken_lines_of_base64_are_joined() {
        let encoded = STANDARD.encode("horizon_months: 12");
        let (first, rest) = encoded.split_at(8);
        let given = of(ParameterArgs { base64: vec![format!("{first}\n{rest}\n")], ..Default::default() });
        assert_eq!(given[0].1, Given::Plain("12".into()));
    }
}
