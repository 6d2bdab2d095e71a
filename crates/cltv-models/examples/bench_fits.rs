//! Times of fits and predictions on a csv of summaries; `cargo xtask bench-models` runs it beside
//! its peers.
//!
//! ```text
//! cargo run --release -p cltv-models --example bench_fits -- FILE.csv [REPEATS]
//! ```
//! Every fit starts from a summary whose distinct histories have not been found yet; predictions use
//! those that a fit has found.
//! The file has columns frequency, recency, T and monetary_value, in weeks.

mod csv;

use std::borrow::Cow;
use std::error::Error;
use std::time::Instant;

use cltv_models::{
    BgNbd, Fitted, GammaGamma, LikelihoodModel, MbgNbd, ParetoNbd, TimeUnit, ValuePlan, lifetime_value,
};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("Name a csv file.")?;
    let repeats: usize = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let rfm = csv::read(&file)?;
    // A converted summary has its distinct histories still to find; without repeats there is no copy, so that
    // the memory is that of the work alone.
    let fresh = || match repeats {
        0 => Cow::Borrowed(&rfm),
        _ => Cow::Owned(rfm.to_unit(TimeUnit::Week)),
    };
    let same = || &rfm;
    let mut out = serde_json::Map::new();
    let bg = timed(&mut out, "bg_nbd", repeats, fresh, |rfm| BgNbd::default().fit(&rfm))?;
    let gg = timed(&mut out, "gamma_gamma", repeats, fresh, |rfm| GammaGamma::default().fit(&rfm))?;
    let mbg = timed(&mut out, "mbg_nbd", repeats, fresh, |rfm| MbgNbd::default().fit(&rfm))?;
    let pareto = timed(&mut out, "pareto_nbd", repeats, fresh, |rfm| ParetoNbd::default().fit(&rfm))?;
    let plan = ValuePlan::new(12, 0.10, 1.0)?;
    // Results are dropped once they are summed, as those of the peers are.
    let clv = timed(&mut out, "clv", repeats, same, |rfm| lifetime_value(&bg, &gg, rfm, &plan))?;
    out.insert("clv_sum".into(), json!(clv.total()));
    drop(clv);
    let expected =
        timed(&mut out, "expected_purchases", repeats, same, |rfm| bg.expected_purchases_all(rfm, 52.0))?;
    out.insert("expected_sum".into(), json!(expected.iter().sum::<f64>()));
    drop(expected);
    let alive = timed(&mut out, "p_alive", repeats, same, |rfm| bg.p_alive_all(rfm))?;
    out.insert("alive_sum".into(), json!(alive.iter().sum::<f64>()));
    let fits = json!({
        "bg_nbd": described(&bg),
        "gamma_gamma": described(&gg),
        "mbg_nbd": described(&mbg),
        "pareto_nbd": described(&pareto),
    });
    out.insert("fits".into(), fits);
    out.insert("rows".into(), json!(rfm.len()));
    out.insert("peak_kib".into(), json!(peak_kib()));
    println!("{}", Value::Object(out));
    Ok(())
}

fn described<M: LikelihoodModel>(fit: &Fitted<M>) -> Value {
    json!({
        "estimates": fit.estimates(),
        "log_likelihood": fit.log_likelihood(),
        "iterations": fit.convergence().iterations,
        "gradient_norm": fit.convergence().gradient_norm,
        "distinct_rows": fit.distinct_rows(),
    })
}

/// Runs a step several times, after once to warm up, and keeps its fastest and its median time.
fn timed<D, T, E>(
    out: &mut serde_json::Map<String, Value>,
    name: &str,
    repeats: usize,
    data: impl Fn() -> D,
    step: impl Fn(D) -> Result<T, E>,
) -> Result<T, E> {
    let mut seconds = Vec::with_capacity(repeats);
    let mut result = None;
    for _ in 0..=repeats {
        drop(result.take());
        let data = data();
        let begin = Instant::now();
        result = Some(step(data)?);
        seconds.push(begin.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    out.insert(name.to_owned(), json!({ "fastest": seconds[0], "median": seconds[seconds.len() / 2] }));
    match result {
        Some(result) => Ok(result),
        None => step(data()),
    }
}

/// The largest resident memory of this process so far.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
