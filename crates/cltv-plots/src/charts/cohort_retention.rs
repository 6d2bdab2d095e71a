//! Retention by cohort and period.

use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_COHORTS, step};
use crate::theme::{ON_CELLS, axis, names_axis, scale};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "cohort_retention";

/// Retention by cohort of first purchase.
#[derive(Debug, Clone, PartialEq)]
pub struct CohortTable {
    /// The length of a period: "month", "week".
    pub period: String,
    /// The cohorts' labels, oldest first: "1997-01".
    pub cohorts: Vec<String>,
    /// The number of customers in each cohort.
    pub sizes: Vec<u64>,
    /// A row per cohort: the share (0 to 1) of its customers who bought in their period 0, 1, 2, ...;
    /// `None` where that period is not yet over. Rows may be shorter than others.
    pub retention: Vec<Vec<Option<f64>>>,
}

/// The share of each cohort that buys again, one period after the other. Periods not yet observed
/// stay blank. More than 120 cohorts are put together in equal groups, whose cells are means weighted by
/// customers; of more than 120 periods, evenly spaced ones are drawn. A sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no cohort, the columns differ in length, a cohort appears twice, or a
/// share is not between 0 and 1.
///
/// # Examples
/// ```
/// use cltv_plots::{CohortTable, cohort_retention};
/// let table = CohortTable {
///     period: "month".into(),
///     cohorts: vec!["1997-01".into(), "1997-02".into()],
///     sizes: vec![781, 820],
///     retention: vec![vec![Some(1.0), Some(0.22)], vec![Some(1.0), None]],
/// };
/// assert_eq!(cohort_retention(&table)?.data().rows(), 3);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn cohort_retention(table: &CohortTable) -> Result<Chart, PlotError> {
    check(table)?;
    let summary = summary(table, &table.retention);
    let (joined, every) = (step(table.cohorts.len(), MOST_COHORTS), step(width(table), MOST_COHORTS));
    let table = &put_together(table, joined);
    let rows = padded(table, every);
    let period = &table.period;
    let chart = Chart::from(Parts {
        name: NAME,
        title: format!("Customers who buy again, by {period} of first purchase"),
        how_to_read: format!(
            "A row is the customers who first bought in the same {period}; going right, the cell is the share of \
             them who bought in that {period} of their life. Read down a column to see whether newer customers come \
             back as well as older ones; blank cells lie in the future. Shading compares the {period}s after the first."
        ),
        summary,
        data: data(table, every),
        traces: vec![heatmap(table, &rows, every)],
        layout: layout(table, every),
    });
    Ok(chart.noted(note(joined, every, period)))
}

fn note(joined: usize, every: usize, period: &str) -> Option<String> {
    let rows = (joined > 1).then(|| format!("Each row is {}.", text::counted(joined as u64, "cohort")));
    let cells =
        (every > 1).then(|| format!("A cell is drawn every {}.", text::counted(every as u64, period)));
    let sentences: Vec<String> = rows.into_iter().chain(cells).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Groups of `joined` neighbouring cohorts, with the mean retention of those observed in each period,
/// weighted by customers.
fn put_together(table: &CohortTable, joined: usize) -> CohortTable {
    if joined == 1 {
        return table.clone();
    }
    let places: Vec<usize> = (0..table.cohorts.len()).collect();
    let name = |group: &[usize]| match group {
        [first, .., last] => format!("{} to {}", table.cohorts[*first], table.cohorts[*last]),
        group => group.iter().map(|&at| table.cohorts[at].clone()).collect(),
    };
    CohortTable {
        period: table.period.clone(),
        cohorts: places.chunks(joined).map(name).collect(),
        sizes: table.sizes.chunks(joined).map(|sizes| sizes.iter().sum()).collect(),
        retention: places.chunks(joined).map(|group| mean_retention(table, group)).collect(),
    }
}

fn mean_retention(table: &CohortTable, group: &[usize]) -> Vec<Option<f64>> {
    let periods = group.iter().map(|&at| table.retention[at].len()).max().unwrap_or(0);
    let mean = |period: usize| {
        let observed =
            |&at: &usize| Some((table.sizes[at] as f64, table.retention[at].get(period).copied()??));
        let cells: Vec<(f64, f64)> = group.iter().filter_map(observed).collect();
        let customers: f64 = cells.iter().map(|(size, _)| size).sum();
        (customers > 0.0).then(|| cells.iter().map(|(size, share)| size * share).sum::<f64>() / customers)
    };
    (0..periods).map(mean).collect()
}

fn check(table: &CohortTable) -> Result<(), PlotError> {
    let check = Check(NAME);
    check.not_empty("cohorts", table.cohorts.len())?;
    check.same_length(("cohorts", table.cohorts.len()), ("sizes", table.sizes.len()))?;
    check.same_length(("cohorts", table.cohorts.len()), ("retention", table.retention.len()))?;
    check.unique("cohorts", table.cohorts.iter().map(String::as_str))?;
    check.not_empty("retention", table.retention.iter().flatten().flatten().count())?;
    for (at, row) in table.retention.iter().enumerate() {
        for &share in row.iter().flatten() {
            if !(0.0..=1.0).contains(&share) {
                return Err(check.bad("retention", at, share, "between 0 and 1"));
            }
        }
    }
    Ok(())
}

fn width(table: &CohortTable) -> usize {
    table.retention.iter().map(Vec::len).max().unwrap_or(0)
}

/// The cells of every `every`-th period, blank where a row is shorter than the longest.
fn padded(table: &CohortTable, every: usize) -> Vec<Vec<Option<f64>>> {
    let width = width(table);
    let pad = |row: &Vec<Option<f64>>| {
        row.iter().copied().chain(std::iter::repeat(None)).take(width).step_by(every).collect()
    };
    table.retention.iter().map(pad).collect()
}

fn data(table: &CohortTable, every: usize) -> ChartData {
    let (mut cohorts, mut sizes, mut periods, mut shares) = (vec![], vec![], vec![], vec![]);
    for (at, row) in table.retention.iter().enumerate() {
        for (period, share) in
            row.iter().enumerate().step_by(every).filter_map(|(p, share)| share.map(|s| (p, s)))
        {
            cohorts.push(table.cohorts[at].clone());
            sizes.push(table.sizes[at]);
            periods.push(period as u64);
            shares.push(share);
        }
    }
    ChartData::new(vec![
        Column::text("cohort", &cohorts),
        Column::integers("customers", &sizes),
        Column::integers(&format!("{}s_since_first_purchase", table.period), &periods),
        Column::numbers("retention", &shares),
    ])
}

fn labels(table: &CohortTable) -> Vec<String> {
    let label = |(cohort, &size): (&String, &u64)| format!("{cohort} ({})", text::count(size));
    table.cohorts.iter().zip(&table.sizes).map(label).collect()
}

fn heatmap(table: &CohortTable, rows: &[Vec<Option<f64>>], every: usize) -> Value {
    let width = rows.first().map_or(0, Vec::len);
    let hover = |(cohort, row): (&String, &Vec<Option<f64>>)| -> Vec<String> {
        let cell = |(period, share): (usize, &Option<f64>)| match share {
            Some(share) => text::plotly(&format!(
                "Cohort {cohort}, {} {}: {} bought",
                table.period,
                period * every,
                text::percent(*share)
            )),
            None => String::new(),
        };
        row.iter().enumerate().map(cell).collect()
    };
    let hover = table.cohorts.iter().zip(rows).map(hover).collect();
    let x = trace::numbers(&(0..width).map(|period| (period * every) as f64).collect::<Vec<_>>());
    let cells =
        trace::cells(x, trace::names(&labels(table)), rows.to_vec(), hover).zmin(0.0).zmax(darkest(rows));
    let digits: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|share| share.map(text::whole_percent).unwrap_or_default()).collect())
        .collect();
    let template = if width <= 20 { "%{text}" } else { "" };
    trace::json(
        &cells,
        json!({
            "colorscale": scale(), "xgap": 1, "ygap": 1, "text": digits, "texttemplate": template,
            "textfont": {"color": ON_CELLS, "size": if width <= 13 { 12 } else { 9 }}
        }),
    )
}

/// The first period is nearly 100% by definition; the shading is spread over the others.
fn darkest(rows: &[Vec<Option<f64>>]) -> f64 {
    let later = rows.iter().flat_map(|row| row.iter().skip(1)).flatten().copied().fold(0.0, f64::max);
    if later > 0.0 { later } else { 1.0 }
}

fn layout(table: &CohortTable, every: usize) -> Value {
    let period = &table.period;
    let x = axis(
        &format!("{} since first purchase", text::units(period)),
        json!({"showgrid": false, "dtick": if width(table) <= 20 { 1 } else { 5 * every }, "showline": false}),
    );
    let y = names_axis(
        "Cohort (customers)",
        json!({
            "autorange": "reversed", "showline": false, "dtick": if table.cohorts.len() <= 30 { 1 } else { 4 }
        }),
    );
    json!({"height": (150 + 27 * table.cohorts.len()).clamp(360, 900), "xaxis": x, "yaxis": y})
}

fn summary(table: &CohortTable, rows: &[Vec<Option<f64>>]) -> String {
    let observed =
        rows.iter().zip(&table.sizes).filter_map(|(row, &size)| Some((row.get(1).copied()??, size)));
    let (bought, customers) =
        observed.fold((0.0, 0u64), |(sum, n), (share, size)| (sum + share * size as f64, n + size));
    let total = text::counted(table.sizes.iter().sum(), "customer");
    let cohorts = text::counted(table.cohorts.len() as u64, "cohort");
    if customers == 0 {
        return format!("{cohorts} with {total}; no {} after the first has been observed.", table.period);
    }
    let share = text::percent(bought / customers as f64);
    format!("{cohorts} with {total}; {share} buy in the {} after their first purchase.", table.period)
}
