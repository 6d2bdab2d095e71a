//! Posteriors by NUTS against pymc-marketing, against integrals over a grid, and against fits.

mod common;

use std::sync::Mutex;

use cltv_models::*;
use common::*;

/// Monte Carlo errors of both sides that two means may be apart.
const APART: f64 = 4.0;

fn short() -> Sampling {
    Sampling::default().draws(500).tune(500)
}

/// Compares means with those of a table of pymc-marketing, and spreads to 15%.
fn check_against(summary: &PosteriorSummary, golden: &serde_json::Value, names: &[(&str, &str)]) {
    println!("{summary}");
    assert!(summary.warnings().is_empty(), "{:?}", summary.warnings());
    for (ours, theirs) in names {
        let (row, golden) = (summary.row(ours).expect("a row"), &golden[theirs]);
        let error = row.diagnostics.mcse_mean.hypot(number(&golden["mcse_mean"]));
        let apart = (row.mean - number(&golden["mean"])).abs();
        assert!(apart < APART * error, "{ours}: {} is {apart:.2e} away, error {error:.2e}", row.mean);
        close(&format!("sd of {ours}"), row.sd, number(&golden["sd"]), 0.15);
    }
}

#[test]
fn bg_nbd_of_cdnow_under_the_priors_of_pymc_marketing() {
    let golden = &pymc()["BetaGeoModel_cdnow_MCMC_2x1000_seed42"]["summary"];
    let sampling = short().priors(Priors::of_pymc_marketing("BG/NBD").expect("known"));
    let posterior = sampling.sample(&BgNbd::default(), &two_decimal_summary()).expect("a posterior");
    let names = ["r", "alpha", "a", "b", "phi_dropout", "kappa_dropout"].map(|name| (name, name));
    check_against(&posterior.summary(), golden, &names);
    assert_eq!(posterior.summary().divergences, 0);
    // Turned and stretched, the posterior is nearly standard normal: few steps, draws worth their number.
    assert!(posterior.summary().steps < 12.0 && posterior.summary().smallest_ess() > 700.0);
}

#[test]
fn shifted_beta_geometric_under_the_priors_of_pymc_marketing() {
    let all = &pymc()["ShiftedBetaGeoModel"];
    let golden = &all["MCMC default priors, 2x2000 draws, seed 42"]["summary"];
    // Their cohorts have priors and parameters of their own, so that each has this posterior.
    for cohort in ["regular", "highend"] {
        let alive: Vec<u64> = numbers(&all["survivors"][cohort]).iter().map(|n| *n as u64).collect();
        let data =
            ContractCohorts::try_new(TimeUnit::Year, vec![Cohort::new(cohort, &alive)]).expect("counts");
        let sampling = short().priors(Priors::of_pymc_marketing("shifted beta-geometric").expect("known"));
        let posterior = sampling.sample(&ShiftedBetaGeometric::default(), &data).expect("a posterior");
        let names = ["alpha", "beta", "phi", "kappa"].map(|name| (name, format!("{name}[{cohort}]")));
        let names: Vec<(&str, &str)> = names.iter().map(|(name, theirs)| (*name, theirs.as_str())).collect();
        check_against(&posterior.summary(), golden, &names);
    }
}

#[test]
fn the_priors_of_pymc_marketing_are_those_it_lists() {
    let priors = pymc()["default_priors"].clone();
    for (model, theirs) in
        [("BG/NBD", "BetaGeoModel"), ("Pareto/NBD", "ParetoNBDModel"), ("Gamma-Gamma", "GammaGammaModel")]
    {
        for statement in Priors::of_pymc_marketing(model).expect("known").statements() {
            let quantities = match statement {
                PriorStatement::Parameter { parameter, prior } => vec![(parameter, prior)],
                PriorStatement::BetaShapes { mean, size, .. } => vec![mean, size],
                other => panic!("{other:?}"),
            };
            for (name, prior) in quantities {
                // Prior("Weibull", alpha=2, beta=10) and Weibull(alpha = 2, beta = 10).
                let text = prior.to_string().replace(" = ", "=").replacen('(', "\", ", 1);
                assert_eq!(priors[theirs][&name], format!("Prior(\"{text}"), "{model} {name}");
            }
        }
    }
}

/// Posterior means of r and alpha of an NBD under log-normal priors, by the trapezoid rule.
fn nbd_by_grid(rfm: &RfmSummary, prior: impl Fn(f64, f64) -> f64) -> [f64; 2] {
    let histories = rfm.histories();
    let steps = 120;
    let mut points = vec![];
    for i in 0..=steps {
        for j in 0..=steps {
            let at = |k: i32, low: f64, high: f64| low + (high - low) * f64::from(k) / f64::from(steps);
            let (r, alpha) = (at(i, -2.5, 3.5).exp(), at(j, -0.5, 6.5).exp());
            let params = NbdParams::new(r, alpha, TimeUnit::Week).expect("positive");
            let likelihood: f64 = histories.iter().map(|h| params.history_log_likelihood(*h)).sum();
            // The density of the logarithms is that of the parameters times both.
            points.push((likelihood + prior(r, alpha) + (r * alpha).ln(), r, alpha));
        }
    }
    let highest = points.iter().map(|point| point.0).fold(f64::NEG_INFINITY, f64::max);
    let mass: f64 = points.iter().map(|point| (point.0 - highest).exp()).sum();
    let mean = |of: fn(&(f64, f64, f64)) -> f64| {
        points.iter().map(|point| (point.0 - highest).exp() * of(point)).sum::<f64>() / mass
    };
    [mean(|point| point.1), mean(|point| point.2)]
}

#[test]
fn nbd_of_few_customers_is_the_integral_over_a_grid() {
    let truth = NbdParams::new(0.9, 6.0, TimeUnit::Week).expect("positive");
    let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[26.0; 25], 3), None).expect("good");
    let (of_r, of_alpha) = (Prior::Gamma { alpha: 2.0, beta: 1.5 }, Prior::LogNormal { mu: 2.0, sigma: 0.8 });
    let exact = nbd_by_grid(&rfm, |r, alpha| of_r.ln_density(r) + of_alpha.ln_density(alpha));
    let priors = Priors::default().of("r", of_r).of("alpha", of_alpha);
    let posterior = short().draws(2000).priors(priors).sample(&Nbd::default(), &rfm).expect("a posterior");
    println!("{posterior}");
    for (name, exact) in ["r", "alpha"].iter().zip(exact) {
        let row = posterior.summary().row(name).expect("a row");
        let apart = (row.mean - exact).abs() / row.diagnostics.mcse_mean;
        assert!(apart < APART, "{name}: {}, not {exact}, {apart:.1} errors", row.mean);
    }
}

#[test]
fn many_customers_make_any_model_s_posterior_its_normal_approximation() {
    let purchases = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week).expect("positive");
    let histories = simulate_histories(&purchases, &[52.0; 1500], 7);
    let spend = GammaGammaParams::new(6.0, 4.0, 15.0).expect("positive");
    let repeats: Vec<u64> = histories.iter().map(|h| h.x).collect();
    let rfm =
        summary_of(TimeUnit::Week, &histories, Some(simulate_spend(&spend, &repeats, 7))).expect("good");
    let few = Sampling::default().chains(2).draws(400).tune(300);
    agrees(&few, &GammaGamma::default(), &rfm);
    agrees(&few, &MbgNbd::default(), &rfm);
    agrees(&few, &BgCnbdK::default().k(1), &rfm);
    agrees(&few, &BgBb::default(), &donations());
}

/// The posterior under weak priors lies where the fit and its covariance say.
fn agrees<M>(sampling: &Sampling, model: &M, data: &M::Data)
where
    M: LikelihoodModel + Sync,
    M::Row: Sync,
{
    let fit = fit::fit(model, data).expect("a fit");
    let posterior = sampling.sample(model, data).expect("a posterior");
    println!("{posterior}");
    let errors = fit.log_std_errors().expect("identified");
    for ((name, estimate), error) in fit.parameter_names().iter().zip(fit.estimates()).zip(errors) {
        let logs: Vec<f64> =
            posterior.chains_of(name).expect("draws").concat().iter().map(|x| x.ln()).collect();
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let sd = (logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / logs.len() as f64).sqrt();
        assert!((mean - estimate.ln()).abs() < 0.5 * error, "{name}: {mean}, not {}", estimate.ln());
        assert!((sd / error - 1.0).abs() < 0.25, "{name}: sd {sd}, not {error}");
    }
    assert!(posterior.summary().worst_r_hat() < 1.03, "{posterior}");
}

#[test]
fn the_same_seed_gives_the_same_draws_and_progress_is_heard_of_all() {
    let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week).expect("positive");
    let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 200], 7), None).expect("good");
    let sampling = Sampling::default().chains(3).draws(60).tune(60);
    let heard = Mutex::new(vec![]);
    let hear = |done: usize, all: usize| heard.lock().expect("no panic").push((done, all));
    let first = sampling.sample_with_progress(&BgNbd::default(), &rfm, &hear).expect("a posterior");
    let mut heard = heard.into_inner().expect("no panic");
    heard.sort_unstable();
    assert_eq!(heard, (1..=360).map(|done| (done, 360)).collect::<Vec<_>>());
    assert_eq!(first, sampling.sample(&BgNbd::default(), &rfm).expect("a posterior"));
    let other = sampling.clone().seed(2).sample(&BgNbd::default(), &rfm).expect("a posterior");
    assert_ne!(first.draws(), other.draws());
    // One chain is the same whatever runs beside it, and chains differ.
    let alone = sampling.clone().chains(1).sample(&BgNbd::default(), &rfm).expect("a posterior");
    let chains = first.chains_of("r").expect("draws");
    assert_eq!(alone.chains_of("r").expect("draws")[0], chains[0]);
    assert_ne!(chains[0], chains[1]);
    // Short chains say that they are.
    assert!(first.to_string().contains("fewer than 400"), "{first}");
}

#[test]
fn values_have_credible_intervals_of_purchases_and_spend_together() {
    let rfm = two_decimal_summary();
    let (bg, gg) = (BgNbd::default(), GammaGamma::default());
    let sampling = Sampling::default().chains(2).draws(300).tune(200);
    let purchases = sampling.sample(&bg, &rfm).expect("a posterior");
    let spend = sampling.sample(&gg, &rfm).expect("a posterior");
    let (bg_fit, gg_fit) = (bg.fit(&rfm).expect("a fit"), gg.fit(&rfm).expect("a fit"));
    let value = ValuePlan::new(12, 0.10, 0.3).expect("a plan");
    let plan = DrawPlan { count: 100, ..DrawPlan::default() };
    // Some of the customers are enough to score.
    let every: Vec<usize> = (0..rfm.len()).step_by(12).collect();
    let histories: Vec<History> = every.iter().map(|i| rfm.history(*i)).collect();
    let amounts = rfm.monetary().expect("amounts");
    let amounts = every.iter().map(|i| amounts[*i]).collect();
    let rfm = summary_of(TimeUnit::Week, &histories, Some(amounts)).expect("good");
    let total = |intervals: ValueIntervals| intervals.total;
    let both = total(lifetime_value_intervals(&purchases, &spend, &rfm, &value, &plan).expect("values"));
    let normal = total(lifetime_value_intervals(&bg_fit, &gg_fit, &rfm, &value, &plan).expect("values"));
    close("total", both.estimate, normal.estimate, 0.03);
    close("width", both.high - both.low, normal.high - normal.low, 0.35);
    // A fit and a posterior go together, too; spend alone is less uncertain than both.
    let fixed = gg_fit.expected_spend(0, 0.0);
    let amount = spend.with_interval(&plan, |params| params.expected_spend(0, 0.0)).expect("an interval");
    assert!(amount.low < fixed && fixed < amount.high && amount.low < amount.estimate);
    let mixed = total(lifetime_value_intervals(&bg_fit, &spend, &rfm, &value, &plan).expect("values"));
    assert!(mixed.low < both.estimate && both.estimate < mixed.high);
}

#[test]
fn predictive_checks_pass_for_the_true_model_and_fail_for_a_wrong_one() {
    let truth = BgNbdParams::new(1.5, 4.0, 1.2, 2.0, TimeUnit::Week).expect("positive");
    let histories = simulate_histories(&truth, &[52.0; 800], 11);
    let spend = GammaGammaParams::new(6.0, 4.0, 15.0).expect("positive");
    let repeats: Vec<u64> = histories.iter().map(|h| h.x).collect();
    let rfm =
        summary_of(TimeUnit::Week, &histories, Some(simulate_spend(&spend, &repeats, 7))).expect("good");
    let few = Sampling::default().chains(2).draws(200).tune(200);
    let plan = DrawPlan::default();
    let right = few.sample(&BgNbd::default(), &rfm).expect("a posterior").check_purchases(&rfm, &plan);
    let right = right.expect("a check");
    println!("{right}");
    assert!(right.failures().is_empty(), "{right}");
    // Nobody leaves in the NBD, so it cannot make customers who bought early and never again.
    let wrong = few.sample(&Nbd::default(), &rfm).expect("a posterior").check_purchases(&rfm, &plan);
    let wrong = wrong.expect("a check");
    println!("{wrong}");
    assert!(wrong.failures().iter().any(|figure| figure.name == "mean t_x / T of repeat customers"));
    assert!(wrong.sentences().iter().any(|sentence| sentence.contains("does not reproduce")));
    let spend = few.sample(&GammaGamma::default(), &rfm).expect("a posterior");
    let check = spend.check_spend(&rfm, &plan).expect("a check");
    println!("{check}");
    assert!(check.failures().is_empty(), "{check}");
}

#[test]
fn what_cannot_be_sampled_is_refused_by_name() {
    let rfm = two_decimal_summary();
    let refused =
        |sampling: Sampling| sampling.sample(&BgNbd::default(), &rfm).expect_err("refused").to_string();
    for (sampling, part) in [
        (Sampling::default().chains(0), "chains = 0"),
        (Sampling::default().draws(10), "draws = 10"),
        (Sampling::default().tune(0), "tune = 0"),
        (Sampling::default().target_accept(1.0), "target_accept = 1"),
        (Sampling::default().priors(Priors::default().of("beta", Prior::Flat)), "it has r, alpha, a, b"),
    ] {
        let error = refused(sampling);
        assert!(error.contains(part), "{error}");
    }
    let days = rfm.to_unit(TimeUnit::Day);
    let posterior = Sampling::default().chains(1).draws(50).tune(50).sample(&BgNbd::default(), &days);
    let check = posterior.expect("a posterior").check_purchases(&rfm, &DrawPlan::default());
    assert!(check.expect_err("refused").to_string().contains("days"));
}
