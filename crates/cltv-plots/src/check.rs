//! Checks that every chart makes of its input before it draws.

use std::collections::HashSet;

use crate::PlotError;

/// The checks of one chart, which its errors name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Check(pub(crate) &'static str);

impl Check {
    pub(crate) fn not_empty(self, input: &'static str, len: usize) -> Result<(), PlotError> {
        if len == 0 {
            return Err(PlotError::Empty { chart: self.0, input });
        }
        Ok(())
    }

    pub(crate) fn same_length(
        self,
        (left, left_len): (&'static str, usize),
        (right, right_len): (&'static str, usize),
    ) -> Result<(), PlotError> {
        if left_len != right_len {
            return Err(PlotError::LengthMismatch { chart: self.0, left, left_len, right, right_len });
        }
        Ok(())
    }

    pub(crate) fn finite(self, input: &'static str, values: &[f64]) -> Result<(), PlotError> {
        self.each(input, values, "a finite number", |v| v.is_finite())
    }

    pub(crate) fn non_negative(self, input: &'static str, values: &[f64]) -> Result<(), PlotError> {
        self.each(input, values, "finite and zero or more", |v| v.is_finite() && v >= 0.0)
    }

    pub(crate) fn share(self, input: &'static str, values: &[f64]) -> Result<(), PlotError> {
        self.each(input, values, "between 0 and 1", |v| (0.0..=1.0).contains(&v))
    }

    pub(crate) fn increasing(self, input: &'static str, values: &[f64]) -> Result<(), PlotError> {
        self.finite(input, values)?;
        match values.windows(2).position(|pair| pair[1] <= pair[0]) {
            Some(at) => Err(self.bad(input, at + 1, values[at + 1], "larger than the row before")),
            None => Ok(()),
        }
    }

    pub(crate) fn dates(self, input: &'static str, values: &[String]) -> Result<(), PlotError> {
        match values.iter().position(|date| !is_iso_date(date)) {
            Some(at) => Err(self.bad(input, at, format!("{:?}", values[at]), "a date like 1997-09-30")),
            None => Ok(()),
        }
    }

    pub(crate) fn date(self, input: &'static str, value: &str) -> Result<(), PlotError> {
        self.dates(input, &[value.to_owned()])
    }

    pub(crate) fn unique<'a>(
        self,
        input: &'static str,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), PlotError> {
        let mut seen = HashSet::new();
        for (at, value) in values.into_iter().enumerate() {
            if !seen.insert(value) {
                let value = value.to_owned();
                return Err(PlotError::Duplicate { chart: self.0, input, row: at + 1, value });
            }
        }
        Ok(())
    }

    /// The error for the value at index `at`.
    pub(crate) fn bad(
        self,
        input: &'static str,
        at: usize,
        value: impl ToString,
        bound: &'static str,
    ) -> PlotError {
        let value = value.to_string();
        PlotError::BadValue { chart: self.0, input, row: at + 1, value, bound }
    }

    fn each(
        self,
        input: &'static str,
        values: &[f64],
        bound: &'static str,
        holds: impl Fn(f64) -> bool,
    ) -> Result<(), PlotError> {
        match values.iter().position(|&v| !holds(v)) {
            Some(at) => Err(self.bad(input, at, values[at], bound)),
            None => Ok(()),
        }
    }
}

/// Whether the text is a calendar day written YYYY-MM-DD.
fn is_iso_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
    };
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    match (digits(0..4), digits(5..7), digits(8..10)) {
        (Some(year), Some(month), Some(day)) => day >= 1 && day <= days_in_month(year, month),
        _ => false,
    }
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendar_days_are_recognised() {
        for good in ["1997-09-30", "2000-02-29", "1996-12-31"] {
            assert!(is_iso_date(good), "{good}");
        }
        for bad in
            ["1997-9-30", "1900-02-29", "1997-13-01", "30.09.1997", "", "1997-00-10", "1997-09-31", "１９９"]
        {
            assert!(!is_iso_date(bad), "{bad}");
        }
    }

    #[test]
    fn errors_name_row_value_and_remedy() {
        let error = Check("clv_distribution").non_negative("clv", &[1.0, -2.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "clv_distribution: `clv` is -2 in row 2, but must be finite and zero or more; correct or leave out that row"
        );
    }
}
