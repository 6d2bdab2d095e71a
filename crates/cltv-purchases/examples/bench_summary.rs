//! Reads, cleans and summarises a file of purchases, and prints the times as one line of JSON.
//!
//! `cargo xtask bench-data` runs it beside other libraries. Arguments: the file, the calibration
//! end, the observation end, and `summary` or `split` for the last step. Times are in seconds,
//! those of customers in days. `peak_kib` is the largest resident memory of the process.

use std::error::Error;
use std::time::Instant;

use cltv_models::{Grain, RfmSummary, TimeUnit};
use cltv_purchases::{Cleaning, Periods, Source, Split, Transactions};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, calibration_end, observation_end, step] = arguments.as_slice() else {
        return Err("usage: bench_summary FILE CALIBRATION_END OBSERVATION_END summary|split".into());
    };
    let started = Instant::now();
    let raw = Source::new(file).read()?;
    let from_file = started.elapsed().as_secs_f64();
    let purchases = raw.clean(&Cleaning::default())?.transactions;
    drop(raw);
    let read = started.elapsed().as_secs_f64();
    let periods = purchases.periods(calibration_end, observation_end)?;
    let started = Instant::now();
    let totals = match step.as_str() {
        "summary" => of_summary(&purchases.summary(TimeUnit::Day, Grain::Day, periods.observation_end)?),
        "split" => of_split(&split(&purchases, &periods)?),
        other => return Err(format!("the step is summary or split, not {other:?}").into()),
    };
    let seconds = started.elapsed().as_secs_f64();
    let peak = peak_kib()?;
    println!(
        "{}",
        json!({ "file": from_file, "read": read, "step": seconds, "totals": totals, "peak_kib": peak })
    );
    Ok(())
}

fn split(purchases: &Transactions, periods: &Periods) -> Result<Split, cltv_purchases::DataError> {
    purchases.split(periods, TimeUnit::Day, Grain::Day)
}

/// What other programs' summaries are compared with.
fn of_summary(summary: &RfmSummary) -> Value {
    json!({
        "customers": summary.len(),
        "x": summary.frequency().iter().copied().map(u64::from).sum::<u64>(),
        "t_x": summary.t_x().iter().sum::<f64>(),
        "T": summary.age().iter().sum::<f64>(),
        "mean spend": summary.monetary().unwrap_or_default().iter().sum::<f64>(),
    })
}

fn of_split(split: &Split) -> Value {
    let mut totals = of_summary(&split.calibration);
    totals["holdout purchases"] = split.actual_purchases().into();
    totals["holdout customers"] = split.active_customers().into();
    totals["holdout days"] = split.duration.into();
    totals
}

/// Linux's largest resident memory of this process.
fn peak_kib() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kib.ok_or("/proc/self/status has no VmHWM in kB")?.trim().parse()?)
}
