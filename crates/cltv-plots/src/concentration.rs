//! How unequally an amount is spread over its holders: the Lorenz curve, the Gini coefficient and the
//! share of the top 20%.
//!
//! Uses numbers only: no chart and no other module of this crate.

/// Steps of the curve at most: one per half percent of the holders.
const STEPS: usize = 200;

/// How concentrated an amount is over its holders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concentration {
    /// The Gini coefficient: 0 when all hold the same, towards 1 when one holds everything.
    pub gini: f64,
    /// The share of the amount that the top 20% of the holders bring, between 0 and 1.
    pub top_20_share: f64,
}

/// The concentration (Lorenz) curve of an amount, the largest holders first.
#[derive(Debug, Clone, PartialEq)]
pub struct ConcentrationCurve {
    holders: u64,
    total: f64,
    figures: Concentration,
    shares: Vec<f64>,
}

/// Why an amount has no concentration. Rows are counted from 1.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConcentrationError {
    /// There is no amount at all.
    #[error("there are no amounts to find the concentration of; give at least one")]
    Empty,
    /// An amount is negative or not finite: nobody holds a negative share.
    #[error(
        "the amount in row {row} is {value}, but must be finite and zero or more; correct or leave out that row"
    )]
    BadAmount {
        /// The row, counted from 1.
        row: usize,
        /// The amount.
        value: f64,
    },
    /// All amounts are zero.
    #[error("all {rows} amounts are zero, so nothing is concentrated; at least one must be above zero")]
    AllZero {
        /// The number of amounts.
        rows: usize,
    },
}

/// The Gini coefficient and the share of the top 20% of the holders, one amount each.
///
/// With the `n` amounts sorted from the smallest, `G = sum((2i - n - 1) x_i) / (n sum(x))`. The top
/// share is read off the concentration curve at 20% of the holders, between two holders in proportion.
///
/// # Errors
/// [`ConcentrationError`] when there is no amount, one is negative or not finite, or all are zero.
///
/// # Examples
/// ```
/// let figures = cltv_plots::concentration_of(&[0.0, 0.0, 0.0, 0.0, 10.0])?;
/// assert_eq!(figures.top_20_share, 1.0);
/// assert!((figures.gini - 0.8).abs() < 1e-12);
/// # Ok::<(), cltv_plots::ConcentrationError>(())
/// ```
pub fn concentration_of(amounts: &[f64]) -> Result<Concentration, ConcentrationError> {
    Ok(ConcentrationCurve::of(amounts)?.figures)
}

impl ConcentrationCurve {
    /// The curve of amounts, one per holder, at 0, 0.5, 1, ..., 100% of the holders, or at each holder
    /// when there are at most 200.
    ///
    /// # Errors
    /// As [`concentration_of`].
    ///
    /// # Examples
    /// ```
    /// let curve = cltv_plots::ConcentrationCurve::of(&[10.0, 30.0])?;
    /// assert_eq!(curve.shares(), [0.0, 0.75, 1.0]);
    /// # Ok::<(), cltv_plots::ConcentrationError>(())
    /// ```
    pub fn of(amounts: &[f64]) -> Result<ConcentrationCurve, ConcentrationError> {
        check(amounts)?;
        let mut sorted = amounts.to_vec();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        let mut total = 0.0;
        let mut cumulative = vec![0.0];
        cumulative.extend(sorted.iter().map(|amount| {
            total += amount;
            total
        }));
        if total <= 0.0 {
            return Err(ConcentrationError::AllZero { rows: amounts.len() });
        }
        let n = sorted.len() as f64;
        let ranked: f64 = sorted.iter().enumerate().map(|(at, v)| (n - 1.0 - 2.0 * at as f64) * v).sum();
        let at = |share: f64| share_at(&cumulative, share) / total;
        let steps = STEPS.min(sorted.len());
        Ok(ConcentrationCurve {
            holders: sorted.len() as u64,
            total,
            figures: Concentration { gini: ranked / (n * total), top_20_share: at(0.2) },
            shares: (0..=steps).map(|step| at(step as f64 / steps as f64)).collect(),
        })
    }

    /// How many hold the amount.
    pub fn holders(&self) -> u64 {
        self.holders
    }

    /// The whole amount.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// The Gini coefficient and the share of the top 20%.
    pub fn figures(&self) -> Concentration {
        self.figures
    }

    /// The share of the amount, 0 to 1, that the top holders bring, at evenly spaced shares of the
    /// holders from 0 to 1.
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }
}

fn check(amounts: &[f64]) -> Result<(), ConcentrationError> {
    if amounts.is_empty() {
        return Err(ConcentrationError::Empty);
    }
    match amounts.iter().position(|amount| !amount.is_finite() || *amount < 0.0) {
        Some(at) => Err(ConcentrationError::BadAmount { row: at + 1, value: amounts[at] }),
        None => Ok(()),
    }
}

/// The amount of this share of the holders, between two holders in proportion.
fn share_at(cumulative: &[f64], share: f64) -> f64 {
    let place = share * (cumulative.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    cumulative[below] + (cumulative[above] - cumulative[below]) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_match_the_formulas() {
        let figures = concentration_of(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        // G = sum((2i - n - 1) x_i) / (n sum(x)) = (-3 - 2 + 3 + 12) / 40.
        assert!((figures.gini - 0.25).abs() < 1e-12);
        // 20% of four holders is 0.8 of the largest one.
        assert!((figures.top_20_share - 0.32).abs() < 1e-12);
        assert_eq!(concentration_of(&[7.0; 10]).unwrap().gini, 0.0);
    }

    #[test]
    fn many_holders_have_200_steps_on_the_curve() {
        let amounts: Vec<f64> = (1..=10_000).map(f64::from).collect();
        let curve = ConcentrationCurve::of(&amounts).unwrap();
        assert_eq!((curve.holders(), curve.shares().len()), (10_000, 201));
        // The top half holds sum(5001..=10000) of sum(1..=10000).
        assert!((curve.shares()[100] - 37_502_500.0 / 50_005_000.0).abs() < 1e-12);
    }

    #[test]
    fn errors_say_what_to_do() {
        let message = |amounts: &[f64]| concentration_of(amounts).unwrap_err().to_string();
        assert!(message(&[]).contains("at least one"));
        assert!(message(&[1.0, -2.0]).contains("row 2 is -2"));
        assert!(message(&[f64::INFINITY]).contains("row 1 is inf"));
        assert!(message(&[0.0, 0.0]).contains("all 2 amounts are zero"));
    }
}
