//! The forms of purchases, of the fitted workflow and of what customers are worth.

use crate::bundle::Bundle;
use crate::registered::coefficients::{any_fit, fit};
use crate::registered::forms::{Entry, as_is, entries, sentences, setting, text_block};
use crate::tables::beside_text;
use cltv_models::{RfmSummary, ValuePlan};
use cltv_purchases::{
    Cleaning, CleaningReport, CohortTable, Outputs, Periods, RfmTable, SegmentTable, Source, Split,
    Transactions,
};
use cltv_report::Tier;
use cltv_report::numbers::{short, whole};
use cltv_workflow::{
    Audits, ChosenModel, Classroom, Customers, Data, EarlierForecasts, Error, FormulaBase, FormulaComparison,
    FormulaPeriod, Holdout, Input, Models, Score, Scores, Spend, TierRules, Tracking,
};

pub(super) fn entries() -> Vec<Entry> {
    entries![
        Data => sentences,
        Transactions => sentences,
        Periods => sentences,
        Split => sentences,
        RfmSummary => sentences,
        RfmTable => sentences,
        Holdout => sentences,
        EarlierForecasts => sentences,
        Scores => sentences,
        Customers => sentences,
        TierRules => sentences,
        Outputs => sentences,
        FormulaBase => sentences,
        FormulaComparison => sentences,
        Error => sentences,
        ChosenModel => sentences,
        Classroom => setting,
        FormulaPeriod => setting,
        Tier => as_is,
        String => as_is,
        &'static str => as_is,
        f64 => as_is,
        Input => setting,
        Source => setting,
        Cleaning => setting,
        ValuePlan => setting,
        Score => setting,
        Tracking => setting,
        SegmentTable => setting,
        CohortTable => setting,
        Spend => spend,
        Models => models,
        Audits => audits,
        CleaningReport => cleaning,
    ]
}

fn spend(value: &Spend) -> Bundle {
    match value {
        Spend::Fitted(model) => fit(model),
        Spend::Skipped => text_block(value.to_string()),
    }
}

fn models(value: &Models) -> Bundle {
    let (purchases, spend) = (any_fit(&value.purchases), spend(&value.spend));
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
        .map(|a| vec![a.name.to_string(), a.level.name().to_owned(), short(a.figure), a.message.clone()])
        .collect();
    let last = value.to_string().lines().last().unwrap_or_default().to_owned();
    beside_text("Audits", &["audit", "level", "figure", "finding"], &rows, &last, value)
}

fn cleaning(report: &CleaningReport) -> Bundle {
    let count = |n: usize| whole(n as f64);
    let rows: Vec<Vec<String>> = report
        .steps
        .iter()
        .map(|s| vec![s.check.clone(), count(s.rows), count(s.left_out), s.done.clone()])
        .collect();
    let header = ["check", "rows found", "rows left out", "action"];
    let caption = format!("{} of {} rows kept", count(report.rows_kept), count(report.rows_read));
    let notes: Vec<&str> = report.warnings.iter().chain(&report.notes).map(String::as_str).collect();
    beside_text(&caption, &header, &rows, &notes.join("\n"), report)
}
