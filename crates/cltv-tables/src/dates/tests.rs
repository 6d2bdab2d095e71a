use super::*;
use crate::value::Value;
use chrono::Utc;

fn table(values: &[&str]) -> (Table, Column) {
    let mut table = Table { shown: "shop.csv".into(), ..Table::default() };
    table.places.start("shop.csv", "", "line");
    table.places.push_many(2, values.len() as u64);
    let mut column = Column { name: "date".into(), ..Column::default() };
    values.iter().for_each(|value| column.cells.push_text(value.as_bytes()));
    (table, column)
}

fn read(values: &[&str], format: &str, zone: &str) -> Result<Vec<String>, TableError> {
    let (mut table, column) = table(values);
    let days = super::read(&mut table, &column, &DateOptions::named(format, zone)?)?;
    Ok(days.into_iter().map(shown).collect())
}

fn shown(day: i32) -> String {
    if day == NO_DAY { "-".to_owned() } else { crate::value::date(day).unwrap().to_string() }
}

#[test]
fn the_usual_formats_are_recognised() {
    let values = [
        "1997-01-31",
        "19970131",
        "1997/1/31 10:15",
        "1997-01-31 23:59",
        "1997-01-31T23:59:59.123",
        "31.01.1997",
        "31 Jan 1997",
        "31-JAN-97",
        "January 31st, 1997 4:05 PM",
        "Fri, 31 Jan 1997 08:00:00",
        "31/1/1997 09:30:00 am",
    ];
    for value in values {
        assert_eq!(read(&[value], "", ""), Ok(vec!["1997-01-31".to_owned()]), "{value}");
    }
}

#[test]
fn one_day_above_twelve_settles_the_column() {
    let day_first = read(&["01/02/2024", "25/12/2024"], "", "");
    assert_eq!(day_first.unwrap(), ["2024-02-01", "2024-12-25"]);
    let month_first = read(&["01/02/2024", "12/25/2024"], "", "");
    assert_eq!(month_first.unwrap(), ["2024-01-02", "2024-12-25"]);
    let same = read(&["05/05/2024", "06.06.2024"], "", "");
    assert_eq!(same.unwrap(), ["2024-05-05", "2024-06-06"]);
}

#[test]
fn ambiguous_and_mixed_columns_are_refused_with_the_remedy() {
    let message = read(&["05/05/2024", "01/02/2024"], "", "").unwrap_err().to_string();
    assert!(message.contains(r#"line 3: "01/02/2024" is 2024-02-01 or 2024-01-02"#), "{message}");
    assert!(message.contains(r#""%d/%m/%Y" or "%m/%d/%Y""#), "{message}");
    let given = read(&["05/05/2024", "01/02/2024"], "%m/%d/%Y", "");
    assert_eq!(given.unwrap(), ["2024-05-05", "2024-01-02"]);
    assert!(matches!(read(&["01-02-03"], "", ""), Err(TableError::AmbiguousDates { .. })));
    assert_eq!(read(&["97-01-31"], "", "").unwrap(), ["1997-01-31"]);
    let mixed = read(&["25/12/2024", "12/25/2024", "01/02/2024", "26/12/2024"], "", "").unwrap_err();
    assert!(
        matches!(mixed, TableError::MixedDates { first_only: 2, second_only: 1, doubtful: 1, .. }),
        "{mixed}"
    );
    assert!(mixed.to_string().contains(r#"(line 3: "12/25/2024")"#), "{mixed}");
}

#[test]
fn unreadable_dates_say_which_rows() {
    let values = ["2024-01-05", "2024-02-30", "", "soon", "2024-13-01", "2024-01-06"];
    let message = read(&values, "", "").unwrap_err().to_string();
    assert!(message.starts_with("3 of 5 dates"), "{message}");
    assert!(message.contains(r#"line 3 "2024-02-30", line 5 "soon", line 6 "2024-13-01""#), "{message}");
    let message = read(&["2024-01-05"], "%d/%m/%Y", "").unwrap_err().to_string();
    assert!(message.contains(r#"cannot be read as "%d/%m/%Y""#), "{message}");
    assert!(matches!(read(&["1"], "%Q", ""), Err(TableError::BadDateFormat { .. })));
    assert!(matches!(read(&["1"], "date", ""), Err(TableError::BadDateFormat { .. })));
    assert_eq!(read(&["", "2024-01-05"], "", "").unwrap(), ["-", "2024-01-05"]);
    assert!(matches!(read(&["2024-01-05"], "", "Mars/Base"), Err(TableError::UnknownTimezone { .. })));
}

#[test]
fn rows_at_the_end_without_a_date_are_a_footer() {
    let mut values = vec!["2024-01-05"; 30];
    values.extend(["", "Printed by A. User", ""]);
    let (mut table, column) = table(&values);
    let kept = super::read(&mut table, &column, &DateOptions::default()).unwrap_err();
    assert!(kept.to_string().contains("Printed by A. User"), "{kept}");
    let options = DateOptions { of_events: true, ..DateOptions::default() };
    let days = super::read(&mut table, &column, &options).unwrap();
    assert_eq!((days.len(), table.rows_left, table.footer_lines), (30, Some(30), 3));
    assert!(table.notes[0].contains("3 rows at the end without a date, from line 32"), "{:?}", table.notes);
}

#[test]
fn the_day_that_is_written_counts_unless_a_zone_is_given() {
    let stamps = ["2024-01-05T23:30:00-05:00", "2024-01-05 23:30:00+0100", "2024-01-05T23:30:00Z"];
    assert_eq!(read(&stamps, "", "").unwrap(), ["2024-01-05"; 3]);
    assert_eq!(read(&stamps, "", "UTC").unwrap(), ["2024-01-06", "2024-01-05", "2024-01-05"]);
    assert_eq!(read(&stamps, "", "Europe/Berlin").unwrap(), ["2024-01-06", "2024-01-05", "2024-01-06"]);
    // A stamp without an offset keeps its day in every zone.
    assert_eq!(read(&["2024-01-05 23:30:00"], "", "Europe/Berlin").unwrap(), ["2024-01-05"]);
    let given = read(&["05.01.2024 23:30 -0500"], "%d.%m.%Y %H:%M %z", "");
    assert_eq!(given.unwrap(), ["2024-01-05"]);
    assert_eq!(read(&["05.01.2024 23:30 -0500"], "%d.%m.%Y %H:%M %z", "UTC").unwrap(), ["2024-01-06"]);
    assert_eq!(read(&["1704497400"], "%s", "").unwrap(), ["2024-01-05"]);
}

#[test]
fn moments_of_parquet_count_in_the_zone_of_the_file_or_the_given_one() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap().timestamp_micros();
    let moments = vec![at("2024-01-06T04:30:00Z"), NO_WHOLE, at("2024-07-01T03:59:00Z")];
    let read = |file: &str, zone: &str| -> Vec<String> {
        let column = Column { name: "at".into(), cells: Cells::Instants(moments.clone(), file.into()) };
        let options = DateOptions::named("", zone).unwrap();
        super::read(&mut Table::default(), &column, &options).unwrap().into_iter().map(shown).collect()
    };
    assert_eq!(read("UTC", ""), ["2024-01-06", "-", "2024-07-01"]);
    assert_eq!(read("America/New_York", ""), ["2024-01-05", "-", "2024-06-30"]);
    assert_eq!(read("America/New_York", "UTC"), ["2024-01-06", "-", "2024-07-01"]);
}

#[test]
fn a_format_of_the_day_suffices_for_stamps() {
    assert_eq!(read(&["05.01.2024 23:30"], "%d.%m.%Y", "").unwrap(), ["2024-01-05"]);
    assert!(read(&["05.01.2024 late"], "%d.%m.%Y", "").is_err());
    assert_eq!(read(&["01/24"], "%m/%y", "").unwrap(), ["2024-01-01"]);
}

#[test]
fn serial_numbers_are_dates_in_workbooks_or_when_it_is_said() {
    let mut column = Column { name: "date".into(), ..Column::default() };
    let values = [Value::Number(35431.75), Value::Number(19_970_131.0), Value::Int(35431)];
    values.iter().for_each(|value| column.cells.push(Some(value)));
    let mut table = Table { serial_dates: true, ..Table::default() };
    let days = super::read(&mut table, &column, &DateOptions::default()).unwrap();
    assert_eq!(days.into_iter().map(shown).collect::<Vec<_>>(), ["1997-01-01", "1997-01-31", "1997-01-01"]);
    let error = read(&["35431", "", "35432.5"], "", "").unwrap_err().to_string();
    assert!(error.contains(r#"Excel's serial numbers (line 2: "35431" would be 1997-01-01)"#), "{error}");
    assert_eq!(read(&["35431", "", "35432.5"], "excel", "").unwrap(), ["1997-01-01", "-", "1997-01-02"]);
    let error = read(&["1704497400"], "", "").unwrap_err().to_string();
    assert!(error.contains("seconds since 1970-01-01") && error.contains("\"%s\""), "{error}");
}

#[test]
fn date_cells_up_to_12_beside_texts_above_12_are_refused() {
    let of = |days: &[u32], texts: &[&str]| {
        let mut column = Column { name: "date".into(), ..Column::default() };
        for &day in days {
            let at = NaiveDate::from_ymd_opt(2024, 3, day).unwrap().and_time(chrono::NaiveTime::MIN);
            column.cells.push(Some(&Value::Stamp(at.and_utc().timestamp_micros())));
        }
        texts.iter().for_each(|text| column.cells.push_text(text.as_bytes()));
        let mut table = Table { serial_dates: true, ..Table::default() };
        table.places.push_many(2, column.cells.len() as u64);
        super::read(&mut table, &column, &DateOptions::default())
    };
    let texts = ["13/01/2024", "25/02/2024", "31/03/2024", "14/04/2024", "30/05/2024"];
    assert!(matches!(
        of(&[1, 2, 3, 12, 7], &texts),
        Err(TableError::SwappedDates { dates: 5, texts: 5, .. })
    ));
    assert_eq!(of(&[1, 2, 3, 13, 7], &texts).unwrap().len(), 10);
    assert_eq!(of(&[1, 2, 3, 12, 7], &["2024-01-13"; 5]).unwrap().len(), 10);
}

#[test]
fn moments_at_the_end_of_all_years_are_unreadable_and_no_panics() {
    let format = "%Y-%m-%dT%H:%M:%S%z";
    for (text, zone) in [
        ("+262142-12-31T20:00:00+0000", "Pacific/Kiritimati"),
        ("-262143-01-01T01:00:00+0000", "Pacific/Pago_Pago"),
        ("-0005-06-01T00:00:00+0000", "UTC"),
    ] {
        let error = read(&[text], format, zone);
        assert!(matches!(error, Err(TableError::UnreadableDates { .. })), "{text}: {error:?}");
    }
    let cells = Cells::Instants(vec![i64::MAX, i64::MIN + 1, 0], "Asia/Tokyo".to_owned());
    let (mut table, _) = table(&["", "", ""]);
    let column = Column { name: "date".into(), cells };
    assert_eq!(super::read(&mut table, &column, &DateOptions::default()).unwrap()[2], 0);
}
