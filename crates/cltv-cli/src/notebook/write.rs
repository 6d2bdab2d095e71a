//! Writes notebooks as Jupyter does: version 4.5, sorted keys, one space of indent.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Cell, CellKind, Notebook};

/// The notebook's file contents.
pub fn to_json(notebook: &Notebook) -> String {
    let mut fields = Map::new();
    let cells: Vec<Value> = notebook.cells.iter().map(cell).collect();
    fields.insert("cells".to_owned(), cells.into());
    fields.insert("metadata".to_owned(), notebook.metadata.clone().into());
    fields.insert("nbformat".to_owned(), 4.into());
    fields.insert("nbformat_minor".to_owned(), 5.into());
    pretty(&sorted(fields.into()))
}

fn cell(cell: &Cell) -> Value {
    let mut fields = cell.rest.clone();
    fields.insert("cell_type".to_owned(), cell.kind.name().into());
    fields.insert("id".to_owned(), cell.id.as_str().into());
    fields.insert("metadata".to_owned(), cell.metadata.clone().into());
    fields.insert("source".to_owned(), lines(&cell.source));
    if cell.kind == CellKind::Code {
        fields.insert("execution_count".to_owned(), cell.execution_count.into());
        let outputs = cell.outputs.iter().filter_map(|output| {
            // Outputs are maps of texts and JSON, which always serialise.
            serde_json::to_value(output).ok()
        });
        fields.insert("outputs".to_owned(), outputs.collect());
    }
    fields.into()
}

fn lines(text: &str) -> Value {
    text.split_inclusive('\n').collect()
}

/// Sorts keys whatever map `serde_json` uses: another crate's feature can change it.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            let sorted = entries.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(sorted.collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

fn pretty(value: &Value) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // Writing JSON values into memory cannot fail.
    let _ = value.serialize(&mut serializer);
    bytes.push(b'\n');
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nbformat::v4::{MultilineString, Output};

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
    fn a_number_stays_the_same_to_the_last_bit() {
        // A quick reading of numbers gives the neighbours of these.
        let text = "[1.0633303003969043e-18,1.2031819573946339e-25]";
        let value: serde_json::Value = serde_json::from_str(text).expect("numbers");
        assert_eq!(value.to_string(), text);
    }
}
