//! Charts of what was bought.

use crate::figure::Figure;
use cltv_models::Grain;
use cltv_plots::{
    self as plots, ConcentrationCurve, CustomerTimeline, PeriodTotals, PlotError, RfmCell, SegmentTotal,
};
use cltv_purchases::{CohortTable, RfmTable, SegmentTable};
use cltv_workflow::{Choice, Data, Error};

/// Purchases and revenue by week, or by month when there are more than three years of them.
///
/// # Errors
/// [`Error::Chart`] when there is nothing to draw.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let figure = charts::purchases_over_time(&data, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn purchases_over_time(data: &Data, currency: &str) -> Result<Figure, Error> {
    let days = (data.periods.observation_end - data.periods.start).num_days();
    let period = if days > 3 * 366 { Grain::Month } else { Grain::Week };
    let series = data.purchases.series(period, Grain::Day, &data.periods)?;
    let totals = PeriodTotals {
        period: period.name().to_owned(),
        starts: series.points.iter().map(|p| p.start.to_string()).collect(),
        purchases: series.points.iter().map(|p| p.purchases).collect(),
        revenue: series.points.iter().map(|p| p.revenue).collect(),
    };
    Figure::drawn(plots::purchases_over_time(&totals, currency))
}

fn rfm_of(data: &Data, grain: Grain) -> Result<RfmTable, Error> {
    data.rfm(grain, &SegmentTable::default())
}

/// Customers by days since their last purchase.
///
/// # Errors
/// [`Error::Input`] for an unknown grain.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let figure = charts::recency(&data, "day")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn recency(data: &Data, grain: impl Choice<Grain>) -> Result<Figure, Error> {
    let rfm = rfm_of(data, grain.chosen()?)?;
    let days: Vec<f64> = rfm.recency_days.iter().map(|&days| f64::from(days)).collect();
    Figure::drawn(plots::recency_distribution(&days))
}

/// Customers by number of purchases.
///
/// # Errors
/// As [`recency`].
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let figure = charts::frequency(&data, "day")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn frequency(data: &Data, grain: impl Choice<Grain>) -> Result<Figure, Error> {
    Figure::drawn(plots::frequency_distribution(&rfm_of(data, grain.chosen()?)?.frequency))
}

/// Customers by mean spend a purchase.
///
/// # Errors
/// As [`recency`].
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let figure = charts::monetary(&data, "day", "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn monetary(data: &Data, grain: impl Choice<Grain>, currency: &str) -> Result<Figure, Error> {
    let rfm = rfm_of(data, grain.chosen()?)?;
    match &rfm.monetary_total {
        Some(totals) => {
            let mean = totals.iter().zip(&rfm.frequency).map(|(total, &n)| total / n as f64);
            Figure::drawn(plots::monetary_distribution(&mean.collect::<Vec<f64>>(), currency))
        }
        None => Ok(Figure::without_amounts()),
    }
}

/// The concentration of revenue over customers, with Gini and the share of the top 20%.
///
/// # Errors
/// [`Error::Chart`] when nobody spent anything.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let figure = charts::concentration(&data, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn concentration(data: &Data, currency: &str) -> Result<Figure, Error> {
    match rfm_of(data, Grain::Day)?.monetary_total {
        Some(totals) => {
            Figure::drawn(curve(&totals).map(|curve| plots::concentration_curve(&curve, currency)))
        }
        None => Ok(Figure::without_amounts()),
    }
}

/// The concentration curve of amounts.
pub(super) fn curve(amounts: &[f64]) -> Result<ConcentrationCurve, PlotError> {
    Ok(ConcentrationCurve::of(amounts)?)
}

/// The share of each cohort that buys again, month by month.
///
/// # Errors
/// [`Error::Chart`] when there is no cohort.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let figure = charts::cohort_retention(&data.cohorts()?)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn cohort_retention(cohorts: &CohortTable) -> Result<Figure, Error> {
    let table = plots::CohortTable {
        period: "month".to_owned(),
        cohorts: cohorts.labels(),
        sizes: cohorts.cohorts.iter().map(|c| c.customers).collect(),
        retention: cohorts.retention(),
    };
    Figure::drawn(plots::cohort_retention(&table))
}

/// The purchases of some customers as marks on a line each.
///
/// # Errors
/// [`Error::Input`] for an unknown grain, [`Error::Chart`] for more customers than the chart can separate.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let figure = charts::customer_timelines(&data, "day", 25)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn customer_timelines(data: &Data, grain: impl Choice<Grain>, customers: usize) -> Result<Figure, Error> {
    let timelines: Vec<CustomerTimeline> = data
        .purchases
        .timelines(customers, grain.chosen()?, &data.periods)?
        .into_iter()
        .map(|line| CustomerTimeline {
            customer_id: line.customer_id,
            purchase_dates: line.purchases.iter().map(ToString::to_string).collect(),
        })
        .collect();
    let ends = (data.periods.observation_end.to_string(), data.periods.calibration_end.to_string());
    Figure::drawn(plots::customer_timelines(&timelines, &ends.0, &ends.1))
}

/// Customers and their mean total spend by recency and frequency score.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let rfm = data.rfm("day", &segment_table("")?)?;
/// let figure = charts::rfm_heatmap(&rfm, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn rfm_heatmap(rfm: &RfmTable, currency: &str) -> Result<Figure, Error> {
    let mut sums = [[(0_u64, 0.0); 5]; 5];
    for row in 0..rfm.len() {
        let (count, spend) = &mut sums[usize::from(rfm.r_score[row] - 1)][usize::from(rfm.f_score[row] - 1)];
        *count += 1;
        *spend += rfm.monetary_total.as_ref().map_or(0.0, |totals| totals[row]);
    }
    let cell = |r: u8, f: u8| {
        let (customers, spend) = sums[usize::from(r - 1)][usize::from(f - 1)];
        let mean_monetary = (rfm.has_amounts && customers > 0).then(|| spend / customers as f64);
        RfmCell { r, f, customers, mean_monetary }
    };
    let cells: Vec<RfmCell> =
        (1..=5).flat_map(|r| (1..=5).map(move |f| (r, f))).map(|(r, f)| cell(r, f)).collect();
    Figure::drawn(plots::rfm_heatmap(&cells, currency))
}

/// Customers and revenue of each segment.
///
/// # Errors
/// [`Error::Chart`] when there is no segment.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let rfm = data.rfm("day", &segment_table("")?)?;
/// let figure = charts::segment_overview(&rfm, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn segment_overview(rfm: &RfmTable, currency: &str) -> Result<Figure, Error> {
    let totals: Vec<SegmentTotal> = rfm
        .segments()
        .into_iter()
        .map(|s| SegmentTotal { name: s.segment, customers: s.customers as u64, revenue: s.revenue })
        .collect();
    Figure::drawn(plots::segment_overview(&totals, currency))
}
