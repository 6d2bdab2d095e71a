//! Charts of contracts that are renewed.

use crate::figure::Figure;
use cltv_plots::{self as plots, ContractCurve, ContractCurves};
use cltv_workflow::{CONTRACT_MODELS, ContractFit, ContractFits, Error, period_rate};

fn cohort<'a>(fits: &'a ContractFits, name: &str) -> Result<&'a ContractFit, Error> {
    fits.fits.iter().find(|fit| fit.cohort == name).ok_or_else(|| {
        let known: Vec<&str> = fits.fits.iter().map(|fit| fit.cohort.as_str()).collect();
        let problem = format!("there is no cohort {name:?}; the cohorts are {}", known.join(", "));
        Error::Counts { source_name: "The contracts".to_owned(), problem }
    })
}

fn curves(
    fits: &ContractFits,
    fit: &ContractFit,
    observed: Vec<f64>,
    models: impl Fn(usize) -> Vec<f64>,
) -> ContractCurves {
    let mut curves = vec![ContractCurve { name: "Observed".to_owned(), values: observed, observed: true }];
    curves.extend(CONTRACT_MODELS.iter().enumerate().map(|(which, name)| ContractCurve {
        name: (*name).to_owned(),
        values: models(which),
        observed: false,
    }));
    ContractCurves {
        cohort: fit.cohort.clone(),
        period: fits.period.name().to_owned(),
        fitted_until: u64::from(fit.fitted_until),
        curves,
    }
}

/// Customers of one cohort left after each renewal up to `renewals`: observed, and by each model.
///
/// # Errors
/// [`Error::Counts`] for a cohort that is not there.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let fits = load_contracts(&ContractInput::new("sbg_cohorts"))?.fit(5)?;
/// let figure = charts::contract_survival(&fits, "regular", 12)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn contract_survival(fits: &ContractFits, name: &str, renewals: u32) -> Result<Figure, Error> {
    let fit = cohort(fits, name)?;
    let observed = (0..fit.alive.len()).filter_map(|t| fit.observed(t)).collect();
    let model = |which: usize| (0..=renewals).map(|t| fit.survival(t)[which]).collect();
    Figure::drawn(plots::contract_survival(&curves(fits, fit, observed, model)))
}

/// The share that renews at each renewal up to `renewals`: observed, and by each model.
///
/// # Errors
/// As [`contract_survival`].
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let fits = load_contracts(&ContractInput::new("sbg_cohorts"))?.fit(5)?;
/// let figure = charts::contract_retention(&fits, "regular", 12)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn contract_retention(fits: &ContractFits, name: &str, renewals: u32) -> Result<Figure, Error> {
    let fit = cohort(fits, name)?;
    // Where nobody was left, no renewal was due.
    let due = fit.alive.windows(2).take_while(|pair| pair[0] > 0);
    let observed = due.map(|pair| pair[1] as f64 / pair[0] as f64).collect();
    let model = |which: usize| (1..=renewals).map(|t| fit.retention(t)[which]).collect();
    Figure::drawn(plots::contract_retention(&curves(fits, fit, observed, model)))
}

/// Discounted periods still to come by renewals made, up to `renewals`, for one cohort.
///
/// # Errors
/// As [`contract_survival`], and [`Error::NoDiscount`] for a discount that is not above 0 and below 1.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let fits = load_contracts(&ContractInput::new("sbg_cohorts"))?.fit(5)?;
/// let figure = charts::residual_lifetime(&fits, "regular", 12, 0.10)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn residual_lifetime(
    fits: &ContractFits,
    name: &str,
    renewals: u32,
    discount_annual: f64,
) -> Result<Figure, Error> {
    let (fit, rate) = (cohort(fits, name)?, period_rate(fits.period, discount_annual)?);
    let curve = |(which, name): (usize, &&str)| ContractCurve {
        name: (*name).to_owned(),
        values: (0..=renewals).map(|made| fit.residual(made, rate)[which]).collect(),
        observed: false,
    };
    let curves: Vec<ContractCurve> = CONTRACT_MODELS.iter().enumerate().map(curve).collect();
    Figure::drawn(plots::residual_lifetime(&curves, fits.period.name(), rate))
}
