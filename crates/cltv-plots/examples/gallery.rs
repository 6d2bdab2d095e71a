//! Draws every chart into a folder, to look at: `cargo run -p cltv-plots --example gallery -- FOLDER`, then
//! open `FOLDER/index.html`. Charts of customers are drawn from 2,357 simulated ones, one of them also
//! from 30,000; the others from the small inputs of the tests. `notebook.html` has some as a notebook
//! shows them, `dark.html` the same on a dark page, `stills.html` the still pictures of all.

// The tests use the rest.
#[allow(dead_code)]
#[path = "../tests/charts/inputs.rs"]
mod inputs;

use std::error::Error;
use std::fs;
use std::path::Path;

use cltv_plots::*;

/// A small generator of uniform numbers (PCG's multiplier), so that every run draws the same charts.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    fn exponential(&mut self, rate: f64) -> f64 {
        -self.uniform().ln() / rate
    }
}

/// A simulated customer: BG/NBD purchases and a mean spend.
struct Customer {
    id: String,
    birth: f64,
    /// Weeks of the repeat purchases since the first purchase in the data.
    repeats: Vec<f64>,
    spend: f64,
}

const WEEKS: f64 = 78.0;
const CALIBRATION: f64 = 39.0;
const SEGMENTS: [&str; 10] = [
    "Champions",
    "Loyal Customers",
    "Potential Loyalists",
    "New Customers",
    "Promising",
    "Need Attention",
    "About To Sleep",
    "At Risk",
    "Can't Lose Them",
    "Hibernating",
];

fn customers(random: &mut Random, count: usize) -> Vec<Customer> {
    (0..count)
        .map(|at| {
            let birth = random.uniform() * 12.0;
            let rate = random.exponential(18.0) * 1.2;
            let dropout = random.uniform().powf(1.2) * 0.7;
            let mut repeats = Vec::new();
            let mut now = birth;
            while random.uniform() > dropout * 0.35 {
                now += random.exponential(rate.max(1e-4));
                if now > WEEKS {
                    break;
                }
                repeats.push(now);
            }
            let spend = 12.0 + 25.0 * random.exponential(1.0) * (0.5 + random.exponential(1.4));
            Customer { id: format!("{:05}", at * 10 + 4), birth, repeats, spend }
        })
        .collect()
}

fn date(weeks: f64) -> String {
    let mut day = (weeks * 7.0) as u32;
    let months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for year in 1997.. {
        for (month, length) in months.iter().enumerate() {
            if day < *length {
                return format!("{year}-{:02}-{:02}", month + 1, day + 1);
            }
            day -= length;
        }
    }
    unreachable!("the years do not end")
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("give the folder to write to")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let mut random = Random(42);
    let people = customers(&mut random, 2357);
    let mut charts = behaviour(&people)?;
    charts.extend(models(&people, &mut random)?);
    charts.extend(segments(&people, &mut random)?);
    charts.extend(of_many()?);
    let rest =
        inputs::all().into_iter().filter(|chart| charts.iter().all(|known| known.name() != chart.name()));
    let rest: Vec<Chart> = rest.collect();
    charts.extend(rest);
    for chart in &charts {
        fs::write(folder.join(format!("{}.html", chart.name())), chart.html_page(PLOTLY_FILE))?;
        println!("{chart}");
    }
    let stills: String =
        charts.iter().map(|chart| format!("<p>{}</p>{}\n", chart.name(), chart.svg())).collect();
    fs::write(folder.join("stills.html"), format!("<!doctype html><meta charset=\"utf-8\">{stills}"))?;
    fs::write(folder.join(PLOTLY_FILE), plotly_js())?;
    let shown: Vec<&Chart> = charts.iter().filter(|chart| IN_NOTEBOOK.contains(&chart.name())).collect();
    let page = notebook(&shown);
    let dark = "<body data-jp-theme-light=\"false\" style=\"background:#111;color:#eee\">";
    fs::write(folder.join("dark.html"), format!("{dark}{page}"))?;
    fs::write(folder.join("notebook.html"), page)?;
    fs::write(folder.join("index.html"), index(&charts))?;
    Ok(())
}

const MANY: &str = "clv_by_p_return_of_many";
const IN_NOTEBOOK: [&str; 7] = [
    "purchases_over_time",
    "clv_by_p_return",
    MANY,
    "rfm_heatmap",
    "p_alive_matrix",
    "value_by_segment_and_tier",
    "monetary_distribution",
];

/// The chart of single customers once more, of more customers than there may be marks.
fn of_many() -> Result<Option<Chart>, PlotError> {
    let mut random = Random(7);
    let people = customers(&mut random, 30_000);
    let charts = segments(&people, &mut random)?;
    charts
        .into_iter()
        .find(|chart| chart.name() == "clv_by_p_return")
        .map(|chart| chart.renamed(MANY))
        .transpose()
}

/// All charts below each other, each with a link to its page.
fn index(charts: &[Chart]) -> String {
    let entry = |chart: &Chart| {
        let name = chart.name();
        format!(
            "<h2><a href=\"{name}.html\">{name}</a></h2>\n<iframe src=\"{name}.html\" loading=\"lazy\"></iframe>\n"
        )
    };
    let entries: String = charts.iter().map(entry).collect();
    format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Charts</title>\
         <style>body{{font-family:sans-serif}}iframe{{width:100%;height:760px;border:1px solid #ccc}}</style>\n{entries}"
    )
}

/// A page like nbconvert's: require.js's `define` is there before any chart.
fn notebook(charts: &[&Chart]) -> String {
    let fragments: Vec<String> = charts.iter().map(|chart| chart.html_fragment()).collect();
    let outputs = fragments.join("\n").replacen(LOADER_MARKER, &plotly_loader_html(), 1);
    format!(
        "<!doctype html><meta charset=\"utf-8\"><script>window.define = function () {{ \
         window.swallowed = true; }}; window.define.amd = {{}};</script>\n{outputs}"
    )
}

fn behaviour(people: &[Customer]) -> Result<Vec<Chart>, PlotError> {
    let months = 18;
    let mut purchases = vec![0u64; months];
    let mut revenue = vec![0.0; months];
    for person in people {
        for week in person.repeats.iter().chain([&person.birth]) {
            let month = ((week * 7.0 / 30.4375) as usize).min(months - 1);
            purchases[month] += 1;
            revenue[month] += person.spend;
        }
    }
    let starts = (0..months).map(|m| format!("{}-{:02}-01", 1997 + m / 12, m % 12 + 1)).collect();
    let totals = PeriodTotals { period: "month".into(), starts, purchases, revenue: Some(revenue) };
    let last = |p: &Customer| (WEEKS - p.repeats.last().copied().unwrap_or(p.birth)) * 7.0;
    let spent: Vec<f64> = people.iter().map(|p| p.spend * (p.repeats.len() + 1) as f64).collect();
    Ok(vec![
        purchases_over_time(&totals, "$")?,
        recency_distribution(&people.iter().map(last).collect::<Vec<_>>())?,
        frequency_distribution(&people.iter().map(|p| p.repeats.len() as u64 + 1).collect::<Vec<_>>())?,
        monetary_distribution(&people.iter().map(|p| p.spend).collect::<Vec<_>>(), "$")?,
        concentration_curve(&ConcentrationCurve::of(&spent)?, "$"),
        cohort_retention(&cohorts())?,
        timelines(people)?,
    ])
}

fn cohorts() -> CohortTable {
    let row = |cohort: usize| -> Vec<Option<f64>> {
        let share = |age: usize| match age {
            0 => Some(1.0),
            age if age + cohort > 17 => None,
            age => Some(0.24 / (1.0 + 0.13 * age as f64) * (1.0 - 0.03 * cohort as f64)),
        };
        (0..18).map(share).collect()
    };
    CohortTable {
        period: "month".into(),
        cohorts: (0..12).map(|m| format!("1997-{:02}", m + 1)).collect(),
        sizes: (0..12).map(|m| 781 - 37 * m).collect(),
        retention: (0..12).map(row).collect(),
    }
}

fn timelines(people: &[Customer]) -> Result<Chart, PlotError> {
    let mut sample: Vec<CustomerTimeline> = people
        .iter()
        .filter(|p| (1..12).contains(&p.repeats.len()))
        .take(24)
        .map(|p| CustomerTimeline {
            customer_id: p.id.clone(),
            purchase_dates: std::iter::once(p.birth).chain(p.repeats.iter().copied()).map(date).collect(),
        })
        .collect();
    sample[3].customer_id = "<b>%{x}</script>".into();
    customer_timelines(&sample, &date(WEEKS), &date(CALIBRATION))
}

/// Curves with the shape that the models give.
fn models(people: &[Customer], random: &mut Random) -> Result<Vec<Chart>, PlotError> {
    let frequency: Vec<u64> = (0..=20).collect();
    let recency: Vec<f64> = (0..=39).map(f64::from).collect();
    let alive = |x: u64, t: f64| {
        1.0 / (1.0
            + 0.3
                * (1.0 + x as f64 * 0.15)
                * ((39.0 - t) / 39.0 * (x as f64 + 0.3) * 0.55).exp_m1().max(0.02))
    };
    let grid = |value: &dyn Fn(u64, f64) -> f64| HistoryGrid {
        unit: "week".into(),
        age: 39.0,
        frequency: frequency.clone(),
        recency: recency.clone(),
        values: recency.iter().map(|&t| frequency.iter().map(|&x| Some(value(x, t))).collect()).collect(),
    };
    let calibration: Vec<u64> =
        people.iter().map(|p| p.repeats.iter().filter(|&&w| w <= CALIBRATION).count() as u64).collect();
    let group = |(p, &frequency): (&Customer, &u64)| FrequencyGroup {
        frequency,
        customers: 1,
        actual: p.repeats.len() as u64 - frequency,
        expected: 0.22 + 0.62 * frequency as f64,
    };
    let holdout: Vec<FrequencyGroup> = people.iter().zip(&calibration).map(group).collect();
    let mut bars = vec![0u64; 8];
    calibration.iter().for_each(|&x| bars[x.min(7) as usize] += 1);
    let model: Vec<f64> = bars.iter().map(|&n| n as f64 * (0.93 + 0.14 * random.uniform())).collect();
    let spend: Vec<f64> = (0..=180).map(f64::from).collect();
    let density: Vec<f64> = spend.iter().map(|m| (m / 20.0).powf(1.6) * (-m / 17.0).exp() * 0.035).collect();
    let repeaters: Vec<f64> = people.iter().filter(|p| !p.repeats.is_empty()).map(|p| p.spend).collect();
    let tracking = tracking(people, random);
    Ok(vec![
        expected_purchases_matrix(&grid(&|x, t| (0.3 + x as f64) / (4.4 + 39.0) * 39.0 * alive(x, t)), 39.0)?,
        p_alive_matrix(&grid(&alive))?,
        repeat_purchases(&bars, &model)?,
        holdout_by_frequency(&holdout, 39.0, "week")?,
        cumulative_tracking(&tracking)?,
        incremental_tracking(&tracking)?,
        spend_density(&repeaters, &spend, &density, "$")?,
    ])
}

fn tracking(people: &[Customer], random: &mut Random) -> Tracking {
    let mut actual = vec![0.0; WEEKS as usize];
    for week in people.iter().flat_map(|p| &p.repeats) {
        actual[(*week as usize).min(77)] += 1.0;
    }
    let smooth = |at: usize| {
        let near = &actual[at.saturating_sub(4)..(at + 5).min(actual.len())];
        near.iter().sum::<f64>() / near.len() as f64
    };
    let expected = (0..actual.len()).map(|at| smooth(at) * (0.93 + 0.04 * random.uniform())).collect();
    let elapsed = (1..=78).map(f64::from).collect();
    Tracking { unit: "week".into(), elapsed, expected, actual, calibration_end: CALIBRATION }
}

fn segments(people: &[Customer], random: &mut Random) -> Result<Vec<Chart>, PlotError> {
    let p_return: Vec<f64> = people
        .iter()
        .map(|p| 1.0 / (1.0 + 3.0 * random.uniform() * p.repeats.len() as f64 * random.uniform().powi(4)))
        .collect();
    let clv: Vec<f64> = people
        .iter()
        .zip(&p_return)
        .map(|(p, alive)| p.spend * alive.powi(2) * (0.05 + p.repeats.len() as f64 * 0.25))
        .collect();
    let segment: Vec<String> = people
        .iter()
        .zip(&p_return)
        .map(|(p, a)| {
            SEGMENTS[((1.0 - a) * 3.0) as usize * 2 + 3usize.saturating_sub(p.repeats.len())].to_owned()
        })
        .collect();
    let mut ids: Vec<String> = people.iter().map(|p| p.id.clone()).collect();
    ids[0] = "<script>alert(1)</script>%{x}".into();
    let totals: Vec<SegmentTotal> = SEGMENTS
        .iter()
        .enumerate()
        .map(|(at, name)| SegmentTotal {
            name: (*name).into(),
            customers: 90 + 61 * at as u64,
            revenue: Some(61_000.0 / (1.0 + at as f64)),
        })
        .collect();
    let tiers = ["High", "Medium", "Low", "At-risk"];
    let pairs: Vec<SegmentTierValue> = SEGMENTS
        .iter()
        .enumerate()
        .flat_map(|(s, segment)| {
            tiers.iter().enumerate().map(move |(t, tier)| SegmentTierValue {
                segment: (*segment).into(),
                tier: (*tier).into(),
                customers: 10 + 7 * t as u64,
                value: 9_000.0 / (1.0 + s as f64) / (1.0 + ((t + s) % 4) as f64),
            })
        })
        .collect();
    let groups: Vec<GroupValue> = tiers
        .iter()
        .enumerate()
        .map(|(at, name)| GroupValue {
            name: (*name).into(),
            customers: 471 + 200 * at as u64,
            value: 31_000.0 / (1.0 + at as f64),
            winback_value: Some(2_100.0 * (1.0 + at as f64)),
        })
        .collect();
    let cells: Vec<RfmCell> = (0..25u8)
        .map(|at| RfmCell {
            r: at / 5 + 1,
            f: at % 5 + 1,
            customers: u64::from(at) * 37 % 290,
            mean_monetary: Some(17.0 + f64::from(at * 7 % 60)),
        })
        .filter(|cell| cell.customers > 0)
        .collect();
    Ok(vec![
        rfm_heatmap(&cells, "$")?,
        segment_overview(&totals, "$")?,
        clv_distribution(&clv, 6, "$")?,
        clv_by_p_return(&ids, &p_return, &clv, &segment, 6, "$")?,
        value_by_group(&groups, "tier", 6, "$")?,
        value_by_segment_and_tier(&pairs, 6, "$")?,
    ])
}
