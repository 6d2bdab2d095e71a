//! Charts of accounts: their values, the regression, the months ahead, the channels.

use crate::charts::purchases::curve;
use crate::figure::Figure;
use cltv_accounts::Accounts;
use cltv_accounts::regression::{Diagnostics, LinearFit};
use cltv_plots::{self as plots, ChannelRatio, ExpenseFan};
use cltv_workflow::{Best, Design, Economics, Error, Outlook};

/// From this coefficient of variation on, an account is volatile.
const VOLATILE: f64 = 0.5;

/// Accounts by lifetime value; `kind` is "realised" or "predicted".
///
/// # Errors
/// [`Error::Chart`] when there is no account.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let figure = charts::account_values(&book.values()?, "realised", "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn account_values(values: &[f64], kind: &str, currency: &str) -> Result<Figure, Error> {
    Figure::drawn(plots::account_value_distribution(values, kind, currency))
}

/// The concentration of value over accounts; values below zero count as zero, because
/// a share of a total cannot be negative.
///
/// # Errors
/// [`Error::Chart`] when nobody is worth anything.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let figure = charts::account_concentration(&book.values()?, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn account_concentration(values: &[f64], currency: &str) -> Result<Figure, Error> {
    let held: Vec<f64> = values.iter().map(|value| value.max(0.0)).collect();
    Figure::drawn(curve(&held).map(|curve| plots::account_value_concentration(&curve, currency)))
}

/// Income and realised value of every account, with the mean value of each fifth of income.
///
/// # Errors
/// [`Error::Chart`] when there is no account or an income is negative.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let figure = charts::income_and_value(&book.accounts()?, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn income_and_value(accounts: &Accounts, currency: &str) -> Result<Figure, Error> {
    let all = || accounts.accounts.iter();
    let ids: Vec<String> = all().map(|account| account.id.clone()).collect();
    let income: Vec<f64> = all().map(|account| account.income).collect();
    let value: Vec<f64> = all().map(|account| account.realised_value).collect();
    Figure::drawn(plots::income_and_value(&ids, &income, &value, currency))
}

/// Actual and predicted values of the test rows.
///
/// # Errors
/// [`Error::Chart`] when there is no test row.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let design = book.design("", 12)?;
/// let parts = design.split("sklearn", 0.20, 42)?;
/// let fit = design.fit(&parts)?;
/// let figure = charts::actual_and_predicted(&fit, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn actual_and_predicted(fit: &LinearFit, currency: &str) -> Result<Figure, Error> {
    Figure::drawn(plots::actual_and_predicted(
        &fit.test_actual,
        &fit.test_predicted,
        "linear",
        "test",
        currency,
    ))
}

/// Actual values of the test rows and what the model chosen by the folds predicted.
///
/// # Errors
/// [`Error::Chart`] when there is no test row.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let design = book.design("", 12)?;
/// let parts = design.split("sklearn", 0.20, 42)?;
/// let best = design.best(&parts, &design.compare(&parts, 42)?)?;
/// let figure = charts::best_predictions(&best, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn best_predictions(best: &Best, currency: &str) -> Result<Figure, Error> {
    let model = best.summary.model.name();
    let chart = plots::actual_and_predicted(&best.test_actual, &best.test_predicted, model, "test", currency);
    Figure::drawn(chart.and_then(|chart| chart.renamed("best_predictions")))
}

/// Residuals against fitted values of the training rows.
///
/// # Errors
/// [`Error::Chart`] when there is no row.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let design = book.design("", 12)?;
/// let parts = design.split("sklearn", 0.20, 42)?;
/// let fit = design.fit(&parts)?;
/// let figure = charts::residuals_and_fitted(&fit, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn residuals_and_fitted(fit: &LinearFit, currency: &str) -> Result<Figure, Error> {
    Figure::drawn(plots::residuals_and_fitted(&fit.fitted, &fit.residuals, currency))
}

/// Q-Q plot of the residuals.
///
/// # Errors
/// [`Error::Chart`] when there is no residual.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let design = book.design("", 12)?;
/// let parts = design.split("sklearn", 0.20, 42)?;
/// let fit = design.fit(&parts)?;
/// let figure = charts::normal_quantiles(&fit.diagnostics())?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn normal_quantiles(diagnostics: &Diagnostics) -> Result<Figure, Error> {
    let theoretical: Vec<f64> = diagnostics.qq.iter().map(|point| point.theoretical).collect();
    let standardised: Vec<f64> = diagnostics.qq.iter().map(|point| point.standardised).collect();
    Figure::drawn(plots::normal_quantiles(&theoretical, &standardised))
}

/// Leverage and residuals of the training rows; a row that decides its own prediction alone has no
/// residual and is left out.
///
/// # Errors
/// [`Error::Chart`] when there is no row.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let design = book.design("", 12)?;
/// let parts = design.split("sklearn", 0.20, 42)?;
/// let fit = design.fit(&parts)?;
/// let figure = charts::leverage(&design, &fit.diagnostics())?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn leverage(design: &Design, diagnostics: &Diagnostics) -> Result<Figure, Error> {
    let rows: Vec<_> = diagnostics.rows.iter().filter(|row| row.cooks_distance.is_finite()).collect();
    let names = design.names_of(&rows.iter().map(|row| row.row).collect::<Vec<_>>());
    // Rounding may leave a weight a hair outside its bounds.
    let weights: Vec<f64> = rows.iter().map(|row| row.leverage.clamp(0.0, 1.0)).collect();
    let standardised: Vec<f64> = rows.iter().map(|row| row.standardised).collect();
    let cooks: Vec<f64> = rows.iter().map(|row| row.cooks_distance).collect();
    Figure::drawn(plots::leverage(&names, &weights, &standardised, &cooks))
}

/// What all accounts spent, and the fan of what they are expected to spend.
///
/// # Errors
/// [`Error::Chart`] when there is no month.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let outlook = forecast_expenses(&book.accounts()?, 6, 0.90)?;
/// let figure = charts::expense_forecast(&outlook, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn expense_forecast(outlook: &Outlook, currency: &str) -> Result<Figure, Error> {
    let (panel, forecast) = (&outlook.panel, &outlook.forecast);
    let spent = |month: usize| panel.series.iter().filter_map(|series| series[month]).sum();
    let seen = panel.months();
    let day = |place: usize| panel.month(place).to_string();
    let fan = ExpenseFan {
        whose: "all accounts".to_owned(),
        months: (0..seen).map(day).collect(),
        spent: (0..seen).map(spent).collect(),
        ahead: (seen..seen + forecast.total.len()).map(day).collect(),
        mean: forecast.total.iter().map(|month| month.mean).collect(),
        low: forecast.total.iter().map(|month| month.low).collect(),
        high: forecast.total.iter().map(|month| month.high).collect(),
        level: outlook.test.options.level,
        tested: forecast.tested_horizon,
    };
    Figure::drawn(plots::expense_forecast(&fan, currency))
}

/// Mean spending and volatility of every account, marked by churn risk.
///
/// # Errors
/// [`Error::Chart`] when there is no account.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let outlook = forecast_expenses(&book.accounts()?, 6, 0.90)?;
/// let figure = charts::volatility_map(&outlook, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn volatility_map(outlook: &Outlook, currency: &str) -> Result<Figure, Error> {
    let mean = |series: &Vec<Option<f64>>| {
        let spent: Vec<f64> = series.iter().flatten().copied().collect();
        spent.iter().sum::<f64>() / spent.len().max(1) as f64
    };
    let spending: Vec<f64> = outlook.panel.series.iter().map(mean).collect();
    let forecast = &outlook.forecast;
    // A mean below zero, of credits, has no volatility to speak of.
    let volatility: Vec<f64> = forecast.accounts.iter().map(|account| account.volatility.max(0.0)).collect();
    let risk: Vec<String> = forecast.risks.iter().map(|risk| risk.level.to_string()).collect();
    let ids = &outlook.panel.ids;
    Figure::drawn(plots::volatility_map(ids, &spending, &volatility, &risk, VOLATILE, currency))
}

/// LTV:CAC of channels or segments.
///
/// # Errors
/// [`Error::Chart`] when there is none.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let by_channel = economics(&book.accounts()?, &book.values()?, 0.62, "channel")?;
/// let figure = charts::ltv_to_cac(&by_channel)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn ltv_to_cac(economics: &Economics) -> Result<Figure, Error> {
    let bar = |group: &cltv_accounts::GroupEconomics| ChannelRatio {
        name: group.group.clone(),
        accounts: group.accounts as u64,
        ratio: group.ratio,
        payback_months: group.payback_months,
    };
    let bars: Vec<ChannelRatio> = economics.groups.iter().map(bar).collect();
    let name = format!("ltv_to_cac_by_{}", economics.by.name());
    Figure::drawn(plots::ltv_to_cac(&bars, economics.by.name()).and_then(|chart| chart.renamed(&name)))
}
