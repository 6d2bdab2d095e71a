//! Times the posterior of the BG/NBD: 4 chains of 1,000 draws after 1,000 of tuning, under the default
//! priors of pymc-marketing.
//!
//! ```text
//! cargo run --release -p cltv-models --example nuts -- FILE.csv
//! ```
//! The file has columns frequency, recency, T and monetary_value, in weeks. The summary goes to
//! stderr, the figures that `cargo xtask bench-models` asks for are the last line of stdout.

mod csv;

use std::error::Error;
use std::time::Instant;

use cltv_models::{BgNbd, Priors, Sampling};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let rfm = csv::read(&std::env::args().nth(1).ok_or("Name a csv file.")?)?;
    let priors = Priors::of_pymc_marketing("BG/NBD").ok_or("BG/NBD has no priors")?;
    let sampling = Sampling::default().chains(4).draws(1000).tune(1000).seed(7).priors(priors);
    let start = Instant::now();
    let posterior = sampling.sample(&BgNbd::default(), &rfm)?;
    let seconds = start.elapsed().as_secs_f64();
    let summary = posterior.summary();
    eprintln!("{summary}");
    let means = ["r", "alpha", "a", "b"].map(|name| summary.row(name).map(|row| row.mean));
    let figures = json!({
        "seconds": seconds,
        "r_hat": summary.worst_r_hat(),
        "ess": summary.smallest_ess(),
        "divergences": summary.divergences,
        "means": means,
    });
    println!("{figures}");
    Ok(())
}
