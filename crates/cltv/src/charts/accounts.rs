//! Charts of accounts: their values, the regression, the months ahead, the channels.

use super::Figure;
use crate::Error;
use crate::revops::{Best, Design, Economics, Outlook, risk_word};
use chrono::NaiveDate;
use cltv_plots::{self as plots, ChannelRatio, ExpenseFan};
use cltv_accounts::Accounts;
use cltv_accounts::regression::{Diagnostics, LinearFit};

/// From this coefficient of variation on, an account is volatile.
const VOLATILE: f64 = 0.5;

/// Accounts by lifetime value; `kind` says which, as "realised" or "predicted".
///
/// # Errors
/// [`Error::Plot`] when there is no account.
pub fn account_values(values: &[f64], kind: &str, currency: &str) -> Result<Figure, Error> {
    Ok(Figure::drawn(plots::account_value_distribution(values, kind, currency)?))
}

/// The concentration of value over accounts; values below zero count as zero, for nobody holds a
/// negative share.
///
/// # Errors
/// [`Error::Plot`] when nobody is worth anything.
pub fn account_concentration(values: &[f64], currency: &str) -> Result<Figure, Error> {
    let held: Vec<f64> = values.iter().map(|value| value.max(0.0)).collect();
    Ok(Figure::drawn(plots::account_value_concentration(&held, currency)?))
}

/// Income and realised value of every account, with the mean value of each fifth of income.
///
/// # Errors
/// [`Error::Plot`] when there is no account or an income is negative.
pub fn income_and_value(accounts: &Accounts, currency: &str) -> Result<Figure, Error> {
    let all = || accounts.accounts.iter();
    let ids: Vec<String> = all().map(|account| account.id.clone()).collect();
    let income: Vec<f64> = all().map(|account| account.income).collect();
    let value: Vec<f64> = all().map(|account| account.realised_value).collect();
    Ok(Figure::drawn(plots::income_and_value(&ids, &income, &value, currency)?))
}

/// Actual and predicted values of the test rows.
///
/// # Errors
/// [`Error::Plot`] when there is no test row.
pub fn actual_and_predicted(fit: &LinearFit, currency: &str) -> Result<Figure, Error> {
    Ok(Figure::drawn(plots::actual_and_predicted(
        &fit.test_actual,
        &fit.test_predicted,
        "linear",
        "test",
        currency,
    )?))
}

/// Actual values of the test rows and what the model chosen by the folds predicted.
///
/// # Errors
/// [`Error::Plot`] when there is no test row.
pub fn best_predictions(best: &Best, currency: &str) -> Result<Figure, Error> {
    let model = &best.summary.model;
    let chart =
        plots::actual_and_predicted(&best.test_actual, &best.test_predicted, model, "test", currency)?;
    Ok(Figure::drawn(chart.renamed("best_predictions")?))
}

/// Residuals against fitted values of the training rows.
///
/// # Errors
/// [`Error::Plot`] when there is no row.
pub fn residuals_and_fitted(fit: &LinearFit, currency: &str) -> Result<Figure, Error> {
    Ok(Figure::drawn(plots::residuals_and_fitted(&fit.fitted, &fit.residuals, currency)?))
}

/// Q-Q plot of the residuals.
///
/// # Errors
/// [`Error::Plot`] when there is no residual.
pub fn normal_quantiles(diagnostics: &Diagnostics) -> Result<Figure, Error> {
    let theoretical: Vec<f64> = diagnostics.qq.iter().map(|point| point.theoretical).collect();
    let standardised: Vec<f64> = diagnostics.qq.iter().map(|point| point.standardised).collect();
    Ok(Figure::drawn(plots::normal_quantiles(&theoretical, &standardised)?))
}

/// Leverage and residuals of the training rows; a row that decides its own prediction alone has no
/// residual and is left out.
///
/// # Errors
/// [`Error::Plot`] when there is no row.
pub fn leverage(design: &Design, diagnostics: &Diagnostics) -> Result<Figure, Error> {
    let rows: Vec<_> = diagnostics.rows.iter().filter(|row| row.cooks_distance.is_finite()).collect();
    let names = design.names_of(&rows.iter().map(|row| row.row).collect::<Vec<_>>());
    // Rounding may leave a weight a hair outside its bounds.
    let weights: Vec<f64> = rows.iter().map(|row| row.leverage.clamp(0.0, 1.0)).collect();
    let standardised: Vec<f64> = rows.iter().map(|row| row.standardised).collect();
    let cooks: Vec<f64> = rows.iter().map(|row| row.cooks_distance).collect();
    Ok(Figure::drawn(plots::leverage(&names, &weights, &standardised, &cooks)?))
}

/// What all accounts spent, and the fan of what they are expected to spend.
///
/// # Errors
/// [`Error::Plot`] when there is no month.
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
    Ok(Figure::drawn(plots::expense_forecast(&fan, currency)?))
}

/// The same of one account, by its id.
///
/// # Errors
/// [`Error::UnknownWord`] for an id that is not there.
pub fn account_forecast(outlook: &Outlook, id: &str, currency: &str) -> Result<Figure, Error> {
    let unknown = || Error::UnknownWord { name: "id", value: id.to_owned(), bound: "the id of an account" };
    let at = outlook.panel.ids.iter().position(|known| known == id).ok_or_else(unknown)?;
    let (panel, account) = (&outlook.panel, &outlook.forecast.accounts[at]);
    let seen = panel.months();
    let known: Vec<(NaiveDate, f64)> =
        (0..seen).filter_map(|month| Some((panel.month(month), panel.series[at][month]?))).collect();
    let fan = ExpenseFan {
        whose: format!("account {id}"),
        months: known.iter().map(|(day, _)| day.to_string()).collect(),
        spent: known.iter().map(|(_, spent)| *spent).collect(),
        ahead: (seen..seen + account.mean.len()).map(|place| panel.month(place).to_string()).collect(),
        mean: account.mean.clone(),
        low: account.low.clone(),
        high: account.high.clone(),
        level: outlook.test.options.level,
        tested: outlook.forecast.tested_horizon,
    };
    let chart = plots::expense_forecast(&fan, currency)?.renamed("account_forecast")?;
    Ok(Figure::drawn(chart))
}

/// Mean spending and volatility of every account, marked by churn risk.
///
/// # Errors
/// [`Error::Plot`] when there is no account.
pub fn volatility_map(outlook: &Outlook, currency: &str) -> Result<Figure, Error> {
    let mean = |series: &Vec<Option<f64>>| {
        let spent: Vec<f64> = series.iter().flatten().copied().collect();
        spent.iter().sum::<f64>() / spent.len().max(1) as f64
    };
    let spending: Vec<f64> = outlook.panel.series.iter().map(mean).collect();
    let forecast = &outlook.forecast;
    // A mean below zero, of credits, has no volatility to speak of.
    let volatility: Vec<f64> = forecast.accounts.iter().map(|account| account.volatility.max(0.0)).collect();
    let risk: Vec<String> = forecast.risks.iter().map(|risk| risk_word(risk.level).to_owned()).collect();
    let ids = &outlook.panel.ids;
    Ok(Figure::drawn(plots::volatility_map(ids, &spending, &volatility, &risk, VOLATILE, currency)?))
}

/// LTV:CAC of channels or segments.
///
/// # Errors
/// [`Error::Plot`] when there is none.
pub fn ltv_to_cac(economics: &Economics) -> Result<Figure, Error> {
    let bar = |group: &cltv_accounts::GroupEconomics| ChannelRatio {
        name: group.group.clone(),
        accounts: group.accounts as u64,
        ratio: group.ratio,
        payback_months: group.payback_months,
    };
    let bars: Vec<ChannelRatio> = economics.groups.iter().map(bar).collect();
    let chart = plots::ltv_to_cac(&bars, economics.kind)?;
    Ok(Figure::drawn(chart.renamed(&format!("ltv_to_cac_by_{}", economics.kind))?))
}
