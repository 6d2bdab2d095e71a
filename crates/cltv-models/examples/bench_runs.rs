//! Fits that nobody tunes, and the coverage of holdout intervals, as sections of BENCHMARKS.md.
//!
//! ```text
//! cargo run --release -p cltv-models --example bench_runs -- fits
//! cargo run --release -p cltv-models --example bench_runs -- coverage [DATA SETS]
//! ```
//! All models start where they start by default and have no penalty. `cargo xtask bench-fits` runs
//! both and keeps what they print.

#[path = "../tests/common/mod.rs"]
mod common;

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use cltv_models::*;
use common::{day_exact_summaries_with_intervals, donations};

const WEEK: TimeUnit = TimeUnit::Week;
/// Models of purchases, and how many simulated data sets each has.
const SETS: u64 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("fits") => print_fits(),
        Some("coverage") => print_coverage(arguments.get(1).map_or(Ok(1000), |sets| sets.parse())?),
        _ => Err("Say fits or coverage.".into()),
    }
}

/// One fit: of what, how it went, and how far it is from the truth where that is known.
struct Run {
    model: &'static str,
    data: String,
    outcome: Result<Outcome, FitError>,
}

struct Outcome {
    customers: usize,
    iterations: u64,
    gradient: f64,
    /// Distances from the truth in standard errors, by log parameters.
    errors: Vec<f64>,
    /// Where the data do not identify the parameters, or hardly.
    audit: audit::Audit,
}

impl Run {
    fn of<M: LikelihoodModel>(
        fit: Result<Fitted<M>, FitError>,
        data: impl Into<String>,
        truth: &[f64],
    ) -> Self {
        let outcome = |fit: Fitted<M>| {
            let errors = fit.log_std_errors().unwrap_or_default();
            let estimates = fit.estimates();
            let known = truth.iter().zip(&estimates).zip(&errors);
            Outcome {
                customers: fit.n_obs(),
                iterations: fit.convergence().iterations,
                gradient: fit.convergence().gradient_norm,
                errors: known.map(|((truth, found), error)| (found / truth).ln() / error).collect(),
                audit: fit.parameters_identified(),
            }
        };
        Self { model: M::NAME, data: data.into(), outcome: fit.map(outcome) }
    }
}

fn print_fits() -> Result<(), Box<dyn Error>> {
    println!(
        "Default starts, no penalty. The gradient is the largest derivative of the mean log-likelihood by a log parameter.\n"
    );
    println!("| data | model | customers | iterations | gradient | parameters |");
    println!("|---|---|---|---|---|---|");
    for Run { model, data, outcome } in real_fits() {
        match outcome {
            Ok(fit) => println!(
                "| {data} | {model} | {} | {} | {:.0e} | {} |",
                fit.customers,
                fit.iterations,
                fit.gradient,
                if fit.audit.level == AuditLevel::Warning {
                    said_first(&fit.audit)
                } else {
                    "identified".to_owned()
                }
            ),
            Err(error) => println!("| {data} | {model} | - | - | - | {error} |"),
        }
    }
    let runs = simulated_fits()?;
    println!(
        "\n{} simulated data sets of 500 to 5,000 customers, parameters drawn over the space of plausible ones. Errors are distances of log parameters from the truth in standard errors, which are standard normal where the theory of large samples holds (95% within 1.96).\n",
        runs.len()
    );
    println!(
        "| model | data sets | converged | identified | largest gradient | most iterations | errors within 1.96 | root mean square of errors |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for runs in runs.chunk_by(|left, right| left.model == right.model) {
        print_model(runs);
    }
    print_exceptions(&runs);
    Ok(())
}

fn print_model(runs: &[Run]) {
    let fits: Vec<&Outcome> = runs.iter().filter_map(|run| run.outcome.as_ref().ok()).collect();
    let known: Vec<&&Outcome> = fits.iter().filter(|fit| fit.audit.level < AuditLevel::Warning).collect();
    let errors: Vec<f64> = known.iter().flat_map(|fit| fit.errors.iter().copied()).collect();
    let n = errors.len() as f64;
    println!(
        "| {} | {} | {} | {} | {:.0e} | {} | {:.0}% | {:.2} |",
        runs[0].model,
        runs.len(),
        fits.len(),
        known.len(),
        fits.iter().map(|fit| fit.gradient).fold(0.0, f64::max),
        fits.iter().map(|fit| fit.iterations).max().unwrap_or(0),
        100.0 * errors.iter().filter(|error| error.abs() <= 1.96).count() as f64 / n,
        (errors.iter().map(|error| error * error).sum::<f64>() / n).sqrt(),
    );
}

fn print_exceptions(runs: &[Run]) {
    println!(
        "\nWhat did not converge or is not identified, and what the audit finds; it goes on: \"so the data do not identify its parameters: do not interpret them, or figures that depend on them alone such as P(alive), and prefer a simpler model\".\n"
    );
    let mut none = true;
    for Run { model, data, outcome } in runs {
        let said = match outcome {
            Err(error) => error.to_string(),
            Ok(fit) if fit.audit.level == AuditLevel::Warning => said_first(&fit.audit),
            Ok(_) => continue,
        };
        println!("- {model} on {data}: {said}");
        none = false;
    }
    if none {
        println!("None.");
    }
}

/// What an audit has found, without the advice that all of them end with.
fn said_first(audit: &audit::Audit) -> String {
    let found = audit.message.split_once(", so").map_or(audit.message.as_str(), |(found, _)| found);
    format!("{}: {found}.", audit.level)
}

/// CDNOW's sample and master, and the donations.
fn real_fits() -> Vec<Run> {
    let mut runs = Vec::new();
    for (name, rfm) in day_exact_summaries_with_intervals() {
        runs.push(Run::of(BgNbd::default().fit(&rfm), name, &[]));
        runs.push(Run::of(MbgNbd::default().fit(&rfm), name, &[]));
        runs.push(Run::of(ParetoNbd::default().fit(&rfm), name, &[]));
        runs.push(Run::of(Nbd::default().fit(&rfm), name, &[]));
        runs.push(Run::of(BgCnbdK::default().fit(&rfm), name, &[]));
        runs.push(Run::of(MbgCnbdK::default().fit(&rfm), name, &[]));
        runs.push(Run::of(GgompertzNbd::default().fit(&rfm), name, &[]));
        runs.push(Run::of(GammaGamma::default().fit(&rfm), name, &[]));
    }
    runs.push(Run::of(BgBb::default().fit(&donations()), "donations", &[]));
    runs
}

/// The random data set that a seed stands for: parameters and customers.
struct World {
    random: Draws,
    seed: u64,
    described: String,
}

impl World {
    fn new(seed: u64) -> Self {
        Self { random: Draws::new(seed), seed, described: String::new() }
    }

    /// A number whose logarithm is uniform.
    fn between(&mut self, name: &str, low: f64, high: f64) -> f64 {
        let value = low * (high / low).powf(self.random.uniform());
        self.described += &format!("{name} {value:.3}, ");
        value
    }

    fn customers(&mut self) -> usize {
        self.between("customers", 500.0, 5000.0) as usize
    }

    /// Ages in weeks: half to two years, the youngest 60% of the oldest.
    fn ages(&mut self) -> Vec<f64> {
        let customers = self.customers();
        let oldest = self.between("weeks", 26.0, 104.0);
        (0..customers).map(|_| oldest * (0.6 + 0.4 * self.random.uniform())).collect()
    }

    /// r and α of purchase rates that are spread, with means of one a fortnight to two a year.
    fn rates(&mut self) -> (f64, f64) {
        let (r, mean) = (self.between("r", 0.2, 3.0), self.between("mean rate", 0.04, 0.5));
        (r, r / mean)
    }

    /// a and b of dropout probabilities with means of 5% to 40% a purchase.
    fn dropout(&mut self) -> (f64, f64) {
        let (mean, both) = (self.between("mean dropout", 0.05, 0.4), self.between("a + b", 1.0, 8.0));
        (mean * both, (1.0 - mean) * both)
    }

    fn data(&self) -> String {
        format!("seed {} ({})", self.seed, self.described.trim_end_matches(", "))
    }
}

/// The summary of one random world with the times between purchases.
fn summary(params: &impl PurchaseParameters, ages: &[f64], seed: u64) -> Result<RfmSummary, InputError> {
    let sums = simulate_purchase_times(params, ages, seed).iter().map(|times| ln_intervals(times)).collect();
    summary_of(params.time_unit(), &simulate_histories(params, ages, seed), None)?.with_ln_intervals(sums)
}

fn simulated_fits() -> Result<Vec<Run>, InputError> {
    let one = [bg_nbd, mbg_nbd, pareto_nbd, nbd, bg_cnbd_k, mbg_cnbd_k, ggompertz_nbd, gamma_gamma, bg_bb];
    let mut runs = Vec::new();
    for (k, one) in one.into_iter().enumerate() {
        for seed in 0..SETS {
            runs.push(one(&mut World::new(1000 * (k as u64 + 1) + seed))?);
        }
    }
    for seed in 0..SETS / 2 {
        runs.push(contracts(&mut World::new(20_000 + seed))?);
    }
    for seed in 0..SETS / 2 {
        runs.push(weibull_contracts(&mut World::new(21_000 + seed))?);
    }
    Ok(runs)
}

fn bg_nbd(world: &mut World) -> Result<Run, InputError> {
    let ((r, alpha), (a, b), ages) = (world.rates(), world.dropout(), world.ages());
    let rfm = summary(&BgNbdParams::new(r, alpha, a, b, WEEK)?, &ages, world.seed)?;
    Ok(Run::of(BgNbd::default().fit(&rfm), world.data(), &[r, alpha, a, b]))
}

fn mbg_nbd(world: &mut World) -> Result<Run, InputError> {
    let ((r, alpha), (a, b), ages) = (world.rates(), world.dropout(), world.ages());
    let rfm = summary(&MbgNbdParams::new(r, alpha, a, b, WEEK)?, &ages, world.seed)?;
    Ok(Run::of(MbgNbd::default().fit(&rfm), world.data(), &[r, alpha, a, b]))
}

fn pareto_nbd(world: &mut World) -> Result<Run, InputError> {
    let ((r, alpha), s, ages) = (world.rates(), world.between("s", 0.3, 3.0), world.ages());
    let beta = s * world.between("β / s", 10.0, 100.0);
    let rfm = summary(&ParetoNbdParams::new(r, alpha, s, beta, WEEK)?, &ages, world.seed)?;
    Ok(Run::of(ParetoNbd::default().fit(&rfm), world.data(), &[r, alpha, s, beta]))
}

fn nbd(world: &mut World) -> Result<Run, InputError> {
    let ((r, alpha), ages) = (world.rates(), world.ages());
    let rfm = summary(&NbdParams::new(r, alpha, WEEK)?, &ages, world.seed)?;
    Ok(Run::of(Nbd::default().fit(&rfm), world.data(), &[r, alpha]))
}

fn bg_cnbd_k(world: &mut World) -> Result<Run, InputError> {
    let (k, (r, alpha), (a, b), ages) = (order(world), world.rates(), world.dropout(), world.ages());
    let params = CnbdKParams::bg(k, r, alpha / f64::from(k), a, b, WEEK)?;
    let fit = BgCnbdK::default().fit(&summary(&params, &ages, world.seed)?);
    Ok(Run::of(fit, world.data(), &[r, alpha / f64::from(k), a, b]))
}

fn mbg_cnbd_k(world: &mut World) -> Result<Run, InputError> {
    let (k, (r, alpha), (a, b), ages) = (order(world), world.rates(), world.dropout(), world.ages());
    let params = CnbdKParams::mbg(k, r, alpha / f64::from(k), a, b, WEEK)?;
    let fit = MbgCnbdK::default().fit(&summary(&params, &ages, world.seed)?);
    Ok(Run::of(fit, world.data(), &[r, alpha / f64::from(k), a, b]))
}

/// The order of regular purchases, 2 to 4.
fn order(world: &mut World) -> u32 {
    world.between("k", 2.0, 5.0) as u32
}

fn ggompertz_nbd(world: &mut World) -> Result<Run, InputError> {
    let ((r, alpha), b, s) = (world.rates(), world.between("b", 0.02, 0.1), world.between("s", 0.3, 2.0));
    let (beta, ages) = (world.between("β", 0.3, 5.0), world.ages());
    let rfm = summary(&GgompertzNbdParams::new(r, alpha, b, s, beta, WEEK)?, &ages, world.seed)?;
    Ok(Run::of(GgompertzNbd::default().fit(&rfm), world.data(), &[r, alpha, b, s, beta]))
}

fn gamma_gamma(world: &mut World) -> Result<Run, InputError> {
    let (p, q) = (world.between("p", 1.0, 10.0), world.between("q", 1.5, 8.0));
    let (v, mean, customers) =
        (world.between("v", 5.0, 50.0), world.between("mean purchases", 1.0, 5.0), world.customers());
    let x: Vec<u64> = (0..customers).map(|_| (mean * world.random.exponential()) as u64).collect();
    let histories: Vec<History> =
        x.iter().map(|&x| History { x, t_x: if x > 0 { 1.0 } else { 0.0 }, T: 2.0 }).collect();
    let spend = simulate_spend(&GammaGammaParams::new(p, q, v)?, &x, world.seed);
    let rfm = summary_of(TimeUnit::Year, &histories, Some(spend))?;
    Ok(Run::of(GammaGamma::default().fit(&rfm), world.data(), &[p, q, v]))
}

fn bg_bb(world: &mut World) -> Result<Run, InputError> {
    let (mean, both) = (world.between("mean p", 0.1, 0.7), world.between("α + β", 0.8, 6.0));
    let (gone, dropping) = (world.between("mean θ", 0.05, 0.4), world.between("γ + δ", 0.8, 6.0));
    let truth = [mean * both, (1.0 - mean) * both, gone * dropping, (1.0 - gone) * dropping];
    let opportunities = world.between("opportunities", 5.0, 15.0) as u64;
    let customers = world.customers();
    let params = BgBbParams::new(truth[0], truth[1], truth[2], truth[3], TimeUnit::Year)?;
    let histories = params.simulate(&vec![opportunities; customers], world.seed);
    let data = OpportunitySummary::try_new(TimeUnit::Year, histories)?;
    Ok(Run::of(BgBb::default().fit(&data), world.data(), &truth))
}

/// Two cohorts of contracts that may end each month.
fn cohorts(params: &impl RetentionPredictions, world: &mut World) -> Result<ContractCohorts, InputError> {
    let (customers, months) = (world.customers() as u64, world.between("months", 6.0, 24.0) as u32);
    let cohort = |name, periods, seed| params.simulate_cohort(name, customers, periods, seed);
    let cohorts = vec![cohort("older", months, world.seed), cohort("younger", months / 2, world.seed + 500)];
    ContractCohorts::try_new(TimeUnit::Month, cohorts)
}

fn contracts(world: &mut World) -> Result<Run, InputError> {
    let (alpha, beta) = (world.between("α", 0.4, 3.0), world.between("β", 1.0, 8.0));
    let data = cohorts(&ShiftedBetaGeometricParams::new(alpha, beta, TimeUnit::Month)?, world)?;
    Ok(Run::of(ShiftedBetaGeometric::default().fit(&data), world.data(), &[alpha, beta]))
}

fn weibull_contracts(world: &mut World) -> Result<Run, InputError> {
    let (alpha, beta) = (world.between("α", 0.4, 3.0), world.between("β", 1.0, 8.0));
    let c = world.between("c", 0.7, 1.6);
    let data = cohorts(&BetaDiscreteWeibullParams::new(alpha, beta, c, TimeUnit::Month)?, world)?;
    Ok(Run::of(BetaDiscreteWeibull::default().fit(&data), world.data(), &[alpha, beta, c]))
}

/// What became of one simulated holdout.
#[derive(Default, Clone, Copy)]
struct Held {
    fitted: bool,
    /// Whether the audit of its parameters is no warning.
    identified: bool,
    covered: bool,
    below: bool,
    /// Its standard deviation that the customers' own chance makes, and all of it.
    deviations: [f64; 2],
    /// Distance from the expectation in standard deviations.
    off: f64,
}

fn print_coverage(sets: u64) -> Result<(), Box<dyn Error>> {
    println!(
        "95% intervals of the purchases of 2,357 customers, as many as in CDNOW's sample, in a holdout of 39 weeks after 27 to 39 weeks, in {sets} simulated data sets a model. The interval holds the uncertainty of the fitted parameters (200 draws) and the chance of the customers' own purchases.\n"
    );
    println!(
        "| model | true parameters | fitted | identified | covered | below the interval | above | mean share of variance that is the parameters' | root mean square of distances in standard deviations |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let bg = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, WEEK)?;
    cover(BgNbd::default().into(), &bg, sets);
    cover(BgNbd::default().into(), &BgNbdParams::new(0.9, 9.0, 0.6, 2.8, WEEK)?, sets);
    cover(MbgNbd::default().into(), &MbgNbdParams::new(0.525, 6.183, 0.891, 1.614, WEEK)?, sets);
    cover(ParetoNbd::default().into(), &ParetoNbdParams::new(0.553, 10.578, 0.606, 11.669, WEEK)?, sets);
    Ok(())
}

fn cover<P: PurchaseParameters + std::fmt::Display>(model: PurchaseModel, truth: &P, sets: u64) {
    let next = AtomicU64::new(0);
    let work = || {
        let mut held = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= sets {
                return held;
            }
            held.push(holdout(model, truth, seed).unwrap_or_default());
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let held: Vec<Held> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    let fitted: Vec<&Held> = held.iter().filter(|held| held.fitted).collect();
    let n = fitted.len() as f64;
    let share = |one: &dyn Fn(&Held) -> bool| fitted.iter().filter(|held| one(held)).count() as f64 / n;
    let mean = |one: &dyn Fn(&Held) -> f64| fitted.iter().map(|held| one(held)).sum::<f64>() / n;
    println!(
        "| {} | {truth} | {} | {} | {:.1}% | {:.1}% | {:.1}% | {:.2} | {:.2} |",
        model.name(),
        fitted.len(),
        fitted.iter().filter(|held| held.identified).count(),
        100.0 * share(&|held| held.covered),
        100.0 * share(&|held| held.below),
        100.0 * share(&|held| !held.covered && !held.below),
        mean(&|held| 1.0 - (held.deviations[0] / held.deviations[1]).powi(2)),
        mean(&|held| held.off * held.off).sqrt(),
    );
}

/// Simulates one calibration and holdout, fits, and sees whether the interval holds what happened.
fn holdout<P: PurchaseParameters>(
    model: PurchaseModel,
    truth: &P,
    seed: u64,
) -> Result<Held, Box<dyn Error>> {
    let mut random = Draws::new(seed ^ 0x4167_6573);
    let ages: Vec<f64> = (0..2357).map(|_| 27.0 + 12.0 * random.uniform()).collect();
    let split = simulate_split(truth, &ages, 39.0, seed)?;
    let mut comparison = compare(&[model], &split, &DrawPlan::default())?;
    let figures = comparison.rows.remove(0).result?;
    let total = figures.total;
    Ok(Held {
        fitted: true,
        identified: figures.audits[0].level < AuditLevel::Warning,
        covered: total.covers(),
        below: (total.actual as f64) < total.low,
        deviations: [total.chance, total.standard_deviation],
        off: (total.actual as f64 - total.expected) / total.standard_deviation,
    })
}
