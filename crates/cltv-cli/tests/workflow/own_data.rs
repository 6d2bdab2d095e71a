//! Notebook 15, run as an analyst runs it: reading, tables, charts, an error on purpose, a slider.

use serde_json::Value;

use crate::executed;
use crate::workspace::Workspace;

const PLOTLY: &str = "application/vnd.plotly.v1+json";

#[test]
fn work_on_data_of_ones_own_runs_and_shows_itself() {
    let workspace = Workspace::of(&["15_your_own_data"]);
    workspace.cltv_in("", &["run", "notebooks/15_your_own_data.ipynb", "out.ipynb"]).success();
    let size = workspace.read("out.ipynb").len();
    assert!(size < 5_000_000, "{size} bytes");
    let notebook = executed::notebook(&workspace, "out.ipynb");
    let outputs = executed::outputs(&notebook);
    let html = |output: &&&Value| executed::text(&output["data"]["text/html"]);
    let charts: Vec<&&Value> = outputs.iter().filter(|output| output["data"].get(PLOTLY).is_some()).collect();
    assert_eq!(charts.len(), 5, "three of frames, one of plotly, and the mended one");
    for chart in &charts {
        assert!(html(chart).contains("data:image/svg+xml;base64,"), "each chart has a still picture");
    }
    let errors: Vec<&&Value> = outputs.iter().filter(|output| output["output_type"] == "error").collect();
    assert_eq!(errors.len(), 1, "the error on purpose, and no other");
    let said = errors[0].to_string();
    assert!(said.contains("There is no column") && said.contains("Betrag"), "{said}");
    let pages: String = outputs.iter().map(|output| html(&output)).collect();
    for part in ["Datum", "€", "Rabatt_<wbr>share", "5%", "type=\"range\"", "horizon", "max=\"23\""] {
        assert!(pages.contains(part), "{part} is missing");
    }
    assert_eq!(pages.matches("__cltvPlotlyLoading = true").count(), 1, "plotly.js is in it once");
    workspace.cltv_in("", &["export", "out.ipynb", "--no-input", "-o", "page.html"]).success();
    let page = workspace.read("page.html");
    assert!(page.contains("cltv-slider") && page.contains("script-src &#x27;sha256-"));
}
