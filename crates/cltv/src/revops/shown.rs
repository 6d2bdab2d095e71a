//! The forms in which accounts, regressions and forecasts show themselves.

use crate::display::Bundle;
use crate::known::{said, sentences};
use crate::revops::{Best, Crm, Design, Economics, Outlook, Ranking};
use crate::tables::{beside_text, estimate_text, number_text};
use cltv_report::numbers::{fixed, whole};
use cltv_accounts::formula::{Averages, ClvFormula, SegmentTable, Sensitivity};
use cltv_accounts::regression::{
    CrossValidation, Diagnostics, DroppedColumn, LeakageReport, LinearFit, Metrics, ModelComparison,
    MultiplicativeFit, RegressionSummary,
};
use cltv_accounts::{Concentration, IncomeRelation, PrepareReport};
use std::any::Any;

/// The forms of a value of these workflows; none for other types.
pub(crate) fn forms(value: &dyn Any) -> Option<Bundle> {
    sentences::<Crm>(value)
        .or_else(|| sentences::<Design>(value))
        .or_else(|| sentences::<Best>(value))
        .or_else(|| sentences::<Outlook>(value))
        .or_else(|| sentences::<Ranking>(value))
        .or_else(|| sentences::<Economics>(value))
        .or_else(|| sentences::<PrepareReport>(value))
        .or_else(|| sentences::<RegressionSummary>(value))
        .or_else(|| sentences::<Averages>(value))
        .or_else(|| sentences::<ClvFormula>(value))
        .or_else(|| value.downcast_ref().map(|found: &Concentration| said(found.sentence())))
        .or_else(|| value.downcast_ref().map(|found: &IncomeRelation| said(found.sentence.clone())))
        .or_else(|| value.downcast_ref().map(fit))
        .or_else(|| value.downcast_ref().map(multiplicative))
        .or_else(|| value.downcast_ref().map(folds))
        .or_else(|| value.downcast_ref().map(comparison))
        .or_else(|| value.downcast_ref().map(diagnostics))
        .or_else(|| value.downcast_ref().map(leakage))
        .or_else(|| value.downcast_ref().map(quarters))
        .or_else(|| value.downcast_ref().map(sensitivity))
}

fn p_text(p: f64) -> String {
    if p < 0.00005 { "< 0.0001".to_owned() } else { fixed(p, 4) }
}

/// A figure of the metric with this name: shares with four decimals, amounts with two.
fn metric_text(name: &str, value: f64) -> String {
    fixed(value, if name.contains("R2") { 4 } else { 2 })
}

fn share(value: f64) -> String {
    if value.is_finite() { format!("{:.1}%", 100.0 * value) } else { "–".to_owned() }
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
        [vec![row.name.clone()], figures.to_vec(), vec![fixed(row.by_deviation, 3)]].concat()
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
        let penalty = model.lambda.map_or("–".to_owned(), number_text);
        let first = [model.model.clone(), penalty, model.features.to_string()];
        [first.to_vec(), figures.to_vec(), vec![whole(model.below_zero as f64)]].concat()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let note = format!(
        "By folds of the training rows the {} model has the lowest RMSE; the test rows only report it.",
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
            number_text(check.statistic),
            check.p_value.map_or("–".to_owned(), p_text),
            if check.violated { "violated" } else { "not contradicted" }.to_owned(),
            check.sentence.clone(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let header = ["assumption", "test", "figure", "p", "verdict", "what it says"];
    beside_text("Assumptions, checked on the training rows", &header, &rows, "", value)
}

fn leakage(value: &LeakageReport) -> Bundle {
    let rows = value.rows.iter().map(|row| {
        let level = format!("{:?}", row.level).to_lowercase();
        vec![row.feature.clone(), share(row.explained), share(row.rank_explained), level]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let notes: Vec<String> = value.rows.iter().filter_map(|row| row.sentence()).collect();
    let header = ["feature", "explains alone", "by rank", "level"];
    beside_text("Does a feature know the target?", &header, &rows, &notes.join("\n"), value)
}

fn quarters(value: &SegmentTable) -> Bundle {
    let rows = value.rows.iter().map(|row| {
        let money = [row.above, row.to, row.mean, row.total].map(|amount| fixed(amount, 2));
        [vec![row.segment.clone(), whole(row.count as f64)], money.to_vec(), vec![share(row.share)]].concat()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let header = ["segment", "customers", "above", "to", "mean", "total", "share"];
    beside_text("Quarters of the customers by value", &header, &rows, "", value)
}

fn sensitivity(value: &Sensitivity) -> Bundle {
    let rows = value.rows.iter().map(|row| {
        vec![
            row.input.to_string(),
            number_text(row.at),
            number_text(row.moved_to),
            fixed(row.change, 2),
            share(row.change_share),
            number_text(row.derivative),
            fixed(row.elasticity, 2),
            row.sentence(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let header =
        ["input", "at", "moved to", "change", "of the value", "derivative", "elasticity", "in words"];
    let caption = format!("What one step is worth; without a step {}", fixed(value.value, 2));
    beside_text(&caption, &header, &rows, "", value)
}
