//! Each kind of cell of a table of accounts is read, or refused with file, row, column, value and remedy.

use cltv_accounts::{AccountTable, Values};
use cltv_tables::{FileError, TableError};
use cltv_workflow::{CrmInput, Error};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};

#[path = "../../cltv-accounts/tests/support/embedded.rs"]
mod embedded;

/// A file of this name in a folder of its own, which lasts as long as the first value.
fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, CrmInput) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, CrmInput::new(path.display()))
}

fn read_as(bytes: &[u8], name: &str, set: impl Fn(CrmInput) -> CrmInput) -> Result<AccountTable, TableError> {
    let (_folder, input) = file(name, bytes);
    set(input).read().map_err(of_file)
}

fn of_file(error: Error) -> TableError {
    match error {
        Error::File(error) => *error,
        other => panic!("{other:?}"),
    }
}

fn read(bytes: &[u8]) -> Result<AccountTable, TableError> {
    read_as(bytes, "crm.xlsx", |input| input)
}

fn csv(text: &str) -> Result<AccountTable, TableError> {
    read_as(text.as_bytes(), "crm.csv", |input| input)
}

fn refused(result: Result<AccountTable, TableError>) -> TableError {
    result.unwrap_err()
}

/// Whether a message contains all of these.
fn says(error: &TableError, parts: &[&str]) {
    let message = error.to_string();
    parts.iter().for_each(|part| assert!(message.contains(part), "{part:?} is not in {message}"));
}

/// A workbook with one sheet.
fn book(sheet: &str, fill: impl Fn(&mut Worksheet) -> Result<(), XlsxError>) -> Vec<u8> {
    let mut book = Workbook::new();
    let made = book.add_worksheet().set_name(sheet).unwrap();
    fill(made).unwrap();
    book.save_to_buffer().unwrap()
}

/// A sheet with one column of texts under a heading, beside a column of ids.
fn texts(heading: &str, values: &[&str]) -> Vec<u8> {
    book("CRM", |sheet| {
        sheet.write_row(0, 0, ["account", heading])?;
        for (row, value) in (1..).zip(values) {
            sheet.write_string(row, 0, format!("A-{row}"))?.write_string(row, 1, *value)?;
        }
        Ok(())
    })
}

fn numbers(heading: &str, values: &[&str]) -> Vec<Option<f64>> {
    read(&texts(heading, values)).unwrap().numbers(heading).unwrap()
}

#[test]
fn numbers_currencies_and_percentages_stored_as_text() {
    let us = numbers("income", &["$1,234.50", "(1,200)", "USD 7", "", "n/a", "-3", "1,250"]);
    assert_eq!(us, [Some(1234.5), Some(-1200.0), Some(7.0), None, None, Some(-3.0), Some(1250.0)]);
    let de = numbers("income", &["1.234,50 €", "12,5 €", "1.250", "(1.200,00)"]);
    assert_eq!(de, [Some(1234.5), Some(12.5), Some(1250.0), Some(-1200.0)]);
    let shares = read(&texts("discount", &["12.5%", "8 %", "0.25", "-1%"])).unwrap();
    assert_eq!(shares.numbers("discount").unwrap(), [Some(0.125), Some(0.08), Some(0.25), Some(-0.01)]);
    let note = "4 numbers of column \"discount\" stood as text, 3 of them with a percent sign (12% is 0.12).";
    assert!(shares.notes.iter().any(|other| other == note), "{:?}", shares.notes);
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    let open = texts("income", &["1,250", "900"]);
    says(&refused(read(&open)), &["row 2 of sheet \"CRM\": \"1,250\" is 1250 or 1.25", "decimal_mark"]);
    let table = read_as(&open, "crm.xlsx", |input| input.decimal_mark(",")).unwrap();
    assert_eq!(table.numbers("income").unwrap(), [Some(1.25), Some(900.0)]);
    let bare = refused(read(&texts("discount", &["12%", "8%", "15"])));
    says(&bare, &["column \"discount\"", "row 4 of sheet \"CRM\" \"15\"", "write 12% or 0.12"]);
    let mixed = refused(read(&texts("income", &["$5", "$6", "7 €"])));
    says(
        &mixed,
        &["several currencies", "row 2 of sheet \"CRM\": \"$5\"", "row 4 of sheet \"CRM\": \"7 €\""],
    );
    let dates = texts("start", &["05/05/2024", "01/02/2024"]);
    says(&refused(read(&dates)), &["row 3 of sheet \"CRM\": \"01/02/2024\"", "date_format"]);
    let table = read_as(&dates, "crm.xlsx", |input| input.date_format("%m/%d/%Y")).unwrap();
    assert_eq!(table.dates("start").unwrap()[1], chrono::NaiveDate::from_ymd_opt(2024, 1, 2));
}

#[test]
fn a_word_among_numbers_is_refused_and_codes_stay_texts() {
    let error = refused(read(&texts("income", &["1", "2", "3", "4", "a lot", "6"])));
    says(
        &error,
        &[
            "1 of 6 values in column \"income\"",
            "crm.xlsx",
            "row 6 of sheet \"CRM\" \"a lot\"",
            "empty the cells",
        ],
    );
    let codes = read(&texts("zip", &["00042", "10115"])).unwrap();
    assert_eq!(codes.texts("zip").unwrap(), [Some("00042".to_owned()), Some("10115".to_owned())]);
    let ranges = read(&texts("staff", &["10-20", "1-9", "A12", "B7"])).unwrap();
    assert_eq!(ranges.texts("staff").unwrap()[2].as_deref(), Some("A12"));
    let mixed = read(&texts("plan", &["1", "2", "Basic", "Pro"])).unwrap();
    assert_eq!(mixed.texts("plan").unwrap()[0].as_deref(), Some("1"));
    let note = "Column \"plan\" is read as texts; 2 of its 4 values are numbers.";
    assert!(mixed.notes.iter().any(|other| other == note), "{:?}", mixed.notes);
    let wrong = mixed.numbers("plan").unwrap_err().to_string();
    assert!(wrong.contains("column \"plan\" holds texts, where numbers are needed"), "{wrong}");
}

#[test]
fn the_errors_of_all_columns_are_given_together() {
    let error =
        refused(csv("account,income,churned\nA-1,1,yes\nA-2,2,no\nA-3,3,no\nA-4,4,no\nA-5,five,maybe\n"));
    says(&error, &["2 columns cannot be read", "line 6 \"five\"", "line 6 \"maybe\"", "yes or no"]);
}

#[test]
fn a_last_row_without_a_date_is_an_account() {
    let rows: String = (0..40).map(|row| format!("A-{row},2024-01-31\n")).collect();
    let error = refused(csv(&format!("account,start\n{rows}A-40,soon\n")));
    says(&error, &["1 of 41 dates", "line 42 \"soon\""]);
}

#[test]
fn dates_percent_formats_booleans_and_cached_values() {
    let bytes = book("Data", |sheet| {
        let (date, percent) =
            (Format::new().set_num_format("dd.mm.yyyy"), Format::new().set_num_format("0%"));
        sheet.write_row(0, 0, ["account", "start", "discount", "churned", "twice"])?;
        for row in 1..4 {
            let day = ExcelDateTime::from_ymd(2024, 2, row as u8)?;
            sheet.write_string(row, 0, format!("A-{row}"))?;
            sheet.write_datetime_with_format(row, 1, &day, &date)?;
            sheet.write_number_with_format(row, 2, 0.15, &percent)?;
            sheet.write_boolean(row, 3, row == 2)?;
            sheet.write_formula(row, 4, Formula::new("=2*3").set_result("6"))?;
        }
        Ok(())
    });
    let table = read(&bytes).unwrap();
    assert_eq!(table.dates("start").unwrap()[2], chrono::NaiveDate::from_ymd_opt(2024, 2, 3));
    assert_eq!(table.numbers("discount").unwrap()[0], Some(0.15));
    assert_eq!(table.flags("churned").unwrap(), [Some(false), Some(true), Some(false)]);
    assert_eq!(table.numbers("twice").unwrap(), [Some(6.0); 3]);
}

#[test]
fn not_available_is_missing_and_other_errors_are_refused() {
    let bytes = book("Data", |sheet| {
        sheet.write_row(0, 0, ["account", "income"])?;
        for (row, error) in (1..).zip(["#N/A", "#DIV/0!", "7"]) {
            sheet.write_string(row, 0, format!("A-{row}"))?;
            sheet.write_formula(row, 1, Formula::new("=B9").set_result(error))?;
        }
        Ok(())
    });
    let error = refused(read(&bytes));
    assert!(matches!(error, TableError::ErrorCells { found: 1, .. }), "{error}");
    says(&error, &["column \"income\"", "row 3 of sheet \"Data\" \"#DIV/0!\"", "correct the formulas"]);
    let text = csv("account,income\nA-1,#N/A\nA-2,7\n").unwrap();
    assert_eq!(text.numbers("income").unwrap(), [None, Some(7.0)]);
    says(&refused(csv("account,income\nA-1,#REF!\nA-2,7\n")), &["line 2 \"#REF!\""]);
}

#[test]
fn a_formula_without_a_stored_value_is_refused() {
    let bytes = book("Data", |sheet| {
        sheet.write_row(0, 0, ["account", "income"])?;
        sheet.write_row(1, 0, ["A-1"])?.write_formula(1, 1, Formula::new("=1+1").set_result("2"))?;
        sheet.write_row(2, 0, ["A-2"])?.write_number(2, 1, 5)?;
        Ok(())
    });
    assert_eq!(read(&bytes).unwrap().numbers("income").unwrap(), [Some(2.0), Some(5.0)]);
    let error = refused(read(&without_values(&bytes)));
    says(&error, &["column \"income\"", "row 2 of sheet \"Data\" \"=1+1\"", "save it"]);
}

/// The workbook with the stored values of formulas taken out, as openpyxl writes them.
fn without_values(bytes: &[u8]) -> Vec<u8> {
    use std::io::{Read, Write};
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        let content = content.replace("<f>1+1</f><v>2</v>", "<f>1+1</f>");
        out.start_file(file.name().unwrap(), zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(content.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn the_header_is_found_under_a_title_or_named() {
    let bytes = book("Q4 export", |sheet| {
        sheet.merge_range(0, 1, 0, 4, "Accounts of the north", &Format::new())?;
        sheet.write_string(1, 1, "as of 2026-01-01")?;
        sheet.write_row(3, 1, ["account", "income", "plan", "2024-01"])?;
        sheet
            .write_row(4, 1, ["A-1"])?
            .write_number(4, 2, 5)?
            .write_string(4, 3, "Basic")?
            .write_number(4, 4, 9)?;
        sheet
            .write_row(6, 1, ["A-2"])?
            .write_number(6, 2, 6)?
            .write_string(6, 3, "Pro")?
            .write_number(6, 4, 8)?;
        sheet.write_row(7, 1, ["Total"])?.write_number(7, 2, 11)?;
        Ok(())
    });
    let table = read(&bytes).unwrap();
    assert_eq!(
        (table.sheet.as_str(), table.names()),
        ("Q4 export", ["account", "income", "plan", "2024-01"].map(String::from).to_vec())
    );
    assert_eq!((table.rows.clone(), table.months("").len()), (vec![5, 7], 1));
    let total = "The total in row 8 of sheet \"Q4 export\" is left out.";
    assert!(table.notes.iter().any(|note| note == total), "{:?}", table.notes);
    let named = read_as(&bytes, "crm.xlsx", |input| input.header_row(4)).unwrap();
    assert_eq!(named.columns, table.columns);
    let nowhere = refused(read_as(&bytes, "crm.xlsx", |input| input.header_row(3)));
    assert!(matches!(nowhere, TableError::File(FileError::NoHeaderRow { row: 3, .. })), "{nowhere}");
}

#[test]
fn merges_downwards_are_filled_and_wide_ones_refused() {
    let merged = |wide: bool| {
        book("Data", move |sheet| {
            sheet.write_row(0, 0, ["region", "account", "income"])?;
            sheet.merge_range(1, 0, 2, 0, "North", &Format::new())?;
            sheet.write_string(1, 1, "A-1")?.write_number(1, 2, 5)?;
            sheet.write_string(2, 1, "A-2")?.write_number(2, 2, 6)?;
            sheet.write_row(3, 0, ["South", "A-3"])?.write_number(3, 2, 7)?;
            if wide {
                sheet.merge_range(4, 0, 4, 2, "West", &Format::new())?;
            }
            Ok(())
        })
    };
    let table = read(&merged(false)).unwrap();
    let north = Some("North".to_owned());
    assert_eq!(table.texts("region").unwrap()[..2], [north.clone(), north]);
    assert!(table.notes.iter().any(|note| note.starts_with("A2:A3 is merged")), "{:?}", table.notes);
    let error = refused(read(&merged(true)));
    says(&error, &["A5:C5 in sheet \"Data\"", "merged over several columns", "\"West\"", "unmerge it"]);
}

#[test]
fn headings_alike_or_blank_are_refused() {
    let twice = book("Data", |sheet| {
        sheet.write_row(0, 0, ["account", "income", "income"])?;
        sheet.write_row(1, 0, ["A-1", "5", "6"])?;
        Ok(())
    });
    says(&refused(read(&twice)), &["2 columns called \"income\"", "its own heading"]);
    let blank = book("Data", |sheet| {
        sheet.write_row(0, 0, ["account", "income"])?;
        sheet.write_row(1, 0, ["A-1", "5", "stray"])?;
        Ok(())
    });
    says(&refused(read(&blank)), &["\"stray\" in row 2 of sheet \"Data\"", "no heading"]);
}

#[test]
fn sheets_and_files_that_are_not_there_are_named() {
    let bytes = texts("income", &["1"]);
    let other = refused(read_as(&bytes, "crm.xlsx", |input| input.sheet("Leads")));
    says(&other, &["no sheet \"Leads\"; its sheets are \"CRM\""]);
    let torn = refused(read(&bytes[..100]));
    assert!(matches!(torn, TableError::File(FileError::Malformed { .. })), "{torn}");
    let kind = refused(read_as(b"%PDF-1.4", "crm.pdf", |input| input));
    says(&kind, &["ends in \".pdf\""]);
    let nowhere = refused(CrmInput::new("no/such.xlsx").read().map_err(of_file));
    assert!(matches!(nowhere, TableError::File(FileError::NoSuchFile { .. })), "{nowhere}");
    let empty = refused(read(&book("CRM", |_| Ok(()))));
    assert!(matches!(empty, TableError::File(FileError::Empty { .. })), "{empty}");
    let headed = book("CRM", |sheet| sheet.write_row(0, 0, ["account", "income"]).map(|_| ()));
    let headed = refused(read(&headed));
    assert!(matches!(headed, TableError::File(FileError::NoRows { .. })), "{headed}");
    let titles = refused(csv("1,2\n3,4\n"));
    assert!(matches!(titles, TableError::File(FileError::NoHeader { .. })), "{titles}");
}

#[test]
fn sheets_with_the_same_columns_are_named_and_read_together() {
    let mut book = Workbook::new();
    let rows = [("2024", "account", "A-1", 5), ("2025", "account", "A-2", 6), ("Owners", "owner", "Eve", 7)];
    for (name, heading, account, income) in rows {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, [heading, "income"]).unwrap();
        sheet.write_string(1, 0, account).unwrap().write_number(1, 1, income).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let first = read(&bytes).unwrap();
    assert_eq!((first.len(), first.sheet.as_str()), (1, "2024"));
    assert!(
        first.notes[0].contains("the sheet \"2025\" has the same columns and is not read"),
        "{:?}",
        first.notes
    );
    let all = read_as(&bytes, "crm.xlsx", |input| input.sheet("*")).unwrap();
    assert_eq!(all.numbers("income").unwrap(), [Some(5.0), Some(6.0)]);
    assert!(all.notes.iter().any(|note| note.contains("not read: \"Owners\"")), "{:?}", all.notes);
}

#[test]
fn csv_files_by_separator_quotes_and_lines() {
    let table = csv("\u{feff}account,income,churned\n\"A, 1\",\"1,250\",yes\nA-2,0.5,no\n").unwrap();
    assert_eq!(table.numbers("income").unwrap(), [Some(1250.0), Some(0.5)]);
    assert_eq!(table.columns[2].values, Values::Flag(vec![Some(true), Some(false)]));
    assert_eq!(table.rows, [2, 3]);
    let tabs = csv("account\tincome\nA-1\t1 234,50\n").unwrap();
    assert_eq!(tabs.numbers("income").unwrap(), [Some(1234.5)]);
    let ragged = refused(csv("account,income\nA-1,1,250\nA-2,3\n"));
    says(&ragged, &["line 2", "has 3 fields where the header has 2"]);
    let bad = refused(csv("account,income\nA-1,1\nA-2,2\nA-3,3\nA-4,4\nA-5,five\n"));
    says(&bad, &["line 6 \"five\""]);
    let city = |set: &dyn Fn(CrmInput) -> CrmInput| {
        let table = read_as(b"account,city\nA-1,K\xf6ln\nA-2,New   York \n", "crm.csv", set).unwrap();
        table.texts("city").unwrap()
    };
    let cities = [Some("Köln".to_owned()), Some("New York".to_owned())];
    assert_eq!(city(&|input| input), cities);
    assert_eq!(city(&|input| input.encoding("windows-1252")), cities);
}

#[test]
fn the_embedded_workbook_is_read_as_the_simulator_wrote_it() {
    let read = CrmInput::new("crm_accounts").read().unwrap();
    let written = embedded::embedded();
    assert_eq!((&read.source, &read.sheet, &read.rows), (&written.source, &written.sheet, &written.rows));
    assert_eq!(read.names(), written.names());
    for (read, written) in read.columns.iter().zip(&written.columns) {
        assert_eq!(read, written);
    }
}
