//! The formula, its sums and its sensitivity, and the published classroom table.

use approx::assert_relative_eq;
use cltv_accounts::formula::{
    ClvFormula, Duplicates, FormulaError, FormulaInput, averages_of_orders, classroom, qcut,
    quartile_segments, survival_curve,
};
use proptest::prelude::*;
use serde_json::Value;

const CSV: &str = include_str!("golden/numpy_seed42_clv500.csv");

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/numpy_rng.json")).expect("json")
}

fn formula() -> ClvFormula {
    ClvFormula::new(100.0, 4.0, 0.25, 0.8, 0.10).expect("averages")
}

#[test]
fn the_classroom_table_is_exact() {
    let customers = classroom(42, 500).expect("customers");
    let values: Vec<f64> = customers.iter().map(|customer| customer.clv).collect();
    let table = quartile_segments(&values).expect("four quarters");
    let names = table.names();
    for ((line, customer), segment) in CSV.lines().skip(1).zip(&customers).zip(&names) {
        let cells: Vec<&str> = line.trim().split(',').collect();
        let number = |k: usize| cells[k].parse::<f64>().expect("a number");
        assert_eq!(customer.averages.order_value, number(0));
        assert_eq!(customer.averages.frequency, number(1));
        assert_eq!(customer.averages.retention, number(2));
        assert_eq!(customer.clv, number(3));
        assert_eq!(segment, cells[4]);
    }
    assert_eq!(CSV.lines().count(), 501);
    let golden = golden();
    for (row, printed) in table.rows.iter().zip([2079.55, 4758.47, 8274.89, 17990.25]) {
        assert_eq!(row.count, 125);
        assert_eq!(format!("{:.2}", row.mean), format!("{printed:.2}"));
        let mean = golden["table_unrounded_means"][&row.segment].as_f64().expect("a mean");
        assert_relative_eq!(row.mean, mean, max_relative = 1e-14);
    }
    let edges = golden["clv_edges_quantile_linear"].as_array().expect("edges");
    for (row, pair) in table.rows.iter().zip(edges.windows(2)) {
        assert_relative_eq!(row.above, pair[0].as_f64().unwrap(), max_relative = 1e-15);
        assert_relative_eq!(row.to, pair[1].as_f64().unwrap(), max_relative = 1e-15);
    }
    assert!(table.to_string().contains("17990.25"), "{table}");
}

#[test]
fn other_seeds_give_other_customers() {
    assert_ne!(classroom(43, 5).unwrap(), classroom(42, 5).unwrap());
    assert!(classroom(42, 0).is_err());
}

#[test]
fn the_closed_form_is_the_limit_of_the_sums() {
    let formula = formula();
    let value = formula.value().expect("finite");
    assert_relative_eq!(value, 266.666_666_666_666_7, max_relative = 1e-15);
    assert_relative_eq!(formula.value_over(2000), value, max_relative = 1e-13);
    let by_curve = formula.value_by_curve(&survival_curve(&[0.8; 7]).unwrap()).unwrap();
    assert_relative_eq!(formula.value_over(7), by_curve, max_relative = 1e-14);
    assert_eq!(formula.value_over(0), 0.0);
    let forever = ClvFormula::new(10.0, 1.0, 1.0, 1.0, 0.0).expect("averages");
    assert_eq!(forever.value_over(12), 120.0);
    assert!(forever.to_string().contains("finite"), "{forever}");
    let never = formula.with(FormulaInput::Retention, 0.0).expect("a rate");
    assert_eq!((never.value().unwrap(), never.value_over(9)), (0.0, 0.0));
}

#[test]
fn derivatives_are_those_of_the_value() {
    let formula = ClvFormula::new(80.0, 3.0, 0.4, 0.7, 0.12).expect("averages");
    for input in FormulaInput::ALL {
        let at = formula.input(input);
        let h = 1e-5 * at;
        let near = |x: f64| formula.with(input, x).unwrap().value().unwrap();
        let numeric = (near(at + h) - near(at - h)) / (2.0 * h);
        assert_relative_eq!(formula.derivative(input).unwrap(), numeric, max_relative = 1e-8);
    }
    let sensitivity = formula.sensitivity().expect("finite");
    for row in &sensitivity.rows {
        let moved = formula.with(row.input, row.moved_to).unwrap().value().unwrap();
        assert_relative_eq!(row.change, moved - sensitivity.value, max_relative = 1e-12);
        assert_relative_eq!(
            row.elasticity,
            row.derivative * row.at / sensitivity.value,
            max_relative = 1e-12
        );
    }
    assert!(sensitivity.to_string().contains("One point more of discount"), "{sensitivity}");
}

#[test]
fn a_step_turns_round_at_a_bound() {
    let full = ClvFormula::new(10.0, 1.0, 1.0, 1.0, 0.10).expect("averages");
    let sensitivity = full.sensitivity().expect("finite");
    assert_eq!(sensitivity.rows[0].moved_to, 0.99);
    let sentence = sensitivity.rows[0].sentence();
    assert!(sentence.starts_with("One point less of retention (100.0% to 99.0%) costs"), "{sentence}");
}

#[test]
fn inputs_outside_their_bounds_are_named() {
    let cases = [
        ([-1.0, 1.0, 1.0, 0.5, 0.1], "order value is -1, but it must be an amount of money of at least 0"),
        (
            [1.0, f64::NAN, 1.0, 0.5, 0.1],
            "frequency is NaN, but it must be a number of orders a period of at least 0",
        ),
        (
            [1.0, 1.0, 1.5, 0.5, 0.1],
            "margin is 1.5, but it must be a share of revenue of at most 1, such as 0.3 for 30%",
        ),
        (
            [1.0, 1.0, 1.0, 80.0, 0.1],
            "retention is 80, but it must be a share between 0 and 1, such as 0.8 for 80%",
        ),
        (
            [1.0, 1.0, 1.0, 0.5, -1.0],
            "discount is -1, but it must be a rate a period above -1, such as 0.10 for 10%",
        ),
        (
            [1.0, 1.0, 1.0, 0.5, f64::INFINITY],
            "discount is inf, but it must be a rate a period above -1, such as 0.10 for 10%",
        ),
    ];
    for ([a, b, c, d, e], message) in cases {
        assert_eq!(ClvFormula::new(a, b, c, d, e).unwrap_err().to_string(), message);
    }
    let endless = ClvFormula::new(1.0, 1.0, 1.0, 0.95, -0.10).expect("each is possible");
    let message = endless.value().unwrap_err().to_string();
    assert!(message.contains("below 1 + discount = 0.9") && message.contains("value_over"), "{message}");
    assert!(endless.value_over(10).is_finite());
    assert!(endless.sensitivity().is_err());
}

#[test]
fn curves_that_cannot_be_are_refused() {
    let formula = formula();
    let rising = formula.value_by_curve(&[0.5, 0.6]).unwrap_err();
    assert_eq!(
        rising,
        FormulaError::BadCurve { period: 2, value: 0.6, problem: "more than in the period before" }
    );
    assert!(formula.value_by_curve(&[1.1]).is_err());
    assert!(formula.value_by_curve(&[f64::NAN]).is_err());
    assert!(formula.value_by_curve(&[]).is_err());
    assert!(survival_curve(&[]).is_err());
    assert!(survival_curve(&[0.5, -0.1]).is_err());
    let points = formula.curve(FormulaInput::Retention, 0.5, 0.9, 5).expect("a grid");
    assert_eq!(points.len(), 5);
    assert_eq!(points[4].at, 0.9);
    assert!(points.windows(2).all(|pair| pair[0].value < pair[1].value));
    assert!(formula.curve(FormulaInput::Retention, 0.9, 0.5, 5).is_err());
    assert!(formula.curve(FormulaInput::Retention, 0.5, 1.5, 5).is_err());
    assert!(formula.curve(FormulaInput::Margin, 0.5, 0.9, 1).is_err());
}

/// pandas 3.1.1: `pd.qcut([0, 0, 0, 1, 2, 3, 10, 10.5], 4, duplicates="drop")` and plain `pd.qcut`.
#[test]
fn ties_are_named_or_dropped() {
    let values = [0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 10.0, 10.5];
    let dropped = qcut(&values, 4, Duplicates::Drop).expect("three bins");
    assert_eq!(dropped.edges, [0.0, 1.5, 4.75, 10.5]);
    assert_eq!(dropped.bins, [0, 0, 0, 0, 1, 1, 2, 2]);
    let message = qcut(&values, 4, Duplicates::Refuse).unwrap_err().to_string();
    assert!(message.contains("quantiles 0 and 1 of them are both 0"), "{message}");
    assert!(qcut(&[2.0; 9], 3, Duplicates::Drop).is_err(), "no bin is left");
    assert!(qcut(&[], 3, Duplicates::Drop).is_err());
    assert!(qcut(&[1.0, 2.0], 0, Duplicates::Drop).is_err());
    let message = qcut(&[1.0, f64::NAN], 2, Duplicates::Drop).unwrap_err().to_string();
    assert_eq!(message, "value NaN in row 2 is not a finite number; remove the row or give its value");
}

#[test]
fn averages_of_a_small_shop() {
    let customers: Vec<String> = ["a", "a", "b", "c", "a", "c", "b", "d"].map(str::to_owned).to_vec();
    let periods = [1, 1, 1, 1, 2, 2, 4, 4];
    let amounts = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 40.0];
    let averages = averages_of_orders(&customers, &periods, &amounts).expect("orders");
    assert_eq!((averages.customers, averages.orders, averages.order_value), (4, 8, 40.0));
    let rows: Vec<_> = averages.periods.iter().map(|row| (row.period, row.at_risk, row.returned)).collect();
    assert_eq!(rows, [(2, 3, 2), (3, 2, 0)], "nobody ordered in period 3, so two were lost");
    assert_eq!(averages.retention, 0.4);
    assert_relative_eq!(averages.frequency, 8.0 / 7.0);
    assert!(averages.formula(0.3, 0.1).unwrap().value().unwrap() > 0.0);
    assert!(averages_of_orders(&customers, &[1; 8], &amounts).unwrap_err().to_string().contains("period 1"));
    assert!(averages_of_orders(&customers, &periods[1..], &amounts).is_err());
    assert!(averages_of_orders(&[], &[], &[]).is_err());
}

proptest! {
    #[test]
    fn finite_sums_rise_to_the_closed_form(r in 0.0..1.0_f64, d in 0.001..0.5_f64, periods in 0_u32..200) {
        let formula = ClvFormula::new(50.0, 2.0, 0.5, r, d).unwrap();
        let (now, next) = (formula.value_over(periods), formula.value_over(periods + 1));
        prop_assert!(now <= next * (1.0 + 1e-12) && next <= formula.value().unwrap() * (1.0 + 1e-9));
    }

    #[test]
    fn every_value_lies_in_its_bin(values in proptest::collection::vec(-1e6..1e6_f64, 8..60), bins in 1_usize..8) {
        let cut = qcut(&values, bins, Duplicates::Drop).unwrap();
        for (value, &bin) in values.iter().zip(&cut.bins) {
            let lowest = *value == cut.edges[0] && bin == 0;
            prop_assert!(lowest || (cut.edges[bin] < *value && *value <= cut.edges[bin + 1]));
        }
    }
}
