//! The library refuses what the command line refuses: every bound of the table of parameters is fed to both.
//! The other half is cltv-cli/tests/parameters.rs.

use cltv_models::{TimeUnit, ValuePlan};
use cltv_protocol::parameters::find;
use cltv_workflow::{CrmInput, Input, forecast_expenses, load, load_crm, period_rate};

fn edges(name: &str, workflow: &str) -> Vec<(f64, bool)> {
    let edges = find(name).unwrap_or_else(|| panic!("{name} is declared")).edges(Some(workflow));
    assert!(!edges.is_empty(), "{name} has bounds in {workflow}");
    edges
}

#[test]
fn plans_have_the_bounds_of_the_table() {
    for (months, allowed) in edges("horizon_months", "clv") {
        assert_eq!(ValuePlan::new(months as u32, 0.1, 1.0).is_ok(), allowed, "{months} months");
    }
    for (discount, allowed) in edges("discount_annual", "clv") {
        assert_eq!(ValuePlan::new(6, discount, 1.0).is_ok(), allowed, "a discount of {discount}");
    }
    for (margin, allowed) in edges("margin", "clv") {
        assert_eq!(ValuePlan::new(6, 0.1, margin).is_ok(), allowed, "a margin of {margin}");
    }
}

#[test]
fn the_formula_has_the_bounds_of_the_table() {
    let data = load(&Input::new("cdnow")).unwrap();
    for (discount, allowed) in edges("discount_annual", "formula") {
        assert_eq!(
            data.averages("day", "quarter", discount, 1.0).is_ok(),
            allowed,
            "a discount of {discount}"
        );
    }
    for (margin, allowed) in edges("margin", "formula") {
        assert_eq!(data.averages("day", "quarter", 0.1, margin).is_ok(), allowed, "a margin of {margin}");
    }
    assert!(
        data.averages("day", "quarter", 0.1, -3.0).is_ok(),
        "the formula workflow takes any margin up to 1"
    );
}

#[test]
fn sums_without_an_end_have_the_bounds_of_the_table() {
    for workflow in ["contracts", "discrete"] {
        for (discount, allowed) in edges("discount_annual", workflow) {
            let rate = period_rate(TimeUnit::Year, discount);
            assert_eq!(rate.is_ok(), allowed, "a discount of {discount} in {workflow}");
        }
    }
}

#[test]
fn the_forecast_of_spending_has_the_bounds_of_the_table() {
    let accounts = load_crm(&CrmInput::new("crm_accounts")).unwrap().accounts().unwrap();
    for (months, allowed) in edges("horizon_months", "revops") {
        let forecast = forecast_expenses(&accounts, months as u32, 0.9);
        assert_eq!(forecast.is_ok(), allowed, "{months} months");
    }
}
