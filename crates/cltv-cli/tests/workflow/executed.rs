//! What a notebook must be after its run, whoever reads it.

use serde_json::Value;

use crate::workspace::Workspace;

/// The outputs of all code cells, in their order.
pub(crate) fn outputs(notebook: &Value) -> Vec<&Value> {
    let cells = notebook["cells"].as_array().expect("cells");
    cells.iter().filter_map(|cell| cell["outputs"].as_array()).flatten().collect()
}

/// A text of an output, whose lines notebooks keep apart.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        Value::String(text) => text.clone(),
        _ => String::new(),
    }
}

/// All `text/plain` of a notebook.
pub(crate) fn plain_texts(notebook: &Value) -> String {
    outputs(notebook).iter().map(|output| text(&output["data"]["text/plain"]) + "\n").collect()
}

/// A notebook in the output folder, read as Jupyter would.
pub(crate) fn notebook(workspace: &Workspace, file: &str) -> Value {
    let text = workspace.read(file);
    assert!(matches!(nbformat::parse_notebook(&text), Ok(nbformat::Notebook::V4(_))), "{file}");
    serde_json::from_str(&text).expect("json")
}

/// Checks a notebook that ran to its end; gives the number of its charts.
pub(crate) fn check(workspace: &Workspace, file: &str) -> usize {
    let size = workspace.read(file).len();
    assert!(size < 8_000_000, "{file} has {size} bytes");
    let notebook = notebook(workspace, file);
    let cells = notebook["cells"].as_array().expect("cells");
    let code: Vec<&Value> = cells.iter().filter(|cell| cell["cell_type"] == "code").collect();
    let counts: Vec<Option<u64>> = code.iter().map(|cell| cell["execution_count"].as_u64()).collect();
    let expected: Vec<Option<u64>> = (1..=code.len() as u64).map(Some).collect();
    assert_eq!(counts, expected, "{file}: every code cell ran once, in order");
    let outputs = outputs(&notebook);
    for output in &outputs {
        assert!(output["output_type"] != "error" && output["name"] != "stderr", "{file}: {output}");
    }
    let plotly = "application/vnd.plotly.v1+json";
    let charts: Vec<&&Value> = outputs.iter().filter(|output| output["data"].get(plotly).is_some()).collect();
    for chart in &charts {
        assert!(chart["data"][plotly]["data"].as_array().is_some_and(|traces| !traces.is_empty()), "{file}");
        assert!(text(&chart["data"]["text/html"]).contains("<div"), "{file}: a chart has html");
        assert!(!text(&chart["data"]["text/plain"]).is_empty(), "{file}: a chart has text");
    }
    let loaders = outputs.iter().filter(|output| output.to_string().contains("DecompressionStream"));
    assert_eq!(loaders.count(), usize::from(!charts.is_empty()), "{file}: plotly is loaded once");
    charts.len()
}
