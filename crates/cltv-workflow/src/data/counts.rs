//! Small tables of counts, embedded or from a file.

use crate::error::Error;
use cltv_models::{DAYS_PER_YEAR, TimeUnit};
use cltv_protocol::parameters::DISCOUNT_WITHOUT_END;
use cltv_protocol::text::count;
use cltv_tables::numbers::{self, NumberOptions};
use cltv_tables::words::{quote, shown};
use cltv_tables::{Column, ReadOptions, Table, TableError, resolve_path};

/// A parameter with the column that it names.
pub(crate) type Named<'a> = (&'static str, &'a str);

/// Periods of a customer that are read, such as renewals or opportunities: 27 years of days. Work and memory grow with
/// them.
pub(crate) const MOST_PERIODS: u64 = 10_000;

/// A table whose columns are whole numbers and names.
pub(crate) struct Counts {
    pub(crate) source: String,
    table: Table,
}

impl Counts {
    /// The columns of the embedded table of this name, else those of the file at this path.
    pub(crate) fn read(
        source: &str,
        (embedded, text): (&str, &str),
        columns: &[Named<'_>],
    ) -> Result<Counts, Error> {
        let options = ReadOptions { fill_merged: true, ..ReadOptions::default() };
        let wanted = |shown: &str, header: &[String]| places(shown, header, columns);
        let table = if source == embedded {
            let name = format!("{source}.csv");
            cltv_tables::read_bytes(&name, text.as_bytes(), &options, &|header| wanted(source, header))?
        } else {
            cltv_tables::read(source, &resolve_path, &options, &wanted)?
        };
        Ok(Counts { source: source.to_owned(), table })
    }

    /// A column of whole numbers from 0 on, none of them missing.
    pub(crate) fn counts(&mut self, column: &str) -> Result<Vec<u64>, Error> {
        let cells = self.column(column);
        let remedy = ", or name another column";
        let numbers = numbers::read(&mut self.table, &cells, NumberOptions { mark: None, remedy });
        let numbers = numbers.map_err(|error| self.without_parameter(error))?;
        let whole = |(row, n): (usize, f64)| match n {
            n if n >= 0.0 && n.fract() == 0.0 && n <= 1e15 => Ok(n as u64),
            n => {
                let value = if n.is_nan() { "missing".to_owned() } else { n.to_string() };
                Err(self.bad(row, format!("{} is {value}; give a whole number from 0 on", shown(column))))
            }
        };
        numbers.into_iter().enumerate().map(whole).collect()
    }

    /// A column of numbers of periods, such as renewals, within the bound of [`MOST_PERIODS`].
    pub(crate) fn periods(&mut self, column: &str) -> Result<Vec<u64>, Error> {
        let periods = self.counts(column)?;
        match periods.iter().position(|&periods| periods > MOST_PERIODS) {
            None => Ok(periods),
            Some(row) => Err(self.bad(
                row,
                format!(
                    "{} is {}, more than the {} periods that are read; correct it, or count in a longer period",
                    shown(column),
                    count(periods[row] as usize),
                    count(MOST_PERIODS as usize)
                ),
            )),
        }
    }

    /// A column of names, none of them missing.
    pub(crate) fn names(&self, column: &str) -> Result<Vec<String>, Error> {
        let cells = self.column(column).cells;
        let name = |row| match cells.value(row) {
            Some(value) => Ok(value.shown().into_owned()),
            None => Err(self.bad(row, format!("{} is missing; give every row one", shown(column)))),
        };
        (0..cells.len()).map(name).collect()
    }

    /// A copy of a column that was read.
    fn column(&self, name: &str) -> Column {
        self.table.columns.iter().find(|column| column.name == name).cloned().unwrap_or_default()
    }

    /// A table of counts has no parameter for the decimal mark, so that its error must not name one.
    fn without_parameter(&self, error: TableError) -> Error {
        match error {
            TableError::AmbiguousNumbers { column, value, point, comma, .. } => Error::Counts {
                source_name: format!("{}, {}", self.source, value.place),
                problem: format!(
                    "{} is {}, which is {point} or {comma}; write counts without separators",
                    shown(&column),
                    quote(&value.value)
                ),
            },
            error => error.into(),
        }
    }

    /// The error for a row of the table.
    pub(crate) fn bad(&self, row: usize, problem: String) -> Error {
        let place = self.table.places.place(row as u64);
        Error::Counts { source_name: format!("{}, {place}", self.source), problem }
    }
}

/// Where the columns are in a header.
fn places(shown: &str, header: &[String], columns: &[Named<'_>]) -> Result<Vec<usize>, TableError> {
    let place = |&(parameter, column): &Named<'_>| {
        header.iter().position(|name| name == column).ok_or_else(|| TableError::MissingColumn {
            shown: shown.into(),
            column: column.into(),
            role: "counts",
            parameter,
            optional: false,
            columns: header.into(),
            suggested: None,
            sheets: Box::default(),
        })
    };
    columns.iter().map(place).collect()
}

/// The discount rate of a period that an annual one is: (1 + d)^(days / 365.25) − 1.
///
/// # Errors
/// [`Error::NoDiscount`] when it is not above 0 and below 1: what is summed with it has no end.
pub fn period_rate(period: TimeUnit, discount_annual: f64) -> Result<f64, Error> {
    if !DISCOUNT_WITHOUT_END.allow(discount_annual) {
        return Err(Error::NoDiscount { value: discount_annual });
    }
    Ok((discount_annual.ln_1p() * period.days() / DAYS_PER_YEAR).exp_m1())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_and_errors_name_their_row() {
        let columns = [("cohort_column", "name"), ("n_column", "n")];
        let read = |text: &str| Counts::read("x", ("x", text), &columns).unwrap();
        let mut table = read("name,n\na,3\nb,1.5\n");
        assert_eq!(table.names("name").unwrap(), ["a", "b"]);
        let error = table.counts("n").unwrap_err().to_string();
        assert!(error.contains("x, line 3") && error.contains("1.5"), "{error}");
        let open = read("name;n\na;1,250\nb;3\n").counts("n").unwrap_err().to_string();
        assert!(open.contains("x, line 2") && open.contains("without separators"), "{open}");
        let words = read("name,n\na,3\nb,many\n").counts("n").unwrap_err().to_string();
        assert!(words.contains("line 3 \"many\""), "{words}");
        let other = Counts::read("x", ("x", "name,N\na,3\n"), &columns).map(|_| ()).unwrap_err().to_string();
        assert!(other.contains("no column \"n\"") && other.contains("set n_column"), "{other}");
        assert_eq!(read("name,n\na,3\nb,0\n").counts("n").unwrap(), [3, 0]);
    }

    #[test]
    fn periods_are_bounded() {
        let columns = [("cohort_column", "name"), ("seen_column", "T")];
        let read = |text: &str| Counts::read("x", ("x", text), &columns).unwrap().periods("T");
        assert_eq!(read("name,T\na,3\nb,10000\n").unwrap(), [3, 10_000]);
        let error = read("name,T\na,3\nb,1000000000000000\n").unwrap_err().to_string();
        assert!(error.contains("x, line 3: T is 1,000,000,000,000,000, more than the 10,000"), "{error}");
    }

    #[test]
    fn a_discount_is_above_zero_and_of_a_period() {
        assert!((period_rate(TimeUnit::Year, 0.1).unwrap() - 0.1).abs() < 1e-4);
        assert!((period_rate(TimeUnit::Month, 0.1).unwrap() - 0.007_974).abs() < 1e-6);
        for bad in [0.0, -0.1, 10.0, f64::NAN] {
            let error = period_rate(TimeUnit::Year, bad).unwrap_err().to_string();
            assert!(error.contains("above 0") && error.contains("no finite sum"), "{error}");
        }
    }
}
