//! Valid files of each format, which are made here.

use std::io::{Cursor, Read, Write};

use cltv_fuzz::{Part, Seed};
use flate2::Compression;
use flate2::write::GzEncoder;
use polars::prelude::{DataFrame, DataType, IntoColumn, NamedFrom, ParquetCompression, Series, TimeUnit};
use polars_io::parquet::write::ParquetWriter;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

const CSV: &str = "customer id,date,amount,paid,note\n1,2024-01-05,\"1,250.00\",yes,\"say \"\"hi\"\"\nthere\"\n2,2024-01-31 10:15,-3.50,no,\n\n3,2024-02-28T23:59:59,12%,yes,Köln 年\nTotal,,1258.5,,\n";
const GERMAN: &str = "Kunde;Datum;Betrag;Bezahlt\nK-1;31.01.2024;1.234,50 €;ja\nK-2;1. März 2024;12,5 €;nein\nK-3;05.02.24;(3,00);ja\n";
const TABS: &str = "Report of 2024\n\nid\tday\tsum\n00042\tJan 31, 2024 4:05 PM\t$1,250.00\n00043\tFri, 2 Feb 2024 08:00:00 +0100\t$ -\n";
const BLANKS: &str = " id date     n  amount\n 1 19970101  2   29.33\n 2 19970118  1   14.96\n";
const LINES: &str = "{\"id\": 1, \"at\": \"2024-01-05T10:00:00Z\", \"n\": 1.5, \"ok\": true}\n{\"id\": \"b\", \"at\": null, \"n\": 18446744073709551615, \"x\": {\"y\": [1]}}\n\n{\"id\": 3, \"at\": \"2024-01-06\", \"n\": \"12,50\"}\n";
const VALUES: &str = "1997-01-31\n19970131\n1997/1/31 10:15\n31.01.1997\n31 Jan 1997\n5 de enero de 2024\n2024年1月31日\nJan-23\n202301\n23:30:00.5+01:00\n4:05 PM\n12:00 a.m.\n45000\n1700000000\n1,234.56\n1.234,56\n$ (691.50)\nCHF 1'234.50\n₹21,99,000.00\n12.5 %\n−3,00\n4,00-\nد.إ9\n1e2\n.5\nyes\n#N/A\n";

/// Dates and amounts of many programs and languages.
pub(super) fn values() -> Vec<Seed> {
    vec![Seed::plain("dates_and_amounts.values", VALUES)]
}

/// One file of each format, encoding and way of packing.
pub(super) fn files() -> Vec<Seed> {
    let utf16: Vec<u8> =
        std::iter::once(0xFEFF).chain(CSV.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let windows: Vec<u8> = GERMAN.chars().map(|c| if c == '€' { 0x80 } else { c as u32 as u8 }).collect();
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    let gzipped = gz.write_all(CSV.as_bytes()).and_then(|()| gz.finish()).unwrap_or_default();
    vec![
        Seed::plain("utf8.csv", CSV),
        Seed::plain("utf16.csv", utf16),
        Seed::plain("windows.csv", windows),
        Seed::plain("tabs.tsv", TABS),
        Seed::plain("blanks.txt", BLANKS),
        Seed::plain("packed.csv.gz", gzipped),
        Seed::plain("lines.jsonl", LINES),
        Seed::plain("plain.parquet", parquet(ParquetCompression::Uncompressed)),
        Seed::plain("snappy.parquet", parquet(ParquetCompression::Snappy)),
        Seed::packed("packed.csv.zip", vec![("a.csv".to_owned(), CSV.into())], packed),
        Seed::packed("book.xlsx", parts_of(&xlsx()), packed),
        Seed::packed("book.ods", ods(), packed),
    ]
}

/// An archive whose parts are stored as they are.
fn packed(parts: &[Part]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let written = archive.start_file(name.as_str(), options).map(|()| archive.write_all(bytes));
        debug_assert!(written.is_ok());
    }
    archive.finish().map(Cursor::into_inner).unwrap_or_default()
}

fn parquet(compression: ParquetCompression) -> Vec<u8> {
    let rows = 400;
    let ids: Vec<String> = (0..rows).map(|n| format!("customer {}", n % 90)).collect();
    let days = Series::new("day".into(), (19_000..19_000 + rows).collect::<Vec<i32>>());
    let moments =
        Series::new("at".into(), (0..i64::from(rows)).map(|n| n * 86_400_000_000).collect::<Vec<i64>>());
    let amounts: Vec<Option<f64>> = (0..rows).map(|n| (n % 7 > 0).then(|| f64::from(n) / 4.0)).collect();
    let columns = vec![
        Series::new("id".into(), ids).into_column(),
        days.cast(&DataType::Date).unwrap_or_default().into_column(),
        moments.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap_or_default().into_column(),
        Series::new("amount".into(), amounts).into_column(),
        Series::new("n".into(), (0..i64::from(rows)).collect::<Vec<i64>>()).into_column(),
        Series::new("paid".into(), (0..rows).map(|n| n % 2 == 0).collect::<Vec<bool>>()).into_column(),
    ];
    let mut bytes = Vec::new();
    let written = DataFrame::new_infer_height(columns).map(|mut frame| {
        ParquetWriter::new(&mut bytes).with_compression(compression).finish(&mut frame).is_ok()
    });
    debug_assert!(written.is_ok_and(|written| written));
    bytes
}

fn xlsx() -> Vec<u8> {
    let mut book = Workbook::new();
    let written = (|| {
        let day = Format::new().set_num_format("yyyy-mm-dd");
        let sheet = book.add_worksheet();
        for (column, name) in (0..).zip(["region", "id", "date", "amount", "sum", "note"]) {
            sheet.write(0, column, name)?;
        }
        for row in 1..12_u32 {
            sheet.write(row, 1, row)?;
            sheet.write_with_format(row, 2, ExcelDateTime::from_ymd(2024, 1, row as u8)?, &day)?;
            sheet.write(row, 3, f64::from(row) * 1.25)?;
            sheet.write_formula(row, 4, Formula::new("=D2*2").set_result("2.5"))?;
            sheet.write(row, 5, if row % 2 == 0 { "31/01/2024" } else { "yes" })?;
        }
        sheet.merge_range(1, 0, 6, 0, "North", &Format::new())?;
        sheet.write_formula(11, 4, Formula::new("=1/0").set_result("#DIV/0!"))?;
        let second = book.add_worksheet();
        second.write(3, 2, "id")?;
        second.write(3, 3, "amount")?;
        second.write(4, 2, "a")?;
        second.write(4, 3, true)?;
        book.save_to_buffer()
    })();
    written.unwrap_or_default()
}

fn parts_of(archive: &[u8]) -> Vec<Part> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(archive)) else { return Vec::new() };
    let parts = 0..archive.len();
    let part = |at: usize| {
        let mut file = archive.by_index(at).ok()?;
        let (name, mut bytes) = (file.name().ok()?.into_owned(), Vec::new());
        file.read_to_end(&mut bytes).ok()?;
        Some((name, bytes))
    };
    parts.filter_map(part).collect()
}

fn ods() -> Vec<Part> {
    let mime = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest = format!(
        "<?xml version=\"1.0\"?><manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"><manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"{mime}\"/></manifest:manifest>"
    );
    let text = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let number = |n: &str| {
        format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{n}\"><text:p>{n}</text:p></table:table-cell>"
        )
    };
    let date = |day: &str| {
        format!(
            "<table:table-cell office:value-type=\"date\" office:date-value=\"{day}\"><text:p>{day}</text:p></table:table-cell>"
        )
    };
    let row = |cells: String| {
        format!(
            "<table:table-row>{cells}<table:table-cell table:number-columns-repeated=\"3\"/></table:table-row>"
        )
    };
    let rows = [
        row(text("id") + &text("date") + &text("amount")),
        row(text("a") + &date("2024-01-05") + &number("12.5")),
        "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell/></table:table-row>".to_owned(),
        row(text("b") + &date("2024-02-05") + &number("-3")),
    ];
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet><table:table table:name=\"Sheet1\">{}</table:table></office:spreadsheet></office:body></office:document-content>",
        rows.concat()
    );
    [("mimetype", mime.to_owned()), ("META-INF/manifest.xml", manifest), ("content.xml", content)]
        .map(|(name, text)| (name.to_owned(), text.into_bytes()))
        .to_vec()
}
