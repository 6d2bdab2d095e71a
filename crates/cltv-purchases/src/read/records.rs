//! Splits separated text into records, and remembers the line each record starts on.

/// Why text cannot be split: a quote opened on this line is never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenQuote {
    pub(crate) line: u64,
}

/// Records of separated text (RFC 4180): quotes protect separators, line ends and doubled quotes.
///
/// Records of blanks only are left out. A separator of ' ' stands for any run of blanks.
#[derive(Debug, Clone)]
pub(crate) struct Records<'a> {
    rest: &'a str,
    separator: char,
    line: u64,
}

impl<'a> Records<'a> {
    pub(crate) fn new(text: &'a str, separator: char) -> Self {
        Self { rest: text, separator, line: 1 }
    }

    /// The next field, and whether the record ends with it.
    fn field(&mut self) -> Result<(String, bool), OpenQuote> {
        let mut value = String::new();
        let start = self.line;
        if let Some(inside) = self.rest.strip_prefix('"') {
            self.rest = inside;
            self.quoted(&mut value, start)?;
        }
        let end = self.rest.find([self.separator, '\n', '\r']).unwrap_or(self.rest.len());
        value.push_str(&self.rest[..end]);
        self.rest = &self.rest[end..];
        if let Some(after) = self.rest.strip_prefix(self.separator) {
            self.rest = after;
            return Ok((value, false));
        }
        self.end_line();
        Ok((value, true))
    }

    fn quoted(&mut self, value: &mut String, start: u64) -> Result<(), OpenQuote> {
        loop {
            let end = self.rest.find('"').ok_or(OpenQuote { line: start })?;
            value.push_str(&self.rest[..end]);
            self.line += self.rest[..end].matches('\n').count() as u64;
            self.rest = &self.rest[end + 1..];
            match self.rest.strip_prefix('"') {
                Some(after) => {
                    value.push('"');
                    self.rest = after;
                }
                None => return Ok(()),
            }
        }
    }

    fn end_line(&mut self) {
        let after = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix(['\n', '\r']));
        if let Some(after) = after {
            self.rest = after;
            self.line += 1;
        }
    }

    fn record(&mut self) -> Result<Vec<String>, OpenQuote> {
        if self.separator == ' ' {
            let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
            let fields = self.rest[..end].split_whitespace().map(str::to_owned);
            let fields = fields.collect();
            self.rest = &self.rest[end..];
            self.end_line();
            return Ok(fields);
        }
        let mut fields = Vec::new();
        loop {
            let (value, last) = self.field()?;
            fields.push(value);
            if last {
                return Ok(fields);
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<(u64, Vec<String>), OpenQuote>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let line = self.line;
            match self.record() {
                Ok(fields) if fields.iter().all(|field| field.trim().is_empty()) => {}
                Ok(fields) => return Some(Ok((line, fields))),
                Err(open) => {
                    self.rest = "";
                    return Some(Err(open));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, separator: char) -> Vec<(u64, Vec<String>)> {
        Records::new(text, separator).map(Result::unwrap).collect()
    }

    #[test]
    fn quotes_line_ends_and_blank_lines() {
        let text = "a,b\r\n\r\n\"1,5\",\"say \"\"hi\"\"\nthere\"\r\n2,\n,,\n3,x";
        let records = all(text, ',');
        let lines: Vec<u64> = records.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 5, 7]);
        assert_eq!(records[1].1, ["1,5", "say \"hi\"\nthere"]);
        assert_eq!(records[2].1, ["2", ""]);
    }

    #[test]
    fn runs_of_blanks_separate() {
        assert_eq!(all(" 1  2\r\n 3 4\r\n", ' ')[1], (2, vec!["3".into(), "4".into()]));
    }

    #[test]
    fn an_open_quote_names_its_line() {
        let error = Records::new("a,b\n1,\"2\n3,4\n", ',').nth(1).unwrap();
        assert_eq!(error, Err(OpenQuote { line: 2 }));
    }
}
