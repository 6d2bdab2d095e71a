//! Every summary as a text file under `tests/snapshots`, so that a change of a sentence shows as a diff.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p cltv-report` writes them anew.

use cltv_report::*;
use std::path::Path;

/// Compares a text with its snapshot, or writes the snapshot where updates are wanted.
fn snapshot(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept != text {
        panic!(
            "{name} has changed:\n{}\nIf this is meant, run UPDATE_SNAPSHOTS=1 cargo test -p cltv-report.",
            difference(&kept, text)
        );
    }
}

/// The lines that differ: `-` before those of the snapshot, `+` before those of now, with line numbers.
fn difference(kept: &str, now: &str) -> String {
    let (kept, now): (Vec<&str>, Vec<&str>) = (kept.lines().collect(), now.lines().collect());
    let same_start = kept.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let rest = kept.len().min(now.len()) - same_start;
    let same_end = kept.iter().rev().zip(now.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let changed = |sign: &str, lines: &[&str]| -> Vec<String> {
        let middle = &lines[same_start..lines.len() - same_end];
        middle.iter().zip(same_start + 1..).map(|(line, at)| format!("{sign}{at}: {line}")).collect()
    };
    [changed("-", &kept), changed("+", &now)].concat().join("\n")
}

#[test]
fn a_difference_shows_the_changed_lines_with_their_numbers() {
    assert_eq!(difference("a\nb\nc\n", "a\nx\ny\nc\n"), "-2: b\n+2: x\n+3: y");
    assert_eq!(difference("", "a\n"), "+1: a");
}

fn line(name: &str, customers: usize, value: Option<f64>) -> SegmentLine {
    SegmentLine {
        name: name.into(),
        customers,
        p_return: 0.5,
        expected_purchases: 3.25,
        value,
        winback_value: value.map(|value| value / 20.0),
        main_tier: "High (85%)".into(),
        action: "Call them.".into(),
    }
}

fn executive(value: Option<f64>) -> ExecutiveSummary {
    ExecutiveSummary {
        source: "cdnow".into(),
        model: "BG/NBD".into(),
        customers: 2357,
        one_time_customers: 1411,
        one_time_p_return: 0.13,
        one_time_dropout: false,
        purchases: 6696,
        rows_read: 6919,
        rows_left_out: 23,
        warnings: vec!["Customer \"0\" has 430 of 1,234 purchase rows (35%): leave_out \"0\".".into()],
        first_day: "1997-01-01".into(),
        observation_end: "1998-06-30".into(),
        currency: "$".into(),
        horizon_months: 6,
        discount_annual: 0.1,
        margin: 1.0,
        value,
        value_low: value.map(|v| 0.9 * v),
        value_high: value.map(|v| 1.1 * v),
        level: 0.95,
        expected_purchases: 1234.5,
        purchases_interval: [1130.0, 1340.0],
        with_parameters: value.is_some(),
        purchases_recalibrated: value.map(|_| [1010.0, 1620.0]),
        returning: 520.0,
        winback_success: 0.05,
        top_share_past: 0.6,
        gini: 0.55,
        top_share_ahead: 0.7,
        tiers: Tier::ALL.map(|tier| line(tier.name(), 10, value)).into(),
        segments: vec![SegmentLine {
            action: String::new(),
            winback_value: None,
            ..line("Champions", 10, value)
        }],
        contradictions: vec![],
        holdout: HoldoutLine {
            length: "39 weeks".into(),
            actual: 1882.0,
            expected: 1653.4,
            low: 1500.2,
            high: 1812.6,
            inside: false,
            mae: 0.79,
            rmse: 1.6,
        },
        earlier: vec![EarlierLine {
            date: "1997-12-29".into(),
            customers: 2357,
            expected: 1090.4,
            low: 1000.0,
            high: 1180.0,
            made: 1201.0,
            returning: 480.2,
            returned: 505,
        }],
        earlier_findings: vec![
            "At 3 earlier dates the totals were off by more than parameter uncertainty and chance explain."
                .into(),
        ],
        audits: vec![AuditEntry {
            name: "small_sample".into(),
            level: "warning".into(),
            figure: 3.0,
            message: "Only 3 repeat customers.".into(),
        }],
    }
}

#[test]
fn executive_summary() {
    snapshot("executive_summary.md", &executive(Some(71_234.6)).to_markdown().unwrap());
}

#[test]
fn executive_summary_without_amounts() {
    let text = executive(None).to_markdown().unwrap();
    assert!(!text.contains('$'), "{text}");
    snapshot("executive_summary_without_amounts.md", &text);
}

#[test]
fn executive_summary_of_other_models() {
    let mut summary = executive(Some(71_234.6));
    (summary.model, summary.one_time_dropout) = ("Pareto/NBD".into(), true);
    (summary.holdout.inside, summary.holdout.actual, summary.rows_left_out) = (true, 0.0, 0);
    (summary.value_low, summary.value_high, summary.audits) = (None, None, vec![]);
    summary.warnings.clear();
    snapshot("executive_summary_pareto_nbd.md", &summary.to_markdown().unwrap());
    summary.model = "NBD".into();
    for line in summary.tiers.iter_mut().chain(&mut summary.segments) {
        line.winback_value = None;
    }
    let text = summary.to_markdown().unwrap();
    assert!(text.contains("There are no win-back values") && !text.contains("| Win-back value"), "{text}");
}

#[test]
fn hostile_names_stay_text() {
    let summary = ExecutiveSummary { source: "a|b <script>".into(), ..executive(Some(1.0)) };
    let text = summary.to_markdown().unwrap();
    assert!(!text.contains("<script>") && text.contains("a\\|b &lt;script&gt;"), "{text}");
}

fn models(value: Option<f64>) -> ModelsSummary {
    ModelsSummary {
        source: "a|b <i>".into(),
        currency: "$".into(),
        customers: 2357,
        holdout: "39 weeks".into(),
        actual: 1882,
        level: 0.95,
        models: vec![ComparedModel {
            name: "Pareto/NBD".into(),
            bic: 19_221.0,
            rmse: 1.6012,
            expected: 1740.2,
            low: 1590.0,
            high: 1900.0,
            trusted: true,
        }],
        advice: vec!["Use Pareto/NBD.".into()],
        regularity: RegularityLine { order: Some(1.04), customers: 500 },
        value_model: "BG/NBD".into(),
        horizon_months: 6,
        value,
        value_low: value.map(|v| 0.9 * v),
        value_high: value.map(|v| 1.1 * v),
        posterior_low: value.map(|v| 0.88 * v),
        posterior_high: value.map(|v| 1.12 * v),
        contact_cost: 10.0,
        campaign: Verdict::ALL
            .map(|verdict| CampaignLine { verdict, customers: 40, value: 900.0, cost: 400.0 })
            .into(),
    }
}

#[test]
fn models_summary() {
    snapshot("models_summary.md", &models(Some(37_000.0)).to_markdown().unwrap());
    let bare = ModelsSummary { regularity: RegularityLine { order: None, customers: 0 }, ..models(None) };
    let text = bare.to_markdown().unwrap();
    assert!(!text.contains('$'), "{text}");
    snapshot("models_summary_without_amounts.md", &text);
}

#[test]
fn contracts_summary() {
    let test = |cohort: &str, error| CohortTest {
        cohort: cohort.into(),
        first: 0.627,
        last: 0.91,
        renewal: 7,
        error,
    };
    let mut summary = ContractsSummary {
        source: "sbg_cohorts".into(),
        currency: "$".into(),
        period: "year".into(),
        payment: 100.0,
        discount_annual: 0.1,
        fitted_until: 5,
        cohorts: vec![CohortLine {
            name: "regular".into(),
            customers: 1000,
            left: 241,
            renewals: 7,
            first: 0.627,
            next: 0.92,
            new_value: 250.0,
            value: 640.0,
            constant: 300.0,
        }],
        total: 154_240.0,
        constant_total: 72_300.0,
        tests: vec![
            test("regular", Some(SurvivalError { sbg: 0.01, bdw: 0.004, constant: 0.08 })),
            test("highend", None),
        ],
    };
    snapshot("contracts_summary.md", &summary.to_markdown().unwrap());
    summary.constant_total = 160_000.0;
    let more = summary.to_markdown().unwrap();
    assert!(more.contains("3.7% more") && !more.contains("undervalues"), "{more}");
}

#[test]
fn opportunities_summary() {
    let history = |x, t_x| HistoryLine {
        x,
        t_x,
        n: 6,
        customers: 1203,
        p_return: 0.9,
        expected: 3.75,
        together: 4511.0,
    };
    let summary = OpportunitiesSummary {
        source: "donations".into(),
        thing: "donation".into(),
        customers: 11_104,
        returning: 5_000.0,
        ahead: 5,
        expected: 12_345.6,
        low: 12_000.0,
        high: 12_700.0,
        level: 0.95,
        histories: vec![history(6, 6), history(0, 0)],
    };
    snapshot("opportunities_summary.md", &summary.to_markdown().unwrap());
}

#[test]
fn formula_summary() {
    let summary = FormulaSummary {
        source: "cdnow".into(),
        currency: "$".into(),
        model: "BG/NBD".into(),
        customers: 2357,
        period: "quarter".into(),
        periods: 6,
        order_value: 35.28,
        frequency: 1.4,
        retention: 0.28,
        margin: 0.5,
        discount: 0.024,
        period_margin: 24.7,
        value: 9.31,
        steps: vec!["One point more of retention is worth 0.50 a customer.".into()],
        last_retention: Some(LastRetention { periods: 5, observed: 0.09, constant: 0.002 }),
        formula_months: 6,
        model_months: 7,
        formula_total: 12_000.0,
        model_total: 30_000.0,
        groups: vec![ComparedLine { name: "1 purchase".into(), customers: 1400, formula: 9.0, model: 3.0 }],
    };
    snapshot("formula_summary.md", &summary.to_markdown().unwrap());
}

#[test]
fn accounts_summary() {
    let channel = |name: &str, ratio: Option<f64>, flagged| ChannelLine {
        name: name.into(),
        accounts: 40,
        ratio,
        payback_months: ratio.map(|_| 9.3),
        sentence: format!("{name} is under 3:1."),
        flagged,
    };
    let summary = AccountsSummary {
        source: "crm|<b>.xlsx".into(),
        simulated: true,
        currency: "$".into(),
        accounts: 5000,
        realised: 7_654_321.0,
        top_fifth: 0.731,
        accounts_for_80: 0.26,
        gini: 0.68,
        income: "Income explains 1.9% of the variance of value.".into(),
        model: "log target".into(),
        r2: 0.75,
        medae: 210.0,
        mae: 640.0,
        violated: vec!["Linearity is violated.".into()],
        horizon: 12,
        spending: 4_000_000.0,
        forecast: vec!["It beats the seasonal naive.".into()],
        priorities: vec![PriorityLine { name: "Protect".into(), accounts: 12, value: 900.0, spending: 90.0 }],
        channels: vec![channel("Events", Some(0.8), true), channel("Organic", None, false)],
        scenarios: vec![ScenarioLine {
            from: "Events".into(),
            to: "Web".into(),
            share: 0.1,
            moved: 5000.0,
            constant: 2000.0,
            diminishing: Some(-300.0),
        }],
        elasticity: Some(0.7),
        negative_linear: Some("The linear model predicts negative values for 12 rows.".into()),
        below_zero: 3,
        rows_read: 5010,
        rows_left_out: 10,
    };
    let text = summary.to_markdown().unwrap();
    assert!(!text.contains("Organic is under"), "only flagged channels are named on top");
    snapshot("accounts_summary.md", &text);
}

#[test]
fn model_summary() {
    let fit = |model: &str, names: &[&str]| {
        let named = |value: f64| names.iter().map(|name| ((*name).to_owned(), value)).collect();
        FitEntry {
            model: model.into(),
            parameters: named(0.25),
            log_likelihood: -9.5,
            std_errors: Some(named(0.5)),
            intervals: Some(names.iter().map(|name| ((*name).to_owned(), [0.1, 0.5])).collect()),
            identified: true,
        }
    };
    let period = || PeriodEntry {
        purchases: fit("bg_nbd", &["r", "alpha", "a", "b"]),
        spend: Some(fit("gamma_gamma", &["p", "q", "v"])),
    };
    let mut summary = ModelSummary {
        version: VERSION,
        model: "bg_nbd".into(),
        data: DataEntry {
            customers: 2357,
            rows: 6896,
            purchases: 6696,
            time_unit: "week".into(),
            grain: "day".into(),
            calibration_end: "1997-09-30".into(),
            observation_end: "1998-06-30".into(),
        },
        calibration: period(),
        full: PeriodEntry { spend: None, ..period() },
        value: ValueEntry {
            horizon_months: 6,
            discount_annual: 0.1,
            margin: 1.0,
            clv: Some(71_234.5),
            clv_low: None,
            clv_high: None,
            purchases: 1_046.0,
            purchases_low: 958.0,
            purchases_high: 1_139.0,
            level: 0.95,
            draws: 200,
            seed: 42,
        },
        holdout: HoldoutEntry {
            periods: 39.0,
            actual_purchases: 1882,
            expected_purchases: 1653.5,
            expected_low: 1500.0,
            expected_high: 1812.5,
            level: 0.95,
            inside_interval: false,
            mae: 0.75,
            rmse: 1.5,
        },
        audits: vec![],
    };
    snapshot("model_summary.json", &summary.to_json().unwrap());
    summary.full.purchases.parameters[1].1 = f64::INFINITY;
    let error = summary.to_json().unwrap_err().to_string();
    assert!(error.contains("bg_nbd's alpha is not finite"), "{error}");
}
