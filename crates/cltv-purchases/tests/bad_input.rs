//! Every bad input of the issue ends in a named error: one clear sentence with its remedy.

use chrono::NaiveDate;
use cltv_models::{Grain, TimeUnit};
use cltv_purchases::{Cleaning, DataError, FileError, SegmentTable, Source, TableError, Transactions};
use tempfile::TempDir;

fn write(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

fn rules() -> Cleaning {
    Cleaning::default().today(NaiveDate::from_ymd_opt(2024, 6, 30).unwrap())
}

fn read(text: &str) -> Result<Transactions, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, "shop.csv", text);
    Ok(Source::new(&path).read()?.clean(&rules())?.transactions)
}

fn says(error: &DataError, parts: &[&str]) {
    let message = error.to_string();
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
    assert!(!message.contains('\n'), "{message}");
}

#[test]
fn a_file_that_is_missing() {
    let error = Source::new("no/such/shop.csv").read().unwrap_err();
    assert!(matches!(error, DataError::Table(TableError::File(FileError::NoSuchFile { .. }))));
    says(&error, &["there is no file \"no/such/shop.csv\"", "\"cdnow\"", "correct the path"]);
    let folder = tempfile::tempdir().unwrap();
    let error = Source::new(&folder.path().display().to_string()).read().unwrap_err();
    assert!(matches!(error, DataError::Table(TableError::File(FileError::EmptyFolder { .. }))));
    assert!(matches!(
        Source::new("").read().unwrap_err(),
        DataError::Table(TableError::File(FileError::NoSuchFile { .. }))
    ));
}

#[test]
fn a_file_that_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "a.parquet", "a.xlsx"] {
        let error = Source::new(&write(&folder, name, "")).read().unwrap_err();
        assert!(matches!(error, DataError::Table(TableError::File(FileError::Empty { .. }))), "{error}");
        says(&error, &["is empty", "export it again"]);
    }
    let error = read("customer_id,date,amount\n").unwrap_err();
    assert!(matches!(error, DataError::Table(TableError::File(FileError::NoRows { .. }))));
    assert!(matches!(
        read("\n \n").unwrap_err(),
        DataError::Table(TableError::File(FileError::Empty { .. }))
    ));
}

#[test]
fn a_file_that_is_not_what_its_name_says() {
    let folder = tempfile::tempdir().unwrap();
    let text = "customer_id,date,amount\n1,2024-01-05,1\n";
    let cases: [(&str, &[u8], &str); 4] = [
        ("a.xlsx", text.as_bytes(), "is named as a workbook but holds plain text; rename it to .csv"),
        ("a.parquet", text.as_bytes(), "is named as a parquet file but holds plain text; rename it to .csv"),
        ("b.csv", b"PAR1\x00\x01\x02PAR1", "holds a parquet file; rename it to .parquet"),
        ("c.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x01", "holds binary data"),
    ];
    for (name, bytes, part) in cases {
        let error = Source::new(&write(&folder, name, bytes)).read().unwrap_err();
        assert!(
            matches!(error, DataError::Table(TableError::File(FileError::NotWhatItSays { .. }))),
            "{error}"
        );
        says(&error, &[part]);
    }
    let broken = [("e.xlsx", &b"PK\x03\x04no archive"[..]), ("e.parquet", &b"PAR1no parquetPAR1"[..])];
    for (name, bytes) in broken {
        let error = Source::new(&write(&folder, name, bytes)).read().unwrap_err();
        assert!(matches!(error, DataError::Table(TableError::File(FileError::Malformed { .. }))), "{error}");
    }
    let error = Source::new(&write(&folder, "a.json", "{}")).read().unwrap_err();
    says(&error, &["ends in \".json\"", "use a csv"]);
}

#[test]
fn a_column_that_is_not_there() {
    let error = read("Customer ID,date,amount\n1,2024-01-05,1\n").unwrap_err();
    assert!(matches!(error, DataError::Table(TableError::MissingColumn { .. })));
    says(
        &error,
        &[
            "no column \"customer_id\"",
            "\"Customer ID\", \"date\" and \"amount\"",
            "did you mean \"Customer ID\"?",
            "set customer_column",
        ],
    );
    let error = read("customer_id,date,price\n1,2024-01-05,1\n").unwrap_err();
    says(&error, &["no column \"amount\" for the amount", "set amount_column (\"\" when there is none)"]);
    let error = read("customer_id,date,amount,amount\n1,2024-01-05,1,2\n").unwrap_err();
    says(&error, &["2 columns called \"amount\""]);
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, "a.csv", "x,y\n1,2\n");
    let error = Source::new(&path).customer_column("").read().unwrap_err();
    says(&error, &["could be recognised as the customer's id", "customer_column"]);
    let error = Source::new("cdnow").amount_column("dollars").read().unwrap_err();
    says(&error, &["no column \"dollars\"", "\"customer_id\", \"date\", \"amount\" and \"cds\""]);
}

#[test]
fn rows_that_do_not_fit_the_header() {
    let error = read("customer_id,date,amount\n1,2024-01-05,1,50\n2,2024-01-06,2,50\n").unwrap_err();
    says(&error, &["line 2", "4 fields where the header has 3", "2 lines in all"]);
    let error = read("customer_id,date,amount\n1,2024-01-05,\"1\n2,2024-01-06,2\n").unwrap_err();
    says(&error, &["line 2", "a quote that is never closed"]);
}

#[test]
fn dates_that_cannot_be_read() {
    let error = read("customer_id,date,amount\n1,2024-01-05,1\n2,yesterday,1\n3,2024-02-30,1\n").unwrap_err();
    assert!(matches!(error, DataError::Table(TableError::UnreadableDates { bad: 2, total: 3, .. })));
    says(
        &error,
        &["2 of 3 dates in column \"date\"", "line 3 \"yesterday\", line 4 \"2024-02-30\"", "date_format"],
    );
    let error = read("customer_id,date,amount\n1,01/02/2024,1\n2,03/04/2024,1\n").unwrap_err();
    assert!(matches!(error, DataError::Table(TableError::AmbiguousDates { .. })));
    says(&error, &["line 2: \"01/02/2024\" is 2024-02-01 or 2024-01-02", "date_format"]);
}

#[test]
fn amounts_that_cannot_be_read() {
    let error = read("customer_id,date,amount\n1,2024-01-05,1\n2,2024-01-06,free\n").unwrap_err();
    says(&error, &["1 of 2 values", "line 3 \"free\"", "amount_column"]);
}

#[test]
fn dates_after_today() {
    let text = "customer_id,date,amount\n1,2024-06-30,1\n2,2024-07-01,1\n2,2024-03-01,1\n";
    let error = read(text).unwrap_err();
    assert!(matches!(error, DataError::DatesAfterToday { bad: 1, .. }));
    says(&error, &["1 row of", "dated after today, 2024-06-30: line 3 \"2024-07-01\""]);
    let folder = tempfile::tempdir().unwrap();
    let raw = Source::new(&write(&folder, "a.csv", text)).read().unwrap();
    let cleaned = raw.clean(&rules().drop_future(true)).unwrap();
    assert_eq!((cleaned.report.future_dates, cleaned.transactions.len()), (1, 2));
    // The clock is taken when no day is passed in.
    let later = write(&folder, "b.csv", text.replace("2024-07-01", "9999-12-31"));
    let error = Source::new(&later).read().unwrap().clean(&Cleaning::default()).unwrap_err();
    assert!(matches!(error, DataError::DatesAfterToday { .. }));
}

#[test]
fn one_customer_only_returns_or_nothing() {
    let error = read("customer_id,date,amount\n7,2024-01-05,1\n7,2024-02-05,1\n").unwrap_err();
    says(&error, &["all 2 purchases", "one customer, \"7\"", "customer_column"]);
    let error = read("customer_id,date,amount\n1,2024-01-05,-1\n2,2024-02-05,-1\n").unwrap_err();
    assert!(matches!(error, DataError::OnlyReturns { rows: 2, .. }));
    says(&error, &["returns but no purchases", "sign of the amount column"]);
    let error = read("customer_id,date,amount\n,2024-01-05,1\n2,,1\n").unwrap_err();
    assert!(matches!(error, DataError::NoPurchases { rows: 2, .. }));
    says(&error, &["1 row: no customer id, 1 row: no date"]);
}

#[test]
fn no_repeat_customer() {
    // Two rows on one day are one purchase.
    let data = read("customer_id,date,amount\n1,2024-01-05,1\n1,2024-01-05,1\n2,2024-02-05,1\n").unwrap();
    let periods = data.periods("", "").unwrap();
    let error = data.split(&periods, TimeUnit::Week, Grain::Day).unwrap_err();
    assert!(matches!(error, DataError::NoRepeatCustomer { customers: 2, .. }));
    says(&error, &["none of the 2 customers", "two different days until 2024-02-05"]);
    assert_eq!(data.check_repeats(&periods, Grain::Day), Err(error));
    // A repeat purchase in the holdout alone teaches nothing either.
    let data = read("customer_id,date,amount\n1,2024-01-05,1\n2,2024-02-05,1\n1,2024-06-05,1\n").unwrap();
    let periods = data.periods("2024-03-01", "").unwrap();
    says(&data.check_repeats(&periods, Grain::Day).unwrap_err(), &["until 2024-03-01"]);
}

#[test]
fn ends_outside_the_data() {
    let data = read("customer_id,date,amount\n1,2024-01-05,1\n1,2024-02-05,1\n2,2024-04-05,1\n").unwrap();
    for end in ["2023-12-31", "2024-04-05", "2030-01-01"] {
        let error = data.periods(end, "").unwrap_err();
        assert!(matches!(error, DataError::CalibrationEndOutside { .. }), "{error}");
        says(&error, &["outside the data, which run from 2024-01-05 to 2024-04-05"]);
    }
    for end in ["2024-01-05", "2024-07-01"] {
        let error = data.periods("", end).unwrap_err();
        assert!(matches!(error, DataError::ObservationEndOutside { .. }), "{error}");
    }
    says(
        &data.periods("30.9.1997", "").unwrap_err(),
        &["calibration_end \"30.9.1997\" is not a date", "1997-09-30"],
    );
    let periods = data.periods("", "2024-06-30").unwrap();
    assert_eq!((periods.holdout_days(), periods.calibration_days()), (59, 118));
    let error = read("customer_id,date,amount\n1,2024-01-05,1\n2,2024-01-05,1\n")
        .unwrap()
        .periods("", "")
        .unwrap_err();
    assert!(matches!(error, DataError::OneDay { .. }));
}

#[test]
fn words_that_are_not_known() {
    let error = "keep".parse::<cltv_purchases::Returns>().unwrap_err();
    says(&error, &["returns \"keep\" is not known", "\"drop\"", "\"net\""]);
    let error = Source::new("cdnow").timezone("Mars/Olympus").read().unwrap_err();
    says(&error, &["timezone \"Mars/Olympus\" is not known"]);
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, "a.csv", "customer_id,date,amount\n1,2024-01-05,1\n");
    let error = Source::new(&path).encoding("klingon").read().unwrap_err();
    says(&error, &["encoding \"klingon\" is not known"]);
}

#[test]
fn segment_tables() {
    let folder = tempfile::tempdir().unwrap();
    let open = |text: &str| SegmentTable::open(&write(&folder, "segments.csv", text));
    let table =
        open("segment,r_min,r_max,f_min,f_max,action\nGone,1,2,1,5,reactivation\nHere,3,5,1,5,retention\n")
            .unwrap();
    assert_eq!((table.segment(2, 5), table.segment(3, 1)), ("Gone".into(), "Here".into()));
    assert_eq!(table.rule_of("Gone").unwrap().action, "reactivation");
    let error =
        open("segment,r_min,r_max,f_min,f_max\nGone,1,2,1,5\nHere,3,5,1,4\nTop,2,5,5,5\n").unwrap_err();
    says(&error, &["(2, 5) by Gone and Top"]);
    let error = open("segment,r_min,r_max,f_min,f_max\nGone,1,2,1,5\nHere,3,5,1,4\n").unwrap_err();
    says(&error, &["no segment covers (3, 5), (4, 5), (5, 5)"]);
    let error = open("segment,r_min,r_max,f_min,f_max\nGone,1,6,1,5\n").unwrap_err();
    says(&error, &["line 2", "r_max is \"6\"; write a whole number from 1 to 5"]);
    let error = open("name,r_min,r_max,f_min,f_max\nGone,1,5,1,5\n").unwrap_err();
    says(&error, &["no column \"segment\" for the segment table"]);
    assert!(SegmentTable::open("").is_ok());
    let error = SegmentTable::open("none.csv").unwrap_err();
    assert!(matches!(error, DataError::Table(TableError::File(FileError::NoSuchFile { .. }))));
    says(&error, &["there is no file \"none.csv\"", "correct the path"]);
    assert!(!error.to_string().contains("data set"), "{error}");
}
