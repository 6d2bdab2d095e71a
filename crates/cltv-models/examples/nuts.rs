//! Times the posterior of the BG/NBD on CDNOW: 4 chains of 1,000 draws after 1,000 of tuning.
//!
//! `cargo run --release -p cltv-models --example nuts` uses the 2-decimal summary and the default
//! priors of pymc-marketing; with a number of customers after `--`, simulated ones of 27 to 39 weeks.

use std::error::Error;
use std::time::Instant;

use cltv_models::{
    BgNbd, BgNbdParams, Grain, Priors, RfmSummary, Sampling, TimeUnit, simulate_histories, summary_of,
};

const CDNOW: &str = include_str!("../tests/golden/cdnow_customers_summary_with_transactions.csv");

fn main() -> Result<(), Box<dyn Error>> {
    let rfm = match std::env::args().nth(1) {
        Some(customers) => simulated(customers.parse()?)?,
        None => cdnow()?,
    };
    let priors = Priors::of_pymc_marketing("BG/NBD").ok_or("BG/NBD has no priors")?;
    let sampling = Sampling::default().chains(4).draws(1000).tune(1000).seed(7).priors(priors);
    let start = Instant::now();
    let posterior = sampling.sample(&BgNbd::default(), &rfm)?;
    let seconds = start.elapsed().as_secs_f64();
    let summary = posterior.summary();
    println!("{summary}");
    println!(
        "{} customers: {seconds:.2} s, R-hat {:.4}, smallest ESS {:.0} ({:.0} a second), {} divergences",
        rfm.len(),
        summary.worst_r_hat(),
        summary.smallest_ess(),
        summary.smallest_ess() / seconds,
        summary.divergences
    );
    Ok(())
}

fn cdnow() -> Result<RfmSummary, Box<dyn Error>> {
    let (mut ids, mut x, mut t_x, mut age) = (vec![], vec![], vec![], vec![]);
    for line in CDNOW.lines().skip(1) {
        let fields: Vec<&str> = line.trim().split(',').collect();
        ids.push(fields[0].to_owned());
        x.push(fields[1].parse()?);
        t_x.push(fields[2].parse()?);
        age.push(fields[3].parse()?);
    }
    Ok(RfmSummary::try_new(TimeUnit::Week, Grain::Day, ids, x, t_x, age, None)?)
}

/// Customers with CDNOW's parameters, whose times are whole days as in the benchmarks.
fn simulated(customers: usize) -> Result<RfmSummary, Box<dyn Error>> {
    let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
    let ages: Vec<f64> = (0..customers).map(|k| (189 + k % 85) as f64 / 7.0).collect();
    let mut histories = simulate_histories(&params, &ages, 42);
    for history in &mut histories {
        history.t_x = ((history.t_x * 7.0).ceil() / 7.0).min(history.T);
    }
    Ok(summary_of(TimeUnit::Week, &histories, None)?)
}
