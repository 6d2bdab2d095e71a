//! The named data sets, embedded in the library; data/README.md says where they come from.

use chrono::NaiveDate;
use cltv_tables::{Column, Table};

/// A data set that needs no file.
#[derive(Debug)]
pub(crate) struct DataSet {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) columns: &'static [&'static str],
    text: &'static str,
    /// Where each column stands in the text.
    fields: &'static [usize],
    separator: Option<char>,
    header: bool,
    /// Calibration and observation end that the literature uses, as year, month, day.
    ends: Option<[(i32, u32, u32); 2]>,
}

const CDNOW_ENDS: Option<[(i32, u32, u32); 2]> = Some([(1997, 9, 30), (1998, 6, 30)]);

static SETS: [DataSet; 3] = [
    DataSet {
        name: "cdnow",
        about: "purchases of a tenth of the customers who first bought at CDNOW in the first quarter of 1997, until June 1998",
        columns: &["customer_id", "date", "amount", "cds"],
        text: include_str!("../../../data/CDNOW_sample.txt"),
        fields: &[1, 2, 4, 3],
        separator: None,
        header: false,
        ends: CDNOW_ENDS,
    },
    DataSet {
        name: "cdnow_master",
        about: "purchases of all customers who first bought at CDNOW in the first quarter of 1997, until June 1998",
        columns: &["customer_id", "date", "amount", "cds"],
        text: include_str!("../../../data/CDNOW_master.txt"),
        fields: &[0, 1, 3, 2],
        separator: None,
        header: true,
        ends: CDNOW_ENDS,
    },
    DataSet {
        name: "example",
        about: "simulated purchases of 5,000 customers in 2014, from the lifetimes package, without amounts",
        columns: &["customer_id", "date"],
        text: include_str!("../../../data/example_transactions.csv"),
        fields: &[1, 0],
        separator: Some(','),
        header: true,
        ends: None,
    },
];

/// The names that `transactions` may have instead of a path.
///
/// ```
/// assert_eq!(cltv_purchases::data_sets(), ["cdnow", "cdnow_master", "example"]);
/// ```
#[must_use]
pub fn data_sets() -> Vec<String> {
    SETS.iter().map(|set| set.name.to_owned()).collect()
}

pub(crate) fn find(name: &str) -> Option<&'static DataSet> {
    SETS.iter().find(|set| set.name == name)
}

impl DataSet {
    /// Lines of the file, with their fields in the order of the columns.
    ///
    /// The ids are numbers, so their leading zeros are dropped: 0004 is customer 4.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (u64, Vec<&'static str>)> {
        let lines = self.text.lines().enumerate().skip(usize::from(self.header));
        lines.map(|(i, line)| {
            let found: Vec<&'static str> = match self.separator {
                Some(separator) => line.split(separator).collect(),
                None => line.split_whitespace().collect(),
            };
            let mut fields: Vec<&'static str> = self.fields.iter().map(|&at| found[at]).collect();
            let id = fields[0].trim_start_matches('0');
            fields[0] = if id.is_empty() { "0" } else { id };
            (i as u64 + 1, fields)
        })
    }

    /// Some of the columns as a table.
    pub(crate) fn table(&self, places: &[usize]) -> Table {
        let mut table = Table {
            shown: self.name.to_owned(),
            header: self.columns.iter().map(ToString::to_string).collect(),
            notes: vec![format!("Data set {}: {}.", self.name, self.about)],
            ..Table::default()
        };
        let mut columns: Vec<Column> = places
            .iter()
            .map(|&at| Column { name: self.columns[at].to_owned(), ..Column::default() })
            .collect();
        for (line, fields) in self.rows() {
            columns
                .iter_mut()
                .zip(places)
                .for_each(|(column, &at)| column.cells.push_text(fields[at].as_bytes()));
            table.push_row(line, fields.iter().map(|field| field.as_bytes()));
        }
        table.columns = columns;
        table
    }

    /// The calibration and observation end of the literature.
    pub(crate) fn ends(&self) -> Option<(NaiveDate, NaiveDate)> {
        let day = |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day);
        let [calibration, observation] = self.ends?;
        Some((day(calibration)?, day(observation)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_fields() {
        let lengths = ["cdnow", "cdnow_master", "example"]
            .map(|name| find(name).unwrap().rows().filter(|(_, fields)| !fields.contains(&"")).count());
        assert_eq!(lengths, [6919, 69659, 15273]);
        let first = find("cdnow").unwrap().rows().next().unwrap();
        assert_eq!(first, (1, vec!["1", "19970101", "29.33", "2"]));
    }
}
