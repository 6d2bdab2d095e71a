//! The headline of files as other programs write them: the value of all customers over six months by BG/NBD and
//! Gamma-Gamma. The files and what is right for them: cltv-purchases/tests/cases/README.md.

use cltv_models::ValuePlan;
use cltv_workflow::{Input, fit_models, load, score};

fn case(name: &str) -> Input {
    Input::new(format!("{}/../cltv-purchases/tests/cases/{name}", env!("CARGO_MANIFEST_DIR")))
}

/// The headline in whole units of money.
fn headline_by(input: &Input, unit: &str, grain: &str) -> i64 {
    let data = load(input).unwrap_or_else(|error| panic!("{}: {error}", input.transactions));
    let history = data.summary(unit, grain).unwrap();
    let models = fit_models(&history, "bg_nbd").unwrap();
    let scores = score(&history, &models, &ValuePlan::new(6, 0.10, 1.0).unwrap()).unwrap();
    scores.total_value().unwrap().round() as i64
}

fn headline(input: &Input) -> i64 {
    headline_by(input, "week", "day")
}

#[test]
fn of_reading() {
    assert_eq!(headline(&case("excel_serial_dates.csv").date_format("excel")), 14_359);
    assert_eq!(headline(&case("two_sheets.xlsx")), 17_332);
    assert_eq!(headline(&case("two_sheets.xlsx").sheet("*")), 14_359);
    assert_eq!(headline(&case("hidden_old_copy_first.xlsx")), 6_208);
    for name in ["title_rows.xlsx", "title_rows.csv", "footer_lines.csv"] {
        assert_eq!(headline(&case(name)), 6_208, "{name}");
    }
    assert_eq!(headline(&case("dotted_thousands.csv").decimal_mark(",")), 248_531);
    assert_eq!(headline(&case("dotted_thousands_only.csv").decimal_mark(",")), 167_438_030);
    assert_eq!(headline(&case("decimal_amounts.parquet")), 14_359);
}

#[test]
fn of_orders_and_quantities() {
    let lines = || {
        case("order_lines_with_offset.csv")
            .customer_column("Email")
            .date_column("Created at")
            .amount_column("Total")
    };
    assert_eq!(headline(&lines()), 14_359);
    assert_eq!(headline(&lines().order_column("Name")), 14_359);
    let prices = || {
        case("quantity_and_price.csv")
            .customer_column("Customer ID")
            .date_column("InvoiceDate")
            .amount_column("Price")
            .order_column("Invoice")
    };
    assert_eq!(headline(&prices().quantity_column("Quantity")), 11_449);
    assert_eq!(headline(&case("discount_lines.csv").order_column("order")), 14_359);
}

#[test]
fn of_customers() {
    assert_eq!(headline(&case("guests_share_an_id.csv")), 16_951);
    assert_eq!(headline(&case("guests_share_an_id.csv").leave_out("0")), 8_951);
    assert_eq!(headline(&case("ids_half_float.csv")), 5_503);
    assert_eq!(headline(&case("ids_half_float.csv").id_match("number")), 6_208);
    assert_eq!(headline(&case("ids_mail_case.csv")), 4_733);
    assert_eq!(headline(&case("ids_mail_case.csv").id_match("trim_case")), 6_208);
    assert_eq!(headline(&case("export_appended_twice.csv")), 20_372);
    assert_eq!(headline(&case("export_appended_twice.csv").duplicates("drop")), 14_359);
}

#[test]
fn of_months() {
    assert!(headline_by(&case("months_as_dates.csv"), "month", "month") > 0);
}

#[test]
fn the_parameter_lists_every_purchase_model() {
    let listed = cltv_protocol::parameters::PURCHASE_MODELS.iter().copied().filter(|name| *name != "best");
    assert!(listed.eq(cltv_models::PurchaseModel::keys()));
}
