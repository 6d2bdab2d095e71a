//! Writes the purchases of every fourth CDNOW customer as csv, parquet and xlsx, each with columns
//! of its own names and its own way to write dates and amounts.
//!
//! The tests of the whole workflow read them; run it with the folder to write to.

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use cltv_purchases::{Cleaning, Source, date};
use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series};
use polars_io::parquet::write::ParquetWriter;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

/// What every writer takes: a customer, a day, and dollars.
struct Purchase {
    customer: i64,
    date: NaiveDate,
    amount: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    let purchases = purchases()?;
    std::fs::write(folder.join("purchases.csv"), csv(&purchases))?;
    parquet(&folder.join("purchases.parquet"), &purchases)?;
    xlsx(&folder.join("purchases.xlsx"), &purchases)?;
    println!("{} purchases written to {}", purchases.len(), folder.display());
    Ok(())
}

fn purchases() -> Result<Vec<Purchase>, Box<dyn Error>> {
    let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
    let (ids, rows) = (cdnow.ids(), cdnow.columns()?);
    let amounts = rows.amount.ok_or("cdnow has amounts")?;
    let mut all = Vec::new();
    for ((code, day), amount) in rows.customer.into_iter().zip(rows.day).zip(amounts) {
        let customer = ids.get(code).parse()?;
        all.push(Purchase { customer, date: date(day).ok_or("a day")?, amount });
    }
    Ok(all.into_iter().filter(|purchase| purchase.customer % 4 == 1).collect())
}

/// As a German spreadsheet exports it.
fn csv(purchases: &[Purchase]) -> String {
    let line = |purchase: &Purchase| {
        let amount = format!("{:.2}", purchase.amount).replace('.', ",");
        format!("{};{};{amount}\n", purchase.date.format("%d.%m.%Y"), purchase.customer)
    };
    "Kaufdatum;Kunde;Betrag\n".to_owned() + &purchases.iter().map(line).collect::<String>()
}

fn column<T, P: ?Sized>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, P>,
{
    Series::new(name.into(), values).into_column()
}

fn parquet(path: &Path, purchases: &[Purchase]) -> Result<(), Box<dyn Error>> {
    let epoch = NaiveDate::default();
    let days: Vec<i32> = purchases.iter().map(|p| (p.date - epoch).num_days() as i32).collect();
    let mut frame = DataFrame::new_infer_height(vec![
        column("paid", purchases.iter().map(|p| p.amount).collect::<Vec<f64>>()),
        column("buyer", purchases.iter().map(|p| p.customer).collect::<Vec<i64>>()),
        column("day", days).cast(&DataType::Date)?,
    ])?;
    ParquetWriter::new(File::create(path)?).finish(&mut frame)?;
    Ok(())
}

/// On the second sheet, the last purchase first.
fn xlsx(path: &Path, purchases: &[Purchase]) -> Result<(), Box<dyn Error>> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("About")?.write_string(0, 0, "Purchases are on the other sheet.")?;
    let sheet = book.add_worksheet().set_name("Sales")?;
    let format = Format::new().set_num_format("yyyy-mm-dd");
    for (at, title) in (0..).zip(["Customer No", "Order Date", "Total"]) {
        sheet.write_string(0, at, title)?;
    }
    for (row, purchase) in (1..).zip(purchases.iter().rev()) {
        let date = ExcelDateTime::parse_from_str(&purchase.date.to_string())?;
        sheet.write_number(row, 0, purchase.customer as f64)?;
        sheet.write_datetime_with_format(row, 1, date, &format)?;
        sheet.write_number(row, 2, purchase.amount)?;
    }
    book.save(path)?;
    Ok(())
}
