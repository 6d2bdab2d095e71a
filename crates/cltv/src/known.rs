//! The forms in which the values of the workflow show themselves.

use crate::display::Bundle;
use crate::formula::{FormulaBase, FormulaComparison};
use crate::html;
use crate::revops;
use crate::shown;
use crate::tables::{beside_text, estimate_text, number_text, small};
use crate::{Audits, Customers, Data, Holdout, Models, Scores, Spend};
use cltv_purchases::{CleaningReport, Outputs, Periods, RfmTable, Split, Transactions};
use cltv_models::{BgNbd, CoefTable, Fitted, GammaGamma, LikelihoodModel, PurchaseFit, RfmSummary};
use cltv_report::numbers::{fixed, whole};
use cltv_report::{AccountsSummary, ExecutiveSummary, FormulaSummary, ReportError};
use std::any::Any;
use std::fmt::Display;

/// The forms of a value of ours; none for other types.
pub(crate) fn forms(value: &dyn Any) -> Option<Bundle> {
    sentences::<Data>(value)
        .or_else(|| sentences::<Transactions>(value))
        .or_else(|| sentences::<Periods>(value))
        .or_else(|| sentences::<Split>(value))
        .or_else(|| sentences::<RfmSummary>(value))
        .or_else(|| sentences::<RfmTable>(value))
        .or_else(|| sentences::<Holdout>(value))
        .or_else(|| sentences::<Scores>(value))
        .or_else(|| sentences::<Customers>(value))
        .or_else(|| sentences::<Outputs>(value))
        .or_else(|| as_is::<String>(value))
        .or_else(|| as_is::<&'static str>(value))
        .or_else(|| as_is::<f64>(value))
        .or_else(|| value.downcast_ref().map(fit::<BgNbd>))
        .or_else(|| value.downcast_ref().map(fit::<GammaGamma>))
        .or_else(|| value.downcast_ref().map(coefficients))
        .or_else(|| value.downcast_ref().map(spend))
        .or_else(|| value.downcast_ref().map(models))
        .or_else(|| value.downcast_ref().map(audits))
        .or_else(|| value.downcast_ref().map(cleaning))
        .or_else(|| value.downcast_ref().map(executive))
        .or_else(|| value.downcast_ref().map(account_page))
        .or_else(|| value.downcast_ref().map(formula_page))
        .or_else(|| revops::forms(value))
        .or_else(|| shown::forms(value))
        .or_else(|| sentences::<FormulaBase>(value))
        .or_else(|| sentences::<FormulaComparison>(value))
}

pub(crate) fn sentences<T: Any + Display>(value: &dyn Any) -> Option<Bundle> {
    value.downcast_ref::<T>().map(|value| said(value.to_string()))
}

/// Text of ours, which is sentences: as html its lines end between words.
pub(crate) fn said(text: String) -> Bundle {
    vec![("text/html", html::sentences(&text)), ("text/plain", text)]
}

/// Text of the notebook's author, shown as it is.
fn as_is<T: Any + Display>(value: &dyn Any) -> Option<Bundle> {
    value.downcast_ref::<T>().map(|value| vec![("text/plain", value.to_string())])
}

fn coefficients(table: &CoefTable) -> Bundle {
    coefficient_table(table, "")
}

pub(crate) fn coefficient_table(table: &CoefTable, note: &str) -> Bundle {
    let level = format!("{:.0}%", table.level * 100.0);
    let header = ["parameter", "estimate", "std. error", &format!("{level} low"), &format!("{level} high")];
    let number = |value: Option<f64>| value.map_or("–".to_owned(), estimate_text);
    let rows: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| {
            vec![
                row.name.to_owned(),
                number(Some(row.estimate)),
                number(row.std_error),
                number(row.low),
                number(row.high),
            ]
        })
        .collect();
    small(table.model, &header, &rows, note)
}

/// What a fit says below its table; fits of one model and of any model answer alike.
macro_rules! fit_note {
    ($fit:expr) => {{
        let told = if $fit.identified() {
            ""
        } else {
            " The data do not identify all parameters: read no single one of them."
        };
        format!(
            "log-likelihood {}, AIC {}, BIC {}, {} customers\n{}{told}",
            fixed($fit.log_likelihood(), 4),
            fixed($fit.aic(), 2),
            fixed($fit.bic(), 2),
            whole($fit.n_obs() as f64),
            $fit.convergence(),
        )
    }};
}

pub(crate) fn fit<M: LikelihoodModel>(fit: &Fitted<M>) -> Bundle {
    coefficient_table(&fit.coef_table(), &fit_note!(fit))
}

/// A fit of any model of purchases.
pub(crate) fn any_fit(fit: &PurchaseFit) -> Bundle {
    coefficient_table(&fit.coef_table(), &fit_note!(fit))
}

fn spend(value: &Spend) -> Bundle {
    match value {
        Spend::Fitted(model) => fit(model),
        Spend::Skipped => said(value.to_string()),
    }
}

fn models(value: &Models) -> Bundle {
    let (purchases, spend) = (fit(&value.purchases), spend(&value.spend));
    let joined = |mime: &str, between: &str| -> String {
        let of = |bundle: &Bundle| bundle.iter().find(|(m, _)| *m == mime).map(|(_, text)| text.clone());
        [&purchases, &spend].into_iter().filter_map(of).collect::<Vec<_>>().join(between)
    };
    vec![("text/html", joined("text/html", "<br>")), ("text/plain", joined("text/plain", "\n\n"))]
}

fn audits(value: &Audits) -> Bundle {
    let rows: Vec<Vec<String>> = value
        .list
        .iter()
        .map(|a| {
            vec![a.name.to_string(), a.level.name().to_owned(), number_text(a.figure), a.message.clone()]
        })
        .collect();
    let last = value.to_string().lines().last().unwrap_or_default().to_owned();
    beside_text("Audits", &["audit", "level", "figure", "what it says"], &rows, &last, value)
}

fn cleaning(report: &CleaningReport) -> Bundle {
    let count = |n: usize| whole(n as f64);
    let rows: Vec<Vec<String>> = report
        .steps
        .iter()
        .map(|s| vec![s.check.clone(), count(s.rows), count(s.left_out), s.done.clone()])
        .collect();
    let header = ["looked for", "rows found", "rows left out", "what was done"];
    let caption = format!("{} of {} rows kept", count(report.rows_kept), count(report.rows_read));
    beside_text(&caption, &header, &rows, &report.notes.join("\n"), report)
}

fn executive(summary: &ExecutiveSummary) -> Bundle {
    page(summary.to_markdown())
}

fn account_page(summary: &AccountsSummary) -> Bundle {
    page(summary.to_markdown())
}

fn formula_page(summary: &FormulaSummary) -> Bundle {
    page(summary.to_markdown())
}

pub(crate) fn page(text: Result<String, ReportError>) -> Bundle {
    match text {
        Ok(text) => vec![("text/markdown", html::without_formulas(&text)), ("text/plain", text)],
        Err(error) => vec![("text/plain", error.to_string())],
    }
}
