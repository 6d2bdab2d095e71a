//! The predictions of parameters, from the mathematics of their model, and of what contains parameters.

use crate::base::units::TimeUnit;
use crate::numeric::special::logistic;
use crate::purchases::predictions::{PurchasePredictions, if_alive};
use crate::purchases::process::{AliveCustomer, PurchaseParameters, PurchaseProcess};
use crate::summary::history::History;

/// Whether `t` is a time from now on; NaN is not.
fn is_ahead(t: f64) -> bool {
    t >= 0.0
}

impl<P: PurchaseParameters> PurchasePredictions for P {
    fn unit(&self) -> TimeUnit {
        self.time_unit()
    }

    fn recency_counts_if_alive(&self) -> bool {
        P::Process::RECENCY_COUNTS_IF_ALIVE
    }

    fn history_log_likelihood(&self, history: History) -> f64 {
        if history.is_possible() { self.process().ln_likelihood(history) } else { f64::NAN }
    }

    fn p_alive(&self, history: History) -> f64 {
        if history.is_possible() { logistic(-self.process().ln_odds_gone(history)) } else { f64::NAN }
    }

    fn p_alive_of(&self, histories: &[History], out: &mut [f64]) {
        let alike =
            |pair: &[History]| (pair[0].x, pair[0].T) == (pair[1].x, pair[1].T) && pair[0].t_x <= pair[1].t_x;
        if histories.iter().all(History::is_possible) && histories.windows(2).all(alike) {
            self.process().ln_odds_gone_of(histories, out);
            out.iter_mut().for_each(|odds| *odds = logistic(-*odds));
        } else {
            for (out, &history) in out.iter_mut().zip(histories) {
                *out = self.p_alive(history);
            }
        }
    }

    fn p_gone(&self, history: History) -> f64 {
        if history.is_possible() { logistic(self.process().ln_odds_gone(history)) } else { f64::NAN }
    }

    fn survival_if_alive(&self, history: History, t: f64) -> f64 {
        if history.is_possible() && is_ahead(t) {
            self.process().alive(history).survival(t)
        } else {
            f64::NAN
        }
    }

    fn expected_purchases_if_alive(&self, history: History, horizon: f64) -> f64 {
        let defined = history.is_possible() && is_ahead(horizon);
        if defined { self.process().alive(history).expected_purchases(horizon) } else { f64::NAN }
    }

    fn expected_purchases_if_alive_of(&self, histories: &[History], horizon: f64, out: &mut [f64]) {
        if histories.iter().all(History::is_possible) && is_ahead(horizon) {
            let process = self.process();
            let customers: Vec<_> = histories.iter().map(|&history| process.alive(history)).collect();
            AliveCustomer::expected_purchases_of(&customers, horizon, out);
        } else {
            for (out, &history) in out.iter_mut().zip(histories) {
                *out = self.expected_purchases_if_alive(history, horizon);
            }
        }
    }

    fn expected_purchases_if_alive_at(&self, history: History, horizons: &[f64], out: &mut [f64]) {
        if history.is_possible() && horizons.iter().all(|&horizon| is_ahead(horizon)) {
            self.process().alive(history).expected_purchases_at(horizons, out);
        } else {
            out.fill(f64::NAN);
        }
    }

    fn expected_purchases_if_reactivated_at(&self, history: History, horizons: &[f64], out: &mut [f64]) {
        out.fill(f64::NAN);
        if !(history.is_possible() && horizons.iter().all(|&horizon| is_ahead(horizon))) {
            return;
        }
        let (mut sums, mut part) = (vec![0.0; out.len()], vec![0.0; out.len()]);
        let mut is_any = false;
        self.process().reactivated(history, &mut |probability, customer| {
            customer.expected_purchases_at(horizons, &mut part);
            sums.iter_mut().zip(&part).for_each(|(sum, part)| *sum += probability * part);
            is_any = true;
        });
        if is_any {
            out.copy_from_slice(&sums);
        }
    }

    fn pmf_if_alive(&self, history: History, n: u64, t: f64) -> f64 {
        if history.is_possible() { pmf_of(&self.process().alive(history), n, t) } else { f64::NAN }
    }

    fn pmf_if_alive_up_to(&self, history: History, t: f64, out: &mut [f64]) {
        if history.is_possible() && t > 0.0 && t.is_finite() {
            self.process().alive(history).pmf_up_to(t, out);
        } else {
            (0..).zip(out).for_each(|(n, chance)| *chance = self.pmf_if_alive(history, n, t));
        }
    }

    fn never_if_alive(&self, history: History) -> f64 {
        if history.is_possible() { self.process().alive(history).never() } else { f64::NAN }
    }

    fn p_return_if_alive(&self, history: History, t: f64) -> f64 {
        if !(history.is_possible() && is_ahead(t)) {
            return f64::NAN;
        }
        if t == 0.0 { 0.0 } else { self.process().alive(history).at_least_one(t) }
    }

    fn factorial_moment_if_alive(&self, history: History, t: f64) -> f64 {
        if !(history.is_possible() && is_ahead(t) && t.is_finite()) {
            return f64::NAN;
        }
        if t == 0.0 { 0.0 } else { self.process().alive(history).factorial_moment(t) }
    }

    fn time_to_next_purchase_if_alive(&self, history: History) -> f64 {
        if history.is_possible() { self.process().alive(history).time_to_next_purchase() } else { f64::NAN }
    }

    fn expected_purchases_new(&self, t: f64) -> f64 {
        if !is_ahead(t) {
            return f64::NAN;
        }
        let (alive, customer) = self.process().newcomer();
        if_alive(alive, customer.expected_purchases(t))
    }

    fn pmf(&self, n: u64, t: f64) -> f64 {
        let (alive, customer) = self.process().newcomer();
        let gone = if n == 0 { 1.0 - alive } else { 0.0 };
        gone + alive * pmf_of(&customer, n, t)
    }
}

fn pmf_of(customer: &impl AliveCustomer, n: u64, t: f64) -> f64 {
    if !is_ahead(t) || t == f64::INFINITY {
        return f64::NAN;
    }
    if t == 0.0 {
        return f64::from(u8::from(n == 0));
    }
    customer.pmf(n, t)
}

/// Predictions that are another value's: its parameters', or those of the model inside an enum.
macro_rules! predictions_of {
    (|$self:ident| $inner:expr) => {
        fn unit(&self) -> TimeUnit {
            let $self = self;
            $inner.unit()
        }

        fn expected_purchases_if_alive_at(&self, history: History, horizons: &[f64], out: &mut [f64]) {
            let $self = self;
            $inner.expected_purchases_if_alive_at(history, horizons, out);
        }

        fn expected_purchases_if_reactivated_at(
            &self,
            history: History,
            horizons: &[f64],
            out: &mut [f64],
        ) {
            let $self = self;
            $inner.expected_purchases_if_reactivated_at(history, horizons, out);
        }

        fn expected_purchases_if_alive_of(&self, histories: &[History], horizon: f64, out: &mut [f64]) {
            let $self = self;
            $inner.expected_purchases_if_alive_of(histories, horizon, out);
        }

        fn pmf_if_alive_up_to(&self, history: History, t: f64, out: &mut [f64]) {
            let $self = self;
            $inner.pmf_if_alive_up_to(history, t, out);
        }

        fn p_alive_of(&self, histories: &[History], out: &mut [f64]) {
            let $self = self;
            $inner.p_alive_of(histories, out);
        }

        fn recency_counts_if_alive(&self) -> bool {
            let $self = self;
            $inner.recency_counts_if_alive()
        }

        $crate::purchases::of_parameters::predictions_of!(@ |$self| $inner;
            history_log_likelihood(history: History);
            p_alive(history: History);
            p_gone(history: History);
            survival_if_alive(history: History, t: f64);
            expected_purchases_if_alive(history: History, horizon: f64);
            pmf_if_alive(history: History, n: u64, t: f64);
            p_return_if_alive(history: History, t: f64);
            never_if_alive(history: History);
            factorial_moment_if_alive(history: History, t: f64);
            time_to_next_purchase_if_alive(history: History);
            expected_purchases_new(t: f64);
            pmf(n: u64, t: f64);
        );
    };
    (@ |$self:ident| $inner:expr; ) => {};
    (@ |$self:ident| $inner:expr; $name:ident($($arg:ident: $type:ty),*); $($rest:tt)*) => {
        fn $name(&self, $($arg: $type),*) -> f64 {
            let $self = self;
            $inner.$name($($arg),*)
        }
        $crate::purchases::of_parameters::predictions_of!(@ |$self| $inner; $($rest)*);
    };
}

pub(crate) use predictions_of;

impl PurchasePredictions for Box<dyn PurchasePredictions> {
    predictions_of!(|any| (**any));
}
