//! Each kind of cell of a workbook is read, or refused with sheet, cell, value, reason and remedy.

mod support;

use cltv_accounts::{AccountTable, BadCell, ErrorCells, ReadError, TableSource, Values};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};

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

fn read(bytes: &[u8]) -> Result<AccountTable, ReadError> {
    TableSource::new("crm.xlsx").read_bytes("xlsx", bytes)
}

fn refused(result: Result<AccountTable, ReadError>) -> Vec<BadCell> {
    match result {
        Err(ReadError::BadCells { cells, .. }) => cells,
        other => panic!("{other:?}"),
    }
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
    let shares = numbers("discount", &["12.5%", "8 %", "0.25", "-1%"]);
    assert_eq!(shares, [Some(0.125), Some(0.08), Some(0.25), Some(-0.01)]);
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    let open = refused(read(&texts("income", &["1,250", "900"])));
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].sheet.as_str(), open[0].cell.as_str()), ("CRM", "B2"));
    assert!(open[0].reason.contains("thousands or decimals"), "{}", open[0]);
    let comma = TableSource { decimal_comma: Some(true), ..source() };
    let table = comma.read_bytes("xlsx", &texts("income", &["1,250", "900"])).unwrap();
    assert_eq!(table.numbers("income").unwrap(), [Some(1.25), Some(900.0)]);
    let bare = refused(read(&texts("discount", &["12%", "8%", "15"])));
    assert_eq!((bare[0].cell.as_str(), bare[0].value.as_str()), ("B4", "15"));
    assert!(bare[0].remedy.contains("12% or 0.12"), "{}", bare[0]);
    let mixed = refused(read(&texts("income", &["$5", "$6", "7 €"])));
    assert_eq!(mixed[0].cell, "B4");
    assert!(mixed[0].reason.contains("another currency"), "{}", mixed[0]);
    let dates = refused(read(&texts("start", &["05/05/2024", "01/02/2024"])));
    assert_eq!(dates[0].cell, "B3");
}

fn source() -> TableSource {
    TableSource::new("crm.xlsx")
}

#[test]
fn a_word_among_numbers_is_refused_and_codes_stay_texts() {
    let error = read(&texts("income", &["1", "2", "3", "4", "a lot", "6"])).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("1 cell of \"crm.xlsx\" cannot be read"), "{message}");
    assert!(message.contains("sheet \"CRM\" cell B6 (column \"income\") holds \"a lot\""), "{message}");
    assert!(message.contains("write a number"), "{message}");
    let codes = read(&texts("zip", &["00042", "10115"])).unwrap();
    assert_eq!(codes.texts("zip").unwrap(), [Some("00042".to_owned()), Some("10115".to_owned())]);
    let ranges = read(&texts("staff", &["10-20", "1-9", "A12", "B7"])).unwrap();
    assert_eq!(ranges.texts("staff").unwrap()[2].as_deref(), Some("A12"));
    let named = TableSource { text_columns: vec!["plan".to_owned()], ..source() };
    let plans = named.read_bytes("xlsx", &texts("plan", &["1", "2", "2", "2", "Pro"])).unwrap();
    assert_eq!(plans.texts("plan").unwrap()[4].as_deref(), Some("Pro"));
    let wrong = plans.numbers("plan").unwrap_err().to_string();
    assert!(wrong.contains("column \"plan\" holds texts, where numbers are needed"), "{wrong}");
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
fn errors_are_missing_or_refused_by_rule() {
    let bytes = book("Data", |sheet| {
        sheet.write_row(0, 0, ["account", "income"])?;
        for (row, error) in (1..).zip(["#N/A", "#DIV/0!", "7"]) {
            sheet.write_string(row, 0, format!("A-{row}"))?;
            sheet.write_formula(row, 1, Formula::new("=B9").set_result(error))?;
        }
        Ok(())
    });
    let default = refused(read(&bytes));
    assert_eq!((default.len(), default[0].cell.as_str(), default[0].value.as_str()), (1, "B3", "#DIV/0!"));
    let strict = TableSource { error_cells: ErrorCells::Refuse, ..source() };
    assert_eq!(refused(strict.read_bytes("xlsx", &bytes)).len(), 2);
    let lenient = TableSource { error_cells: ErrorCells::Missing, ..source() };
    let table = lenient.read_bytes("xlsx", &bytes).unwrap();
    assert_eq!(table.numbers("income").unwrap(), [None, None, Some(7.0)]);
    assert!(table.notes.iter().any(|note| note.contains("2 error cells")), "{:?}", table.notes);
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
    let unstored = without_values(&bytes);
    let bad = refused(read(&unstored));
    assert_eq!((bad[0].cell.as_str(), bad[0].value.as_str()), ("B2", "=1+1"));
    assert!(bad[0].remedy.contains("save it"), "{}", bad[0]);
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
    assert!(table.notes.iter().any(|note| note == "Row 8 is a total and is left out."), "{:?}", table.notes);
    let named = TableSource { header_row: 4, ..source() };
    assert_eq!(named.read_bytes("xlsx", &bytes).unwrap().columns, table.columns);
    let nowhere = TableSource { header_row: 3, ..source() }.read_bytes("xlsx", &bytes).unwrap_err();
    assert!(nowhere.to_string().contains("no header row at row 3"), "{nowhere}");
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
    let bad = refused(read(&merged(true)));
    assert_eq!((bad[0].cell.as_str(), bad[0].value.as_str()), ("A5", "West"));
    assert!(bad[0].reason.contains("merged as far as C5"), "{}", bad[0]);
}

#[test]
fn headings_alike_or_blank_are_refused_by_cell() {
    let twice = book("Data", |sheet| {
        sheet.write_row(0, 0, ["account", "income", "income"])?;
        sheet.write_row(1, 0, ["A-1", "5", "6"])?;
        Ok(())
    });
    let bad = refused(read(&twice));
    assert_eq!((bad[0].cell.as_str(), bad[0].reason.as_str()), ("C1", "B1 has the same heading"));
    let blank = book("Data", |sheet| {
        sheet.write_row(0, 0, ["account", "income"])?;
        sheet.write_row(1, 0, ["A-1", "5", "stray"])?;
        Ok(())
    });
    let bad = refused(read(&blank));
    assert_eq!((bad[0].cell.as_str(), bad[0].reason.as_str()), ("C2", "its column has no heading"));
}

#[test]
fn sheets_and_files_that_are_not_there_are_named() {
    let bytes = texts("income", &["1"]);
    let other = TableSource { sheet: "Leads".to_owned(), ..source() }.read_bytes("xlsx", &bytes).unwrap_err();
    assert_eq!(other.to_string(), r#""crm.xlsx" has no sheet "Leads"; its sheets are "CRM""#);
    let torn = source().read_bytes("xlsx", &bytes[..100]).unwrap_err();
    assert!(matches!(torn, ReadError::Malformed { .. }), "{torn}");
    let kind = TableSource::new("crm.pdf").read_bytes("pdf", b"").unwrap_err();
    assert!(kind.to_string().contains("ends in \".pdf\""), "{kind}");
    assert!(matches!(TableSource::new("no/such.xlsx").read(), Err(ReadError::Unreadable { .. })));
    let empty = book("CRM", |_| Ok(()));
    assert!(read(&empty).unwrap_err().to_string().contains("every sheet is empty"));
    let headed = book("CRM", |sheet| sheet.write_row(0, 0, ["account", "income"]).map(|_| ()));
    assert!(matches!(read(&headed), Err(ReadError::NoRows { .. })));
}

#[test]
fn csv_files_by_separator_quotes_and_lines() {
    let csv = |text: &str| TableSource::new("crm.csv").read_bytes("csv", text.as_bytes());
    let table = csv("\u{feff}account,income,churned\n\"A, 1\",\"1,250\",yes\nA-2,0.5,no\n").unwrap();
    assert_eq!(table.numbers("income").unwrap(), [Some(1250.0), Some(0.5)]);
    assert_eq!(table.columns[2].values, Values::Flag(vec![Some(true), Some(false)]));
    let tabs = csv("account\tincome\nA-1\t1 234,50\n").unwrap();
    assert_eq!(tabs.numbers("income").unwrap(), [Some(1234.5)]);
    let ragged = csv("account,income\nA-1,1,250\nA-2,3\n").unwrap_err().to_string();
    assert!(ragged.contains("line 2 has 3 fields where the header has 2"), "{ragged}");
    let bad = refused(csv("account,income\nA-1,1\nA-2,2\nA-3,3\nA-4,4\nA-5,five\n"));
    assert_eq!((bad[0].sheet.as_str(), bad[0].cell.as_str(), bad[0].value.as_str()), ("", "B6", "five"));
    let latin = TableSource::new("crm.csv").read_bytes("csv", b"account,city\nA-1,K\xf6ln\n").unwrap_err();
    assert!(latin.to_string().contains("line 2 is not UTF-8"), "{latin}");
}

#[test]
fn the_embedded_workbook_is_read_as_the_simulator_wrote_it() {
    let read = TableSource::new("crm_accounts").read().unwrap();
    let written = support::embedded::embedded();
    assert_eq!((&read.sheet, &read.rows), (&written.sheet, &written.rows));
    assert_eq!(read.names(), written.names());
    for (read, written) in read.columns.iter().zip(&written.columns) {
        assert_eq!(read, written);
    }
}
