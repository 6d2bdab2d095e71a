//! The RFM table: recency, frequency and monetary value of every customer, scored and named.

use std::fmt;

use chrono::NaiveDate;
use cltv_models::Grain;
use polars::prelude::DataFrame;

use crate::error::DataError;
use crate::frame;
use crate::periods::Periods;
use crate::purchases::CustomerPurchases;
use crate::scores::quintile_scores;
use crate::segments::SegmentTable;
use crate::transactions::{Transactions, percent};
use crate::words::counted;

/// RFM recency: whole days from the last purchase to the snapshot.
///
/// Not the recency t_x of the purchase models, which is the age at the last purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecencyDays(pub u32);

impl fmt::Display for RecencyDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&counted(self.0 as usize, "day"))
    }
}

/// One customer of the RFM table.
#[derive(Debug, Clone, PartialEq)]
pub struct RfmRow {
    /// The customer.
    pub customer_id: String,
    /// Days since the last purchase.
    pub recency: RecencyDays,
    /// Purchases, the first one counted, merged by the grain.
    pub frequency: u64,
    /// What all purchases add up to; `None` without amounts.
    pub monetary_total: Option<f64>,
    /// Mean of a purchase; `None` without amounts.
    pub monetary_mean: Option<f64>,
    /// Day of the first purchase.
    pub first_purchase: NaiveDate,
    /// Day of the last row.
    pub last_purchase: NaiveDate,
    /// Recency score, 5 for the most recent.
    pub r_score: u8,
    /// Frequency score, 5 for the most frequent.
    pub f_score: u8,
    /// Score of the total spend, 5 for the highest; `None` without amounts.
    pub m_score: Option<u8>,
    /// The segment of the recency and frequency score.
    pub segment: String,
}

/// The RFM table at a snapshot, the observation's end.
///
/// # Examples
/// ```
/// use cltv_purchases::{Cleaning, SegmentTable, Source};
/// use cltv_models::Grain;
/// let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
/// let rfm = cdnow.rfm(&cdnow.periods("", "")?, Grain::Day, &SegmentTable::default())?;
/// assert_eq!(rfm.rows.iter().map(|row| row.frequency).sum::<u64>(), 6696);
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RfmTable {
    /// The day from which recency is counted back.
    pub snapshot: NaiveDate,
    /// The period inside which rows count as one purchase.
    pub grain: Grain,
    /// Whether there are amounts.
    pub has_amounts: bool,
    /// One row a customer.
    pub rows: Vec<RfmRow>,
    segments: SegmentTable,
}

/// One segment of an RFM table.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentFigures {
    /// The segment.
    pub segment: String,
    /// Its customers.
    pub customers: usize,
    /// Their part of all customers.
    pub share_of_customers: f64,
    /// What they spent; `None` without amounts.
    pub revenue: Option<f64>,
    /// Their part of all spend.
    pub share_of_revenue: Option<f64>,
    /// Mean days since the last purchase.
    pub mean_recency_days: f64,
    /// Mean number of purchases.
    pub mean_frequency: f64,
    /// Mean of what a customer spent in all.
    pub mean_monetary_total: Option<f64>,
    /// The kind of action.
    pub action: String,
    /// What to do.
    pub advice: String,
    /// How much to spend on the segment.
    pub spend: String,
}

impl Transactions {
    /// Recency, frequency and monetary value of every customer, with scores and segments.
    ///
    /// The snapshot is the observation's end; later rows are cut. The scores are those of
    /// [`quintile_scores`], with fewer days the higher score; the monetary score is of the total.
    ///
    /// # Errors
    /// [`DataError::NoPurchases`] when nobody bought until the snapshot.
    pub fn rfm(
        &self,
        periods: &Periods,
        grain: Grain,
        segments: &SegmentTable,
    ) -> Result<RfmTable, DataError> {
        let snapshot = periods.observation_end;
        let customers = self.purchases(grain, snapshot);
        if customers.is_empty() {
            return Err(DataError::NoPurchases {
                shown: self.name(),
                rows: self.len(),
                reasons: format!("all are dated after {snapshot}"),
            });
        }
        let last = self.last_rows(snapshot);
        let mut rows: Vec<RfmRow> = customers
            .iter()
            .zip(last)
            .map(|(customer, last)| unscored(customer, last, snapshot, self.has_amounts()))
            .collect();
        score(&mut rows, segments);
        Ok(RfmTable { snapshot, grain, has_amounts: self.has_amounts(), rows, segments: segments.clone() })
    }

    /// The day of each customer's last row until a day included.
    fn last_rows(&self, end: NaiveDate) -> Vec<NaiveDate> {
        let last = |rows: &[crate::Transaction]| rows.iter().map(|r| r.date).filter(|&d| d <= end).max();
        self.by_customer().filter_map(last).collect()
    }
}

fn unscored(customer: &CustomerPurchases, last: NaiveDate, snapshot: NaiveDate, has_amounts: bool) -> RfmRow {
    let frequency = customer.purchases.len();
    let total: f64 = customer.purchases.iter().filter_map(|purchase| purchase.amount).sum();
    let recency = (snapshot - last).num_days();
    RfmRow {
        customer_id: customer.customer_id.clone(),
        recency: RecencyDays(u32::try_from(recency).unwrap_or(0)),
        frequency: frequency as u64,
        monetary_total: has_amounts.then_some(total),
        monetary_mean: has_amounts.then(|| total / frequency as f64),
        first_purchase: customer.first(),
        last_purchase: last,
        r_score: 0,
        f_score: 0,
        m_score: None,
        segment: String::new(),
    }
}

fn score(rows: &mut [RfmRow], segments: &SegmentTable) {
    let scores = |of: &dyn Fn(&RfmRow) -> f64| quintile_scores(&rows.iter().map(of).collect::<Vec<f64>>());
    let r = scores(&|row| -f64::from(row.recency.0));
    let f = scores(&|row| row.frequency as f64);
    let m = scores(&|row| row.monetary_total.unwrap_or_default());
    for (i, row) in rows.iter_mut().enumerate() {
        row.r_score = r[i];
        row.f_score = f[i];
        row.m_score = row.monetary_total.map(|_| m[i]);
        row.segment = segments.segment(r[i], f[i]);
    }
}

impl RfmTable {
    /// The table: `customer_id`, `recency_days`, `frequency`, `monetary_total`, `monetary_mean`,
    /// `first_purchase`, `last_purchase`, `r_score`, `f_score`, `m_score`, `segment`.
    ///
    /// Without amounts the columns on spend are there and empty.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        let rows = &self.rows;
        frame::frame(vec![
            frame::texts("customer_id", rows.iter().map(|row| row.customer_id.clone())),
            frame::counts("recency_days", rows.iter().map(|row| u64::from(row.recency.0))),
            frame::counts("frequency", rows.iter().map(|row| row.frequency)),
            frame::numbers("monetary_total", rows.iter().map(|row| row.monetary_total)),
            frame::numbers("monetary_mean", rows.iter().map(|row| row.monetary_mean)),
            frame::dates("first_purchase", rows.iter().map(|row| row.first_purchase)),
            frame::dates("last_purchase", rows.iter().map(|row| row.last_purchase)),
            frame::counts("r_score", rows.iter().map(|row| u64::from(row.r_score))),
            frame::counts("f_score", rows.iter().map(|row| u64::from(row.f_score))),
            frame::counts("m_score", rows.iter().map(|row| row.m_score.map(u64::from))),
            frame::texts("segment", rows.iter().map(|row| row.segment.clone())),
        ])
    }

    /// Figures of each segment, in the order of the segment table, empty segments included.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentFigures> {
        let names = self.segments.names();
        names.iter().map(|name| self.figures(name)).collect()
    }

    fn figures(&self, name: &str) -> SegmentFigures {
        let own: Vec<&RfmRow> = self.rows.iter().filter(|row| row.segment == name).collect();
        let n = own.len();
        let mean = |total: f64| if n == 0 { 0.0 } else { total / n as f64 };
        let spent = |rows: &mut dyn Iterator<Item = &RfmRow>| -> f64 {
            // A fold, because the standard library's sum of nothing is minus zero.
            rows.filter_map(|row| row.monetary_total).fold(0.0, |sum, spend| sum + spend)
        };
        let revenue = spent(&mut own.iter().copied());
        let all = spent(&mut self.rows.iter());
        let rule = self.segments.rule_of(name);
        let text = |of: fn(crate::SegmentRule) -> String| rule.clone().map(of).unwrap_or_default();
        SegmentFigures {
            segment: name.to_owned(),
            customers: n,
            share_of_customers: n as f64 / self.rows.len() as f64,
            revenue: self.has_amounts.then_some(revenue),
            share_of_revenue: (self.has_amounts && all > 0.0).then(|| revenue / all),
            mean_recency_days: mean(own.iter().map(|row| f64::from(row.recency.0)).sum()),
            mean_frequency: mean(own.iter().map(|row| row.frequency as f64).sum()),
            mean_monetary_total: self.has_amounts.then(|| mean(revenue)),
            action: text(|rule| rule.action),
            advice: text(|rule| rule.advice),
            spend: text(|rule| rule.spend),
        }
    }

    /// The segments as a table, with the fields of [`SegmentFigures`] as columns.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn segment_frame(&self) -> Result<DataFrame, DataError> {
        let all = self.segments();
        let numbers = |name, of: fn(&SegmentFigures) -> Option<f64>| frame::numbers(name, all.iter().map(of));
        frame::frame(vec![
            frame::texts("segment", all.iter().map(|s| s.segment.clone())),
            frame::counts("customers", all.iter().map(|s| s.customers as u64)),
            numbers("share_of_customers", |s| Some(s.share_of_customers)),
            numbers("revenue", |s| s.revenue),
            numbers("share_of_revenue", |s| s.share_of_revenue),
            numbers("mean_recency_days", |s| Some(s.mean_recency_days)),
            numbers("mean_frequency", |s| Some(s.mean_frequency)),
            numbers("mean_monetary_total", |s| s.mean_monetary_total),
            frame::texts("action", all.iter().map(|s| s.action.clone())),
            frame::texts("advice", all.iter().map(|s| s.advice.clone())),
            frame::texts("spend", all.iter().map(|s| s.spend.clone())),
        ])
    }

    /// Customers in each pair of scores: `counts[r - 1][f - 1]`.
    #[must_use]
    pub fn score_counts(&self) -> Vec<Vec<u64>> {
        let mut counts = vec![vec![0; 5]; 5];
        for row in &self.rows {
            counts[usize::from(row.r_score) - 1][usize::from(row.f_score) - 1] += 1;
        }
        counts
    }
}

impl fmt::Display for RfmTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut segments = self.segments();
        segments.sort_by_key(|segment| std::cmp::Reverse(segment.customers));
        let largest: Vec<String> = segments
            .iter()
            .take(3)
            .filter(|segment| segment.customers > 0)
            .map(|s| format!("{} ({})", s.segment, percent(s.customers, self.rows.len())))
            .collect();
        write!(
            f,
            "{} on {}, purchases merged by {}; the largest segments are {}.",
            counted(self.rows.len(), "customer"),
            self.snapshot,
            self.grain,
            largest.join(", ")
        )
    }
}
