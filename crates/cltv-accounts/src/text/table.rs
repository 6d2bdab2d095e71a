//! Text tables: the first column to the left, the others to the right.

use comfy_table::{CellAlignment, ContentArrangement, Table};

/// The table as lines of aligned columns without borders.
pub(crate) fn aligned(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A figure with five significant digits, without an exponent where it can be read.
pub(crate) fn figure(value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    let before = if size >= 1.0 { size.log10().floor() as usize + 1 } else { 0 };
    format!("{value:.*}", 5_usize.saturating_sub(before).max(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align() {
        let row = |name: &str, value| vec![name.to_owned(), figure(value)];
        let text = aligned(&["what", "value"], [row("a", 1.0), row("longer", -12_345.678)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].ends_with("1.0000") && lines[2].ends_with("-12345.68"), "{text}");
        assert_eq!(lines[1].len(), lines[2].len());
    }

    #[test]
    fn figures_stay_readable() {
        let cases =
            [(0.0, "0.00000"), (0.05, "0.05000"), (1e-9, "1.000e-9"), (f64::NAN, "-"), (4e12, "4.000e12")];
        for (value, text) in cases {
            assert_eq!(figure(value), text);
        }
    }
}
