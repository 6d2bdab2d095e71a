//! Seconds and memory of each step of the executive summary: `bench_steps FILE`.
//!
//! Each line has the step, its seconds, the memory that is in use after it, and the most that was in use during it.

use std::fs;
use std::time::Instant;

use cltv_models::ValuePlan;
use cltv_workflow::{
    Input, TierRules, audit, check_holdout, choose_model, earlier_forecasts, executive_summary, fit_models,
    load, score, segment, segment_table,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file =
        std::env::args().nth(1).ok_or("give a file of purchases, as in: bench_steps purchases.parquet")?;
    println!("{:<18} {:>8} {:>10} {:>10}", "step", "seconds", "after, MB", "peak, MB");
    let data = step("load", || load(&Input::new(&file)))?;
    let split = step("split", || data.split("week", "day"))?;
    let model = step("choose_model", || choose_model(&data, &split, "bg_nbd"))?;
    let fit = step("fit calibration", || model.fit(&split.calibration))?;
    let holdout = step("check_holdout", || check_holdout(&split, &fit))?;
    let history = step("summary", || data.summary("week", "day"))?;
    let models = step("fit_models", || fit_models(&history, &model))?;
    let audits = step("audit", || audit(&data, &split, &fit, &models))?;
    drop(split);
    let plan = ValuePlan::new(6, 0.1, 1.0)?;
    let scores = step("score", || score(&history, &models, &plan))?;
    let earlier = step("earlier_forecasts", || earlier_forecasts(&data, &model, "week", "day", 6))?;
    let rfm = step("rfm", || data.rfm("day", &segment_table("")?))?;
    let customers = step("segment", || segment(&scores, &rfm, &TierRules::default()))?;
    step("tiers", || customers.tiers().map(drop))?;
    step("executive_summary", || {
        Ok::<_, std::convert::Infallible>(executive_summary(
            &data, &customers, &holdout, &earlier, &audits, "$",
        ))
    })?;
    Ok(())
}

fn step<T, E>(name: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    // Linux begins to count the peak anew; elsewhere the figures are 0.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let started = Instant::now();
    let done = work()?;
    println!(
        "{name:<18} {:>8.1} {:>10.0} {:>10.0}",
        started.elapsed().as_secs_f64(),
        megabytes("VmRSS:"),
        megabytes("VmHWM:")
    );
    Ok(done)
}

/// A line of the process's state in MB.
fn megabytes(name: &str) -> f64 {
    let state = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes =
        state.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    kilobytes.unwrap_or(0.0) * 1024.0 / 1e6
}
