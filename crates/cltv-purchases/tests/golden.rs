//! Summaries, splits and tracking against lifetimes 0.11.3 and pymc-marketing 1.3.0.

use chrono::NaiveDate;
use cltv_models::{Grain, RfmSummary, TimeUnit};
use cltv_purchases::{Cleaning, SegmentTable, Source, Split, Transactions};
use serde_json::Value;

fn lifetimes() -> Value {
    serde_json::from_str(include_str!("golden/lifetimes_rfm.json")).unwrap()
}

fn pymc() -> Value {
    serde_json::from_str(include_str!("golden/pymc_rfm.json")).unwrap()
}

fn load(name: &str) -> Transactions {
    let set = match name {
        "cdnow_sample" => "cdnow",
        other => other,
    };
    Source::new(set).read().unwrap().clean(&Cleaning::default()).unwrap().transactions
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn close(ours: f64, golden: &Value, what: &str) {
    let golden = golden.as_f64().unwrap_or_else(|| panic!("{what}: no golden figure"));
    let scale = golden.abs().max(1.0);
    assert!((ours - golden).abs() <= 1e-11 * scale, "{what}: {ours} but golden {golden}");
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

/// A summary against an entry; `suffix` ends the names of its sums.
fn compare(rfm: &RfmSummary, golden: &Value, suffix: &str, what: &str) {
    let at = |name: &str| &golden[format!("sum_{name}{suffix}").as_str()];
    assert_eq!(rfm.len() as u64, golden["n"].as_u64().unwrap(), "{what}");
    close(rfm.repeat_purchases() as f64, at("frequency"), what);
    close(sum(rfm.t_x()), at("recency"), what);
    close(sum(rfm.age()), at("T"), what);
    if let (Some(monetary), false) = (rfm.monetary(), at("monetary_value").is_null()) {
        close(sum(monetary), at("monetary_value"), what);
    }
    // lifetimes gives rows by id, pymc-marketing rows that begin with the id.
    let rows: Vec<(String, Vec<Value>)> = match &golden["first5"] {
        Value::Object(rows) => {
            rows.iter().map(|(id, row)| (id.clone(), row.as_array().unwrap().clone())).collect()
        }
        rows => rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let row = row.as_array().unwrap();
                (row[0].as_f64().unwrap().to_string(), row[1..].to_vec())
            })
            .collect(),
    };
    assert_eq!(rows.len(), 5);
    for (id, row) in rows {
        let i = rfm.customer_ids().iter().position(|found| *found == id).unwrap();
        close(f64::from(rfm.frequency()[i]), &row[0], what);
        close(rfm.t_x()[i], &row[1], what);
        close(rfm.age()[i], &row[2], what);
        if let (Some(monetary), true) = (rfm.monetary(), row.len() > 3) {
            close(monetary[i], &row[3], what);
        }
    }
}

#[test]
fn summaries_at_grain_day_equal_lifetimes() {
    let entries = [
        ("example|D", "example", TimeUnit::Day, "2014-12-31"),
        ("example|D|end=2014-12-31", "example", TimeUnit::Day, "2014-12-31"),
        ("cdnow_sample|D", "cdnow_sample", TimeUnit::Day, "1998-06-30"),
        ("cdnow_sample|D|end=1997-09-30", "cdnow_sample", TimeUnit::Day, "1997-09-30"),
        ("cdnow_sample|D|mult=7|end=1997-09-30", "cdnow_sample", TimeUnit::Week, "1997-09-30"),
        ("cdnow_master|D", "cdnow_master", TimeUnit::Day, "1998-06-30"),
    ];
    let golden = &lifetimes()["summary_data_from_transaction_data"];
    for (entry, set, unit, end) in entries {
        let data = load(set);
        let rfm = data.summary(unit, Grain::Day, day(end)).unwrap();
        compare(&rfm, &golden[entry], "", entry);
        let golden = &golden[entry];
        assert_eq!(rfm.repeat_customers() as u64, golden["n_repeat"].as_u64().unwrap());
        close(rfm.age().iter().copied().fold(0.0, f64::max), &golden["max_T"], entry);
        close(rfm.age().iter().copied().fold(f64::MAX, f64::min), &golden["min_T"], entry);
        close(rfm.t_x().iter().copied().fold(0.0, f64::max), &golden["max_recency"], entry);
    }
}

#[test]
fn summaries_at_grain_week_equal_lifetimes_where_its_end_lets_nothing_in() {
    let entries = [
        ("example|W", "example", "2014-12-31"),
        ("example|W|end=2014-12-31", "example", "2014-12-31"),
        ("cdnow_sample|W", "cdnow_sample", "1998-06-30"),
        ("cdnow_master|W", "cdnow_master", "1998-06-30"),
    ];
    let golden = &lifetimes()["summary_data_from_transaction_data"];
    for (entry, set, end) in entries {
        let rfm = load(set).summary(TimeUnit::Week, Grain::Week, day(end)).unwrap();
        compare(&rfm, &golden[entry], "", entry);
    }
}

#[test]
fn grain_week_cuts_at_the_date_first() {
    // golden/README.md: lifetimes' summary lets the rest of the week in (2,248), ours and
    // lifetimes' calibration/holdout entry cut at the date (2,216).
    let rfm = load("cdnow").summary(TimeUnit::Week, Grain::Week, day("1997-09-30")).unwrap();
    assert_eq!(rfm.repeat_purchases(), 2216);
    let leaky = &lifetimes()["summary_data_from_transaction_data"]["cdnow_sample|W|end=1997-09-30"];
    close(2248.0, &leaky["sum_frequency"], "leaky");
    close(sum(rfm.age()), &leaky["sum_T"], "T is the same");
}

fn split(set: &str, unit: TimeUnit, grain: Grain, ends: (&str, &str)) -> Split {
    let data = load(set);
    data.split(&data.periods(ends.0, ends.1).unwrap(), unit, grain).unwrap()
}

#[test]
fn splits_equal_lifetimes() {
    let golden = &lifetimes()["calibration_and_holdout_data"];
    let cdnow = ("1997-09-30", "1998-06-30");
    let example = ("2014-09-01", "2014-12-31");
    let entries = [
        ("cdnow_sample|D|cal_end=1997-09-30", "cdnow", TimeUnit::Day, Grain::Day, cdnow),
        ("cdnow_sample|D|cal_end=1997-09-30|obs_end=1998-06-30", "cdnow", TimeUnit::Day, Grain::Day, cdnow),
        ("cdnow_master|D|cal_end=1997-09-30", "cdnow_master", TimeUnit::Day, Grain::Day, cdnow),
        ("example|D|cal_end=2014-09-01|obs_end=2014-12-31", "example", TimeUnit::Day, Grain::Day, example),
        ("cdnow_sample|W|cal_end=1997-09-30", "cdnow", TimeUnit::Week, Grain::Week, cdnow),
        ("cdnow_sample|W|cal_end=1997-09-30|obs_end=1998-06-30", "cdnow", TimeUnit::Week, Grain::Week, cdnow),
        ("cdnow_master|W|cal_end=1997-09-30", "cdnow_master", TimeUnit::Week, Grain::Week, cdnow),
        ("example|W|cal_end=2014-09-01|obs_end=2014-12-31", "example", TimeUnit::Week, Grain::Week, example),
        ("cdnow_sample|D|mult=7|cal_end=1997-09-30", "cdnow", TimeUnit::Week, Grain::Day, cdnow),
    ];
    for (entry, set, unit, grain, ends) in entries {
        let golden = &golden[entry];
        let split = split(set, unit, grain, ends);
        compare(&split.calibration, golden, "_cal", entry);
        close(split.actual_purchases() as f64, &golden["sum_frequency_holdout"], entry);
        assert_eq!(split.active_customers() as u64, golden["n_holdout_active"].as_u64().unwrap(), "{entry}");
        close(split.duration, &golden["duration_holdout"], entry);
        let frequency =
            golden["columns"].as_array().unwrap().iter().position(|c| c == "frequency_holdout").unwrap();
        for (id, row) in golden["first5"].as_object().unwrap() {
            let i = split.calibration.customer_ids().iter().position(|found| found == id.as_str()).unwrap();
            close(split.holdout_purchases[i] as f64, &row[frequency], entry);
        }
    }
}

#[test]
fn holdout_spend_equals_pymc_and_differs_from_lifetimes_by_definition() {
    let golden = &pymc()["rfm_utils_cdnow"];
    let ends = ("1997-09-30", "1998-06-30");
    let entries = [
        ("train_test_sample_D", "cdnow", TimeUnit::Day, Grain::Day),
        ("train_test_sample_W", "cdnow", TimeUnit::Week, Grain::Week),
        ("train_test_master_D", "cdnow_master", TimeUnit::Day, Grain::Day),
    ];
    for (entry, set, unit, grain) in entries {
        let split = split(set, unit, grain, ends);
        compare(&split.calibration, &golden[entry], "", entry);
        let mean = split.holdout_mean_spend().unwrap();
        close(sum(&mean), &golden[entry]["sum_test_monetary_value"], entry);
        close(split.actual_purchases() as f64, &golden[entry]["sum_test_frequency"], entry);
    }
}

#[test]
fn grain_month_equals_pymc() {
    for (entry, set) in [("rfm_summary_sample_M", "cdnow"), ("rfm_summary_master_M", "cdnow_master")] {
        let golden = &pymc()["rfm_utils_cdnow"][entry];
        let rfm = load(set).summary(TimeUnit::Month, Grain::Month, day("1998-06-30")).unwrap();
        close(rfm.repeat_purchases() as f64, &golden["sum_frequency"], entry);
        close(sum(rfm.t_x()), &golden["sum_recency"], entry);
        close(sum(rfm.age()), &golden["sum_T"], entry);
        close(sum(rfm.monetary().unwrap()), &golden["sum_monetary_value"], entry);
    }
}

#[test]
fn the_rfm_table_counts_first_purchases_too() {
    let data = load("cdnow");
    let periods = data.periods("", "").unwrap();
    let rfm = data.rfm(&periods, Grain::Day, &SegmentTable::default()).unwrap();
    let golden = &lifetimes()["summary_data_from_transaction_data"]["cdnow_sample|D|include_first"];
    let frequency: u64 = rfm.frequency.iter().sum();
    assert_eq!(frequency, 6696);
    close(frequency as f64, &golden["sum_frequency"], "frequency");
    let totals = rfm.monetary_total.as_ref().unwrap();
    let mean: Vec<f64> = totals.iter().zip(&rfm.frequency).map(|(total, &n)| total / n as f64).collect();
    close(sum(&mean), &golden["sum_monetary_value"], "mean spend");
    // pymc's rfm_segments counts recency back from the last purchase of all, 1998-06-30.
    let days: f64 = rfm.recency_days.iter().map(|&days| f64::from(days)).sum();
    close(days, &pymc()["rfm_utils_cdnow"]["rfm_summary_sample_D_incfirst"]["sum_recency"], "recency");
}

#[test]
fn repeat_purchases_accumulate_as_in_lifetimes() {
    let data = load("cdnow");
    let tracking = data.tracking(&data.periods("", "").unwrap(), Grain::Day, true).unwrap();
    let golden = &lifetimes()["actual_cumulative_repeat_purchases"]["at"];
    for index in [10, 38, 51, 76] {
        let ours = tracking.weeks[index].actual_cumulative as f64;
        close(ours, &golden[index.to_string().as_str()], "cumulative");
    }
    assert_eq!(tracking.weeks.len(), 78);
    assert_eq!(tracking.weeks[77].actual_cumulative, 4339);
    assert_eq!(tracking.births.iter().map(|birth| birth.customers).sum::<u64>(), 2357);
}
