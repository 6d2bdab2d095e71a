//! Runs the plan on the tables of `warehouse_cases` in one engine, and compares with what polars computed.
//!
//! Arguments: the folder of the cases, and an address with `{name}` in the place of a table's name.

use std::error::Error;

use cltv_models::{BgNbd, GammaGamma, fit_counted};
use cltv_protocol::database::Address;
use cltv_warehouse::{Counted, HistoryRow, Limits, Request, Results, Warehouse, WarehouseError};
use serde_json::Value;

/// Amounts are equal to half a cent.
const CENT: f64 = 0.005;
/// Relative difference of parameters fitted on identical histories, and on mean spends whose last digits differ.
const PARAMETERS: (f64, f64) = (1e-9, 1e-6);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, address] = arguments.as_slice() else {
        return Err("give the folder of the cases, and an address with {name} in it".into());
    };
    let text = std::fs::read_to_string(std::path::Path::new(folder).join("cases.json"))?;
    let cases: Vec<Value> = serde_json::from_str(&text)?;
    let (mut compared, mut refused, mut received, mut found) = (0, 0, 0, Vec::new());
    for case in &cases {
        let name = case["name"].as_str().unwrap_or_default();
        let before = found.len();
        let mut difference = |what: String| found.push(format!("{name}: {what}"));
        let request = request(case)?;
        let address = Address::parse(&address.replace("{name}", name))?;
        let mut warehouse = Warehouse::open(&address, Limits::default())?;
        let counted = Counted::of(&request, &mut warehouse);
        received += warehouse.received();
        let expected = &case["expected"];
        match (&counted, expected["refused"].as_str()) {
            (Ok(counted), None) => {
                compare(counted, expected, &mut difference);
                compare_fits(counted, &request, expected, &mut difference);
                compared += 1;
            }
            (Err(WarehouseError::Data { problem, .. }), Some(said)) => {
                if kind(problem) != kind(said) {
                    difference(format!("refused with {problem:?}, and a file with {said:?}"));
                }
                refused += 1;
            }
            (Ok(_), Some(said)) => difference(format!("is taken, and a file is refused: {said}")),
            (Err(error), _) => difference(format!("{error}")),
        }
        if found.len() > before + 5 {
            found.truncate(before + 5);
        }
    }
    println!(
        "{} tables: {compared} with the counts, histories, segments, charts and fits of polars, {refused} refused as a file is; {received} bytes received",
        cases.len()
    );
    match found.is_empty() && compared > 0 {
        true => Ok(()),
        false => Err(format!("{} differences:\n{}", found.len(), found.join("\n")).into()),
    }
}

fn request(case: &Value) -> Result<Request, Box<dyn Error>> {
    let mut request = Request::new(case["today"].as_str().unwrap_or_default().parse()?);
    if case["orders"] == true {
        request.order_column = "order_id".to_owned();
    }
    if case["amounts"] == false {
        request.amount_column.clear();
    }
    request.drop_duplicates = case["drop_duplicates"] == true;
    request.trim_case = case["trim_case"] == true;
    request.grain = case["grain"].as_str().unwrap_or_default().parse()?;
    Ok(request)
}

/// What a refusal is about.
fn kind(said: &str) -> &'static str {
    [
        "dated after today",
        "far from the rest",
        "one customer",
        "nothing to learn about",
        "usable purchase",
        "on one day",
    ]
    .into_iter()
    .find(|words| said.contains(words))
    .unwrap_or("another reason")
}

fn compare(counted: &Counted, expected: &Value, difference: &mut dyn FnMut(String)) {
    let left_out: u64 = counted.left_out.iter().map(|(_, n)| n).sum();
    let dropped = |name: &str| {
        let reason = counted.left_out.iter().find(|(reason, _)| reason.words() == name);
        reason.map_or(0, |(_, n)| *n)
    };
    for (name, own) in [
        ("rows_read", counted.rows_read),
        ("rows", counted.rows),
        ("left_out", left_out),
        ("duplicates", counted.duplicates + dropped("exact duplicate")),
        ("zero_amounts", counted.zero_amounts),
        ("merged_lines", counted.merged_lines),
    ] {
        if expected[name].as_u64() != Some(own) {
            difference(format!("{name} is {own}, and {} by polars", expected[name]));
        }
    }
    let amount = expected["amount"].as_f64();
    if counted.amount.zip(amount).is_some_and(|(one, two)| (one - two).abs() > CENT)
        || counted.amount.is_some() != amount.is_some()
    {
        difference(format!("the amount is {:?}, and {amount:?} by polars", counted.amount));
    }
    for (name, day) in [("calibration_end", counted.periods.1), ("observation_end", counted.periods.2)] {
        if expected[name].as_str() != Some(&day.to_string()) {
            difference(format!("{name} is {day}, and {} by polars", expected[name]));
        }
    }
    let row = |row: &HistoryRow| {
        vec![
            row.history.x as f64,
            row.periods.0 as f64,
            row.periods.1 as f64,
            row.customers as f64,
            row.spend,
            row.holdout_purchases as f64,
            row.holdout_spend,
        ]
    };
    let calibration: Vec<Vec<f64>> = counted.calibration.iter().map(row).collect();
    let full: Vec<Vec<f64>> = counted.full.iter().map(row).collect();
    rows("calibration", &calibration, &expected["calibration"], difference);
    rows("full", &full, &expected["full"], difference);
    for chart in &counted.charts {
        rows(chart.name, &chart.rows, &expected["charts"][chart.name], difference);
    }
}

fn rows(name: &str, own: &[Vec<f64>], expected: &Value, difference: &mut dyn FnMut(String)) {
    let expected: Vec<Vec<f64>> = serde_json::from_value(expected.clone()).unwrap_or_default();
    if own.len() != expected.len() || own.is_empty() {
        return difference(format!("{name} has {} rows, and {} by polars", own.len(), expected.len()));
    }
    for (one, two) in own.iter().zip(&expected) {
        let same = one.len() == two.len() && one.iter().zip(two).all(|(a, b)| (a - b).abs() <= CENT);
        if !same {
            return difference(format!("{name} has the row {one:?}, and {two:?} by polars"));
        }
    }
}

fn compare_fits(counted: &Counted, request: &Request, expected: &Value, difference: &mut dyn FnMut(String)) {
    let estimates =
        |value: &Value| serde_json::from_value::<Option<Vec<f64>>>(value.clone()).unwrap_or_default();
    // Where the likelihood is flat, the data do not identify the parameters, and the last digits of sums move them.
    let purchases = |histories: Result<cltv_models::CountedHistories, WarehouseError>| {
        let fit = fit_counted(&BgNbd::default(), &histories.ok()?).ok()?;
        Some((fit.estimates(), fit.std_errors().is_ok()))
    };
    let spend = || {
        let fit = GammaGamma::default().fit_counted(&counted.spends().ok()??).ok()?;
        Some((fit.estimates(), fit.std_errors().is_ok()))
    };
    for (name, own, theirs, tolerance) in [
        (
            "the calibration's fit",
            purchases(counted.calibration_histories(request.unit)),
            &expected["calibration_fits"]["purchases"],
            PARAMETERS.0,
        ),
        (
            "the fit",
            purchases(counted.full_histories(request.unit)),
            &expected["full_fits"]["purchases"],
            PARAMETERS.0,
        ),
        ("the spend's fit", spend(), &expected["full_fits"]["spend"], PARAMETERS.1),
    ] {
        let theirs = estimates(theirs);
        let same = match (&own, &theirs) {
            (Some((_, false)), _) => true,
            (Some((own, true)), Some(theirs)) => {
                own.iter().zip(theirs).all(|(a, b)| (a - b).abs() <= tolerance * a.abs().max(b.abs()))
            }
            (own, theirs) => own.is_some() == theirs.is_some(),
        };
        if !same {
            difference(format!("{name} is {own:?}, and {theirs:?} by polars"));
        }
    }
    let plan = cltv_models::ValuePlan { horizon_months: 6, discount_annual: 0.10, margin: 1.0 };
    let Ok(results) = Results::of(counted, request, "bg_nbd", &plan) else { return };
    for (segment, customers, revenue) in &results.segments {
        let theirs = &expected["segments"][segment.as_str()];
        let (n, money) = (theirs[0].as_u64().unwrap_or(0), theirs[1].as_f64().unwrap_or(0.0));
        if n != *customers || (money - revenue).abs() > CENT {
            difference(format!(
                "{segment} has {customers} customers and {revenue}, and {n} and {money} by polars"
            ));
        }
    }
}
