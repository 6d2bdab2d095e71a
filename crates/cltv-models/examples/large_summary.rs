//! Time and peak memory of fits, values and intervals on a large simulated summary.
//!
//! ```text
//! cargo run --release -p cltv-models --example large_summary -- [CUSTOMERS] [MODEL] [DRAWS]
//! ```
//! Customers are simulated from a BG/NBD and a Gamma-Gamma over two years, with times in whole days,
//! as purchases merged by day have them. Each line says a step, its seconds, and the largest resident
//! memory during it.

use std::error::Error;
use std::time::Instant;

use cltv_models::{
    BgNbdParams, CustomerIds, DrawPlan, GammaGamma, GammaGammaParams, Grain, Predictive, PurchaseModel,
    PurchasePredictions, RfmSummary, TimeUnit, ValuePlan, lifetime_value, lifetime_value_intervals,
    simulate_histories, simulate_spend,
};

/// Customers that are simulated at a time.
const BLOCK: usize = 100_000;
/// Days from the first to the last observed day.
const DAYS: usize = 730;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let customers: usize = arguments.next().map_or(Ok(5_000_000), |text| text.parse())?;
    let model: PurchaseModel = arguments.next().as_deref().unwrap_or("bg_nbd").parse()?;
    let count: usize = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let rfm = step("simulate", || summary(customers))?;
    println!("{rfm}");
    let purchases = step("fit purchases", || model.fit(&rfm))?;
    println!("{} distinct histories; {}", purchases.distinct_rows(), purchases.convergence());
    let spend = step("fit spend", || GammaGamma::default().fit(&rfm))?;
    println!("{} distinct rows; {}", spend.distinct_rows(), spend.convergence());
    let alive = step("P(alive)", || purchases.p_alive_all(&rfm))?;
    println!("{:.0} customers alive", alive.iter().sum::<f64>());
    drop(alive);
    let plan = ValuePlan::new(12, 0.10, 0.3)?;
    let values = step("values", || lifetime_value(&purchases, &spend, &rfm, &plan))?;
    println!("value {:.0}", values.total());
    drop(values);
    let draws = DrawPlan { count, ..DrawPlan::default() };
    let intervals = step("intervals", || lifetime_value_intervals(&purchases, &spend, &rfm, &plan, &draws))?;
    println!(
        "value {:.0}, {:.0} to {:.0}",
        intervals.total.estimate, intervals.total.low, intervals.total.high
    );
    let predictive = step("draws", || Predictive::over(&purchases, &draws))?;
    let horizon = purchases.unit().from_months(f64::from(plan.horizon_months));
    let money = step("distributions", || predictive.money(&spend.params(), &rfm, horizon))?;
    let (_, most) =
        step("of purchases", || Ok::<_, std::convert::Infallible>(money.counts().intervals(draws.level)))?;
    let (_, high) = step("of money", || money.intervals(draws.level))?;
    println!(
        "{} purchases, {:.0} of money at most, summed over customers",
        most.iter().sum::<u64>(),
        high.iter().sum::<f64>()
    );
    let total = step("total", || predictive.total(&rfm, horizon, draws.level))?;
    println!("{:.0} purchases, {:.0} to {:.0}", total.expected, total.low, total.high);
    Ok(())
}

/// Runs a step and prints its time and the largest resident memory during it.
fn step<T, E>(name: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    // 5 resets the peak; where that is not allowed, peaks are those of the process so far.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (before, begin) = (memory("VmRSS"), Instant::now());
    let result = work();
    println!(
        "{name:<14} {:>8.2} s, {:>7.0} MB before, {:>7.0} MB at its peak",
        begin.elapsed().as_secs_f64(),
        before,
        memory("VmHWM")
    );
    result
}

/// A line of the process's status, in MB.
fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find(|text| text.starts_with(line));
    let kib = found.and_then(|text| text.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1024.0
}

fn summary(customers: usize) -> Result<RfmSummary, Box<dyn Error>> {
    let purchases = BgNbdParams::new(0.25, 4.5, 0.8, 2.4, TimeUnit::Week)?;
    let spend = GammaGammaParams::new(6.25, 3.74, 15.44)?;
    let (mut x, mut t_x) = (Vec::with_capacity(customers), Vec::with_capacity(customers));
    let (mut age, mut monetary) = (Vec::with_capacity(customers), Vec::with_capacity(customers));
    for first in (0..customers).step_by(BLOCK) {
        let block = first..(first + BLOCK).min(customers);
        let ages: Vec<f64> = block.clone().map(|i| (1 + i * 7919 % DAYS) as f64 / 7.0).collect();
        let histories = simulate_histories(&purchases, &ages, first as u64);
        let counts: Vec<u64> = histories.iter().map(|history| history.x).collect();
        // Amounts in cents.
        let amounts = simulate_spend(&spend, &counts, first as u64);
        monetary.extend(amounts.iter().map(|amount| (100.0 * amount).ceil() / 100.0));
        x.extend(counts.iter().map(|&count| count as u32));
        t_x.extend(histories.iter().map(|history| ((7.0 * history.t_x).ceil() / 7.0).min(history.T)));
        age.extend(ages);
    }
    let ids: CustomerIds = (0..customers).map(|i| format!("C{i:09}")).collect();
    Ok(RfmSummary::try_new(TimeUnit::Week, Grain::Day, ids, x, t_x, age, Some(monetary))?)
}
