//! The RFM table: recency, frequency and monetary value of every customer, scored and named.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use cltv_models::Grain;
use cltv_protocol::text::{counted, percent};
use cltv_tables::Outputs;
use polars::prelude::DataFrame;

use crate::columns::{codes, counts, days, reals, wholes};
use crate::error::DataError;
use crate::frame;
use crate::ids::Ids;
use crate::periods::Periods;
use crate::plan::queries;
use crate::scores::{quintile_scores, scores_of};
use crate::segments::SegmentTable;
use crate::transactions::Transactions;

/// The RFM table at a snapshot, the observation's end.
///
/// # Examples
/// ```
/// use cltv_purchases::{Cleaning, SegmentTable, Source};
/// use cltv_models::Grain;
/// let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
/// let rfm = cdnow.rfm(&cdnow.periods("", "")?, Grain::Day, &SegmentTable::default())?;
/// assert_eq!(rfm.frequency.iter().sum::<u64>(), 6696);
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
    /// The customers' codes, in rising order; row i of every column is customer i of this one.
    pub customer: Vec<u32>,
    /// Whole days from the last row to the snapshot. Not the recency t_x of the purchase models.
    pub recency_days: Vec<u32>,
    /// Purchases, the first one counted, merged by the grain.
    pub frequency: Vec<u64>,
    /// What all purchases add up to; `None` without amounts.
    pub monetary_total: Option<Arc<Vec<f64>>>,
    /// Day of the first purchase, from 1970-01-01.
    pub first_purchase: Vec<i32>,
    /// Day of the last row, from 1970-01-01.
    pub last_purchase: Vec<i32>,
    /// Recency score, 5 for the most recent.
    pub r_score: Vec<u8>,
    /// Frequency score, 5 for the most frequent.
    pub f_score: Vec<u8>,
    /// Score of the total spend, 5 for the highest; `None` without amounts.
    pub m_score: Option<Vec<u8>>,
    /// The segment of the recency and frequency score, as a place in [`RfmTable::segment_names`].
    pub segment: Vec<u8>,
    ids: Arc<Ids>,
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
    /// [`quintile_scores`](crate::quintile_scores), with fewer days the higher score; the monetary score is of the total.
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
        let amounts = self.has_amounts();
        let mut rows = Rows::default();
        self.for_each_block(&queries::rfm(grain, snapshot.to_epoch_days(), amounts), |table| {
            rows.customer.extend(codes(table, "customer")?);
            rows.recency_days.extend(wholes(table, "recency_days")?.into_iter().map(|days| days as u32));
            rows.frequency.extend(counts(table, "frequency")?);
            rows.first_purchase.extend(days(table, "first_purchase")?);
            rows.last_purchase.extend(days(table, "last_purchase")?);
            if amounts {
                rows.monetary_total.extend(reals(table, "monetary_total")?);
            }
            Ok(())
        })?;
        if rows.customer.is_empty() {
            return Err(DataError::NoPurchases {
                shown: self.name(),
                rows: self.len(),
                reasons: format!("all are dated after {snapshot}"),
            });
        }
        let r_score = scores_of(rows.recency_days.iter().map(|&days| f64::from(days)).collect(), false)?;
        let f_score = scores_of(rows.frequency.iter().map(|&n| n as f64).collect(), true)?;
        let m_score = amounts.then(|| quintile_scores(&rows.monetary_total)).transpose()?;
        Ok(RfmTable {
            snapshot,
            grain,
            has_amounts: amounts,
            segment: places_of(segments, &r_score, &f_score),
            r_score,
            f_score,
            m_score,
            customer: rows.customer,
            recency_days: rows.recency_days,
            frequency: rows.frequency,
            monetary_total: amounts.then(|| Arc::new(rows.monetary_total)),
            first_purchase: rows.first_purchase,
            last_purchase: rows.last_purchase,
            ids: self.ids(),
            segments: segments.clone(),
        })
    }
}

/// The columns that need no other customers.
#[derive(Default)]
struct Rows {
    customer: Vec<u32>,
    recency_days: Vec<u32>,
    frequency: Vec<u64>,
    monetary_total: Vec<f64>,
    first_purchase: Vec<i32>,
    last_purchase: Vec<i32>,
}

/// The segment of each customer, as a place in the names.
fn places_of(segments: &SegmentTable, r_score: &[u8], f_score: &[u8]) -> Vec<u8> {
    let names = segments.names();
    let place = |r: u8, f: u8| {
        let segment = segments.segment(r, f);
        names.iter().position(|name| *name == segment).unwrap_or(0) as u8
    };
    let of_scores: Vec<u8> =
        (1..=5).flat_map(|r| (1..=5).map(move |f| (r, f))).map(|(r, f)| place(r, f)).collect();
    let of = |(&r, &f): (&u8, &u8)| of_scores[usize::from(r - 1) * 5 + usize::from(f - 1)];
    r_score.iter().zip(f_score).map(of).collect()
}

impl RfmTable {
    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customer.len()
    }

    /// Always false: a table without customers is an error.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customer.is_empty()
    }

    /// The id of a customer by its row.
    #[must_use]
    pub fn customer_id(&self, row: usize) -> &str {
        self.ids.get(self.customer[row])
    }

    /// The segments' names, in the order of the segment table.
    #[must_use]
    pub fn segment_names(&self) -> Vec<String> {
        self.segments.names()
    }

    /// The table: `customer_id`, `recency_days`, `frequency`, `monetary_total`, `monetary_mean`,
    /// `first_purchase`, `last_purchase`, `r_score`, `f_score`, `m_score`, `segment`.
    ///
    /// Without amounts the columns on spend are there and empty.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        self.part(0..self.len())
    }

    /// The first rows of the table.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn head(&self, rows: usize) -> Result<DataFrame, DataError> {
        self.part(0..self.len().min(rows))
    }

    /// Writes the table as `rfm_df`, part by part, and returns the path to show.
    ///
    /// # Errors
    /// [`DataError::Table`] when the file cannot be written.
    pub fn save(&self, out: &Outputs) -> Result<String, DataError> {
        const ROWS_PER_PART: usize = 1 << 18;
        let mut writer = out.table("rfm_df")?;
        for start in (0..self.len()).step_by(ROWS_PER_PART) {
            writer.write(&self.part(start..self.len().min(start + ROWS_PER_PART))?)?;
        }
        Ok(writer.finish()?)
    }

    fn part(&self, rows: std::ops::Range<usize>) -> Result<DataFrame, DataError> {
        let names = self.segment_names();
        let all = || rows.clone();
        let total = |i: usize| self.monetary_total.as_ref().map(|totals| totals[i]);
        let date = |day: i32| cltv_tables::date(day);
        frame::frame(vec![
            Ok(self.ids.column("customer_id", &self.customer[all()])),
            frame::counts("recency_days", all().map(|i| u64::from(self.recency_days[i]))),
            frame::counts("frequency", all().map(|i| self.frequency[i])),
            frame::numbers("monetary_total", all().map(total)),
            frame::numbers(
                "monetary_mean",
                all().map(|i| total(i).map(|total| total / self.frequency[i] as f64)),
            ),
            frame::dates("first_purchase", all().map(|i| date(self.first_purchase[i]))),
            frame::dates("last_purchase", all().map(|i| date(self.last_purchase[i]))),
            frame::counts("r_score", all().map(|i| u64::from(self.r_score[i]))),
            frame::counts("f_score", all().map(|i| u64::from(self.f_score[i]))),
            frame::counts("m_score", all().map(|i| self.m_score.as_ref().map(|scores| u64::from(scores[i])))),
            frame::texts("segment", all().map(|i| names[usize::from(self.segment[i])].clone())),
        ])
    }

    /// Figures of each segment, in the order of the segment table, empty segments included.
    #[must_use]
    pub fn segments(&self) -> Vec<SegmentFigures> {
        let names = self.segments.names();
        names.iter().enumerate().map(|(place, name)| self.figures(place, name)).collect()
    }

    fn figures(&self, place: usize, name: &str) -> SegmentFigures {
        let own = || (0..self.len()).filter(|&i| usize::from(self.segment[i]) == place);
        let n = own().count();
        let mean = |total: f64| if n == 0 { 0.0 } else { total / n as f64 };
        // A fold, because the standard library's sum of nothing is minus zero.
        let spent = |rows: &mut dyn Iterator<Item = usize>| -> f64 {
            self.monetary_total.as_ref().map_or(0.0, |totals| rows.fold(0.0, |sum, i| sum + totals[i]))
        };
        let revenue = spent(&mut own());
        let all = spent(&mut (0..self.len()));
        let rule = self.segments.rule_of(name);
        let text = |of: fn(crate::SegmentRule) -> String| rule.clone().map(of).unwrap_or_default();
        SegmentFigures {
            segment: name.to_owned(),
            customers: n,
            share_of_customers: n as f64 / self.len() as f64,
            revenue: self.has_amounts.then_some(revenue),
            share_of_revenue: (self.has_amounts && all > 0.0).then(|| revenue / all),
            mean_recency_days: mean(own().map(|i| f64::from(self.recency_days[i])).sum()),
            mean_frequency: mean(own().map(|i| self.frequency[i] as f64).sum()),
            mean_monetary_total: self.has_amounts.then(|| mean(revenue)),
            action: text(|rule| rule.action),
            advice: text(|rule| rule.advice),
            spend: text(|rule| rule.spend),
        }
    }

    /// The segments that have customers, with the fields of [`SegmentFigures`] as columns; of `action`, `advice` and `spend`
    /// those with a text.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn segment_frame(&self) -> Result<DataFrame, DataError> {
        let mut all = self.segments();
        all.retain(|segment| segment.customers > 0);
        let numbers = |name, of: fn(&SegmentFigures) -> Option<f64>| frame::numbers(name, all.iter().map(of));
        let mut columns = vec![
            frame::texts("segment", all.iter().map(|s| s.segment.clone())),
            frame::counts("customers", all.iter().map(|s| s.customers as u64)),
            numbers("share_of_customers", |s| Some(s.share_of_customers)),
            numbers("revenue", |s| s.revenue),
            numbers("share_of_revenue", |s| s.share_of_revenue),
            numbers("mean_recency_days", |s| Some(s.mean_recency_days)),
            numbers("mean_frequency", |s| Some(s.mean_frequency)),
            numbers("mean_monetary_total", |s| s.mean_monetary_total),
        ];
        columns.extend(frame::filled("action", all.iter().map(|s| s.action.as_str())));
        columns.extend(frame::filled("advice", all.iter().map(|s| s.advice.as_str())));
        columns.extend(frame::filled("spend", all.iter().map(|s| s.spend.as_str())));
        frame::frame(columns)
    }

    /// Customers in each pair of scores: `counts[r - 1][f - 1]`.
    #[must_use]
    pub fn score_counts(&self) -> Vec<Vec<u64>> {
        let mut counts = vec![vec![0; 5]; 5];
        for (&r, &f) in self.r_score.iter().zip(&self.f_score) {
            counts[usize::from(r) - 1][usize::from(f) - 1] += 1;
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
            .map(|s| format!("{} ({})", s.segment, percent(s.customers, self.len())))
            .collect();
        write!(
            f,
            "{} on {}, purchases merged by {}; the largest segments are {}.",
            counted(self.len(), "customer"),
            self.snapshot,
            self.grain,
            largest.join(", ")
        )
    }
}
