//! Writes small random tables of purchases as parquet, and what polars computes of each, into a folder.
//!
//! `cargo xtask warehouse` gives the same tables to databases and compares. The tables have missing ids and dates, zero,
//! negative and missing amounts, exact duplicates, several purchases a day, orders of several lines, ids that differ in case
//! or blanks, dates after today, and an id with a large share of all rows. CDNOW is the first two of them.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use cltv_models::{BgNbd, GammaGamma, Grain, TimeUnit};
use cltv_purchases::{Cleaned, Cleaning, DataError, SegmentTable, Source};
use polars::prelude::{DataFrame, DataType, IntoColumn, NamedFrom, Series};
use polars_io::parquet::write::ParquetWriter;
use serde_json::{Map, Value, json};

const TODAY: &str = "2024-06-30";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name the folder to write to")?);
    let tables: u64 = arguments.next().ok_or("give the number of random tables")?.parse()?;
    fs::create_dir_all(&folder)?;
    let mut cases = Vec::new();
    for (name, set) in [("sample", "cdnow"), ("master", "cdnow_master")] {
        let table = cdnow(set)?;
        cases.push(case(&folder, name, table, &Settings::default())?);
    }
    for seed in 0..tables {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let settings = Settings {
            orders: seed % 3 == 1,
            amounts: seed % 7 != 3,
            drop_duplicates: seed % 4 == 2,
            trim_case: seed % 5 == 4,
            grain: [Grain::Day, Grain::Week, Grain::Month][(seed % 3) as usize],
        };
        let table = random_table(&mut random, seed % 10 == 9)?;
        cases.push(case(&folder, &format!("t{seed}"), table, &settings)?);
    }
    fs::write(folder.join("cases.json"), serde_json::to_string(&cases)?)?;
    println!("{} tables in {}", cases.len(), folder.display());
    Ok(())
}

struct Settings {
    orders: bool,
    amounts: bool,
    drop_duplicates: bool,
    trim_case: bool,
    grain: Grain,
}

impl Default for Settings {
    fn default() -> Self {
        Self { orders: false, amounts: true, drop_duplicates: false, trim_case: false, grain: Grain::Day }
    }
}

/// Xorshift: the same tables on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

fn cdnow(set: &str) -> Result<DataFrame, Box<dyn Error>> {
    let frame = Source::new(set).read()?.frame()?;
    Ok(frame.select(["customer_id", "date", "amount"])?)
}

fn random_table(random: &mut Random, in_the_future: bool) -> Result<DataFrame, Box<dyn Error>> {
    let rows = 30 + random.below(300) as usize;
    let customers = 5 + random.below(40);
    let dominates = random.one_in(3);
    let (mut ids, mut days, mut amounts, mut orders, mut shops) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let today: NaiveDate = TODAY.parse()?;
    for row in 0..rows {
        if row > 0 && random.one_in(12) {
            // An exact duplicate of an earlier row.
            let of = random.below(row as u64) as usize;
            ids.push(Option::<String>::clone(&ids[of]));
            days.push(days[of]);
            amounts.push(amounts[of]);
            orders.push(Option::<String>::clone(&orders[of]));
            shops.push(shops[of]);
            continue;
        }
        let number = if dominates && random.one_in(2) { 0 } else { random.below(customers) };
        let id = match random.below(14) {
            0 => format!("C{number}"),
            1 => format!(" c{number} "),
            2 => format!("c{number}\t"),
            _ => format!("c{number}"),
        };
        ids.push(match random.below(25) {
            0 => None,
            1 => Some("n/a".to_owned()),
            2 => Some("  ".to_owned()),
            _ => Some(id),
        });
        let day = today - Days::new(1 + random.below(500));
        let day =
            if in_the_future && random.one_in(20) { today + Days::new(1 + random.below(9)) } else { day };
        days.push((!random.one_in(30)).then(|| day.to_epoch_days()));
        let cents = 1 + random.below(20_000);
        amounts.push(match random.below(20) {
            0 => None,
            1 => Some(0.0),
            2 | 3 => Some(-(cents as f64) / 100.0),
            _ => Some(cents as f64 / 100.0),
        });
        orders.push((!random.one_in(10)).then(|| format!("o{}", random.below(rows as u64 / 2))));
        shops.push(random.below(3) as i32);
    }
    Ok(DataFrame::new_infer_height(vec![
        Series::new("customer_id".into(), ids).into_column(),
        Series::new("date".into(), days).cast(&DataType::Date)?.into_column(),
        Series::new("amount".into(), amounts).into_column(),
        Series::new("order_id".into(), orders).into_column(),
        Series::new("shop".into(), shops).into_column(),
    ])?)
}

/// Writes the table, and gives its settings with what is expected.
fn case(
    folder: &Path,
    name: &str,
    mut table: DataFrame,
    settings: &Settings,
) -> Result<Value, Box<dyn Error>> {
    let path = folder.join(format!("{name}.parquet"));
    ParquetWriter::new(File::create(&path)?).finish(&mut table)?;
    let mut source = Source::new(&path.display().to_string());
    if settings.orders {
        source = source.order_column("order_id");
    }
    if !settings.amounts {
        source = source.amount_column("");
    }
    if settings.trim_case {
        source = source.id_match("trim_case");
    }
    let rules = Cleaning::default().today(TODAY.parse()?).drop_duplicates(settings.drop_duplicates);
    let expected =
        source.read().and_then(|raw| raw.clean(&rules)).and_then(|cleaned| figures(&cleaned, settings));
    let expected = match expected {
        Ok(figures) => figures,
        Err(error) => json!({ "refused": error.to_string() }),
    };
    Ok(json!({
        "name": name,
        "orders": settings.orders,
        "amounts": settings.amounts,
        "drop_duplicates": settings.drop_duplicates,
        "trim_case": settings.trim_case,
        "grain": settings.grain.name(),
        "today": TODAY,
        "expected": expected,
    }))
}

/// The columns of a table of numbers.
fn columns(frame: &DataFrame, names: &[&str]) -> Result<Vec<Vec<f64>>, DataError> {
    let read = |name: &&str| -> Result<Vec<f64>, DataError> {
        let column = frame.column(name)?.cast(&DataType::Float64)?;
        Ok(column.f64()?.iter().map(|n| n.unwrap_or(f64::NAN)).collect())
    };
    names.iter().map(read).collect()
}

/// The rows of a table, sorted.
fn rows(frame: &DataFrame, names: &[&str]) -> Result<Vec<Vec<f64>>, DataError> {
    let columns = columns(frame, names)?;
    let mut rows: Vec<Vec<f64>> =
        (0..frame.height()).map(|row| columns.iter().map(|column| column[row]).collect()).collect();
    rows.sort_by(|one, two| one.partial_cmp(two).unwrap_or(std::cmp::Ordering::Equal));
    Ok(rows)
}

fn figures(cleaned: &Cleaned, settings: &Settings) -> Result<Value, DataError> {
    let (transactions, report) = (&cleaned.transactions, &cleaned.report);
    let (unit, grain, amounts) = (TimeUnit::Week, settings.grain, transactions.has_amounts());
    let periods = transactions.periods("", "")?;
    // As a database is asked, CDNOW too has no ends of its own.
    let split = transactions.split(&periods, unit, grain)?;
    let summary = transactions.summary(unit, grain, periods.observation_end)?;
    let definitions = transactions.definitions(&periods, unit, grain);
    let computed = |name: &str| -> Result<DataFrame, DataError> {
        let found = definitions.iter().find(|one| one.name == name);
        found.map_or_else(|| Ok(DataFrame::empty()), |one| transactions.computed(one))
    };
    let holdout = holdout(&computed("holdout")?, amounts)?;
    let empty = BTreeMap::new();
    let mut charts = Map::new();
    let money = |names: &[&'static str]| {
        names.iter().copied().chain(amounts.then_some("revenue")).collect::<Vec<&'static str>>()
    };
    for (name, names) in [
        ("cohorts", money(&["cohort", "age", "active"])),
        ("births", vec!["first_day", "births"]),
        ("repeats_by_day", vec!["day", "repeat_purchases"]),
        ("purchases_by_week", vec!["start", "purchases", "repeat_purchases"]),
        ("customers_by_month", money(&["start", "customers"])),
    ] {
        charts.insert(name.to_owned(), json!(rows(&computed(name)?, &names)?));
    }
    let segments = transactions.rfm(&periods, grain, &SegmentTable::default())?.segments();
    let segments: Map<String, Value> = segments
        .iter()
        .map(|one| (one.segment.clone(), json!([one.customers, one.revenue.unwrap_or(0.0)])))
        .collect();
    // A model may refuse a small table; then both must.
    let fits = |summary| {
        let purchases = BgNbd::default().fit(summary).ok().map(|fit| fit.estimates());
        let spend = GammaGamma::default().fit(summary).ok().map(|fit| fit.estimates());
        json!({ "purchases": purchases, "spend": spend })
    };
    Ok(json!({
        "rows_read": report.rows_read,
        "rows": transactions.len(),
        "left_out": report.rows_left_out(),
        "duplicates": report.duplicates,
        "zero_amounts": report.zero_amounts,
        "merged_lines": report.merged_lines,
        "amount": transactions.total_amount(),
        "calibration_end": periods.calibration_end.to_string(),
        "observation_end": periods.observation_end.to_string(),
        "calibration": histories(&computed("calibration")?, &holdout, amounts)?,
        "full": histories(&computed("full")?, &empty, amounts)?,
        "segments": segments,
        "charts": charts,
        "calibration_fits": fits(&split.calibration),
        "full_fits": fits(&summary),
    }))
}

type Bought = BTreeMap<u64, (f64, f64)>;

fn holdout(frame: &DataFrame, amounts: bool) -> Result<Bought, DataError> {
    let mut names = vec!["customer", "holdout_purchases"];
    names.extend(amounts.then_some("holdout_spend"));
    let rows = rows(frame, &names)?;
    Ok(rows.into_iter().map(|row| (row[0] as u64, (row[1], row.get(2).copied().unwrap_or(0.0)))).collect())
}

/// Histories with counts: x, first, last, customers, spend, purchases and spend after the end.
fn histories(frame: &DataFrame, holdout: &Bought, amounts: bool) -> Result<Vec<Vec<f64>>, DataError> {
    let mut names = vec!["customer", "frequency", "first", "last"];
    names.extend(amounts.then_some("monetary"));
    let mut counted: BTreeMap<(u64, i64, i64), [f64; 4]> = BTreeMap::new();
    for row in rows(frame, &names)? {
        let sums = counted.entry((row[1] as u64, row[2] as i64, row[3] as i64)).or_default();
        let (purchases, spend) = holdout.get(&(row[0] as u64)).copied().unwrap_or_default();
        let own = [1.0, row.get(4).copied().unwrap_or(0.0), purchases, spend];
        sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
    }
    let row = |((x, first, last), sums): ((u64, i64, i64), [f64; 4])| {
        [x as f64, first as f64, last as f64].into_iter().chain(sums).collect()
    };
    Ok(counted.into_iter().map(row).collect())
}
