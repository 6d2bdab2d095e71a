//! The values of a chart as a table.

use std::fmt;

use cltv_protocol::spreadsheet::escape_formula;

use crate::text;

/// Rows that the text table prints before it only says how many more there are.
const SHOWN_ROWS: usize = 20;
/// Rows that the html table of a page holds; longer tables say so.
const PAGE_ROWS: usize = 1000;

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Values {
    /// Measured or computed numbers; `None` is a blank cell.
    Numbers(Vec<Option<f64>>),
    /// Counts.
    Integers(Vec<i64>),
    /// Names, customer ids, ISO dates.
    Text(Vec<String>),
}

impl Values {
    /// The number of rows.
    pub fn len(&self) -> usize {
        match self {
            Values::Numbers(v) => v.len(),
            Values::Integers(v) => v.len(),
            Values::Text(v) => v.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cell as exact text: the shortest that reads back as the same number.
    fn exact(&self, row: usize) -> String {
        match self {
            Values::Numbers(v) => v[row].map(|n| n.to_string()).unwrap_or_default(),
            Values::Integers(v) => v[row].to_string(),
            Values::Text(v) => v[row].clone(),
        }
    }

    /// The cell as a person reads it: thousands separators, few decimals, one line.
    fn readable(&self, row: usize) -> String {
        match self {
            Values::Numbers(v) => v[row].map(readable_number).unwrap_or_default(),
            Values::Integers(v) if v[row] < 0 => v[row].to_string(),
            Values::Integers(v) => text::count(v[row].unsigned_abs()),
            Values::Text(v) => text::one_line(&v[row]),
        }
    }

    fn is_text(&self) -> bool {
        matches!(self, Values::Text(_))
    }
}

pub(crate) fn readable_number(n: f64) -> String {
    let size = n.abs();
    if n.fract() == 0.0 && size < 1e15 {
        text::number(n, 0)
    } else if size >= 100.0 {
        text::number(n, 2)
    } else if size >= 0.001 {
        text::number(n, 4)
    } else {
        format!("{n:.3e}")
    }
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    name: String,
    values: Values,
}

impl Column {
    pub(crate) fn numbers(name: &str, values: &[f64]) -> Column {
        Column::optional(name, values.iter().copied().map(Some).collect())
    }

    pub(crate) fn optional(name: &str, values: Vec<Option<f64>>) -> Column {
        Column { name: name.to_owned(), values: Values::Numbers(values) }
    }

    /// Counts above `i64::MAX` cannot occur: nothing that large was ever counted in memory.
    pub(crate) fn integers(name: &str, values: &[u64]) -> Column {
        let values = values.iter().map(|&n| i64::try_from(n).unwrap_or(i64::MAX)).collect();
        Column { name: name.to_owned(), values: Values::Integers(values) }
    }

    pub(crate) fn text(name: &str, values: &[String]) -> Column {
        Column { name: name.to_owned(), values: Values::Text(values.to_vec()) }
    }

    /// The column's name, in snake case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The column's values, one a row.
    pub fn values(&self) -> &Values {
        &self.values
    }
}

/// Exactly the values a chart shows, as a table whose columns are equally long.
///
/// `Display` prints the first rows as text; [`ChartData::to_csv`] holds all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartData {
    columns: Vec<Column>,
}

impl ChartData {
    pub(crate) fn new(columns: Vec<Column>) -> ChartData {
        debug_assert!(columns.windows(2).all(|pair| pair[0].values.len() == pair[1].values.len()));
        ChartData { columns }
    }

    /// The columns, left to right.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// The whole table as comma-separated values with a header line, numbers unrounded; a text that a spreadsheet
    /// would take for a formula gets an apostrophe in front.
    pub fn to_csv(&self) -> String {
        let text_field = |text: &str| csv_field(&escape_formula(text));
        let header: Vec<String> = self.columns.iter().map(|column| text_field(&column.name)).collect();
        let mut out = header.join(",") + "\n";
        for row in 0..self.rows() {
            let cell = |values: &Values| match values.is_text() {
                true => text_field(&values.exact(row)),
                false => csv_field(&values.exact(row)),
            };
            let cells: Vec<String> = self.columns.iter().map(|column| cell(&column.values)).collect();
            out.push_str(&cells.join(","));
            out.push('\n');
        }
        out
    }

    /// The table as html, for readers who cannot see the chart. Very long tables are cut, and say so.
    pub(crate) fn to_html(&self, caption: &str) -> String {
        let shown = self.rows().min(PAGE_ROWS);
        let mut out = format!("<table><caption>{}</caption>\n<thead><tr>", text::html(caption));
        for column in &self.columns {
            out.push_str(&format!("<th scope=\"col\">{}</th>", text::html(&column.name.replace('_', " "))));
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in 0..shown {
            out.push_str(&self.html_row(row));
        }
        out.push_str("</tbody></table>\n");
        if self.rows() > shown {
            let rest = text::count((self.rows() - shown) as u64);
            out.push_str(&format!("<p>{rest} more rows are in the chart.</p>\n"));
        }
        out
    }

    fn html_row(&self, row: usize) -> String {
        let mut out = String::from("<tr>");
        for column in &self.columns {
            let class = if column.values.is_text() { "" } else { " class=\"number\"" };
            out.push_str(&format!("<td{class}>{}</td>", text::html(&column.values.readable(row))));
        }
        out.push_str("</tr>\n");
        out
    }

    fn write_line(&self, f: &mut fmt::Formatter<'_>, cells: &[String], widths: &[usize]) -> fmt::Result {
        for (at, (cell, &width)) in cells.iter().zip(widths).enumerate() {
            let gap = if at == 0 { "" } else { "  " };
            let last = at + 1 == cells.len();
            match (self.columns[at].values.is_text(), last) {
                (true, true) => write!(f, "{gap}{cell}")?,
                (true, false) => write!(f, "{gap}{cell:<width$}")?,
                (false, _) => write!(f, "{gap}{cell:>width$}")?,
            }
        }
        writeln!(f)
    }
}

impl fmt::Display for ChartData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.rows().min(SHOWN_ROWS);
        let header: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let lines: Vec<Vec<String>> = (0..shown)
            .map(|row| self.columns.iter().map(|column| column.values.readable(row)).collect())
            .collect();
        let widths: Vec<usize> = (0..header.len())
            .map(|at| lines.iter().chain([&header]).map(|line| line[at].chars().count()).max().unwrap_or(0))
            .collect();
        self.write_line(f, &header, &widths)?;
        for line in &lines {
            self.write_line(f, line, &widths)?;
        }
        if self.rows() > shown {
            writeln!(f, "… {} more rows", text::count((self.rows() - shown) as u64))?;
        }
        Ok(())
    }
}

/// A csv field, quoted where a separator, a quote or a line break would break the row.
fn csv_field(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ChartData {
        ChartData::new(vec![
            Column::text("customer_id", &["a,\"b\"".into(), "<c>".into()]),
            Column::integers("purchases", &[1200, 3]),
            Column::optional("clv", vec![Some(12.3456789), None]),
        ])
    }

    #[test]
    fn csv_is_exact_and_quoted() {
        assert_eq!(table().to_csv(), "customer_id,purchases,clv\n\"a,\"\"b\"\"\",1200,12.3456789\n<c>,3,\n");
    }

    #[test]
    fn csv_has_no_formulas() {
        let names = ["=1+1".into(), "a;@b".into(), "-5".into()];
        let table = ChartData::new(vec![
            Column::text("+name", &names),
            Column::optional("clv", vec![Some(-1e-9), Some(-2.5), None]),
        ]);
        assert_eq!(
            table.to_csv(),
            format!("'+name,clv\n'=1+1,{},\na;'@b,-2.5\n-5,\n", -1e-9_f64).replace(",\na", "\na")
        );
    }

    #[test]
    fn text_table_is_aligned() {
        let text = table().to_string();
        assert_eq!(text.lines().next(), Some("customer_id  purchases      clv"));
        assert_eq!(text.lines().nth(1), Some("a,\"b\"            1,200  12.3457"));
    }

    #[test]
    fn long_tables_say_how_much_more() {
        let long = ChartData::new(vec![Column::integers("n", &[7; 25])]);
        assert!(long.to_string().ends_with("… 5 more rows\n"));
    }

    #[test]
    fn html_table_escapes() {
        let html = table().to_html("Customers & value");
        assert!(html.contains("<caption>Customers &amp; value</caption>"));
        assert!(html.contains("<td>&lt;c&gt;</td>"));
    }
}
