//! Small tables of counts, embedded or from a file.

use crate::Error;
use cltv_purchases::resolve_path;
use cltv_models::{DAYS_PER_YEAR, TimeUnit};
use cltv_accounts::{AccountTable, TableSource};

/// A table whose columns are whole numbers and names.
pub(crate) struct Counts {
    pub(crate) source: String,
    table: AccountTable,
}

impl Counts {
    /// The embedded table of this name, else the file at this path.
    pub(crate) fn read(source: &'static str, (embedded, text): (&str, &str)) -> Result<Counts, Error> {
        let mut reader = TableSource::new(source);
        let table = if source == embedded {
            reader.read_bytes("csv", text.as_bytes())?
        } else {
            reader.path = resolve_path(source);
            reader.read()?
        };
        Ok(Counts { source: source.to_owned(), table })
    }

    /// A column of whole numbers from 0 on, none of them missing.
    pub(crate) fn counts(&self, column: &str) -> Result<Vec<u64>, Error> {
        let count = |(row, value): (usize, Option<f64>)| match value {
            Some(n) if n >= 0.0 && n.fract() == 0.0 && n <= 1e15 => Ok(n as u64),
            other => {
                let shown = other.map_or("missing".to_owned(), |n| n.to_string());
                Err(self.bad(row, format!("{column} is {shown}; give a whole number from 0 on")))
            }
        };
        self.table.numbers(column)?.into_iter().enumerate().map(count).collect()
    }

    /// A column of names, none of them missing.
    pub(crate) fn names(&self, column: &str) -> Result<Vec<String>, Error> {
        let name = |(row, value): (usize, Option<String>)| {
            value.ok_or_else(|| self.bad(row, format!("{column} is missing; give every row one")))
        };
        self.table.texts(column)?.into_iter().enumerate().map(name).collect()
    }

    /// The error for a row of the table.
    pub(crate) fn bad(&self, row: usize, problem: String) -> Error {
        let line = self.table.rows.get(row).copied().unwrap_or_default();
        Error::Counts { source_name: format!("{}, row {line}", self.source), problem }
    }
}

/// The discount rate of a period that an annual one is: (1 + d)^(days / 365.25) − 1.
///
/// # Errors
/// [`Error::NoDiscount`] when it is not above 0 and at most 1: what is summed with it has no end.
pub(crate) fn period_rate(period: TimeUnit, discount_annual: f64) -> Result<f64, Error> {
    if !(discount_annual > 0.0 && discount_annual <= 1.0) {
        return Err(Error::NoDiscount { value: discount_annual });
    }
    Ok((discount_annual.ln_1p() * period.days() / DAYS_PER_YEAR).exp_m1())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_and_errors_name_their_row() {
        let read = |text: &str| Counts::read("x", ("x", text)).unwrap();
        let table = read("name,n\na,3\nb,1.5\n");
        assert_eq!(table.names("name").unwrap(), ["a", "b"]);
        let error = table.counts("n").unwrap_err().to_string();
        assert!(error.contains("row 3") && error.contains("1.5"), "{error}");
        assert_eq!(read("name,n\na,3\nb,0\n").counts("n").unwrap(), [3, 0]);
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
