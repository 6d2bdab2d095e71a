//! The forms of accounts, of regressions and of forecasts.

use crate::bundle::Bundle;
use crate::registered::forms::{Entry, entries, sentences, setting, text_block};
use crate::tables::{beside_text, estimate_text};
use cltv_accounts::formula::{Averages, ClvFormula, SegmentTable, Sensitivity};
use cltv_accounts::regression::{
    CrossValidation, Diagnostics, DroppedColumn, LeakageReport, LinearFit, Metrics, ModelComparison,
    MultiplicativeFit, RegressionSummary,
};
use cltv_accounts::{Concentration, IncomeRelation, PrepareReport};
use cltv_report::numbers::{fixed, percent, short, whole};
use cltv_workflow::{Best, Crm, CrmInput, Design, Economics, GroupBy, Outlook, Ranking};

pub(super) fn entries() -> Vec<Entry> {
    entries![
        Crm => sentences,
        CrmInput => setting,
        GroupBy => setting,
        Design => sentences,
        Best => sentences,
        Outlook => sentences,
        Ranking => sentences,
        Economics => sentences,
        PrepareReport => sentences,
        RegressionSummary => sentences,
        Averages => sentences,
        ClvFormula => sentences,
        Concentration => |found| text_block(found.sentence()),
        IncomeRelation => |found| text_block(found.sentence.clone()),
        LinearFit => fit,
        MultiplicativeFit => multiplicative,
        CrossValidation => folds,
        ModelComparison => comparison,
        Diagnostics => diagnostics,
        LeakageReport => leakage,
        SegmentTable => quarters,
        Sensitivity => sensitivity,
    ]
}

fn p_text(p: f64) -> String {
    if p < 0.00005 { "< 0.0001".to_owned() } else { fixed(p, 4) }
}

/// A figure of the metric with this name: shares with four decimals, amounts with two.
fn metric_text(name: &str, value: f64) -> String {
    fixed(value, if name.contains("R2") { 4 } else { 2 })
}

fn fit(fit: &LinearFit) -> Bundle {
    let header = ["column", "estimate", "std. error", "robust", "t", "p", "95% low", "95% high", "VIF"];
    let rows = fit.coefficients.iter().map(|row| {
        vec![
            row.name.clone(),
            estimate_text(row.estimate),
            estimate_text(row.std_error),
            estimate_text(row.robust_error),
            fixed(row.t, 2),
            p_text(row.p_value),
            estimate_text(row.low),
            estimate_text(row.high),
            fixed(row.vif, 2),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let caption = format!("Linear regression of {}", fit.target);
    beside_text(&caption, &header, &rows, &below_the_table(&fit.train, &fit.test, &fit.dropped), fit)
}

/// Metrics on both sides, and columns left out.
fn below_the_table(train: &Metrics, test: &Metrics, dropped: &[DroppedColumn]) -> String {
    let side = |name: &str, set: &Metrics| {
        format!(
            "{name}: {} rows, R2 {}, adjusted R2 {}, RMSE {}, MAE {}, median absolute error {}",
            whole(set.n as f64),
            fixed(set.r2, 4),
            fixed(set.adj_r2, 4),
            fixed(set.rmse, 2),
            fixed(set.mae, 2),
            fixed(set.medae, 2)
        )
    };
    let mut notes = vec![side("training", train), side("test", test)];
    notes.extend(dropped.iter().map(ToString::to_string));
    notes.join("\n")
}

fn multiplicative(fit: &MultiplicativeFit) -> Bundle {
    let header = ["column", "estimate", "robust error", "95% low", "95% high", "one sd multiplies by"];
    let rows = fit.coefficients.iter().map(|row| {
        let figures = [row.estimate, row.robust_error, row.low, row.high].map(estimate_text);
        [vec![row.name.clone()], figures.to_vec(), vec![fixed(row.factor_per_sd, 3)]].concat()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let caption = format!("Multiplicative model of {}", fit.target);
    beside_text(&caption, &header, &rows, &below_the_table(&fit.train, &fit.test, &fit.dropped), fit)
}

fn folds(value: &CrossValidation) -> Bundle {
    let rows = value.intervals.iter().map(|row| {
        let figures = [row.mean, row.sd, row.low, row.high].map(|value| metric_text(&row.metric, value));
        [vec![row.metric.clone()], figures.to_vec()].concat()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let caption = format!("{} folds of the training rows", value.folds.len());
    let note = "Folds share rows, so the intervals are somewhat too narrow.";
    beside_text(&caption, &["metric", "mean", "sd", "95% low", "95% high"], &rows, note, value)
}

fn comparison(value: &ModelComparison) -> Bundle {
    let header = [
        "model",
        "penalty",
        "columns",
        "RMSE folds",
        "RMSE test",
        "R2 train",
        "R2 test",
        "MAE test",
        "below 0",
    ];
    let rows = value.models.iter().map(|model| {
        let (train, test) = (&model.train, &model.test);
        let figures = [
            fixed(model.folds_rmse, 2),
            fixed(test.rmse, 2),
            fixed(train.r2, 4),
            fixed(test.r2, 4),
            fixed(test.mae, 2),
        ];
        let penalty = model.lambda.map_or("–".to_owned(), short);
        let first = [model.model.to_string(), penalty, model.features.to_string()];
        [first.to_vec(), figures.to_vec(), vec![whole(model.below_zero as f64)]].concat()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let note = format!(
        "The {} model has the lowest RMSE in the folds of the training rows; the test rows are not used to choose.",
        value.best
    );
    let notes = [note].into_iter().chain(value.sentences().cloned()).collect::<Vec<_>>().join("\n");
    beside_text("Models of the same target on the same rows", &header, &rows, &notes, value)
}

fn diagnostics(value: &Diagnostics) -> Bundle {
    let rows = value.checks.iter().map(|check| {
        vec![
            check.assumption.clone(),
            check.test.clone(),
            short(check.statistic),
            check.p_value.map_or("–".to_owned(), p_text),
            if check.violated { "violated" } else { "not contradicted" }.to_owned(),
            check.sentence.clone(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let header = ["assumption", "test", "figure", "p", "verdict", "finding"];
    beside_text("Assumptions, checked on the training rows", &header, &rows, "", value)
}

fn leakage(value: &LeakageReport) -> Bundle {
    let rows = value.rows.iter().map(|row| {
        vec![row.feature.clone(), percent(row.explained), percent(row.rank_explained), row.level.to_string()]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let notes: Vec<String> = value.rows.iter().filter_map(|row| row.sentence()).collect();
    let header = ["feature", "explains alone", "by rank", "level"];
    beside_text(
        "Leakage: does one feature nearly determine the target?",
        &header,
        &rows,
        &notes.join("\n"),
        value,
    )
}

fn quarters(value: &SegmentTable) -> Bundle {
    let rows = value.rows.iter().map(|row| {
        let money = [row.above, row.to, row.mean, row.total].map(|amount| fixed(amount, 2));
        [vec![row.segment.clone(), whole(row.count as f64)], money.to_vec(), vec![percent(row.share)]]
            .concat()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let header = ["segment", "customers", "above", "to", "mean", "total", "share"];
    beside_text("Quarters of the customers by value", &header, &rows, "", value)
}

fn sensitivity(value: &Sensitivity) -> Bundle {
    let rows = value.rows.iter().map(|row| {
        vec![
            row.input.to_string(),
            short(row.at),
            short(row.moved_to),
            fixed(row.change, 2),
            percent(row.change_share),
            short(row.derivative),
            fixed(row.elasticity, 2),
            row.sentence(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let header =
        ["input", "at", "moved to", "change", "of the value", "derivative", "elasticity", "in words"];
    let caption =
        format!("Change in value for one step of each input; value without a step {}", fixed(value.value, 2));
    beside_text(&caption, &header, &rows, "", value)
}
