//! Parameters: whatever is given for them is data, and is read back as it was given.

use cltv_cli::cli::ParameterArgs;
use cltv_cli::notebook::{self, Cell, INJECTED_TAG, Notebook, PARAMETERS_TAG, inject, to_json};
use cltv_cli::params::{
    Assignment, Given, Kind, NotebookParameters, Parameter, Settings, Value, parameters_of, resolve, sources,
    yaml,
};
use cltv_fuzz::Seed;

use super::{Read, ensure};

/// Pieces of Rust, YAML and JSON.
pub(super) const WORDS: [&str; 58] = [
    "let x: u8 = 1;",
    "let mut y = ",
    "r#type",
    "&str",
    "String",
    "Option<",
    "Vec<f64>",
    "u128",
    "i128",
    "f32",
    "char",
    "None",
    "Some(",
    "vec![",
    ".to_string()",
    "String::new()",
    "b'x'",
    "r#\"a\"#",
    "'\\u{1F600}'",
    "\"\\x41\"",
    "1e999",
    "-1e-400",
    "1_000u64",
    "0xFF",
    "340282366920938463463374607431768211455",
    "-170141183460469231731687303715884105728",
    "-0.0",
    "// note",
    "/* a",
    "*/",
    "#[doc]",
    "{",
    "}}",
    "unsafe { }",
    "\\",
    "\"",
    "'",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{202e}",
    "\u{feff}",
    "\u{2028}",
    "é",
    "🦀",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "|\n  text",
    ">-\n  text",
    "? ",
    "---\n",
    "~",
    "null",
    "\\ud83d\\ude00",
    "yes",
];

const CELL: &str = r#"// What the analysis reads.
let text: &str = "cdnow"; // a named data set
let owned: String = "b".to_string();
let whole: u32 = 6;
let signed: i64 = -3;
let wide: i128 = 7;
let huge: u128 = 1;
let double: f64 = 0.10;
let single: f32 = 0.5;
let truth: bool = false;
let letter: char = 'x';
let maybe: Option<&str> = None;
let maybe_number: Option<f64> = Some(1.5);
let mut changing: usize = 1;
let list: Vec<&str> = vec![];
"#;

const VALUES: &str = "cdnow\n12\n-3\n0.1\n1e-300\ntrue\nNone\n\"; std::process::exit(0); \"\nC:\\sales\\new.csv\n// comment */ '\n日本語 🦀\nr#\"raw\"#\n170141183460469231731687303715884105728\n";
const YAML: &str = "# sets\n- &base {text: cdnow, whole: 12}\n- {<<: *base, double: 0.1, list: [a, 'b', \"c\\u00e9\"]}\n- text: |\n    two\n    lines\n  truth: yes\n  maybe: ~\n";
const JSON: &str = "{\n\t\"text\": \"C:\\\\a\\u00e9\\/b \\ud83d\\ude00\",\n\t\"whole\": 12,\n\t\"truth\": true,\n\t\"list\": [\"a\", \"b\\n\"]\n}\n";
const BASE64: &str = "e3RleHQ6IGNkbm93LCB3aG9sZTogMTIsIGxpc3Q6IFthLCAnYiddfQ==";

/// An input of each kind.
pub(super) fn seeds() -> Vec<Seed> {
    let kinds = [
        ("cell.rs", CELL),
        ("given.lines", VALUES),
        ("sets.yaml", YAML),
        ("set.json", JSON),
        ("set.b64", BASE64),
    ];
    kinds.into_iter().map(|(name, text)| Seed::plain(name, text)).collect()
}

/// Reads an input by the ending of its name.
pub(super) fn read(name: &str, bytes: &[u8]) -> Read {
    let text = String::from_utf8_lossy(bytes);
    match name.rsplit('.').next() {
        Some("rs") => cell(&text),
        Some("lines") => text.split('\n').try_for_each(given).map(|()| true),
        Some("b64") => Ok(encoded(&text)),
        _ => file(&text),
    }
}

/// Any text as the cell that declares parameters.
fn cell(text: &str) -> Read {
    let Ok(parameters) = parameters_of(text, "cell") else { return Ok(false) };
    for parameter in &parameters {
        let _ = (parameter.type_name(), parameter.kind.expected());
        // Code may say `let a: f32 = 1e39`, which a value that is given cannot be.
        let fits = |value: &&Value| single(value, &parameter.kind).is_none_or(f32::is_finite);
        if let Some(value) = parameter.default_value.as_ref().filter(fits) {
            let _ = (value.json(), value.shown());
            let typed = Parameter { declared: None, ..parameter.clone() };
            read_back(&typed, value, &typed.statement(value))?;
        }
    }
    Ok(true)
}

/// Any text as the value of a parameter of each kind.
fn given(text: &str) -> Result<(), String> {
    let parameters = parameters_of(CELL, "cell").map_err(|error| error.to_string())?;
    let quoted = serde_json::Value::from(text).to_string();
    let json = format!("{{\"text\": {quoted}, \"owned\": {quoted}, \"list\": [{quoted}]}}");
    let from_json = yaml::assignments(&json, "json").map_err(|error| format!("JSON is refused: {error}"))?;
    let strings = from_json.iter().filter(|assignment| assignment.value == Given::Text(text.to_owned()));
    ensure(strings.count() == 2, || format!("a string of JSON is read as {from_json:?}"))?;
    injected(&parameters, &from_json, text)?;
    for parameter in &parameters {
        for assignment in [Assignment::new(&parameter.name, text), Assignment::text(&parameter.name, text)] {
            injected(&parameters, &[assignment], text)?;
        }
    }
    Ok(())
}

/// Values that are accepted come back from the notebook into which they were put.
fn injected(parameters: &[Parameter], given: &[Assignment], text: &str) -> Result<(), String> {
    let declared = NotebookParameters { notebook: "cell".into(), parameters: parameters.to_vec() };
    let Ok(all) = resolve(&[declared], given, None) else { return Ok(()) };
    let Some(settings) = all.first().filter(|settings| !settings.is_empty()) else {
        return Err("a value that was accepted is not set".into());
    };
    let code = saved(settings)?;
    let read = parameters_of(&code, "injected").map_err(|error| format!("is no Rust: {error}: {code:?}"))?;
    let count = settings.iter().count();
    ensure(read.len() == count, || format!("{} parameters of {count} are set: {code:?}", read.len()))?;
    for ((name, value), again) in settings.iter().zip(&read) {
        let own = parameters.iter().find(|parameter| parameter.name == name).ok_or("another name")?;
        ensure(again.name == name && again.kind == own.kind, || format!("{name} is another parameter"))?;
        match value {
            Value::List(_) => in_list(&again.default, text)?,
            value => read_back(own, value, &own.statement(value))?,
        }
    }
    Ok(())
}

/// The code of the injected cell, after the notebook was written and read.
fn saved(settings: &Settings) -> Result<String, String> {
    let mut notebook =
        Notebook { cells: vec![Cell::code(CELL.into(), PARAMETERS_TAG)], ..Notebook::default() };
    inject(&mut notebook, settings.code());
    let read = notebook::from_json(&to_json(&notebook), "saved").map_err(|error| error.to_string())?;
    let cell = read.cells.into_iter().find(|cell| cell.has_tag(INJECTED_TAG)).ok_or("no injected cell")?;
    ensure(cell.source == settings.code(), || format!("the cell is saved as {:?}", cell.source))?;
    Ok(cell.source)
}

/// A statement is one line, and the value in it is the one that was written.
fn read_back(parameter: &Parameter, value: &Value, statement: &str) -> Result<(), String> {
    let bad = statement.chars().find(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(c));
    // A declared type stands as it was written.
    ensure(bad.is_none() || parameter.declared.is_none(), || format!("{bad:?} in {statement:?}"))?;
    let read = parameters_of(statement, "statement").map_err(|error| format!("{error}: {statement:?}"))?;
    let [read] = read.as_slice() else { return Err(format!("{} statements: {statement:?}", read.len())) };
    let again = read.default_value.as_ref();
    let is_same = match (single(value, &parameter.kind), again) {
        (Some(value), Some(again)) => single(again, &parameter.kind) == Some(value),
        (_, again) => again == Some(value),
    };
    ensure(is_same, || format!("{value:?} is read back as {again:?}: {statement:?}"))
}

/// A number of an `f32`, whose literal has fewer digits.
fn single(value: &Value, kind: &Kind) -> Option<f32> {
    match (value, kind) {
        (Value::Number(number), Kind::Single) => Some(*number as f32),
        (Value::Present(inner), Kind::Optional(kind)) => single(inner, kind),
        _ => None,
    }
}

/// A list of one string, as `vec!["…"]`.
fn in_list(default: &str, text: &str) -> Result<(), String> {
    let items = default.strip_prefix("vec!").ok_or_else(|| format!("no list: {default:?}"))?;
    let items: syn::ExprArray = syn::parse_str(items).map_err(|error| format!("{error}: {default:?}"))?;
    let strings: Vec<String> = items
        .elems
        .iter()
        .filter_map(|item| match item {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        })
        .collect();
    ensure(strings == [text], || format!("the list [{text:?}] is read back as {strings:?}"))
}

fn encoded(text: &str) -> bool {
    let args = ParameterArgs { base64: vec![text.to_owned()], ..ParameterArgs::default() };
    sources::assignments(&args).is_ok()
}

/// Any text as a file of parameters, of one set or of several; strings of JSON are the strings of JSON.
fn file(text: &str) -> Read {
    let _ = (yaml::is_list(text, "file"), yaml::sets(text, "file"));
    let Ok(read) = yaml::assignments(text, "file") else { return Ok(yaml::sets(text, "file").is_ok()) };
    let json = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).unwrap_or_default();
    for (name, value) in json.iter().filter(|(name, _)| *name != "<<") {
        if let serde_json::Value::String(value) = value {
            let own = read.iter().find(|assignment| assignment.name == *name).map(|own| &own.value);
            let is_same = own == Some(&Given::Text(value.clone()));
            ensure(is_same, || format!("{name:?} is {value:?} in JSON and is read as {own:?}"))?;
        }
    }
    Ok(true)
}
