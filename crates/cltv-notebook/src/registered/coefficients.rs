//! Tables of coefficients, which all fits share.

use crate::bundle::Bundle;
use crate::tables::{estimate_text, small};
use cltv_models::{CoefTable, Fitted, LikelihoodModel, PurchaseFit};
use cltv_report::numbers::{fixed, whole};

pub(super) fn coefficients(table: &CoefTable) -> Bundle {
    coefficient_table(table, "")
}

pub(super) fn coefficient_table(table: &CoefTable, note: &str) -> Bundle {
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

/// The note below a fit's table; fits of one model and of any model have the same methods.
macro_rules! fit_note {
    ($fit:expr) => {{
        let warning = if $fit.identified() {
            ""
        } else {
            " The data do not identify all parameters: single estimates have no meaning."
        };
        format!(
            "log-likelihood {}, AIC {}, BIC {}, {} customers\n{}{warning}",
            fixed($fit.log_likelihood(), 4),
            fixed($fit.aic(), 2),
            fixed($fit.bic(), 2),
            whole($fit.n_obs() as f64),
            $fit.convergence(),
        )
    }};
}

pub(super) fn fit<M: LikelihoodModel>(fit: &Fitted<M>) -> Bundle {
    coefficient_table(&fit.coef_table(), &fit_note!(fit))
}

/// A fit of any model of purchases.
pub(super) fn any_fit(fit: &PurchaseFit) -> Bundle {
    coefficient_table(&fit.coef_table(), &fit_note!(fit))
}
