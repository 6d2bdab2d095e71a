//! The mathematics of a model of purchases: its likelihood, and the distribution of a living customer.

use crate::base::units::TimeUnit;
use crate::fit::model::Weighted;
use crate::numeric::random::Draws;
use crate::purchases::rows::{HistoryRow, HistoryRows};
use crate::summary::history::History;

/// The parameters of the model that has most of them.
const MOST_PARAMETERS: usize = 5;

/// Probability of counts so large that a sum over a PMF leaves them out.
const LEFT_OUT: f64 = 1e-10;

/// The distribution of a customer who is alive now; `t` counts from now.
///
/// Every `t` that a method is given is 0 or more, or infinite.
pub trait AliveCustomer {
    /// Expected purchases within `t`.
    fn expected_purchases(&self, t: f64) -> f64;

    /// [`AliveCustomer::expected_purchases`] at several rising times, in `out`.
    fn expected_purchases_at(&self, times: &[f64], out: &mut [f64]) {
        for (out, &t) in out.iter_mut().zip(times) {
            *out = self.expected_purchases(t);
        }
    }

    /// [`AliveCustomer::expected_purchases`] of several customers, in `out`.
    fn expected_purchases_of(customers: &[Self], t: f64, out: &mut [f64])
    where
        Self: Sized,
    {
        for (out, customer) in out.iter_mut().zip(customers) {
            *out = customer.expected_purchases(t);
        }
    }

    /// P(n purchases within t), for a finite `t` above 0.
    fn pmf(&self, n: u64, t: f64) -> f64;

    /// [`AliveCustomer::pmf`] of n = 0, 1, … in `out`: cheaper than one by one where the terms are shared.
    fn pmf_up_to(&self, t: f64, out: &mut [f64]) {
        for (n, chance) in (0..).zip(out) {
            *chance = self.pmf(n, t);
        }
    }

    /// P(at least one purchase within t), for `t` above 0 or infinite, without cancellation.
    fn at_least_one(&self, t: f64) -> f64;

    /// E[Y (Y − 1)] of the Y purchases within a finite `t` above 0, by default from the PMF.
    fn factorial_moment(&self, t: f64) -> f64 {
        let most = (1_000.0 + 10.0 * self.expected_purchases(t)) as u64;
        let (mut mass, mut sum) = (0.0, 0.0);
        for n in 0..most {
            let (count, chance) = (n as f64, self.pmf(n, t));
            mass += chance;
            sum += count * (count - 1.0) * chance;
            if mass >= 1.0 - LEFT_OUT {
                break;
            }
        }
        sum
    }

    /// P(no purchase from now on), without cancellation; 0 where nobody drops out before a purchase.
    fn never(&self) -> f64;

    /// P(still alive after t).
    fn survival(&self, t: f64) -> f64;

    /// Expected waiting time to the next purchase, given that there is one; infinite where that
    /// mean does not exist.
    fn time_to_next_purchase(&self) -> f64;
}

/// The mathematics of one model of purchases at given parameters.
///
/// Every history that a method is given is possible (see [`History::is_possible`]).
pub trait PurchaseProcess {
    /// The distribution of a customer who is alive.
    type Customer: AliveCustomer;
    /// Whether the distribution of a living customer depends on t_x, not on x and T alone.
    const RECENCY_COUNTS_IF_ALIVE: bool = false;

    /// The weighted log-likelihood of rows sorted by x, with the densities of their purchase
    /// times; its derivatives by the parameters are added to `gradient`.
    fn log_likelihood(&self, rows: &HistoryRows, gradient: &mut [f64]) -> f64;

    /// As [`crate::LikelihoodModel::second_order`].
    fn second_order(&self, _rows: &HistoryRows, _gradient: &mut [f64], _hessian: &mut [f64]) -> Option<f64> {
        None
    }

    /// The log-likelihood of one history.
    fn ln_likelihood(&self, history: History) -> f64 {
        let row = Weighted { row: HistoryRow::from(history), weight: 1.0 };
        self.log_likelihood(&[row], &mut [0.0; MOST_PARAMETERS])
    }

    /// ln[P(gone at T) / P(alive at T)]; −∞ for a customer who must be alive.
    fn ln_odds_gone(&self, history: History) -> f64;

    /// [`PurchaseProcess::ln_odds_gone`] of histories with the same x and T by rising t_x, in `out`:
    /// cheaper than one by one where they share integrals.
    fn ln_odds_gone_of(&self, histories: &[History], out: &mut [f64]) {
        for (out, &history) in out.iter_mut().zip(histories) {
            *out = self.ln_odds_gone(history);
        }
    }

    /// A customer with this history, were they alive at T.
    fn alive(&self, history: History) -> Self::Customer;

    /// A customer with this history who has dropped out by T, were they to start again at T: calls `each` with
    /// every case's probability and customer. Never calls it where this history leaves no chance to have
    /// dropped out.
    fn reactivated(&self, history: History, each: &mut dyn FnMut(f64, Self::Customer));

    /// P(alive right after the first purchase), and a customer who is.
    fn newcomer(&self) -> (f64, Self::Customer);

    /// The times of one random customer's repeat purchases up to `age`, rising.
    fn draw(&self, draws: &mut Draws, age: f64) -> Vec<f64>;
}

/// Parameters of a model of purchases; [`PurchasePredictions`](crate::PurchasePredictions) is
/// implemented for all of them.
pub trait PurchaseParameters: Sync {
    /// The model at these parameters.
    type Process: PurchaseProcess;

    /// The unit of all times.
    fn time_unit(&self) -> TimeUnit;

    /// The model at these parameters.
    fn process(&self) -> Self::Process;
}
