//! The forms of models, of their comparisons and of their intervals.

use crate::bundle::Bundle;
use crate::registered::coefficients::{any_fit, coefficient_table, coefficients, fit};
use crate::registered::forms::{Entry, entries, sentences, setting, text_block};
use crate::tables::{beside_text, estimate_text, small};
use cltv_models::{
    Audit, AuditLevel, BetaDiscreteWeibull, BgBb, BgCnbdK, BgNbd, BgNbdParams, BootstrapPlan, CoefTable,
    Comparison, CovariateModel, CovariateSummary, Covariates, DrawPlan, ExponentialNbd, Fitted, GammaGamma,
    GammaGammaParams, GgompertzNbd, Grain, History, IntervalEstimate, LikelihoodModel, LikelihoodRatio,
    MbgCnbdK, MbgNbd, ModelFigures, Nbd, OpportunityHistory, OpportunitySummary, ParetoNbd, Posterior,
    PosteriorSummary, PredictiveCheck, Prior, Priors, PurchaseFit, PurchaseModel, Sampling,
    ShiftedBetaGeometric, TimeUnit, ValueIntervals, WithCovariates,
};
use cltv_report::numbers::{fixed, percent, short, whole};
use cltv_workflow::{
    Campaign, ContractFits, ContractInput, ContractValues, Contracts, CovariateFit, IntervalMethods,
    ModelChoice, NO_EFFECTS, Opportunities, OpportunityInput, OpportunityScores, Origins, PurchaseBootstrap,
    PurchasePosterior, Regularity,
};

pub(super) fn entries() -> Vec<Entry> {
    let mut all = fits();
    all.extend(results());
    all.extend(settings());
    all
}

fn fits() -> Vec<Entry> {
    entries![
        CoefTable => coefficients,
        PurchaseFit => any_fit,
        Fitted<BgNbd> => fit,
        Fitted<MbgNbd> => fit,
        Fitted<ParetoNbd> => fit,
        Fitted<Nbd> => fit,
        Fitted<BgCnbdK> => fit,
        Fitted<MbgCnbdK> => fit,
        Fitted<GgompertzNbd> => fit,
        Fitted<ExponentialNbd> => fit,
        Fitted<GammaGamma> => fit,
        Fitted<BgBb> => fit,
        Fitted<ShiftedBetaGeometric> => fit,
        Fitted<BetaDiscreteWeibull> => fit,
        Fitted<WithCovariates<BgNbd>> => with_covariates,
        Fitted<WithCovariates<MbgNbd>> => with_covariates,
        Fitted<WithCovariates<ParetoNbd>> => with_covariates,
        CovariateFit => covariate_fit,
        Option<CovariateFit> => covariate_effects,
    ]
}

fn results() -> Vec<Entry> {
    entries![
        Comparison => comparison,
        IntervalMethods => intervals,
        PurchasePosterior => |found: &PurchasePosterior| posterior(&found.summary()),
        Posterior<BgNbd> => own_posterior,
        Posterior<MbgNbd> => own_posterior,
        Posterior<ParetoNbd> => own_posterior,
        Posterior<Nbd> => own_posterior,
        Posterior<BgCnbdK> => own_posterior,
        Posterior<MbgCnbdK> => own_posterior,
        Posterior<GgompertzNbd> => own_posterior,
        Posterior<ExponentialNbd> => own_posterior,
        Posterior<GammaGamma> => own_posterior,
        PurchaseBootstrap => bootstrap,
        PredictiveCheck => check,
        Origins => sentences,
        Regularity => sentences,
        Campaign => sentences,
        Contracts => sentences,
        ContractFits => sentences,
        Opportunities => sentences,
        OpportunityScores => sentences,
        LikelihoodRatio => sentences,
    ]
}

fn settings() -> Vec<Entry> {
    entries![
        BgNbd => setting,
        MbgNbd => setting,
        ParetoNbd => setting,
        Nbd => setting,
        BgCnbdK => setting,
        MbgCnbdK => setting,
        GgompertzNbd => setting,
        ExponentialNbd => setting,
        GammaGamma => setting,
        BgBb => setting,
        ShiftedBetaGeometric => setting,
        BetaDiscreteWeibull => setting,
        BgNbdParams => sentences,
        GammaGammaParams => sentences,
        Audit => sentences,
        OpportunitySummary => sentences,
        CovariateSummary => setting,
        Covariates => setting,
        ContractInput => setting,
        OpportunityInput => setting,
        PurchaseModel => setting,
        ModelChoice => setting,
        ContractValues => setting,
        Sampling => setting,
        Prior => setting,
        Priors => setting,
        DrawPlan => setting,
        BootstrapPlan => setting,
        TimeUnit => setting,
        Grain => setting,
        History => setting,
        OpportunityHistory => setting,
        IntervalEstimate => setting,
        ValueIntervals => setting,
    ]
}

fn with_covariates<M: CovariateModel>(fit: &Fitted<WithCovariates<M>>) -> Bundle {
    coefficient_table(&fit.coef_table(), &fit.model().coding().join("\n"))
}

fn covariate_fit(found: &CovariateFit) -> Bundle {
    let notes = [found.coding(), vec![found.test.to_string()]].concat();
    coefficient_table(&found.coef_table(), &notes.join("\n"))
}

fn covariate_effects(found: &Option<CovariateFit>) -> Bundle {
    found.as_ref().map_or_else(|| text_block(NO_EFFECTS.to_owned()), covariate_fit)
}

fn comparison(found: &Comparison) -> Bundle {
    let header = [
        "model",
        "log-lik.",
        "BIC",
        "MAE",
        "RMSE",
        "bias",
        "corr.",
        "Gini",
        "decile error",
        "expected",
        "95%",
        "covered",
        "s",
        "audits",
    ];
    let rows: Vec<Vec<String>> = found
        .rows
        .iter()
        .map(|row| match &row.result {
            Ok(figures) => compared(row.model, figures, row.seconds),
            Err(_) => {
                let mut cells = vec!["–".to_owned(); header.len()];
                (cells[0], cells[13]) = (row.model.to_owned(), "no fit".to_owned());
                cells
            }
        })
        .collect();
    let made = found.rows.iter().find_map(|row| row.result.as_ref().ok()).map_or(0, |f| f.total.actual);
    let caption = format!(
        "{} models on {} customers, who made {} purchases in the holdout",
        found.rows.len(),
        whole(found.customers as f64),
        whole(made as f64)
    );
    beside_text(&caption, &header, &rows, &found.sentences().join("\n"), found)
}

/// A share without decimals, for a table that has many columns.
fn whole_percent(share: f64) -> String {
    format!("{}%", fixed(100.0 * share, 0))
}

fn compared(model: &str, figures: &ModelFigures, seconds: Option<f64>) -> Vec<String> {
    let ModelFigures { fit, accuracy, total, .. } = figures;
    let optional = |value: Option<f64>, digits| value.map_or("–".to_owned(), |value| fixed(value, digits));
    let worst = figures.audits.iter().map(|audit| audit.level).max().unwrap_or(AuditLevel::Ok);
    vec![
        model.to_owned(),
        fixed(fit.log_likelihood(), 1),
        fixed(fit.bic(), 1),
        fixed(accuracy.mae, 3),
        fixed(accuracy.rmse, 3),
        fixed(accuracy.bias, 3),
        optional(accuracy.correlation, 2),
        optional(accuracy.gini, 2),
        figures.calibration_error().map_or("–".to_owned(), whole_percent),
        whole(total.expected),
        format!("{}–{}", whole(total.low), whole(total.high)),
        format!("{}, {}", if total.covers() { "yes" } else { "no" }, whole_percent(figures.coverage())),
        optional(seconds, 2),
        worst.name().to_owned(),
    ]
}

fn intervals(found: &IntervalMethods) -> Bundle {
    let row = |row: &cltv_workflow::MethodInterval| {
        let figures = [row.estimate, row.low, row.high].map(estimate_text);
        [vec![row.parameter.clone(), row.method.to_owned()], figures.to_vec()].concat()
    };
    let rows: Vec<Vec<String>> = found.rows.iter().map(row).collect();
    let caption = format!("{} intervals by method", percent(found.level));
    small(&caption, &["parameter", "method", "estimate", "low", "high"], &rows, &found.skipped.join(" "))
}

fn own_posterior<M: LikelihoodModel>(found: &Posterior<M>) -> Bundle {
    posterior(&found.summary())
}

fn posterior(summary: &PosteriorSummary) -> Bundle {
    let rows: Vec<Vec<String>> = summary
        .rows
        .iter()
        .map(|row| {
            let figures = [row.mean, row.sd, row.low, row.median, row.high].map(estimate_text);
            let trust = vec![
                fixed(row.diagnostics.r_hat, 4),
                whole(row.diagnostics.ess_bulk),
                whole(row.diagnostics.ess_tail),
            ];
            [vec![row.name.clone()], figures.to_vec(), trust].concat()
        })
        .collect();
    let header = ["quantity", "mean", "sd", "2.5%", "median", "97.5%", "R-hat", "ESS bulk", "ESS tail"];
    let mut notes = vec![
        format!(
            "{} chains of {} draws, {} divergences",
            summary.chains,
            whole(summary.draws as f64),
            summary.divergences
        ),
        format!("priors: {}", summary.priors),
    ];
    notes.extend(summary.warnings());
    let caption = format!("Posterior of {}", summary.model);
    beside_text(&caption, &header, &rows, &notes.join("\n"), summary)
}

fn bootstrap(found: &PurchaseBootstrap) -> Bundle {
    let intervals = found.confint(0.95).unwrap_or_default();
    let rows: Vec<Vec<String>> = found
        .std_errors()
        .iter()
        .zip(&intervals)
        .map(|(error, ends)| {
            vec![
                ends.name.to_owned(),
                estimate_text(*error),
                estimate_text(ends.low),
                estimate_text(ends.high),
            ]
        })
        .collect();
    let caption =
        format!("{} fitted on {} samples of its customers", found.model(), whole(found.replicates() as f64));
    let note = format!("{} samples could not be fitted", found.failed());
    beside_text(&caption, &["parameter", "std. error", "95% low", "95% high"], &rows, &note, found)
}

fn check(found: &PredictiveCheck) -> Bundle {
    let rows: Vec<Vec<String>> = found
        .figures
        .iter()
        .map(|figure| {
            let figures = [figure.observed, figure.mean, figure.low, figure.high].map(short);
            [vec![figure.name.to_owned()], figures.to_vec(), vec![fixed(figure.p_value, 3)]].concat()
        })
        .collect();
    let caption =
        format!("The data compared with {} data sets simulated by {}", found.replicates, found.model);
    let header = ["figure", "data", "mean", "low", "high", "p"];
    beside_text(&caption, &header, &rows, &found.sentences().join("\n"), found)
}
