//! Scores forecasts of every model at past origins, on csv files of purchases: `bench_forecasts FILE... [--forecasts FOLDER]`.
//!
//! A file has the columns `customer_id`, `date` (2006-12-31) and possibly `amount`; rows with a negative amount are
//! left out, and distinct days of a customer are purchases. Each model is fitted on the purchases up to an origin, forecasts
//! the purchases of these customers until the horizon, and is scored by what they did. The recalibrated forecast uses
//! forecasts at earlier origins whose holdouts end at or before the origin, and nothing later. With `--forecasts`, every raw
//! forecast is written as a csv file beside a json file with its figures, for comparison with another program's.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use cltv_models::calibration::{
    CountScores, FEWEST_ORIGINS, MapFromPast, PastForecast, TotalsFromPast, crps, crps_next_purchase,
    interval_score,
};
use cltv_models::{
    CountDistribution, CustomerIds, Grain, ParameterDraws, Predictive, PredictiveCounts, PurchaseFit,
    PurchaseModel, PurchasePredictions, RfmSummary, TimeUnit, ln_intervals,
};

/// The last count that a written forecast tells apart; it has the probability of all larger ones too.
const LAST: usize = 100;
const LEVEL: f64 = 0.95;
/// Earlier origins that are looked at, half a horizon apart.
const EARLIER: i64 = 4;
/// Customers up to whom the time of the next purchase is scored, which takes an integral for each.
const MOST_TIMES: usize = 10_000;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Origins, each with weeks ahead.
type Origins = &'static [(&'static str, &'static [i64])];

/// Origins of a file whose name begins with a word; of other files the thirds of their span.
const KNOWN: [(&str, Origins); 5] = [
    ("grocery", &[("2006-12-31", &[13, 26, 52]), ("2007-07-01", &[13, 26])]),
    ("online_retail", &[("2010-06-09", &[13, 26]), ("2010-12-09", &[13, 26, 52]), ("2011-06-09", &[13, 26])]),
    (
        "retail_panel",
        &[("2013-03-15", &[13, 26, 52]), ("2013-09-15", &[13, 26, 52]), ("2014-03-15", &[13, 26, 52])],
    ),
    ("CDNOW_sample", &[("1997-09-30", &[13, 26, 39]), ("1998-03-31", &[13])]),
    ("CDNOW_master", &[("1997-09-30", &[13, 26, 39]), ("1998-03-31", &[13])]),
];

/// Days of a customer's purchases, rising.
struct Purchases {
    name: String,
    customers: BTreeMap<String, Vec<i64>>,
    first: i64,
    last: i64,
}

/// Days since 1970-01-01 of a date as 2006-12-31, whatever follows it.
fn day_number(date: &str) -> Option<i64> {
    Some(date.get(..10)?.parse::<NaiveDate>().ok()?.to_epoch_days().into())
}

/// The date of a number of days since 1970-01-01.
fn date(day: i64) -> String {
    i32::try_from(day).ok().and_then(NaiveDate::from_epoch_days).unwrap_or_default().to_string()
}

/// Customer and day of each purchase: of CDNOW's files of fixed columns, or of a csv file.
fn rows(path: &Path) -> Outcome<Vec<(String, i64)>> {
    if !is_csv(path) {
        let row = |line: &str| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // The sample has the id in the master file before its own.
            let at = fields.len().checked_sub(4)?;
            let day = NaiveDate::parse_from_str(fields[at + 1], "%Y%m%d").ok()?;
            Some((fields[at].to_owned(), day.to_epoch_days().into()))
        };
        let text = fs::read_to_string(path)?;
        // The master file has a head, the sample has none.
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("customer_id"));
        return lines.map(|line| row(line).ok_or_else(|| format!("not a row: {line}").into())).collect();
    }
    let mut table = csv::Reader::from_path(path)?;
    let head = table.headers()?.clone();
    let place = |name: &str| head.iter().position(|found| found == name);
    let customer = place("customer_id").ok_or("no column customer_id")?;
    let day = place("date").ok_or("no column date")?;
    let amount = place("amount");
    let mut found = Vec::new();
    for record in table.records() {
        let record = record?;
        let bad = || format!("not a row: {record:?}");
        let text = amount.map_or("", |at| &record[at]);
        if text.is_empty() || text.parse::<f64>().map_err(|_| bad())? >= 0.0 {
            found.push((record[customer].to_owned(), day_number(&record[day]).ok_or_else(bad)?));
        }
    }
    Ok(found)
}

fn is_csv(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "csv")
}

impl Purchases {
    fn read(path: &Path) -> Outcome<Self> {
        let mut customers: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (id, day) in rows(path).map_err(|error| format!("{}: {error}", path.display()))? {
            customers.entry(id).or_default().push(day);
        }
        for days in customers.values_mut() {
            days.sort_unstable();
            days.dedup();
        }
        let all = || customers.values().flatten().copied();
        let (Some(first), Some(last)) = (all().min(), all().max()) else { return Err("no purchases".into()) };
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, customers, first, last })
    }

    /// Origins with weeks ahead.
    fn origins(&self) -> Vec<(i64, Vec<i64>)> {
        if let Some((_, known)) = KNOWN.iter().find(|(name, _)| self.name.starts_with(name)) {
            let of = |(day, weeks): &(&str, &[i64])| Some((day_number(day)?, weeks.to_vec()));
            return known.iter().filter_map(of).collect();
        }
        let third = (self.last - self.first) / 3;
        let fitting = |origin: i64| {
            let weeks = [13, 26].into_iter().filter(|weeks| origin + 7 * weeks <= self.last);
            (origin, weeks.collect())
        };
        vec![fitting(self.first + third), fitting(self.first + 2 * third)]
    }

    /// Histories up to an origin in weeks, and the purchases in the days after it.
    fn split(&self, origin: i64, days: i64) -> Outcome<Seen> {
        let (mut ids, mut x, mut t_x, mut age, mut logs) = (vec![], vec![], vec![], vec![], vec![]);
        let (mut actual, mut next) = (vec![], vec![]);
        for (id, bought) in &self.customers {
            let seen = bought.partition_point(|day| *day <= origin);
            if seen == 0 {
                continue;
            }
            let times: Vec<f64> = bought[1..seen].iter().map(|day| (day - bought[0]) as f64 / 7.0).collect();
            ids.push(id.clone());
            x.push(times.len() as u32);
            t_x.push(times.last().copied().unwrap_or(0.0));
            age.push((origin - bought[0]) as f64 / 7.0);
            logs.push(ln_intervals(&times));
            let later = bought[seen..].iter().take_while(|day| **day <= origin + days);
            actual.push(later.count() as u64);
            next.push(
                bought.get(seen).filter(|day| **day <= origin + days).map(|day| (day - origin) as f64 / 7.0),
            );
        }
        let customers: CustomerIds = ids.iter().map(String::as_str).collect();
        let rfm = RfmSummary::try_new(TimeUnit::Week, Grain::Day, customers, x, t_x, age, None)?;
        let repeat = rfm.frequency().iter().map(|x| *x > 0).collect();
        Ok(Seen { ids, rfm: rfm.with_ln_intervals(logs)?, actual, next, repeat, weeks: days as f64 / 7.0 })
    }
}

/// What was known at an origin, and what happened after it.
struct Seen {
    ids: Vec<String>,
    rfm: RfmSummary,
    actual: Vec<u64>,
    next: Vec<Option<f64>>,
    repeat: Vec<bool>,
    weeks: f64,
}

/// The distributions of all customers up to [`LAST`], which has the rest.
fn rows_of(counts: &PredictiveCounts) -> Vec<Vec<f64>> {
    let row = |i: usize| {
        let own = counts.of(i);
        let mut row = vec![0.0; LAST + 1];
        for (n, chance) in own.chances().iter().enumerate() {
            row[n.min(LAST)] += chance;
        }
        row
    };
    (0..counts.len()).map(row).collect()
}

/// The figures of one forecast.
struct Figures {
    scores: CountScores,
    expected: f64,
    rel_mae: f64,
    crps: Vec<f64>,
}

impl Figures {
    fn of(seen: &Seen, rows: &[Vec<f64>], means: &[f64]) -> Outcome<Self> {
        let distributions = rows.iter().map(|row| CountDistribution::try_new(row));
        let distributions = distributions.collect::<Result<Vec<_>, _>>()?;
        let made = seen.actual.iter().sum::<u64>().max(1) as f64;
        let errors: f64 =
            means.iter().zip(&seen.actual).map(|(mean, made)| (mean - *made as f64).abs()).sum();
        Ok(Self {
            scores: CountScores::of(&distributions, &seen.actual, &seen.repeat, LEVEL)?,
            expected: means.iter().sum(),
            rel_mae: errors / made,
            crps: distributions.iter().zip(&seen.actual).map(|(counts, made)| crps(counts, *made)).collect(),
        })
    }

    /// Mean difference of CRPS from another forecast's, and its standard error over customers.
    fn crps_from(&self, other: &Self) -> (f64, f64) {
        let n = self.crps.len() as f64;
        let differences: Vec<f64> =
            self.crps.iter().zip(&other.crps).map(|(own, other)| own - other).collect();
        let mean = differences.iter().sum::<f64>() / n;
        let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, (variance / n).sqrt())
    }

    fn line(&self, seen: &Seen) -> String {
        let (scores, returns) = (&self.scores, &self.scores.returns);
        let made = seen.actual.iter().sum::<u64>() as f64;
        format!(
            "{:.0} | {:+.1}% | {:.3} | {:.3} | {:.3} | {:.4} | {:.3} | {:.3} | {:.3} | {:.3}",
            self.expected,
            100.0 * (self.expected / made.max(1.0) - 1.0),
            self.rel_mae,
            returns.auc.unwrap_or(f64::NAN),
            returns.ece,
            scores.crps,
            scores.pit_ks,
            scores.pit_ks_repeat.unwrap_or(f64::NAN),
            scores.pit_central,
            scores.coverage
        )
    }
}

/// Coverage and interval scores of the totals of all cells.
#[derive(Default)]
struct Totals {
    cells: usize,
    covered: [usize; 2],
    score: [f64; 2],
    refused: BTreeMap<&'static str, usize>,
}

impl Totals {
    fn add(&mut self, made: f64, raw: (f64, f64), recalibrated: (f64, f64)) {
        self.cells += 1;
        for (k, (low, high)) in [raw, recalibrated].into_iter().enumerate() {
            self.covered[k] += usize::from((low..=high).contains(&made));
            // As a share of the purchases made, so that large sets do not decide.
            self.score[k] += interval_score((low, high), made, LEVEL) / made.max(1.0);
        }
    }
}

/// Fits, forecasts and scores all models at one origin.
fn cell(
    set: &Purchases,
    (origin, weeks): (i64, i64),
    forecasts: Option<&Path>,
    totals: &mut Totals,
) -> Outcome<String> {
    let seen = set.split(origin, 7 * weeks)?;
    let earlier: Vec<(i64, Seen)> = (0..EARLIER)
        .map(|k| origin - 7 * weeks - k * 7 * weeks / 2)
        .filter(|earlier| earlier - set.first >= 7 * weeks / 2)
        .rev()
        .map(|earlier| Ok((earlier, set.split(earlier, 7 * weeks)?)))
        .collect::<Outcome<_>>()?;
    let made: u64 = seen.actual.iter().sum();
    let mut text = String::new();
    let mut first: Option<Figures> = None;
    for model in PurchaseModel::all() {
        let name = model.name();
        let Ok(fit) = model.fit(&seen.rfm) else {
            writeln!(text, "| {name} | | no fit | | | | | | | | | | |")?;
            continue;
        };
        let predictive = Predictive::at(fit.center_params());
        let counts = predictive.counts(&seen.rfm, seen.weeks)?;
        let means = fit.expected_purchases_all(&seen.rfm, seen.weeks)?;
        let rows = rows_of(&counts);
        let figures = Figures::of(&seen, &rows, &means)?;
        let times = next_purchase(&fit, &seen)?;
        let compared = first.as_ref().map(|first| figures.crps_from(first));
        let compared = compared.map_or(String::new(), |(mean, error)| format!("{mean:+.4} ({error:.4})"));
        writeln!(text, "| {name} | raw | {} | {compared} | {times} |", figures.line(&seen))?;
        if let Some(folder) = forecasts {
            let file = format!("{}_{}_{weeks}_{}", set.name, date(origin), name.replace('/', "-"));
            let mut facts = write(&folder.join(&file), &seen, &rows, &means, &figures)?;
            facts["set"] = set.name.as_str().into();
            facts["after"] = date(origin).into();
            facts["until"] = date(origin + 7 * weeks).into();
            fs::write(folder.join(format!("{file}.json")), facts.to_string())?;
        }
        let past = past_forecasts(&model, &earlier)?;
        let base = first.get_or_insert(figures);
        match MapFromPast::estimate(&past, seen.weeks) {
            Ok(found) => {
                let mapped = Figures::of(&seen, &rows_of(&found.map.apply_to(&counts)), &means)?;
                let (mean, error) = mapped.crps_from(base);
                let line = mapped.line(&seen);
                writeln!(text, "| {name} | recalibrated | {line} | {mean:+.4} ({error:.4}) | |")?;
            }
            Err(refusal) => *totals.refused.entry(refusal_name(&past, &refusal)).or_default() += 1,
        }
        let total = predictive.total(&seen.rfm, seen.weeks, LEVEL)?;
        let own = (total.low, total.high);
        let recalibrated = TotalsFromPast::estimate(&past, seen.weeks)
            .ok()
            .map_or(Ok(own), |found| found.interval(&total, LEVEL))?;
        totals.add(made as f64, own, recalibrated);
    }
    Ok(format!(
        "\n### {}, after {}, {weeks} weeks: {} customers, {made} purchases\n{HEAD}{text}",
        set.name,
        date(origin),
        seen.rfm.len(),
    ))
}

const HEAD: &str = "\n| model | forecast | expected | bias | rel. MAE | AUC | ECE | CRPS | PIT-KS | of repeat | pit95 | cover95 | CRPS less the first model's (s.e.) | next purchase |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";

fn refusal_name(past: &[PastForecast], refusal: &cltv_models::calibration::Refusal) -> &'static str {
    use cltv_models::calibration::Refusal;
    match refusal {
        _ if past.len() < FEWEST_ORIGINS => "too few earlier origins",
        Refusal::DistributionsHold { .. } => "nothing to mend",
        Refusal::NotBetter { .. } => "errors do not carry over",
        _ => "other",
    }
}

/// Forecasts at the earlier origins, each by a fit on what was known then; origins without a fit are left out.
fn past_forecasts(model: &PurchaseModel, earlier: &[(i64, Seen)]) -> Outcome<Vec<PastForecast>> {
    let mut past = Vec::new();
    for (origin, seen) in earlier {
        if let Ok(fit) = model.fit(&seen.rfm) {
            let predictive = Predictive::at(fit.center_params());
            past.push(PastForecast::of(date(*origin), &predictive, &seen.rfm, &seen.actual, seen.weeks)?);
        }
    }
    Ok(past)
}

/// Mean CRPS of the time to the next purchase in weeks, censored at the horizon.
fn next_purchase(fit: &PurchaseFit, seen: &Seen) -> Outcome<String> {
    if seen.rfm.len() > MOST_TIMES {
        return Ok(String::new());
    }
    let predictive = Predictive::at(fit.center_params());
    let mut sum = 0.0;
    for (i, next) in seen.next.iter().enumerate() {
        sum += crps_next_purchase(&predictive, seen.rfm.history(i), *next, seen.weeks)?;
    }
    Ok(format!("{:.3}", sum / seen.rfm.len() as f64))
}

/// Writes a forecast as csv; its figures.
fn write(
    path: &Path,
    seen: &Seen,
    rows: &[Vec<f64>],
    means: &[f64],
    figures: &Figures,
) -> Outcome<serde_json::Value> {
    let mut csv = "customer_id,expected,p_return,low,high".to_owned();
    (0..=LAST).for_each(|n| csv.push_str(&format!(",p{n}")));
    csv.push('\n');
    for ((id, row), mean) in seen.ids.iter().zip(rows).zip(means) {
        let counts = CountDistribution::try_new(row)?;
        let (low, high) = counts.interval(LEVEL);
        write!(csv, "{id},{mean},{},{low},{high}", counts.at_least_one())?;
        row.iter().try_for_each(|chance| write!(csv, ",{chance}"))?;
        csv.push('\n');
    }
    // The name has dots.
    fs::write(format!("{}.csv", path.display()), csv)?;
    let (scores, returns) = (&figures.scores, &figures.scores.returns);
    Ok(serde_json::json!({ "figures": {
        "n": scores.customers, "actual": seen.actual.iter().sum::<u64>(), "expected": figures.expected,
        "rel_mae": figures.rel_mae, "auc": returns.auc, "brier": returns.brier, "ece": returns.ece,
        "cover95": scores.coverage, "interval": scores.interval, "crps": scores.crps, "pit_ks": scores.pit_ks,
        "pit_ks_repeat": scores.pit_ks_repeat, "pit95": scores.pit_central,
    }}))
}

/// Writes the purchases of a file that is no csv as one.
fn write_purchases(set: &Purchases, folder: &Path) -> Outcome<()> {
    let mut csv = "customer_id,date\n".to_owned();
    for (id, days) in &set.customers {
        days.iter().try_for_each(|day| writeln!(csv, "{id},{}", date(*day)))?;
    }
    Ok(fs::write(folder.join(format!("{}.transactions.csv", set.name)), csv)?)
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut files, mut forecasts) = (Vec::new(), None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--forecasts" => {
                forecasts = Some(PathBuf::from(arguments.next().ok_or("--forecasts needs a folder")?))
            }
            _ => files.push(PathBuf::from(argument)),
        }
    }
    if files.is_empty() {
        return Err("give csv files of purchases, as in: bench_forecasts purchases.csv".into());
    }
    let mut totals = Totals::default();
    for file in &files {
        let set = Purchases::read(file)?;
        if let Some(folder) = forecasts.as_deref().filter(|_| !is_csv(file)) {
            write_purchases(&set, folder)?;
        }
        for (origin, weeks) in set.origins() {
            for weeks in weeks {
                eprintln!("{} after {}, {weeks} weeks", set.name, date(origin));
                println!("{}", cell(&set, (origin, weeks), forecasts.as_deref(), &mut totals)?);
            }
        }
    }
    let n = totals.cells as f64;
    println!(
        "\n### Totals of all models, sets and origins\n\n| intervals of 95% | cells | cover | mean interval score, as a share of the purchases |\n|---|---:|---:|---:|"
    );
    for (k, name) in ["raw", "recalibrated"].into_iter().enumerate() {
        println!(
            "| {name} | {} | {:.1}% | {:.3} |",
            totals.cells,
            100.0 * totals.covered[k] as f64 / n,
            totals.score[k] / n
        );
    }
    let refused: Vec<String> =
        totals.refused.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    println!("\nDistributions that were not recalibrated: {}.", refused.join(", "));
    Ok(())
}
