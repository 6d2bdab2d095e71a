//! A posterior as a table, and in sentences what keeps it from being trusted.

use std::fmt;

use serde::Serialize;

use super::diagnostics::{Diagnostics, mean, sorted, variance};
use crate::numeric::quantile::quantile;

/// R̂ above which chains have not converged (Vehtari et al. 2021, section 4).
pub const LARGEST_R_HAT: f64 = 1.01;
/// Effective draws below which quantiles and R̂ itself are not known well enough (the same).
pub const SMALLEST_ESS: f64 = 400.0;

/// One quantity of a [`PosteriorSummary`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PosteriorRow {
    /// The parameter, or a quantity that has a prior, such as φ.
    pub name: String,
    /// Posterior mean.
    pub mean: f64,
    /// Posterior standard deviation.
    pub sd: f64,
    /// 2.5% quantile: the lower end of the 95% credible interval.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// 97.5% quantile: the upper end of the 95% credible interval.
    pub high: f64,
    /// Whether the chains agree, and what they are worth.
    pub diagnostics: Diagnostics,
}

impl PosteriorRow {
    pub(crate) fn of(name: String, chains: &[Vec<f64>]) -> Self {
        let all = sorted(chains.iter().flatten().copied());
        Self {
            name,
            mean: mean(&all),
            sd: variance(&all).sqrt(),
            low: quantile(&all, 0.025),
            median: quantile(&all, 0.5),
            high: quantile(&all, 0.975),
            diagnostics: Diagnostics::of(chains),
        }
    }
}

/// A posterior as a table: means, standard deviations, quantiles and diagnostics.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PosteriorSummary {
    /// The model.
    pub model: &'static str,
    /// Chains.
    pub chains: usize,
    /// Draws of each after tuning.
    pub draws: usize,
    /// Trajectories that left the region the sampler can follow.
    pub divergences: usize,
    /// Trajectories that ended for their length alone.
    pub too_long: usize,
    /// Mean number of leapfrog steps a draw.
    pub steps: f64,
    /// The priors in one line.
    pub priors: String,
    /// One row a parameter, then one a quantity made of them.
    pub rows: Vec<PosteriorRow>,
}

impl PosteriorSummary {
    /// The row of a quantity.
    #[must_use]
    pub fn row(&self, name: &str) -> Option<PosteriorRow> {
        self.rows.iter().find(|row| row.name == name).cloned()
    }

    /// The largest R̂ of all quantities.
    #[must_use]
    pub fn worst_r_hat(&self) -> f64 {
        // NaN is the worst of all.
        let worse = |worst: f64, r_hat: f64| if r_hat <= worst { worst } else { r_hat };
        self.rows.iter().map(|row| row.diagnostics.r_hat).fold(0.0, worse)
    }

    /// The smallest effective sample size of all quantities, bulk or tail.
    #[must_use]
    pub fn smallest_ess(&self) -> f64 {
        let ess = |row: &PosteriorRow| row.diagnostics.ess_bulk.min(row.diagnostics.ess_tail);
        self.rows.iter().map(ess).fold(f64::INFINITY, f64::min)
    }

    /// Why the posterior cannot be trusted, a sentence each; none when it can.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut out = vec![];
        let named = |bad: &dyn Fn(&PosteriorRow) -> Option<String>| {
            self.rows.iter().filter_map(bad).collect::<Vec<_>>().join(", ")
        };
        let apart = named(&|row| {
            let r_hat = row.diagnostics.r_hat;
            let bad = r_hat.is_nan() || r_hat > LARGEST_R_HAT;
            bad.then(|| format!("{} ({r_hat:.3})", row.name))
        });
        if !apart.is_empty() {
            out.push(format!(
                "The chains have not converged: R-hat is above {LARGEST_R_HAT} for {apart}; tune and draw longer, or state priors where the data are not informative."
            ));
        }
        let few = named(&|row| {
            let ess = row.diagnostics.ess_bulk.min(row.diagnostics.ess_tail);
            (ess < SMALLEST_ESS).then(|| format!("{} ({ess:.0})", row.name))
        });
        if !few.is_empty() {
            out.push(format!(
                "The draws are worth fewer than {SMALLEST_ESS:.0} independent ones for {few}; draw more before intervals are read to their second digit."
            ));
        }
        if self.divergences > 0 {
            out.push(format!(
                "{} of {} trajectories diverged, so a part of the posterior may be missing; raise target_accept towards 0.99, or state a prior that keeps the parameters from their bounds.",
                self.divergences,
                self.chains * self.draws
            ));
        }
        if self.too_long > 0 {
            out.push(format!(
                "{} of {} trajectories were still going on after their longest length, so draws are dear and depend on each other; state priors where the data are not informative.",
                self.too_long,
                self.chains * self.draws
            ));
        }
        out
    }
}

impl fmt::Display for PosteriorSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} by NUTS: {} chains of {} draws, {:.1} steps a draw, {} divergences.",
            self.model, self.chains, self.draws, self.steps, self.divergences
        )?;
        writeln!(f, "Priors: {}.", self.priors)?;
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max(8);
        let titles = ["mean", "sd", "2.5%", "50%", "97.5%", "mcse"];
        write!(f, "{:<width$}", "")?;
        titles.iter().try_for_each(|title| write!(f, " {title:>11}"))?;
        writeln!(f, " {:>9} {:>9} {:>7}", "ess_bulk", "ess_tail", "r_hat")?;
        for row in &self.rows {
            let d = row.diagnostics;
            write!(f, "{:<width$}", row.name)?;
            for figure in [row.mean, row.sd, row.low, row.median, row.high, d.mcse_mean] {
                write!(f, " {figure:>11.5}")?;
            }
            writeln!(f, " {:>9.0} {:>9.0} {:>7.4}", d.ess_bulk, d.ess_tail, d.r_hat)?;
        }
        self.warnings().iter().try_for_each(|warning| writeln!(f, "{warning}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(r_hat: f64, ess: f64, divergences: usize, too_long: usize) -> PosteriorSummary {
        let diagnostics =
            Diagnostics { r_hat, ess_bulk: ess, ess_tail: 2.0 * ess, ess_mean: ess, mcse_mean: 0.01 };
        let row = PosteriorRow {
            name: "kappa_dropout".to_owned(),
            mean: 3.2,
            sd: 0.9,
            low: 1.8,
            median: 3.0,
            high: 5.4,
            diagnostics,
        };
        PosteriorSummary {
            model: "BG/NBD",
            chains: 4,
            draws: 1000,
            divergences,
            too_long,
            steps: 5.0,
            priors: "r ~ Flat".to_owned(),
            rows: vec![row],
        }
    }

    #[test]
    fn what_cannot_be_trusted_is_said() {
        assert!(summary(1.0099, 400.0, 0, 0).warnings().is_empty());
        for (bad, part) in [
            (summary(1.02, 900.0, 0, 0), "kappa_dropout (1.020)"),
            (summary(f64::NAN, 900.0, 0, 0), "kappa_dropout (NaN)"),
            (summary(1.0, 399.0, 0, 0), "kappa_dropout (399)"),
            (summary(1.0, 900.0, 3, 0), "3 of 4000 trajectories diverged"),
            (summary(1.0, 900.0, 0, 2), "2 of 4000 trajectories were still"),
        ] {
            let warnings = bad.warnings();
            assert!(warnings.len() == 1 && warnings[0].contains(part), "{warnings:?}");
            assert!(bad.to_string().contains(part));
        }
        assert!(summary(f64::NAN, 900.0, 0, 0).worst_r_hat().is_nan());
    }
}
