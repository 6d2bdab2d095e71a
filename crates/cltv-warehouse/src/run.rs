//! The plan run by an engine, statement after statement.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use cltv_models::{Grain, History};
use cltv_plan::cleaning::{self, Reason};
use cltv_plan::periods::{default_calibration_end, in_units, period_of};
use cltv_plan::{far_dates, queries};
use cltv_protocol::text::counted;

use crate::connection::{Table, Warehouse};
use crate::counted::{ChartTable, Counted, HistoryRow, SPEND_WIDTH};
use crate::error::WarehouseError;
use crate::request::Request;
use crate::statements::Statements;

impl Counted {
    /// Runs the plan on the table of a connection.
    ///
    /// # Errors
    /// [`WarehouseError`]: columns that are missing or of another type, dates after today, nobody who bought twice, a
    /// statement that fails or takes too long, a result with more rows than the limit.
    pub fn of(request: &Request, warehouse: &mut Warehouse) -> Result<Self, WarehouseError> {
        let (statements, distinct) = Statements::new(request, warehouse)?;
        let mut run = Run { request, warehouse, statements: &statements };
        let tally = run.tally()?;
        let (start, last) = tally.span;
        let periods = run.periods(start, last)?;
        let [until, end] = [periods.1, periods.2].map(|day| day.to_epoch_days());
        let (grain, unit) = (request.grain, request.unit);
        let calibration = run.histories("the calibration's histories", periods.1, end)?;
        let full = run.histories("the histories", periods.2, end)?;
        run.check_repeats(&calibration)?;
        let (spend, spend_width) = run.spend(periods.2)?;
        let length = period_of(periods.2, grain) - period_of(periods.1, grain);
        let rfm = run.rfm(end)?;
        let charts = run.charts(until, end)?;
        let same_but_case = run.same_but_case(&distinct)?;
        Ok(Self {
            rows_read: tally.read,
            left_out: tally.left_out,
            rows: tally.kept,
            amount: statements.setting.amounts.then_some(tally.amount),
            zero_amounts: tally.zeros,
            duplicates: tally.duplicates,
            merged_lines: tally.merged,
            customers: full.iter().map(|row| row.customers).sum(),
            periods,
            holdout_length: in_units(length, grain, unit),
            calibration,
            full,
            spend,
            spend_width,
            rfm,
            charts,
            same_but_case,
        })
    }
}

/// What is counted of the rows.
struct Tally {
    read: u64,
    left_out: Vec<(Reason, u64)>,
    kept: u64,
    amount: f64,
    zeros: u64,
    duplicates: u64,
    merged: u64,
    span: (NaiveDate, NaiveDate),
}

struct Run<'a> {
    request: &'a Request,
    warehouse: &'a mut Warehouse,
    statements: &'a Statements,
}

const DAYS: &str = "check date_column: there are more different days than a table of purchases has";
const HISTORIES: &str = "use --grain week or month, which brings more customers together";

impl Run<'_> {
    fn data(&self, problem: String) -> WarehouseError {
        WarehouseError::Data { address: self.warehouse.address().to_string(), problem }
    }

    fn result(&self, step: &str, column: &str) -> WarehouseError {
        WarehouseError::BadResult {
            step: step.to_owned(),
            address: self.warehouse.address().to_string(),
            column: column.to_owned(),
        }
    }

    /// Some columns of a result as numbers, row by row; a missing value is NaN.
    fn rows(&self, step: &str, table: &Table, columns: &[&str]) -> Result<Vec<Vec<f64>>, WarehouseError> {
        let mut all = vec![Vec::with_capacity(columns.len()); table.rows];
        for column in columns {
            let values = table.numbers(column).ok_or_else(|| self.result(step, column))?;
            all.iter_mut().zip(values).for_each(|(row, value)| row.push(value.unwrap_or(f64::NAN)));
        }
        Ok(all)
    }

    fn tally(&mut self) -> Result<Tally, WarehouseError> {
        let step = "the cleaning";
        let setting = &self.statements.setting;
        let sql = self.statements.over_lines(&cleaning::rows_by_reason(setting));
        let table = self.warehouse.query(step, &sql, DAYS)?;
        let mut columns = vec!["reason", "day", "n", "repeats"];
        columns.extend(setting.amounts.then_some(["amount", "zeros"]).into_iter().flatten());
        let rows = self.rows(step, &table, &columns)?;
        let merged = match setting.orders {
            true => self.rows(step, &table, &["merged"])?,
            false => Vec::new(),
        };
        let mut reasons: BTreeMap<u8, u64> = BTreeMap::new();
        let mut days: BTreeMap<i32, usize> = BTreeMap::new();
        let mut tally = Tally {
            read: 0,
            left_out: Vec::new(),
            kept: 0,
            amount: 0.0,
            zeros: 0,
            duplicates: 0,
            merged: merged.iter().map(|row| row[0] as u64).sum(),
            span: (NaiveDate::MAX, NaiveDate::MIN),
        };
        let mut kept_days: Vec<i32> = Vec::new();
        for row in &rows {
            let (reason, n) = (row[0] as u8, row[2] as u64);
            *reasons.entry(reason).or_default() += n;
            tally.read += n;
            if reason == Reason::None as u8 {
                tally.kept += n;
                tally.duplicates += row[3] as u64;
                if setting.amounts {
                    tally.amount += row[4];
                    tally.zeros += row[5] as u64;
                }
                kept_days.push(row[1] as i32);
            }
            if !setting.orders && !row[1].is_nan() {
                *days.entry(row[1] as i32).or_default() += n as usize;
            }
        }
        if setting.orders {
            self.add_lines(&mut tally, &mut reasons, &mut days)?;
        }
        tally.left_out = Reason::ALL
            .into_iter()
            .map(|reason| (reason, reasons.get(&(reason as u8)).copied().unwrap_or(0)))
            .filter(|(_, n)| *n > 0)
            .collect();
        self.check_days(&reasons, days)?;
        let date = |day: Option<&i32>| day.and_then(|day| NaiveDate::from_epoch_days(*day));
        let span = date(kept_days.iter().min()).zip(date(kept_days.iter().max()));
        tally.span = span.ok_or_else(|| {
            let reasons: Vec<String> = tally
                .left_out
                .iter()
                .map(|(reason, n)| format!("{}: {}", counted(*n as usize, "row"), reason.words()))
                .collect();
            self.data(format!(
                "none of the {} is a usable purchase ({}); check the columns that were named",
                counted(tally.read as usize, "row"),
                reasons.join(", ")
            ))
        })?;
        Ok(tally)
    }

    /// With orders, lines are left out before their orders are made.
    fn add_lines(
        &mut self,
        tally: &mut Tally,
        reasons: &mut BTreeMap<u8, u64>,
        days: &mut BTreeMap<i32, usize>,
    ) -> Result<(), WarehouseError> {
        let step = "the cleaning of lines";
        let sql = self.statements.over_lines(&cleaning::lines_by_reason(&self.statements.setting));
        let table = self.warehouse.query(step, &sql, DAYS)?;
        (tally.read, tally.duplicates) = (0, 0);
        for row in self.rows(step, &table, &["reason", "day", "n", "repeats"])? {
            let (reason, n) = (row[0] as u8, row[2] as u64);
            tally.read += n;
            match reason == Reason::None as u8 {
                true => tally.duplicates += row[3] as u64,
                false => *reasons.entry(reason).or_default() += n,
            }
            if !row[1].is_nan() {
                *days.entry(row[1] as i32).or_default() += n as usize;
            }
        }
        Ok(())
    }

    /// Refuses what a file would be refused for: rows after today, and days far from all others.
    fn check_days(
        &self,
        reasons: &BTreeMap<u8, u64>,
        days: BTreeMap<i32, usize>,
    ) -> Result<(), WarehouseError> {
        let after = reasons.get(&(Reason::AfterToday as u8)).copied().unwrap_or(0);
        if after > 0 {
            return Err(self.data(format!(
                "{} dated after today, {}; correct the dates, or name a view without such rows",
                counted(after as usize, "row"),
                self.request.today
            )));
        }
        let end = self.request.observation_end.unwrap_or(self.request.today).min(self.request.today);
        let (first, last) =
            (self.request.earliest_date.map_or(i32::MIN, |day| day.to_epoch_days()), end.to_epoch_days());
        let days: Vec<(i32, usize)> =
            days.into_iter().filter(|(day, _)| (first..=last).contains(day)).collect();
        let Some(far) = far_dates::find(&days) else { return Ok(()) };
        let rows: usize = days.iter().filter(|(day, _)| far.contains(*day)).map(|(_, n)| n).sum();
        let day = |day| NaiveDate::from_epoch_days(day).unwrap_or_default();
        let remedy = match far.early {
            true => format!("--earliest-date {}", day(far.first)),
            false => format!("--observation-end {}", day(far.last)),
        };
        Err(self.data(format!(
            "{} far from the rest, which runs from {} to {}; correct the dates, or set {remedy}",
            counted(rows, "date"),
            day(far.first),
            day(far.last)
        )))
    }

    fn periods(
        &self,
        start: NaiveDate,
        last: NaiveDate,
    ) -> Result<(NaiveDate, NaiveDate, NaiveDate), WarehouseError> {
        if start == last {
            return Err(self.data(format!(
                "all purchases are on one day, {start}, so there is no time to learn from; check date_column"
            )));
        }
        let end = self.request.observation_end.unwrap_or(last);
        if end <= start || end > self.request.today {
            return Err(self.data(format!("observation_end {end} is outside what was observed; choose a day after {start} and not after {}", self.request.today)));
        }
        let until = self.request.calibration_end.unwrap_or_else(|| default_calibration_end(start, end));
        if until < start || until >= end {
            let before = end.checked_sub_days(Days::new(1)).unwrap_or(end);
            return Err(self.data(format!(
                "calibration_end {until} is outside the data; choose a day from {start} to {before}"
            )));
        }
        Ok((start, until, end))
    }

    fn histories(
        &mut self,
        step: &str,
        end: NaiveDate,
        observed: i32,
    ) -> Result<Vec<HistoryRow>, WarehouseError> {
        let (unit, grain, amounts) = (self.request.unit, self.request.grain, self.statements.setting.amounts);
        let last = period_of(end, grain);
        let plan = queries::history_counts((unit, grain), (end.to_epoch_days(), last), observed, amounts);
        let table = self.warehouse.query(step, &self.statements.over_rows(&plan), HISTORIES)?;
        let mut columns = vec!["frequency", "first", "last", "customers", "holdout_purchases"];
        columns.extend(amounts.then_some(["spend", "holdout_spend"]).into_iter().flatten());
        let row = |row: Vec<f64>| {
            let (first, latest) = (row[1] as i64, row[2] as i64);
            let units = |periods: i64| in_units(periods, grain, unit);
            HistoryRow {
                history: History { x: row[0] as u64, t_x: units(latest - first), T: units(last - first) },
                periods: (first, latest),
                customers: row[3] as u64,
                holdout_purchases: row[4] as u64,
                spend: row.get(5).copied().unwrap_or(0.0),
                holdout_spend: row.get(6).copied().unwrap_or(0.0),
            }
        };
        let mut rows: Vec<HistoryRow> = self.rows(step, &table, &columns)?.into_iter().map(row).collect();
        rows.sort_by_key(|row| (row.history.x, row.periods));
        Ok(rows)
    }

    fn check_repeats(&self, calibration: &[HistoryRow]) -> Result<(), WarehouseError> {
        let customers: u64 = calibration.iter().map(|row| row.customers).sum();
        if customers == 1 {
            return Err(self.data("all purchases belong to one customer, and a model of customers needs many; check customer_column".to_owned()));
        }
        if calibration.iter().any(|row| row.history.x > 0) {
            return Ok(());
        }
        Err(self.data(format!(
            "none of the {} bought on two different {}s in the calibration, so there is nothing to learn about repeat purchases; check customer_column, or set a later calibration_end",
            counted(customers as usize, "customer"),
            self.request.grain
        )))
    }

    /// Pairs of x and mean spend: every one, or where they are too many, brought together by intervals.
    #[allow(clippy::type_complexity, reason = "the pairs with the width of their intervals")]
    fn spend(
        &mut self,
        end: NaiveDate,
    ) -> Result<(Option<Vec<(u32, f64, u64)>>, Option<f64>), WarehouseError> {
        if !self.statements.setting.amounts {
            return Ok((None, None));
        }
        let step = "the mean spends";
        let at = (end.to_epoch_days(), period_of(end, self.request.grain));
        let of = (self.request.unit, self.request.grain);
        for width in [None, Some(SPEND_WIDTH)] {
            let plan = queries::spend_counts(of, at, width);
            let sql = self.statements.over_rows(&plan);
            let table = match self.warehouse.query(step, &sql, HISTORIES) {
                Err(WarehouseError::TooMany { .. }) if width.is_none() => continue,
                table => table?,
            };
            let rows = self.rows(step, &table, &["frequency", "spend", "customers"])?;
            let pair = |row: Vec<f64>| (row[0] as u32, row[1] / row[2], row[2] as u64);
            let mut rows: Vec<(u32, f64, u64)> = rows.into_iter().map(pair).collect();
            rows.sort_by(|one, two| one.0.cmp(&two.0).then(one.1.total_cmp(&two.1)));
            return Ok((Some(rows), width));
        }
        Ok((None, None))
    }

    fn rfm(&mut self, end: i32) -> Result<Vec<(u32, u64, u64, f64)>, WarehouseError> {
        let step = "recency and frequency";
        let amounts = self.statements.setting.amounts;
        let plan = queries::rfm_counts(self.request.grain, end, amounts);
        let table = self.warehouse.query(step, &self.statements.over_rows(&plan), HISTORIES)?;
        let mut columns = vec!["recency_days", "frequency", "customers"];
        columns.extend(amounts.then_some("revenue"));
        let rows = self.rows(step, &table, &columns)?;
        let row =
            |row: Vec<f64>| (row[0] as u32, row[1] as u64, row[2] as u64, row.get(3).copied().unwrap_or(0.0));
        let mut rows: Vec<(u32, u64, u64, f64)> = rows.into_iter().map(row).collect();
        rows.sort_by_key(|row| (row.0, row.1));
        Ok(rows)
    }

    fn charts(&mut self, until: i32, end: i32) -> Result<Vec<ChartTable>, WarehouseError> {
        let (grain, amounts) = (self.request.grain, self.statements.setting.amounts);
        let money = |columns: &[&'static str]| {
            let money = amounts.then_some("revenue");
            columns.iter().copied().chain(money).collect::<Vec<&'static str>>()
        };
        let wanted = [
            ("cohorts", queries::cohorts(end, amounts), money(&["cohort", "age", "active"])),
            ("births", queries::births(end), vec!["first_day", "births"]),
            ("repeats_by_day", queries::repeats_by_day(grain, until, end), vec!["day", "repeat_purchases"]),
            (
                "purchases_by_week",
                queries::purchases_by_period(Grain::Week, grain, end),
                vec!["start", "purchases", "repeat_purchases"],
            ),
            (
                "customers_by_month",
                queries::customers_by_period(Grain::Month, end, amounts),
                money(&["start", "customers"]),
            ),
        ];
        let mut charts = Vec::new();
        for (name, plan, columns) in wanted {
            let table = self.warehouse.query(name, &self.statements.over_rows(&plan), DAYS)?;
            let mut rows = self.rows(name, &table, &columns)?;
            rows.sort_by(|one, two| one.partial_cmp(two).unwrap_or(std::cmp::Ordering::Equal));
            charts.push(ChartTable { name, columns, rows });
        }
        Ok(charts)
    }

    fn same_but_case(&mut self, distinct: &str) -> Result<u64, WarehouseError> {
        let step = "the number of ids";
        let table = self.warehouse.query(step, distinct, DAYS)?;
        let rows = self.rows(step, &table, &["ids", "would_be"])?;
        Ok(rows.first().map_or(0, |row| (row[0] - row[1]).max(0.0) as u64))
    }
}
