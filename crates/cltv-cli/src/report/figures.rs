//! The key figures of a published run, read from its files.

use std::path::Path;

use serde_json::Value;

/// Figures by name, in the order of a table's columns; those that a run does not have are missing.
///
/// Only the files that the run published are read: others in its folder are of earlier runs.
pub(super) fn of(outputs: &Path, published: &[String]) -> Vec<(String, f64)> {
    let path = |name: &str| published.iter().any(|file| file == name).then(|| outputs.join(name));
    let text =
        path("model_summary.json").and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    let summary: Value = serde_json::from_str(&text).unwrap_or_default();
    let mut figures = Vec::new();
    let mut add = |name: &str, value: Option<f64>| {
        figures.extend(value.map(|value| (name.to_owned(), value)));
    };
    add("customers", summary["data"]["customers"].as_f64());
    for (model, fit) in summary["full"].as_object().into_iter().flatten() {
        add(
            &format!("{}_log_likelihood", fit["model"].as_str().unwrap_or(model)),
            fit["log_likelihood"].as_f64(),
        );
    }
    let holdout = &summary["holdout"];
    add("holdout_actual", holdout["actual_purchases"].as_f64());
    add("holdout_expected", holdout["expected_purchases"].as_f64());
    add("holdout_mae", holdout["mae"].as_f64());
    add("total_clv", path("clv_results.csv").and_then(|path| total(&path, "clv")));
    figures
}

/// The sum of a column; empty cells are customers without a value.
fn total(path: &Path, column: &str) -> Option<f64> {
    let mut reader = csv::Reader::from_path(path).ok()?;
    let place = reader.headers().ok()?.iter().position(|name| name == column)?;
    let mut sum = None;
    for record in reader.records() {
        let record = record.ok()?;
        if let Some(value) = record.get(place).filter(|cell| !cell.is_empty()) {
            sum = Some(sum.unwrap_or(0.0) + value.parse::<f64>().ok()?);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_from_the_runs_files_and_missing_ones_are_left_out() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let files = ["model_summary.json", "clv_results.csv"].map(str::to_owned);
        assert!(of(folder.path(), &files).is_empty());
        let summary = r#"{"data": {"customers": 3}, "full": {"bg_nbd": {"log_likelihood": -1.5},
            "gamma_gamma": null}, "holdout": {"actual_purchases": 4, "expected_purchases": 3.5, "mae": 0.5}}"#;
        std::fs::write(folder.path().join("model_summary.json"), summary).expect("written");
        std::fs::write(folder.path().join("clv_results.csv"), "customer_id,clv\n\"a,b\",1.25\nc,\nd,2\n")
            .expect("written");
        let named = |name: &str| {
            of(folder.path(), &files).into_iter().find(|(known, _)| known == name).map(|(_, v)| v)
        };
        assert_eq!(named("customers"), Some(3.0));
        assert_eq!(named("bg_nbd_log_likelihood"), Some(-1.5));
        assert_eq!(named("gamma_gamma_log_likelihood"), None);
        assert_eq!(named("holdout_expected"), Some(3.5));
        assert_eq!(named("total_clv"), Some(3.25));
        assert!(of(folder.path(), &["executive_summary.md".to_owned()]).is_empty());
    }
}
