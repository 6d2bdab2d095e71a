//! The same purchases as csv, parquet and xlsx, under other column names, are the same.

use std::fs::File;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use cltv_purchases::{Cleaning, RawTransactions, Source, Transactions, date};
use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series, TimeUnit, TimeZone};
use polars_io::parquet::write::ParquetWriter;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tempfile::TempDir;

/// id, day, amount
const PURCHASES: [(i64, &str, f64); 6] = [
    (12, "2024-01-05", 12.5),
    (12, "2024-02-17", 1234.56),
    (7, "2024-01-31", 0.0),
    (7, "2024-03-01", 99.95),
    (100, "2024-02-29", 5.0),
    (100, "2024-12-25", 7.25),
];

fn rows(raw: &RawTransactions) -> Vec<(String, String, Option<f64>)> {
    let rules = Cleaning::default().today(NaiveDate::from_ymd_opt(2025, 1, 1).unwrap());
    let transactions = raw.clean(&rules).unwrap().transactions;
    plain(&transactions)
}

fn plain(data: &Transactions) -> Vec<(String, String, Option<f64>)> {
    let (ids, rows) = (data.ids(), data.columns().unwrap());
    let amount = |i: usize| rows.amount.as_ref().map(|amounts| amounts[i]);
    let row =
        |i: usize| (ids.get(rows.customer[i]).to_owned(), date(rows.day[i]).unwrap().to_string(), amount(i));
    (0..data.len()).map(row).collect()
}

fn expected() -> Vec<(String, String, Option<f64>)> {
    let mut rows: Vec<_> =
        PURCHASES.iter().map(|(id, day, amount)| (*id, day.to_string(), Some(*amount))).collect();
    rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    rows.into_iter().map(|(id, day, amount)| (id.to_string(), day, amount)).collect()
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

fn shop(path: &str) -> Source {
    Source::new(path).customer_column("Kunde").date_column("Datum").amount_column("Betrag")
}

fn csv(separator: &str, date: fn(NaiveDate) -> String, amount: fn(f64) -> String) -> String {
    let mut text = ["Datum", "Kunde", "Betrag"].join(separator) + "\n";
    for (id, day, value) in PURCHASES {
        let fields = [date(day.parse().unwrap()), id.to_string(), amount(value)];
        text += &(fields.join(separator) + "\n");
    }
    text
}

fn iso(day: NaiveDate) -> String {
    day.to_string()
}

fn german(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

#[test]
fn csv_of_every_kind() {
    let folder = tempfile::tempdir().unwrap();
    let comma = |value: f64| format!("{value:.2}").replace('.', ",");
    let grouped = |value: f64| match value {
        v if v > 1000.0 => "\"$1,234.56\"".to_owned(),
        v => format!("${v}"),
    };
    let texts = [
        ("comma.csv", csv(",", iso, |v| v.to_string())),
        ("german.csv", csv(";", german, comma)),
        ("tabs.tsv", csv("\t", |d| d.format("%m/%d/%Y 10:30 PM").to_string(), |v| v.to_string())),
        ("quoted.csv", csv(",", |d| d.format("\"%b %-d, %Y\"").to_string(), grouped)),
        ("bars.txt", csv("|", |d| d.format("%Y%m%d").to_string(), |v| format!("EUR {v:.2}"))),
        ("crlf.csv", csv(",", iso, |v| v.to_string()).replace('\n', "\r\n")),
        ("sep.csv", "sep=;\r\n".to_owned() + &csv(";", iso, comma)),
    ];
    for (name, text) in texts {
        let path = write(&folder, name, text.as_bytes());
        let raw = shop(&path).read().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(rows(&raw), expected(), "{name}");
    }
}

#[test]
fn encodings_are_recognised_or_given() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Käufer;Größe;Datum;Betrag\nMüller;groß;2024-01-05;1,50\nWeiß;übergroß;2024-01-06;2,50\nMüller;klein;2024-02-06;3,50\n";
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let utf16 = |to: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units.flat_map(to).collect()
    };
    let files = [
        ("utf8.csv", text.as_bytes().to_vec(), ""),
        ("bom.csv", [b"\xEF\xBB\xBF", text.as_bytes()].concat(), ""),
        ("latin.csv", latin.clone(), ""),
        ("given.csv", latin.clone(), "latin-1"),
        ("le.csv", utf16(u16::to_le_bytes, true), ""),
        ("be.csv", utf16(u16::to_be_bytes, true), ""),
        ("plain.csv", utf16(u16::to_le_bytes, false), ""),
    ];
    for (name, bytes, encoding) in files {
        let path = write(&folder, name, &bytes);
        let source =
            Source::new(&path).customer_column("Käufer").date_column("Datum").amount_column("Betrag");
        let raw = source.encoding(encoding).read().unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = rows(&raw);
        assert_eq!((found[0].0.as_str(), found[2].0.as_str()), ("Müller", "Weiß"), "{name}");
        assert_eq!(found[1].2, Some(3.5), "{name}");
    }
    let path = write(&folder, "wrong.csv", &latin);
    let wrong = Source::new(&path).encoding("utf-8").read().unwrap_err().to_string();
    assert!(wrong.contains("is not text in UTF-8: line 1 cannot be decoded"), "{wrong}");
}

fn parquet(folder: &TempDir, name: &str, columns: Vec<Column>) -> PathBuf {
    let path = folder.path().join(name);
    let mut frame = DataFrame::new_infer_height(columns).unwrap();
    ParquetWriter::new(File::create(&path).unwrap()).finish(&mut frame).unwrap();
    path
}

fn days() -> Vec<i32> {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    let day = |day: &str| day.parse::<NaiveDate>().unwrap();
    PURCHASES.iter().map(|(_, d, _)| (day(d) - epoch).num_days() as i32).collect()
}

fn column<T, P: ?Sized>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, P>,
{
    Series::new(name.into(), values).into_column()
}

fn read_shop(path: &Path) -> RawTransactions {
    let shown = path.display().to_string();
    shop(&shown).read().unwrap_or_else(|error| panic!("{shown}: {error}"))
}

#[test]
fn parquet_of_every_kind() {
    let folder = tempfile::tempdir().unwrap();
    let ids: Vec<i64> = PURCHASES.iter().map(|p| p.0).collect();
    let amounts: Vec<f64> = PURCHASES.iter().map(|p| p.2).collect();
    let texts: Vec<&str> = PURCHASES.iter().map(|p| p.1).collect();
    let date = column("Datum", days()).cast(&DataType::Date).unwrap();
    let stamps: Vec<i64> = days().iter().map(|&d| i64::from(d) * 86_400_000_000 + 43_200_000_000).collect();
    let stamp = |zone: Option<TimeZone>| {
        let kind = DataType::Datetime(TimeUnit::Microseconds, zone);
        column("Datum", stamps.clone()).cast(&kind).unwrap()
    };
    let float_ids: Vec<f64> = ids.iter().map(|&id| id as f64).collect();
    let small_ids: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
    let text_ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let compact: Vec<i64> = texts.iter().map(|d| d.replace('-', "").parse().unwrap()).collect();
    let files = [
        vec![column("Kunde", ids), date.clone(), column("Betrag", amounts.clone())],
        vec![column("Betrag", amounts.clone()), stamp(None), column("Kunde", float_ids)],
        vec![column("Kunde", small_ids), stamp(Some(TimeZone::UTC)), column("Betrag", amounts.clone())],
        vec![column("Kunde", text_ids.clone()), column("Datum", texts), column("Betrag", amounts.clone())],
        vec![column("Kunde", text_ids), column("Datum", compact), column("Betrag", amounts)],
    ];
    for (i, columns) in files.into_iter().enumerate() {
        let path = parquet(&folder, &format!("{i}.parquet"), columns);
        assert_eq!(rows(&read_shop(&path)), expected(), "file {i}");
    }
}

#[test]
fn workbooks_with_real_dates_numbers_and_texts() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["date", "stamp", "serial", "iso", "us"] {
        let path = folder.path().join(format!("{kind}.xlsx"));
        let mut book = Workbook::new();
        book.add_worksheet().set_name("Empty").unwrap();
        let sheet = book.add_worksheet().set_name("Käufe").unwrap();
        let format = Format::new().set_num_format("dd.mm.yyyy hh:mm");
        for (i, title) in ["Kunde", "Notiz", "Datum", "Betrag"].iter().enumerate() {
            sheet.write_string(2, 1 + i as u16, *title).unwrap();
        }
        for (row, (id, day, amount)) in (3..).zip(PURCHASES) {
            let date: NaiveDate = day.parse().unwrap();
            let time = ExcelDateTime::parse_from_str(&format!("{day}T18:45:00")).unwrap();
            sheet.write_number(row, 1, id as f64).unwrap();
            match kind {
                "date" => sheet.write_datetime_with_format(
                    row,
                    3,
                    ExcelDateTime::parse_from_str(day).unwrap(),
                    &format,
                ),
                "stamp" => sheet.write_datetime_with_format(row, 3, time, &format),
                "serial" => sheet.write_number(row, 3, time.to_excel()),
                "iso" => sheet.write_string(row, 3, day),
                _ => sheet.write_string(row, 3, date.format("%m/%d/%Y").to_string()),
            }
            .unwrap();
            sheet.write_number(row, 4, amount).unwrap();
        }
        book.save(&path).unwrap();
        let raw = read_shop(&path);
        assert_eq!(rows(&raw), expected(), "{kind}");
        assert!(raw.to_string().contains("Sheet \"Käufe\" is read."), "{raw}");
        let path = path.display().to_string();
        assert_eq!(rows(&shop(&path).sheet("Käufe").read().unwrap()), expected());
        let message = shop(&path).sheet("Sales").read().unwrap_err().to_string();
        assert!(message.contains(r#"no sheet "Sales"; its sheets are "Empty" and "Käufe""#), "{message}");
    }
}

#[test]
fn the_whole_data_set_is_the_same_through_files() {
    let folder = tempfile::tempdir().unwrap();
    let cdnow = Source::new("cdnow").read().unwrap().clean(&Cleaning::default()).unwrap().transactions;
    let mut frame = cdnow.frame().unwrap();
    frame.set_column_names(&["Kunde", "Datum", "Betrag"]).unwrap();
    let outputs = cltv_purchases::Outputs::open(&folder.path().display().to_string()).unwrap();
    outputs.write_csv("cdnow.csv", &frame).unwrap();
    let parquet = parquet(&folder, "cdnow.parquet", frame.columns().to_vec());
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let format = Format::new().set_num_format("yyyy-mm-dd");
    for (i, title) in ["Kunde", "Datum", "Betrag"].iter().enumerate() {
        sheet.write_string(0, i as u16, *title).unwrap();
    }
    // The rows of the workbook come in reverse, which changes nothing.
    for (row, (id, day, amount)) in (1..).zip(plain(&cdnow).into_iter().rev()) {
        let date = ExcelDateTime::parse_from_str(&day).unwrap();
        sheet.write_number(row, 0, id.parse::<f64>().unwrap()).unwrap();
        sheet.write_datetime_with_format(row, 1, date, &format).unwrap();
        sheet.write_number(row, 2, amount.unwrap()).unwrap();
    }
    let xlsx = folder.path().join("cdnow.xlsx");
    book.save(&xlsx).unwrap();
    for path in [folder.path().join("cdnow.csv"), parquet, xlsx] {
        let found = read_shop(&path).clean(&Cleaning::default()).unwrap().transactions;
        assert_eq!(plain(&found), plain(&cdnow), "{}", path.display());
        // The ends of the literature belong to the named data set; a file has the general default.
        assert_eq!(found.periods("1997-09-30", "").unwrap(), cdnow.periods("", "").unwrap());
        assert_eq!(found.periods("", "").unwrap().calibration_end.to_string(), "1997-12-30");
    }
}

#[test]
fn columns_are_recognised_when_not_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Order Date,Client ID,Total\n2024-01-05,00004,1\n2024-01-06,4,2\n2024-01-07,00004,3\n";
    let path = write(&folder, "a.csv", text.as_bytes());
    let source = Source::new(&path).customer_column("").date_column("").amount_column("");
    let raw = source.read().unwrap();
    assert!(!raw.has_amounts());
    let found = rows(&raw);
    assert_eq!(found.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["00004", "00004", "4"]);
    let with_orders = Source::new(&path)
        .customer_column("")
        .date_column("")
        .amount_column("Total")
        .order_column("Client ID");
    assert!(with_orders.read().unwrap().has_orders());
}
