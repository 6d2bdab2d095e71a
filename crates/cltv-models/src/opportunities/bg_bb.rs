//! BG/BB: purchases at discrete opportunities, and unobserved dropout.
//!
//! While alive, a customer buys at each opportunity with probability p; before each opportunity
//! the customer drops out with probability θ. Over customers p ~ Beta(α, β) and θ ~ Beta(γ, δ),
//! independently.
//!
//! # References
//! Fader, Hardie & Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
//! Marketing Science 29(6), 1086-1108. Equation numbers are theirs.

use serde::{Deserialize, Serialize};

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::fit::fitted::Fitted;
use crate::fit::macros::{fitted_by_likelihood, parameters};
use crate::fit::model::{FitOptions, LikelihoodModel, Parameter, Sample, Weighted, enough_customers};
use crate::numeric::random::Draws;
use crate::numeric::special::logistic;
use crate::opportunities::history::{OpportunityHistory, OpportunitySummary};
use crate::opportunities::likelihood::{Alive, BgBbRow, Likelihood};
use crate::purchases::predictions::if_alive;

/// The BG/BB model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{BgBb, BgBbParams, OpportunityHistory, OpportunitySummary, TimeUnit};
/// let truth = BgBbParams::new(1.2, 0.75, 0.66, 2.8, TimeUnit::Year)?;
/// let histories = truth.simulate(&vec![6; 3000], 7);
/// let fit = BgBb::default().fit(&OpportunitySummary::try_new(TimeUnit::Year, histories)?)?;
/// assert!(fit.identified());
/// assert!(fit.expected_purchases(OpportunityHistory::try_new(4, 5, 6)?, 10) > 1.0);
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct BgBb {
    options: FitOptions,
}

fitted_by_likelihood!(BgBb, OpportunitySummary, "α, β, γ and δ");

impl LikelihoodModel for BgBb {
    type Data = OpportunitySummary;
    type Row = BgBbRow;
    type Params = BgBbParams;
    const NAME: &'static str = "BG/BB";
    const PARAMETERS: &'static [Parameter] = BgBbParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn sample(&self, summary: &OpportunitySummary) -> Result<Sample<BgBbRow>, FitError> {
        let (customers, repeat) = (summary.customers() as usize, summary.repeat_customers() as usize);
        enough_customers(Self::NAME, 4, repeat, customers, (customers, "all customers"))?;
        let row = |&(history, weight): &(OpportunityHistory, u64)| Weighted {
            row: BgBbRow::from(history),
            weight: weight as f64,
        };
        let rows = summary.cells().iter().map(row).collect();
        Ok(Sample { rows, customers, scale: 1.0, densities: 0.0, constant: 0.0 })
    }

    fn starts(&self, _sample: &Sample<BgBbRow>) -> Vec<Vec<f64>> {
        vec![vec![1.0, 1.0, 0.5, 2.0], vec![0.5, 2.0, 1.0, 5.0], vec![2.0, 1.0, 0.2, 1.0], vec![1.0; 4]]
    }

    fn log_likelihood(&self, theta: &[f64], rows: &[Weighted<BgBbRow>], gradient: &mut [f64]) -> f64 {
        let at = Likelihood { alpha: theta[0], beta: theta[1], gamma: theta[2], delta: theta[3] };
        rows.iter().map(|row| row.weight * at.row(&row.row, row.weight, gradient)).sum()
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<BgBbParams, InputError> {
        BgBbParams::from_theta(theta, unit)
    }
}

parameters! {
    /// BG/BB parameters, fitted or published: all predictions are here. Times are opportunities.
    ///
    /// A customer alive at the last of n opportunities is a new customer with α + x, β + n − x, γ,
    /// δ + n, so all predictions come from one set of formulas; expectations over θ are taken by a
    /// quadrature without the closed forms' pole at γ = 1.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgBbParams, OpportunityHistory, TimeUnit};
    /// let params = BgBbParams::new(1.204, 0.750, 0.657, 2.783, TimeUnit::Year)?;
    /// let history = OpportunityHistory::try_new(4, 5, 6)?;
    /// assert!((params.expected_purchases(history, 5) - 2.03).abs() < 0.01);
    /// assert!((params.p_alive(history) - 0.7489).abs() < 1e-3);
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct BgBbParams of "BG/BB" {
        /// First shape of the purchase probabilities.
        alpha: shape,
        /// Second shape of the purchase probabilities.
        beta: shape,
        /// First shape of the dropout probabilities.
        gamma: shape,
        /// Second shape of the dropout probabilities.
        delta: shape,
    }
}

impl BgBbParams {
    /// The time from one opportunity to the next.
    #[must_use]
    pub fn period(&self) -> TimeUnit {
        self.unit
    }

    /// The log-likelihood of a history; NaN for one that cannot be.
    ///
    /// # References
    /// Equation 5.
    #[must_use]
    pub fn history_log_likelihood(&self, history: OpportunityHistory) -> f64 {
        if !history.is_possible() {
            return f64::NAN;
        }
        self.likelihood().row(&history.into(), 1.0, &mut [0.0; 4])
    }

    fn likelihood(&self) -> Likelihood {
        let Self { alpha, beta, gamma, delta, .. } = *self;
        Likelihood { alpha, beta, gamma, delta }
    }

    /// P(alive at the n-th opportunity | x, t_x, n); NaN for a history that cannot be.
    #[must_use]
    pub fn p_alive(&self, history: OpportunityHistory) -> f64 {
        if !history.is_possible() {
            return f64::NAN;
        }
        let (at, row) = (self.likelihood(), history.into());
        logistic(at.alive(&row).ln - at.gone(&row).ln)
    }

    /// P(alive at opportunity n + m | x, t_x, n).
    ///
    /// # References
    /// Equation 11, with m = 1 for the next opportunity.
    #[must_use]
    pub fn p_alive_after(&self, history: OpportunityHistory, m: u64) -> f64 {
        self.p_alive(history) * self.alive(history).survival(m)
    }

    /// Expected purchases at the next m opportunities of a customer with this history.
    ///
    /// # References
    /// Equation 13.
    #[must_use]
    pub fn expected_purchases(&self, history: OpportunityHistory, m: u64) -> f64 {
        self.p_alive(history) * self.alive(history).discounted(m as f64, 0.0)
    }

    /// Expected purchases of a new customer at the first m opportunities.
    ///
    /// # References
    /// Equation 8.
    #[must_use]
    pub fn expected_purchases_new(&self, m: u64) -> f64 {
        self.newcomer().discounted(m as f64, 0.0)
    }

    /// P(X(m) = k): the chance that a new customer buys at k of the first m opportunities.
    ///
    /// # References
    /// Equation 7.
    #[must_use]
    pub fn pmf(&self, k: u64, m: u64) -> f64 {
        self.newcomer().pmf(k, m)
    }

    /// P(k purchases at the next m opportunities | x, t_x, n).
    ///
    /// # References
    /// Equation 12.
    #[must_use]
    pub fn pmf_future(&self, history: OpportunityHistory, k: u64, m: u64) -> f64 {
        let alive = self.p_alive(history);
        let gone = if k == 0 { 1.0 - alive } else { 0.0 };
        gone + alive * self.alive(history).pmf(k, m)
    }

    /// P(at least one purchase at the next m opportunities | x, t_x, n): 1 less equation 12 of k = 0.
    #[must_use]
    pub fn p_return(&self, history: OpportunityHistory, m: u64) -> f64 {
        self.p_alive(history) * (1.0 - self.alive(history).pmf(0, m)).max(0.0)
    }

    /// Expected purchases at the next m opportunities, each discounted at `rate` an opportunity.
    ///
    /// NaN for a negative rate.
    #[must_use]
    pub fn discounted_expected_purchases(&self, history: OpportunityHistory, m: u64, rate: f64) -> f64 {
        self.p_alive(history) * self.alive(history).discounted(m as f64, rate)
    }

    /// DERT: all purchases still expected, each discounted at `rate` an opportunity.
    ///
    /// Infinite for rate 0 and γ ≤ 1, NaN for a negative rate.
    ///
    /// # References
    /// Equation 14.
    #[must_use]
    pub fn discounted_residual_purchases(&self, history: OpportunityHistory, rate: f64) -> f64 {
        if_alive(self.p_alive(history), self.alive(history).discounted(f64::INFINITY, rate))
    }

    /// Expected opportunities up to the next purchase of a customer alive at the n-th, given that
    /// there will be one; infinite where α + x + γ ≤ 1.
    #[must_use]
    pub fn opportunities_to_next_purchase_if_alive(&self, history: OpportunityHistory) -> f64 {
        if !history.is_possible() {
            return f64::NAN;
        }
        self.alive(history).time_to_next()
    }

    /// One random history for each number of opportunities.
    #[must_use]
    pub fn simulate(&self, opportunities: &[u64], seed: u64) -> Vec<OpportunityHistory> {
        let mut draws = Draws::new(seed);
        opportunities.iter().map(|&n| self.draw(&mut draws, n)).collect()
    }

    fn draw(&self, draws: &mut Draws, n: u64) -> OpportunityHistory {
        let buys = draws.beta(self.alpha, self.beta);
        let drops = draws.beta(self.gamma, self.delta);
        let (mut x, mut t_x) = (0, 0);
        for opportunity in 1..=n {
            if draws.uniform() < drops {
                break;
            }
            if draws.uniform() < buys {
                (x, t_x) = (x + 1, opportunity);
            }
        }
        OpportunityHistory { x, t_x, n }
    }

    fn newcomer(&self) -> Alive {
        Alive(self.likelihood())
    }

    fn alive(&self, history: OpportunityHistory) -> Alive {
        let (x, n) = (history.x as f64, history.n as f64);
        Alive(Likelihood {
            alpha: self.alpha + x,
            beta: self.beta + n - x,
            gamma: self.gamma,
            delta: self.delta + n,
        })
    }
}

impl Fitted<BgBb> {
    /// See [`BgBbParams::p_alive`].
    #[must_use]
    pub fn p_alive(&self, history: OpportunityHistory) -> f64 {
        self.params.p_alive(history)
    }

    /// See [`BgBbParams::expected_purchases`].
    #[must_use]
    pub fn expected_purchases(&self, history: OpportunityHistory, m: u64) -> f64 {
        self.params.expected_purchases(history, m)
    }

    /// See [`BgBbParams::discounted_residual_purchases`].
    #[must_use]
    pub fn discounted_residual_purchases(&self, history: OpportunityHistory, rate: f64) -> f64 {
        self.params.discounted_residual_purchases(history, rate)
    }
}
