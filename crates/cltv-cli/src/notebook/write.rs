//! Writes notebooks as Jupyter does: version 4.5, sorted keys, one space of indent.
//!
//! What a cell printed can be long, so it goes from the notebook to the file without a copy.

use std::collections::BTreeMap;
use std::io::{self, Write};

use nbformat::v4::Output;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::map::Map;

use super::{Cell, CellKind, Notebook};

/// The notebook's file contents.
pub fn to_json(notebook: &Notebook) -> String {
    let mut bytes = Vec::new();
    // Writing texts and JSON into memory cannot fail.
    let _ = write_json(notebook, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes the notebook's file contents.
///
/// # Errors
/// Those of the writer.
pub fn write_json(notebook: &Notebook, to: &mut dyn Write) -> io::Result<()> {
    let cells: Vec<Field<'_>> = notebook.cells.iter().map(cell).collect();
    let fields = [
        ("cells", Field::List(cells)),
        ("metadata", Field::Map(&notebook.metadata)),
        ("nbformat", Field::Number(Some(4))),
        ("nbformat_minor", Field::Number(Some(5))),
    ];
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut *to, formatter);
    Field::Fields(fields.into()).serialize(&mut serializer)?;
    to.write_all(b"\n")
}

/// A part of a notebook on its way to a file; keys are sorted, whatever map `serde_json` uses.
enum Field<'a> {
    Text(&'a str),
    /// A text as its lines.
    Lines(&'a str),
    Number(Option<i32>),
    Json(&'a Value),
    Map(&'a Map<String, Value>),
    Output(&'a Output),
    List(Vec<Field<'a>>),
    Fields(BTreeMap<&'a str, Field<'a>>),
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Field::Text(text) => text.serialize(to),
            Field::Lines(text) => to.collect_seq(text.split_inclusive('\n')),
            Field::Number(number) => number.serialize(to),
            Field::Json(Value::Object(map)) => Field::Map(map).serialize(to),
            Field::Json(Value::Array(items)) => to.collect_seq(items.iter().map(Field::Json)),
            Field::Json(value) => value.serialize(to),
            Field::Map(map) => {
                let sorted: BTreeMap<&String, &Value> = map.iter().collect();
                to.collect_map(sorted.into_iter().map(|(key, value)| (key, Field::Json(value))))
            }
            Field::Output(Output::Stream { name, text }) => {
                let kind = ("output_type", Field::Text("stream"));
                // As the reference writes a stream without text.
                let lines = match text.0.is_empty() {
                    true => Field::List(vec![Field::Text("")]),
                    false => Field::Lines(&text.0),
                };
                let fields = [("name", Field::Text(name)), kind, ("text", lines)];
                to.collect_map(fields)
            }
            Field::Output(output) => {
                let value = serde_json::to_value(output).map_err(serde::ser::Error::custom)?;
                Field::Json(&value).serialize(to)
            }
            Field::List(items) => items.serialize(to),
            Field::Fields(fields) => fields.serialize(to),
        }
    }
}

fn cell(cell: &Cell) -> Field<'_> {
    let mut fields: BTreeMap<&str, Field<'_>> =
        cell.rest.iter().map(|(key, value)| (key.as_str(), Field::Json(value))).collect();
    fields.insert("cell_type", Field::Text(cell.kind.name()));
    fields.insert("id", Field::Text(&cell.id));
    fields.insert("metadata", Field::Map(&cell.metadata));
    fields.insert("source", Field::Lines(&cell.source));
    if cell.kind == CellKind::Code {
        fields.insert("execution_count", Field::Number(cell.execution_count));
        fields.insert("outputs", Field::List(cell.outputs.iter().map(Field::Output).collect()));
    }
    Field::Fields(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nbformat::v4::MultilineString;

    #[test]
    fn the_reference_reader_takes_what_is_written() {
        let mut code = Cell::code("println!(\"é\");\n1".into(), "t");
        code.outputs = vec![Output::Stream { name: "stdout".into(), text: MultilineString("é\nb".into()) }];
        code.execution_count = Some(1);
        let notebook =
            Notebook { metadata: Map::new(), cells: vec![code, Cell::markdown("# t".into(), "t")] };
        let text = to_json(&notebook);
        let Ok(nbformat::Notebook::V4(read)) = nbformat::parse_notebook(&text) else {
            panic!("not a notebook of version 4.5: {text}");
        };
        assert_eq!(read.cells[0].source(), ["println!(\"é\");\n", "1"]);
        assert!(text.starts_with("{\n \"cells\": [\n  {\n   \"cell_type\": \"code\""));
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn a_stream_is_written_as_the_reference_writes_it() {
        for printed in ["", "a", "a\n", "a\n\nb\r\n", "é\u{1b}[31m\u{2028}\n"] {
            let output = Output::Stream { name: "stderr".into(), text: MultilineString(printed.into()) };
            let written = serde_json::to_value(Field::Output(&output)).expect("json");
            assert_eq!(written, serde_json::to_value(&output).expect("json"), "{printed:?}");
        }
    }

    #[test]
    fn a_number_stays_the_same_to_the_last_bit() {
        // A quick reading of numbers gives the neighbours of these.
        let text = "[1.0633303003969043e-18,1.2031819573946339e-25]";
        let value: serde_json::Value = serde_json::from_str(text).expect("numbers");
        assert_eq!(value.to_string(), text);
    }
}
