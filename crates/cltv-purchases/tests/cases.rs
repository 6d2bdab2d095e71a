//! Files as other programs write them: what is read, what is refused, and what is said (tests/cases/README.md).

use cltv_purchases::{Cleaned, Cleaning, DataError, Source, TableError};

fn case(name: &str) -> Source {
    Source::new(&format!("{}/tests/cases/{name}", env!("CARGO_MANIFEST_DIR")))
}

fn clean(source: &Source) -> Cleaned {
    let raw = source.read().unwrap_or_else(|error| panic!("{source:?}: {error}"));
    raw.clean(&Cleaning::default()).unwrap_or_else(|error| panic!("{source:?}: {error}"))
}

fn refused(source: &Source) -> DataError {
    let read = source.read().and_then(|raw| raw.clean(&Cleaning::default()));
    read.map(|cleaned| cleaned.to_string()).expect_err("refused")
}

/// Rows, customers and what the amounts add up to, in cents.
fn figures(cleaned: &Cleaned) -> (usize, usize, i64) {
    let data = &cleaned.transactions;
    (data.len(), data.customers(), (100.0 * data.total_amount().unwrap()).round() as i64)
}

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

/// The 300 customers that most files hold.
const SMALL: (usize, usize) = (1287, 300);
/// The 600 customers of the others.
const LARGE: (usize, usize) = (2622, 600);

fn size(cleaned: &Cleaned) -> (usize, usize) {
    (cleaned.transactions.len(), cleaned.transactions.customers())
}

#[test]
fn dates_in_two_orders_are_refused() {
    let error = refused(&case("mixed_day_month.csv"));
    assert!(matches!(error, DataError::Table(TableError::MixedDates { .. })), "{error}");
    says(
        &error.to_string(),
        &["are in two orders", "%d/%m/%Y", "%m/%d/%Y", "days up to 12 may be read wrongly"],
    );
}

#[test]
fn dates_that_a_spreadsheet_swapped_are_refused() {
    let error = refused(&case("excel_half_swapped_dates.xlsx"));
    assert!(matches!(error, DataError::Table(TableError::SwappedDates { .. })), "{error}");
    says(&error.to_string(), &["never above 12", "always above 12", "swapped day and month"]);
}

#[test]
fn serial_numbers_in_a_text_file_are_named_and_read_when_it_is_said() {
    let error = refused(&case("excel_serial_dates.csv"));
    says(&error.to_string(), &["Excel's serial numbers", "44928", "2023-01-02", "date_format to \"excel\""]);
    assert_eq!(size(&clean(&case("excel_serial_dates.csv").date_format("excel"))), LARGE);
}

#[test]
fn a_second_sheet_with_the_same_columns_is_named() {
    let first = clean(&case("two_sheets.xlsx"));
    says(
        &first.report.warnings.join(" "),
        &["the sheet", "has the same columns", "sheet \"*\" reads all of them"],
    );
    let all = clean(&case("two_sheets.xlsx").sheet("*"));
    assert_eq!(size(&all), LARGE);
    assert!(all.report.warnings.is_empty(), "{:?}", all.report.warnings);
    assert!(first.transactions.len() < all.transactions.len());
}

#[test]
fn hidden_sheets_are_not_read() {
    assert_eq!(size(&clean(&case("hidden_old_copy_first.xlsx"))), SMALL);
}

#[test]
fn titles_above_the_header_and_footers_below_are_found() {
    for name in ["title_rows.xlsx", "title_rows.csv"] {
        let cleaned = clean(&case(name));
        assert_eq!(size(&cleaned), SMALL, "{name}");
        says(&cleaned.report.notes.join(" "), &["The header is found in"]);
    }
    let cleaned = clean(&case("footer_lines.csv"));
    assert_eq!(size(&cleaned), SMALL);
    says(&cleaned.report.notes.join(" "), &["5 lines at the end", "Orders by account", "left out"]);
}

#[test]
fn nulls_of_mysql_are_missing() {
    let cleaned = clean(&case("mysql_nulls.tsv"));
    assert_eq!(cleaned.report.missing_amounts, 26);
    assert_eq!(cleaned.report.rows_read, SMALL.0);
}

#[test]
fn a_lone_mark_before_three_digits_is_ambiguous() {
    for name in ["dotted_thousands.csv", "dotted_thousands_only.csv"] {
        let error = refused(&case(name));
        assert!(matches!(error, DataError::Table(TableError::AmbiguousNumbers { .. })), "{name}: {error}");
        says(&error.to_string(), &["decimal_mark", "two ways"]);
        assert_eq!(size(&clean(&case(name).decimal_mark(","))), SMALL, "{name}");
    }
    let thousands = clean(&case("dotted_thousands_only.csv").decimal_mark(","));
    assert!(thousands.transactions.total_amount().unwrap() > 1e8);
}

#[test]
fn groups_and_currencies_of_the_world() {
    let lakhs = clean(&case("lakh_groups.csv"));
    assert_eq!(size(&lakhs), SMALL);
    assert_eq!(
        lakhs.transactions.columns().unwrap().amount.unwrap().iter().copied().fold(0.0, f64::max) % 500.0,
        0.0
    );
    assert_eq!(size(&clean(&case("peso_sign.csv"))), SMALL);
    assert_eq!(size(&clean(&case("decimal_amounts.parquet"))), LARGE);
}

#[test]
fn months_are_dates() {
    let cleaned = clean(&case("months_as_dates.csv"));
    says(&cleaned.report.notes.join(" "), &["The dates are months", "set time_unit and grain to \"month\""]);
    assert_eq!(cleaned.transactions.first_date().to_string(), "2023-01-01");
}

#[test]
fn formulas_that_were_never_computed_are_refused() {
    let error = refused(&case("formulas_never_computed.xlsx"));
    assert!(matches!(error, DataError::Table(TableError::Formulas { found: 643, .. })), "{error}");
    says(&error.to_string(), &["without a computed value", "column \"amount\"", "row ", "save it"]);
}

#[test]
fn the_day_that_is_written_counts() {
    let days =
        |source: &Source| clean(source).transactions.purchases(cltv_models::Grain::Day, end()).unwrap().len();
    let written = days(&case("evening_orders_with_offset.csv"));
    let utc = days(&case("evening_orders_with_offset.csv").timezone("UTC"));
    assert_eq!((written, utc), (3454, 1727));
    let notes = clean(&case("evening_orders_with_offset.csv")).report.notes.join(" ");
    says(&notes, &["with a UTC offset count on the day that is written"]);
}

fn end() -> chrono::NaiveDate {
    "2030-01-01".parse().unwrap()
}

#[test]
fn order_lines_are_reported_in_the_order_things_are_done() {
    let source = || {
        case("order_lines_with_offset.csv")
            .customer_column("Email")
            .date_column("Created at")
            .amount_column("Total")
    };
    let lines = clean(&source());
    assert_eq!(size(&lines), LARGE);
    // The further lines of an order have no total: they are left out, and no duplicates among purchases.
    assert_eq!(lines.report.duplicates, 0);
    assert!(lines.report.missing_amounts > 1000);
    let orders = clean(&source().order_column("Name"));
    assert_eq!(figures(&orders), figures(&lines));
    assert!(orders.report.merged_lines > 1000);
}

#[test]
fn quantity_times_price() {
    let source = || {
        case("quantity_and_price.csv")
            .customer_column("Customer ID")
            .date_column("InvoiceDate")
            .amount_column("Price")
            .order_column("Invoice")
    };
    says(
        &clean(&source()).report.warnings.join(" "),
        &["a column \"Quantity\"", "set quantity_column to \"Quantity\""],
    );
    let cleaned = clean(&source().quantity_column("Quantity"));
    assert!(cleaned.report.warnings.is_empty(), "{:?}", cleaned.report.warnings);
    assert!(cleaned.report.missing_ids > 0 && cleaned.report.returns > 0);
    assert!(cleaned.transactions.ids().find("566").is_some());
}

#[test]
fn guests_are_named_and_left_out_on_request() {
    let shared = clean(&case("guests_share_an_id.csv"));
    says(&shared.report.warnings.join(" "), &["Customer \"0\" has", "(35%)", "leave_out \"0\""]);
    let without = clean(&case("guests_share_an_id.csv").leave_out("0"));
    assert_eq!(without.transactions.customers() + 1, shared.transactions.customers());
    assert!(without.report.warnings.is_empty(), "{:?}", without.report.warnings);
}

#[test]
fn ids_that_differ_in_form_are_counted_and_joined_on_request() {
    let apart = clean(&case("ids_half_float.csv"));
    assert_eq!(apart.transactions.customers(), 492);
    says(
        &apart.report.warnings.join(" "),
        &["192 of 492 customer ids are the same number", "id_match \"number\""],
    );
    assert_eq!(size(&clean(&case("ids_half_float.csv").id_match("number"))), SMALL);
    let mails = clean(&case("ids_mail_case.csv"));
    assert_eq!(mails.transactions.customers(), 597);
    says(
        &mails.report.warnings.join(" "),
        &["297 of 597 customer ids differ", "case or blanks", "id_match \"trim_case\""],
    );
    assert_eq!(size(&clean(&case("ids_mail_case.csv").id_match("trim_case"))), SMALL);
}

#[test]
fn an_export_that_was_appended_twice_is_said() {
    let twice = clean(&case("export_appended_twice.csv"));
    says(&twice.report.warnings.join(" "), &["equal an earlier row in every column", "duplicates \"drop\""]);
    let raw = case("export_appended_twice.csv").read().unwrap();
    let once = raw.clean(&Cleaning::default().drop_duplicates(true)).unwrap();
    assert_eq!(size(&once), LARGE);
    assert!(once.report.warnings.is_empty());
}

#[test]
fn discounts_inside_an_order_lessen_it() {
    let cleaned = clean(&case("discount_lines.csv").order_column("order"));
    assert_eq!(size(&cleaned), LARGE);
    assert_eq!(cleaned.report.returns, 0);
}

#[test]
fn a_date_far_from_all_others_is_refused() {
    let error = refused(&case("one_date_in_1900.csv"));
    assert!(matches!(error, DataError::FarDates { found: 1, .. }), "{error}");
    says(
        &error.to_string(),
        &["\"1900-01-01\"", "line ", "the others run from 2023-01-02", "earliest_date to 2023-01-02"],
    );
    let raw = case("one_date_in_1900.csv").read().unwrap();
    let rules = Cleaning::default().earliest_date(Some("2000-01-01".parse().unwrap()));
    assert_eq!(raw.clean(&rules).unwrap().report.rows_left_out(), 1);
}
