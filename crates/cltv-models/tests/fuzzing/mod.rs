//! The fuzz target of saved models, shared by the long runs and the replay.

mod seeds;

use cltv_fuzz::{Outcome, Target};
use cltv_models::{
    BetaDiscreteWeibull, BgBb, BgNbd, Fitted, GammaGamma, History, InputError, LikelihoodModel,
    OpportunityHistory, ParetoNbd, PurchaseFit, PurchasePredictions, RetentionPredictions,
    ShiftedBetaGeometric, WithCovariates,
};

/// Characters that a message may have.
const MESSAGE: usize = 600;

/// Saved models of every kind: any text is loaded or refused, and what was loaded predicts numbers.
pub(crate) const MODELS: Target = Target { name: "models", words: &seeds::WORDS, seeds: seeds::all, read };

/// What a check found: nothing, or a fault in words.
type Checked = Result<(), String>;

/// Loads a text, or the fit of that name with the parameters that are the lines of the text.
fn read(name: &str, bytes: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(bytes) else { return Outcome::Refused };
    match name.strip_suffix(seeds::PARAMETERS) {
        // In the corpus a word on the input and a hyphen stand before the fit's name.
        Some(name) => seeds::with_parameters(name.rsplit('-').next().unwrap_or(name), text)
            .map_or(Outcome::Refused, |text| loaded(&text)),
        None => loaded(text),
    }
}

/// Loads a text as every kind of fit.
fn loaded(text: &str) -> Outcome {
    let all = [
        checked(PurchaseFit::from_json(text), purchases),
        fitted::<GammaGamma>(text, spend),
        fitted::<BgBb>(text, opportunities),
        fitted::<ShiftedBetaGeometric>(text, |fit| retention(&fit.params())),
        fitted::<BetaDiscreteWeibull>(text, |fit| retention(&fit.params())),
        fitted::<WithCovariates<BgNbd>>(text, same),
        fitted::<WithCovariates<ParetoNbd>>(text, same),
    ];
    let mut outcome = Outcome::Refused;
    for one in all {
        match one {
            finding @ Outcome::Finding(_) => return finding,
            Outcome::Accepted => outcome = Outcome::Accepted,
            Outcome::Refused => {}
        }
    }
    outcome
}

fn checked<F>(loaded: Result<F, InputError>, check: impl Fn(&F) -> Checked) -> Outcome {
    let found = match &loaded {
        Ok(fit) => check(fit),
        Err(error) => message(&error.to_string()),
    };
    match (found, loaded) {
        (Err(what), _) => Outcome::Finding(what),
        (Ok(()), Ok(_)) => Outcome::Accepted,
        (Ok(()), Err(_)) => Outcome::Refused,
    }
}

fn fitted<M: LikelihoodModel + PartialEq>(text: &str, check: impl Fn(&Fitted<M>) -> Checked) -> Outcome {
    checked(Fitted::<M>::from_json(text), |fit| {
        same(fit)?;
        check(fit)
    })
}

/// An error is short and in one line.
fn message(text: &str) -> Checked {
    if let Some(bad) = text.chars().find(|c| c.is_control()) {
        return Err(format!("a message contains {bad:?}"));
    }
    let length = text.chars().count();
    if length > MESSAGE { Err(format!("a message has {length} characters")) } else { Ok(()) }
}

/// A fit is loaded as it was saved, and all that is said of it can be said.
fn same<M: LikelihoodModel + PartialEq>(fit: &Fitted<M>) -> Checked {
    let saved = fit.to_json();
    let again = Fitted::<M>::from_json(&saved).map_err(|error| format!("is not loaded again: {error}"))?;
    if again != *fit {
        return Err("is another fit when it is loaded again".to_owned());
    }
    let _ = (fit.to_string(), fit.coef_table().to_string(), fit.draws(3, 1), fit.vcov(), fit.confint(0.9));
    let estimates = fit.estimates();
    all_finite("an estimate", &estimates)
}

fn purchases(fit: &PurchaseFit) -> Checked {
    let again = PurchaseFit::from_json(&fit.to_json()).map_err(|error| format!("is not loaded: {error}"))?;
    if again != *fit {
        return Err("is another fit when it is loaded again".to_owned());
    }
    let _ = (fit.to_string(), fit.coef_table().to_string(), fit.draws(3, 1), fit.aic(), fit.bic());
    for (x, t_x, age) in [(0, 0.0, 10.0), (3, 4.5, 10.0), (20, 9.9, 10.0), (1, 0.1, 500.0)] {
        let history = History::try_new(x, t_x, age).map_err(|error| error.to_string())?;
        let about = format!("x = {x}, t_x = {t_x}, T = {age}");
        probability(&format!("P(alive) of {about}"), fit.p_alive(history))?;
        probability(&format!("P(alive later) of {about}"), fit.p_alive_after(history, 5.0))?;
        probability(&format!("P(2 purchases) of {about}"), fit.pmf_future(history, 2, 5.0))?;
        amount(&format!("expected purchases of {about}"), fit.expected_purchases(history, 5.0))?;
        amount(&format!("DERT of {about}"), fit.discounted_purchases_within(history, 20.0, 0.01))?;
    }
    probability("P(X = 2)", fit.pmf(2, 5.0))?;
    amount("expected purchases of a new customer", fit.expected_purchases_new(5.0))
}

fn spend(fit: &Fitted<GammaGamma>) -> Checked {
    for (x, mean) in [(0, 0.0), (1, 5.0), (30, 1e6)] {
        let expected = fit.expected_spend(x, mean);
        // Without a finite mean of the population there is none of a customer without purchases.
        if fit.params().has_finite_mean() {
            amount(&format!("expected spend of {x} purchases of {mean}"), expected)?;
        }
    }
    Ok(())
}

fn opportunities(fit: &Fitted<BgBb>) -> Checked {
    for (x, t_x, n) in [(0, 0, 6), (3, 5, 6), (6, 6, 6)] {
        let history = OpportunityHistory::try_new(x, t_x, n).map_err(|error| error.to_string())?;
        probability(&format!("P(alive) of {x}, {t_x}, {n}"), fit.p_alive(history))?;
        amount(&format!("expected purchases of {x}, {t_x}, {n}"), fit.expected_purchases(history, 5))?;
    }
    Ok(())
}

fn retention(params: &impl RetentionPredictions) -> Checked {
    for period in [0, 1, 12, 400] {
        probability(&format!("survival to {period}"), params.survival(period))?;
        probability(&format!("churn in {period}"), params.churn(period.max(1)))?;
        probability(&format!("retention in {period}"), params.retention(period.max(1)))?;
    }
    amount("discounted lifetime", params.discounted_lifetime(0.1))
}

fn probability(what: &str, value: f64) -> Checked {
    match (-1e-9..=1.0 + 1e-9).contains(&value) {
        true => Ok(()),
        false => Err(format!("{what} is {value}, which is no probability")),
    }
}

fn amount(what: &str, value: f64) -> Checked {
    match value >= 0.0 {
        true => Ok(()),
        false => Err(format!("{what} is {value}, which is no amount")),
    }
}

fn all_finite(what: &str, values: &[f64]) -> Checked {
    match values.iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(value) => Err(format!("{what} is {value}")),
    }
}
