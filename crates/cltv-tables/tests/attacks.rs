//! Files that are made to harm: each ends in a named error, soon and without much memory.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use cltv_tables::header::AllColumns;
use cltv_tables::{FileError, ReadOptions, Table, TableError};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;

fn read(path: &Path) -> Result<Table, TableError> {
    read_as(path, &ReadOptions::default())
}

fn read_as(path: &Path, options: &ReadOptions) -> Result<Table, TableError> {
    let all = AllColumns::default();
    let name = path.display().to_string();
    cltv_tables::read(&name, &|name| name.into(), options, &|shown: &str, header: &[String]| {
        all.places(shown, header)
    })
}

fn file_error(path: &Path) -> FileError {
    match read(path) {
        Err(TableError::File(error)) => error,
        other => panic!("{}: {other:?}", path.display()),
    }
}

fn write(folder: &tempfile::TempDir, name: &str, bytes: impl AsRef<[u8]>) -> std::path::PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[cfg(unix)]
#[test]
fn devices_fifos_and_sockets_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("shop.csv");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let zero = folder.path().join("zero.csv");
    std::os::unix::fs::symlink("/dev/zero", &zero).unwrap();
    let socket = folder.path().join("socket.csv");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for (path, what) in [
        (Path::new("/dev/zero"), "a device"),
        (&zero, "a device"),
        (&fifo, "a FIFO (a pipe)"),
        (&socket, "a socket"),
    ] {
        let error = file_error(path);
        assert!(matches!(&error, FileError::NotAFile { what: found, .. } if *found == what), "{error}");
        assert!(error.to_string().contains("name a regular file"), "{error}");
    }
    let linked = folder.path().join("linked.csv");
    std::os::unix::fs::symlink(write(&folder, "real.csv", "id,name\n1,a\n"), &linked).unwrap();
    assert_eq!(read(&linked).unwrap().len(), 1, "a link to a file is read");
}

#[test]
fn a_cell_at_the_end_of_a_sheet_takes_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("far.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "id").unwrap();
    sheet.write(0, 1, "name").unwrap();
    sheet.write(1, 0, 1).unwrap();
    sheet.write(1_048_575, 16_383, "far").unwrap();
    book.save(&path).unwrap();
    let message = file_error(&path).to_string();
    assert!(message.contains("17,179,869,184 cells in A1:XFD1048576"), "{message}");
    assert!(message.contains("33,554,432 cells") && message.contains("sheet \"Sheet1\""), "{message}");
}

#[test]
fn a_formula_at_the_end_of_a_sheet_takes_no_memory() {
    // The cell has no stored value, so that only the formulas reach there.
    let folder = tempfile::tempdir().unwrap();
    let path = workbook(
        &folder,
        "formula.xlsx",
        r#"<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>name</v></c></row>
           <row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>A2</f></c></row>
           <row r="1048576"><c r="XFD1048576"><f>A1</f></c></row>"#,
        "",
    );
    let message = file_error(&path).to_string();
    assert!(message.contains("cells in B2:XFD1048576"), "{message}");
}

#[test]
fn merged_regions_that_overlap_are_refused_soon() {
    let folder = tempfile::tempdir().unwrap();
    let merges = "<mergeCell ref=\"A2:A1048576\"/>".repeat(20_000);
    let path = workbook(
        &folder,
        "merged.xlsx",
        r#"<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>name</v></c></row>
           <row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>
           <row r="1048576"><c r="B1048576"><v>5</v></c></row>"#,
        &format!("<mergeCells count=\"20000\">{merges}</mergeCells>"),
    );
    let started = Instant::now();
    let options = ReadOptions { fill_merged: true, ..ReadOptions::default() };
    let message = read_as(&path, &options).unwrap_err().to_string();
    assert!(message.contains("cells in merged regions"), "{message}");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    // A region beside the cells with values gives none, and makes the sheet no larger.
    let merges: String = (3..9000).map(|row| format!("<mergeCell ref=\"XFD{row}:XFD1048576\"/>")).collect();
    let path = workbook(
        &folder,
        "beside.xlsx",
        r#"<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>name</v></c></row>
           <row r="9001"><c r="A9001"><v>1</v></c><c r="B9001"><v>2</v></c></row>"#,
        &format!("<mergeCells>{merges}</mergeCells>"),
    );
    assert!(read_as(&path, &options).is_ok());
}

/// A workbook with one sheet of such rows, and what follows them.
fn workbook(folder: &tempfile::TempDir, name: &str, rows: &str, after: &str) -> std::path::PathBuf {
    let path = folder.path().join(name);
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/package/2006/relationships";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let types = "http://schemas.openxmlformats.org/package/2006/content-types";
    let sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData>{after}</worksheet>");
    for (part, text) in [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{types}\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{relations}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{relations}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ] {
        archive.start_file(part, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    path
}

/// A little more than 256 MiB of blank lines after a small table, packed by gzip.
fn bomb(table: &[u8]) -> Vec<u8> {
    let member = |bytes: &[u8]| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    };
    let mut bytes = member(table);
    let lines = member(&vec![b'\n'; 1 << 26]);
    (0..5).for_each(|_| bytes.extend_from_slice(&lines));
    bytes
}

#[test]
fn packed_files_that_unpack_to_far_too_much_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, "bomb.csv.gz", bomb(b"id,name\n1,a\n"));
    let error = file_error(&path);
    assert!(matches!(error, FileError::Unpacks { .. }), "{error}");
    assert!(error.to_string().contains("unpacks to more than 256 MB"), "{error}");
    let lines = write(&folder, "bomb.jsonl.gz", bomb(b"{\"id\": 1, \"name\": 2}\n"));
    assert!(matches!(file_error(&lines), FileError::Unpacks { .. }));
    for (name, part) in [("bomb.zip", "a.csv"), ("bomb.xlsx", "xl/worksheets/sheet1.xml")] {
        let path = folder.path().join(if name == "bomb.zip" { "bomb.csv.zip" } else { name });
        let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        archive.start_file(part, SimpleFileOptions::default().compression_level(Some(1))).unwrap();
        let lines = vec![b'\n'; 1 << 26];
        (0..5).for_each(|_| archive.write_all(&lines).unwrap());
        archive.finish().unwrap();
        let started = Instant::now();
        assert!(matches!(file_error(&path), FileError::Unpacks { .. }), "{name}");
        assert!(started.elapsed() < Duration::from_secs(5), "refused by what the archive says: {name}");
    }
}

#[test]
fn too_many_columns_are_refused_and_those_that_are_not_wanted_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..10_000).map(|at| format!("c{at}")).collect();
    let row = |value: &str| vec![value; 10_000].join(",");
    let text = format!("{}\n{}\n{}\n", names.join(","), row("1"), row("2"));
    let path = write(&folder, "wide.csv", &text);
    let message = file_error(&path).to_string();
    assert!(message.contains("10,000 columns") && message.contains("4,096"), "{message}");
    let two = |_: &str, header: &[String]| Ok(vec![3, header.len() - 1]);
    let name = path.display().to_string();
    let table = cltv_tables::read(&name, &|name| name.into(), &ReadOptions::default(), &two).unwrap();
    assert_eq!((table.len(), table.columns.len()), (2, 2));
    let keys: Vec<String> = (0..20_000).map(|at| format!("\"k{at}\":1")).collect();
    let error = file_error(&write(&folder, "wide.jsonl", format!("{{{}}}\n", keys.join(","))));
    assert!(error.to_string().contains("20,000 columns"), "{error}");
}

#[test]
fn a_line_of_100_mb_is_refused_with_a_short_message() {
    let folder = tempfile::tempdir().unwrap();
    let long = "9".repeat(100 << 20);
    for (name, text) in [
        ("value.csv", format!("id,name\n1,{long}\n")),
        ("header.csv", format!("id,{long}\n1,a\n")),
        ("value.jsonl", format!("{{\"id\": 1, \"name\": \"{long}\"}}\n")),
        ("quote.csv", format!("id,name\n1,\"{long}\n2,b\n3,c\n")),
    ] {
        let message = file_error(&write(&folder, name, text)).to_string();
        assert!(message.chars().count() < 700, "{name}: {} characters", message.chars().count());
    }
}

#[test]
fn messages_cut_long_values_and_escape_control_characters() {
    let folder = tempfile::tempdir().unwrap();
    let long = "\u{1b}[31m\u{202e}".to_owned() + &"x".repeat(10_000);
    let text = format!("{long},b{long}\n1,2\n3\n4,5\n");
    let ragged = file_error(&write(&folder, "a.csv", &text)).to_string();
    let wanted = |shown: &str, header: &[String]| {
        Err(TableError::MissingColumn {
            shown: shown.into(),
            column: long.as_str().into(),
            role: "date",
            parameter: "date_column",
            optional: false,
            columns: vec![header[0].clone(); 1000].into(),
            suggested: Some(long.as_str().into()),
            sheets: Box::default(),
        })
    };
    let name = write(&folder, "b.csv", text.replace("3\n", "3,3\n")).display().to_string();
    let missing = cltv_tables::read(&name, &|name| name.into(), &ReadOptions::default(), &wanted);
    let missing = missing.unwrap_err().to_string();
    let mut table = read(&write(&folder, "c.csv", format!("n,m\n{long},a\n1,b\n"))).unwrap();
    let column = table.columns[0].clone();
    let options = cltv_tables::numbers::NumberOptions { mark: None, remedy: "" };
    let number = cltv_tables::numbers::read(&mut table, &column, options).unwrap_err().to_string();
    let dates = cltv_tables::dates::read(&mut table, &column, &Default::default()).unwrap_err().to_string();
    for message in [ragged, missing, number.clone(), dates] {
        assert!(message.chars().count() < 4000, "{}", message.chars().count());
        assert!(!message.contains('\u{1b}') && !message.contains('\u{202e}'), "{message}");
        assert!(!message.contains(&"x".repeat(61)), "{message}");
    }
    assert!(number.contains(r"\u{1b}[31m\u{202e}xxx") && number.contains('…'), "{number}");
}

#[test]
fn a_workbook_that_is_not_compressed_is_no_html_page() {
    // The names of an ods file's tags begin with "table" as those of html do.
    let folder = tempfile::tempdir().unwrap();
    let table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0";
    let cell = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let row = |a: &str, b: &str| format!("<table:table-row>{}{}</table:table-row>", cell(a), cell(b));
    let rows = row("id", "name") + &row("1", "a");
    let sheet = format!(
        "<office:document-content xmlns:table=\"{table}\"><table:table table:name=\"S\">{rows}</table:table></office:document-content>"
    );
    let path = folder.path().join("stored.ods");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (part, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest/>"),
        ("content.xml", &sheet),
    ] {
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file(part, stored).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    assert_eq!(read(&path).unwrap().len(), 1);
}

#[test]
fn damaged_parquet_files_are_errors_and_no_panics() {
    use polars::prelude::*;
    let folder = tempfile::tempdir().unwrap();
    let mut frame = df!(
        "id" => (0..3000).map(|n| format!("customer-{}", n % 700)).collect::<Vec<_>>(),
        "n" => (0..3000).collect::<Vec<i64>>(),
        "x" => (0..3000).map(f64::from).collect::<Vec<_>>(),
        "d" => Series::new("d".into(), (0..3000).collect::<Vec<i32>>()).cast(&DataType::Date).unwrap(),
    )
    .unwrap();
    let mut bytes = Vec::new();
    // Damage in compressed pages is found by the decompressor already.
    let writer = polars_io::parquet::write::ParquetWriter::new(&mut bytes);
    writer.with_compression(ParquetCompression::Uncompressed).finish(&mut frame).unwrap();
    assert_eq!(read(&write(&folder, "whole.parquet", &bytes)).unwrap().len(), 3000);
    // Knuth's MMIX generator: the same damage on every run.
    let mut state = 1_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let mut panics = 0;
    for _ in 0..600 {
        let mut damaged = bytes.clone();
        for _ in 0..1 + next() % 4 {
            let at = 4 + next() % (bytes.len() - 8);
            damaged[at] = next() as u8;
        }
        match read(&write(&folder, "damaged.parquet", &damaged)) {
            Err(error) => panics += usize::from(error.to_string().contains("it is damaged")),
            Ok(table) => assert!(table.len() <= 3000),
        }
    }
    assert!(panics > 0, "no damage made the decoder panic, so that this test tests nothing");
}

#[test]
fn pages_that_announce_other_counts_than_their_row_group_are_refused_by_column() {
    use polars::prelude::*;
    let folder = tempfile::tempdir().unwrap();
    let ids: Vec<Option<String>> =
        (0..3000).map(|n| (n % 7 != 0).then(|| format!("customer-{}", n % 700))).collect();
    let mut frame = df!("id" => ids, "n" => (0..3000).map(Some).collect::<Vec<Option<i64>>>()).unwrap();
    for compression in [ParquetCompression::Uncompressed, ParquetCompression::Snappy] {
        let mut bytes = Vec::new();
        let writer = polars_io::parquet::write::ParquetWriter::new(&mut bytes);
        writer.with_compression(compression).finish(&mut frame).unwrap();
        assert_eq!(read(&write(&folder, "whole.parquet", &bytes)).unwrap().len(), 3000);
        // Thrift's compact protocol: the first field, a whole number, 3000 as a zigzag number of two bytes.
        let counts: Vec<usize> =
            (0..bytes.len() - 2).filter(|&at| bytes[at..].starts_with(&[0x15, 0xF0, 0x2E])).collect();
        assert!(counts.len() >= 2, "one page for each column: {counts:?}");
        // -3000, 3001 and 8191 values.
        for damage in [[0xEF, 0x2E], [0xF2, 0x2E], [0xFE, 0x7F]] {
            for &at in &counts {
                let mut damaged = bytes.clone();
                damaged[at + 1..at + 3].copy_from_slice(&damage);
                let message = read(&write(&folder, "damaged.parquet", &damaged)).unwrap_err().to_string();
                assert!(message.contains("damaged.parquet"), "{message}");
                assert!(
                    message.contains("column \"id\": the page") || message.contains("column \"n\": the page"),
                    "{message}"
                );
                assert!(message.contains("values"), "{message}");
            }
        }
    }
}

#[test]
fn a_parquet_file_that_unpacks_to_far_too_much_is_refused() {
    use polars::prelude::*;
    let folder = tempfile::tempdir().unwrap();
    // Numbers that are all the same, in some kilobytes; decoded, each takes at least four bytes: 320 MB.
    let mut frame = df!("id" => vec![7_i64; 40_000_000], "n" => vec![7_i64; 40_000_000]).unwrap();
    let path = folder.path().join("constant.parquet");
    let writer = polars_io::parquet::write::ParquetWriter::new(std::fs::File::create(&path).unwrap());
    writer.with_compression(ParquetCompression::Zstd(None)).finish(&mut frame).unwrap();
    let message = read(&path).unwrap_err().to_string();
    assert!(message.contains("constant.parquet") && message.contains("unpack"), "{message}");
}
