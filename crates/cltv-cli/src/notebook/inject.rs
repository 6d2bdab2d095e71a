//! Puts the cell that sets parameters into a notebook, and marks where a run stopped.

use serde_json::{Map, Value};

use super::{Cell, CellKind, Notebook};

/// The tag of the cell that declares parameters.
pub const PARAMETERS_TAG: &str = "parameters";

/// The tag of the cell that sets them.
pub const INJECTED_TAG: &str = "injected-parameters";

/// The tag that papermill gives to the cells that point at an error.
const ERROR_TAG: &str = "papermill-error-cell-tag";

/// Puts `code` where papermill would: in place of an earlier injected cell, else behind the
/// parameters cell, else first.
pub fn inject(notebook: &mut Notebook, code: String) {
    let cells = &mut notebook.cells;
    let is_code = |cell: &Cell| cell.kind == CellKind::Code;
    if let Some(old) = cells.iter_mut().find(|cell| is_code(cell) && cell.has_tag(INJECTED_TAG)) {
        old.source = code;
        return;
    }
    let place = cells
        .iter()
        .position(|cell| is_code(cell) && cell.has_tag(PARAMETERS_TAG))
        .map_or(0, |declared| declared + 1);
    cells.insert(place, Cell::code(code, INJECTED_TAG));
}

/// Has readers of the notebook hide its code, as papermill's report mode does.
pub fn hide_code(notebook: &mut Notebook) {
    for cell in notebook.cells.iter_mut().filter(|cell| cell.kind == CellKind::Code) {
        let jupyter = cell.metadata.entry("jupyter").or_insert_with(|| Map::new().into());
        if let Value::Object(fields) = jupyter {
            fields.insert("source_hidden".to_owned(), true.into());
        }
    }
}

/// Adds a cell at the top that says which cell failed, and one before that cell.
pub fn mark_error(notebook: &mut Notebook, failed: usize, count: Option<i32>) {
    let count = count.map_or_else(|| " ".to_owned(), |count| count.to_string());
    let top = format!(
        "<span style=\"color:#b00020; font-size:1.5em\">The run stopped with an error at \
         <a href=\"#papermill-error-cell\">In [{count}]</a>.</span>"
    );
    let here = "<span id=\"papermill-error-cell\" style=\"color:#b00020; font-size:1.5em\">The \
                run stopped in this cell:</span>";
    let cells = &mut notebook.cells;
    cells.insert(failed, Cell::markdown(here.to_owned(), ERROR_TAG));
    cells.insert(0, Cell::markdown(top, ERROR_TAG));
}

/// Takes the marks of an earlier failed run out.
pub fn remove_error_marks(notebook: &mut Notebook) {
    notebook.cells.retain(|cell| !cell.has_tag(ERROR_TAG));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notebook(tags: &[&str]) -> Notebook {
        Notebook {
            cells: tags.iter().map(|tag| Cell::code((*tag).to_owned(), tag)).collect(),
            ..Notebook::default()
        }
    }

    fn sources(notebook: &Notebook) -> Vec<&str> {
        notebook.cells.iter().map(|c| c.source.as_str()).collect()
    }

    #[test]
    fn behind_the_parameters_cell_then_in_place_of_itself() {
        let mut notebook = notebook(&["dep", "parameters", "rest"]);
        inject(&mut notebook, "one".into());
        assert_eq!(sources(&notebook), ["dep", "parameters", "one", "rest"]);
        inject(&mut notebook, "two".into());
        assert_eq!(sources(&notebook), ["dep", "parameters", "two", "rest"]);
        assert!(notebook.cells[2].has_tag(INJECTED_TAG));
    }

    #[test]
    fn first_where_nothing_is_tagged() {
        let mut notebook = notebook(&["a"]);
        inject(&mut notebook, "one".into());
        assert_eq!(sources(&notebook), ["one", "a"]);
    }

    #[test]
    fn error_marks_come_and_go() {
        let mut notebook = notebook(&["a", "b"]);
        mark_error(&mut notebook, 1, Some(2));
        assert_eq!(notebook.cells.len(), 4);
        assert!(notebook.cells[0].source.contains("In [2]"));
        assert_eq!(notebook.cells[3].source, "b");
        remove_error_marks(&mut notebook);
        assert_eq!(sources(&notebook), ["a", "b"]);
    }
}
