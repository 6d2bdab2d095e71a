//! Data and parameters that would like to be code: they come out as the text that they are.

use std::fs;

use crate::executed::{self, notebook, outputs, text};
use crate::workspace::{ALL, EDA, Workspace, column, fixtures};

const CODE: &str = "\"; std::process::exit(0); \"";
const SCRIPT: &str = "<script>alert(1)</script>";

/// Customers whose ids are no harm to anybody who quotes them.
const IDS: [&str; 8] = [
    "=cmd|' /C calc'!A0",
    SCRIPT,
    "</script>",
    "a|b",
    "O'Brien \"Bob\"",
    "two\nlines",
    CODE,
    "%{x} {{7*7}} ${7*7} `ls`",
];

/// The file's name is data too.
const FILE: &str = "a|b \"'`<b>&.csv";

/// The csv fixture, with hostile ids for the customers with the most and the first purchases.
fn hostile_csv() -> String {
    let text = fs::read_to_string(fixtures().join("purchases.csv")).expect("there");
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(';').collect()).collect();
    let mut customers: Vec<&str> = rows.iter().map(|row| row[1]).collect();
    customers.dedup();
    let purchases = |id: &&str| std::cmp::Reverse(rows.iter().filter(|row| row[1] == *id).count());
    customers.sort_by_key(purchases);
    let named = |id: &str| {
        let place = customers.iter().position(|customer| *customer == id)?;
        // Every fortieth customer, so that some of them are drawn in every chart of single ones.
        (place % 40 == 0).then(|| IDS[(place / 40) % IDS.len()].to_owned() + &suffix(place))
    };
    let mut csv = "customer_id;date;amount\n".to_owned();
    for row in &rows {
        let id = named(row[1]).unwrap_or_else(|| row[1].to_owned());
        csv += &format!("\"{}\";{};{}\n", id.replace('"', "\"\""), row[0], row[2]);
    }
    csv
}

/// Ids are used again with a number behind them.
fn suffix(place: usize) -> String {
    match place / 40 / IDS.len() {
        0 => String::new(),
        round => format!(" {round}"),
    }
}

#[test]
fn hostile_ids_names_and_currencies_come_out_as_text() {
    let workspace = Workspace::whole();
    workspace.write(FILE, hostile_csv());
    let currency = format!("{CODE}{SCRIPT}|");
    let parameters = [("transactions", FILE), ("currency", &currency)];
    workspace.report(&parameters).success();

    let ids = column(&workspace.read("outputs/clv_results.csv"), "customer_id");
    assert_eq!(ids.len(), 590);
    for id in IDS {
        // What a spreadsheet would run as a formula has an apostrophe in front.
        let expected = if id.starts_with('=') { format!("'{id}") } else { id.to_owned() };
        assert!(ids.contains(&expected), "{expected:?}");
    }
    for (name, bytes) in workspace.files("outputs/visualizations") {
        if name != "plotly.min.js" {
            check_html(&name, std::str::from_utf8(&bytes).expect("utf-8"));
        }
    }
    for name in ALL {
        let file = format!("outputs/notebooks/{name}.ipynb");
        executed::check(&workspace, &file);
        for output in outputs(&notebook(&workspace, &file)) {
            check_html(&file, &text(&output["data"]["text/html"]));
            check_markdown(&text(&output["data"]["text/markdown"]));
        }
    }
    let summary = workspace.read("executive_summary.md");
    check_markdown(&summary);
    assert!(summary.contains("std::process::exit(0);"), "{summary}");
    let rows = summary.lines().filter(|line| line.starts_with("| High |"));
    let cells: Vec<usize> = rows.map(|row| row.replace("\\|", "").matches('|').count()).collect();
    assert_eq!(cells, [8], "a currency with a bar adds no cells");
}

/// No script but ours: an id or a currency never opens or closes one.
fn check_html(name: &str, html: &str) {
    assert!(!html.contains("<script>alert"), "{name}");
    assert!(!html.contains("<b>&.csv"), "{name}");
    let (opened, closed) = (html.matches("<script").count(), html.matches("</script").count());
    assert_eq!(opened, closed, "{name}");
}

fn check_markdown(markdown: &str) {
    assert!(!markdown.contains("<script") && !markdown.contains("<b>"), "{markdown}");
}

#[test]
fn a_hostile_path_is_looked_for_and_not_found() {
    let workspace = Workspace::of(&[EDA]);
    let assert = workspace.report(&[("transactions", CODE)]).code(1);
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(stderr.contains("there is no file \"\\\"; std::process::exit(0); \\\"\""), "{stderr}");
    let failed = notebook(&workspace, &format!("outputs/failed/{EDA}.ipynb"));
    let cells = failed["cells"].as_array().expect("cells");
    let injected = cells.iter().find(|cell| cell["metadata"]["tags"][0] == "injected-parameters");
    let code = text(&injected.expect("a cell with the parameters")["source"]);
    assert!(code.contains(r#"let transactions: &str = "\"; std::process::exit(0); \"";"#), "{code}");
}
