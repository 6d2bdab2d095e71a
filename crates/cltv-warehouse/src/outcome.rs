//! The counts and results of a table as text and files.

use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use cltv_models::History;
use cltv_protocol::text::{count, money, percent};
use serde_json::{Value, json};

use crate::counted::{ChartTable, Counted};
use crate::error::WarehouseError;
use crate::request::Request;
use crate::results::Results;

/// Everything of one table: counts, results, and how they came here.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The address, without secrets.
    pub address: String,
    /// What was asked.
    pub request: &'a Request,
    /// What was counted.
    pub counted: &'a Counted,
    /// What was computed of it.
    pub results: &'a Results,
    /// Bytes of results that were received.
    pub received: u64,
    /// The statement that gives each customer's history, for a join with the scores.
    pub customers_sql: String,
}

impl Outcome<'_> {
    /// Writes `histories.csv`, `segment_summary.csv`, a file for each chart, `customers.sql` and, last,
    /// `warehouse_summary.json` into a folder; each file is written under another name first.
    ///
    /// # Errors
    /// [`WarehouseError::Write`] names the file.
    pub fn save(&self, folder: &Path) -> Result<(), WarehouseError> {
        let failed =
            |path: &Path, reason: String| WarehouseError::Write { path: path.display().to_string(), reason };
        fs::create_dir_all(folder).map_err(|error| failed(folder, error.to_string()))?;
        let mut files = vec![
            ("histories.csv".to_owned(), self.histories()),
            ("segment_summary.csv".to_owned(), self.segments()),
            ("customers.sql".to_owned(), self.customers_sql.clone()),
        ];
        for ChartTable { name, columns, rows } in &self.counted.charts {
            let mut text = columns.join(",") + "\n";
            for row in rows {
                let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
                text += &(cells.join(",") + "\n");
            }
            files.push((format!("{name}.csv"), text));
        }
        let summary = serde_json::to_string_pretty(&self.json()).unwrap_or_default();
        files.push(("warehouse_summary.json".to_owned(), summary + "\n"));
        for (name, text) in files {
            let (path, partial) =
                (folder.join(&name), folder.join(format!(".{name}.{}", std::process::id())));
            let written = fs::write(&partial, text).and_then(|()| fs::rename(&partial, &path));
            if let Err(error) = written {
                // The partial file may not be there.
                let _ = fs::remove_file(&partial);
                return Err(failed(&path, error.to_string()));
            }
        }
        Ok(())
    }

    fn histories(&self) -> String {
        let money = self.counted.amount.is_some();
        let mut text = "frequency,first,last,t_x,T,customers,p_return,p_alive,expected_purchases".to_owned();
        text += if money { ",expected_spend,clv\n" } else { "\n" };
        for (row, score) in self.counted.full.iter().zip(&self.results.scores) {
            let History { x, t_x, T } = row.history;
            let _ = write!(
                text,
                "{x},{},{},{t_x},{T},{},{},{},{}",
                row.periods.0,
                row.periods.1,
                row.customers,
                score.p_return,
                score.p_alive,
                score.expected_purchases
            );
            if let Some((spend, value)) = score.money {
                let _ = write!(text, ",{spend},{value}");
            }
            text.push('\n');
        }
        text
    }

    fn segments(&self) -> String {
        let mut text = "segment,customers,revenue\n".to_owned();
        for (name, customers, revenue) in &self.results.segments {
            let _ = writeln!(text, "{name},{customers},{revenue}");
        }
        text
    }

    /// The figures as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let (counted, results) = (self.counted, self.results);
        let named = |values: &[(String, f64)]| -> Value {
            values
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let reasons: serde_json::Map<String, Value> =
            counted.left_out.iter().map(|(reason, n)| (reason.words().to_owned(), json!(n))).collect();
        let segments: serde_json::Map<String, Value> = results
            .segments
            .iter()
            .map(|(name, customers, revenue)| {
                (name.clone(), json!({ "customers": customers, "revenue": revenue }))
            })
            .collect();
        json!({
            "version": 1,
            "transactions": self.address,
            "rows_read": counted.rows_read,
            "rows_left_out": reasons,
            "purchase_rows": counted.rows,
            "amount": counted.amount,
            "zero_amounts": counted.zero_amounts,
            "duplicates": counted.duplicates,
            "merged_lines": counted.merged_lines,
            "ids_that_differ_in_case_only": counted.same_but_case,
            "customers": counted.customers,
            "first_purchase": counted.periods.0.to_string(),
            "calibration_end": counted.periods.1.to_string(),
            "observation_end": counted.periods.2.to_string(),
            "time_unit": self.request.unit.name(),
            "grain": self.request.grain.name(),
            "histories": counted.full.len(),
            "spend_pairs": counted.spend.as_ref().map(Vec::len),
            "spend_interval_width": counted.spend_width,
            "bytes_received": self.received,
            "purchase_model": results.model,
            "parameters": named(&results.purchases),
            "log_likelihood": results.log_likelihood,
            "calibration_parameters": named(&results.calibration),
            "holdout_expected": results.holdout.0,
            "holdout_purchases": results.holdout.1,
            "spend_parameters": results.spend.as_deref().map(named),
            "expected_purchases": results.totals.0,
            "total_clv": results.totals.1,
            "segments": segments,
        })
    }
}

impl fmt::Display for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (counted, results) = (self.counted, self.results);
        let n = |n: u64| count(n as usize);
        let out: u64 = counted.left_out.iter().map(|(_, n)| n).sum();
        writeln!(
            f,
            "{}: {} rows read, {} purchases of {} customers from {} to {}, {} left out.",
            self.address,
            n(counted.rows_read),
            n(counted.rows),
            n(counted.customers),
            counted.periods.0,
            counted.periods.2,
            n(out)
        )?;
        for (reason, rows) in &counted.left_out {
            writeln!(f, "  {}: {}", reason.words(), n(*rows))?;
        }
        if counted.duplicates > 0 {
            writeln!(
                f,
                "{} rows equal an earlier row in every column and are kept; --duplicates drop leaves them out.",
                n(counted.duplicates)
            )?;
        }
        if counted.same_but_case > 0 {
            writeln!(
                f,
                "{} customer ids differ from another one only in case; --id-match trim_case joins them.",
                n(counted.same_but_case)
            )?;
        }
        writeln!(
            f,
            "{} distinct histories came back, and no customer's id: {} bytes.",
            n(counted.full.len() as u64),
            n(self.received)
        )?;
        if let Some(width) = counted.spend_width {
            writeln!(
                f,
                "Mean spends are brought together where their logarithms differ by less than {width}."
            )?;
        }
        let parameters = |values: &[(String, f64)]| {
            values.iter().map(|(name, value)| format!("{name} {value:.4}")).collect::<Vec<_>>().join(", ")
        };
        writeln!(f, "{} on all histories: {}.", results.model, parameters(&results.purchases))?;
        if let Some(spend) = &results.spend {
            writeln!(f, "Gamma-Gamma: {}.", parameters(spend))?;
        }
        let (expected, made) = results.holdout;
        writeln!(
            f,
            "Holdout from {} on: {} purchases, {} expected by the fit of the calibration ({:+.1}%).",
            counted.periods.1,
            n(made),
            n(expected.round() as u64),
            100.0 * (expected / (made as f64).max(1.0) - 1.0)
        )?;
        match results.totals {
            (purchases, Some(value)) => writeln!(
                f,
                "Expected over the horizon: {} purchases, value {}.",
                n(purchases.round() as u64),
                money(value)
            )?,
            (purchases, None) => {
                writeln!(f, "Expected over the horizon: {} purchases.", n(purchases.round() as u64))?
            }
        }
        for (name, customers, _) in results.segments.iter().filter(|(_, customers, _)| *customers > 0) {
            writeln!(
                f,
                "  {name}: {} ({})",
                n(*customers),
                percent(*customers as usize, counted.customers as usize)
            )?;
        }
        Ok(())
    }
}
