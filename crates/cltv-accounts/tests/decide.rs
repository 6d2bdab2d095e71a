//! Decisions on accounts small enough to check by hand.

mod support;

use cltv_accounts::{
    Accounts, BudgetRules, CrmColumns, DecideError, ForecastOptions, GroupBy, GroupVerdict, Priority,
    RankRules, RiskLevel, budget_scenarios, concentration, crm_export, income_relation, ranked_accounts,
    unit_economics,
};

/// Six accounts: two of each channel, with 24 equal months; the names of two would be formulas.
fn accounts() -> Accounts {
    let mut text =
        "account_id,name,channel,plan,income,engagement,acquisition_cost,churned,realised_ltv".to_owned();
    for month in 0..24 {
        text += &format!(",expense_{}-{:02}", 2024 + month / 12, 1 + month % 12);
    }
    let rows = [
        ("A1", "=HYPERLINK(1)", "Ads", "Pro", 90, 100, "no", 10, 10),
        ("A2", "\"Bolt, Inc\"", "Ads", "Basic", 10, 300, "yes", 5, 0),
        ("A3", "@Cedar", "Fairs", "Pro", 80, 1000, "no", 40, 40),
        ("A4", "Delta", "Fairs", "Basic", 20, 1000, "no", 20, 20),
        ("A5", "Ember", "Web", "Pro", 70, 0, "no", 30, 30),
        ("A6", "Fir", "Web", "Basic", 60, 0, "yes", 100, 0),
    ];
    for (id, name, channel, plan, income, cost, churned, spent, late) in rows {
        text += &format!("\n{id},{name},{channel},{plan},{income},5,{cost},{churned},7");
        for month in 0..24 {
            text += &format!(",{}", if month < 20 { spent } else { late });
        }
    }
    Accounts::of(&support::table(&text), &CrmColumns::default()).unwrap()
}

const VALUES: [f64; 6] = [500.0, 100.0, 900.0, 300.0, 700.0, 1000.0];

#[test]
fn channels_by_ratio_and_payback() {
    let channels = unit_economics(&accounts(), &VALUES, 0.5, GroupBy::Channel).unwrap();
    let names: Vec<&str> = channels.iter().map(|channel| channel.group.as_str()).collect();
    assert_eq!(names, ["Fairs", "Ads", "Web"]);
    assert_eq!((channels[0].ratio, channels[0].verdict), (Some(0.6), GroupVerdict::LossMaking));
    // 2,000 by half of 60 a month.
    assert!((channels[0].payback_months.unwrap() - 2000.0 / 30.0).abs() < 1e-9);
    assert_eq!((channels[1].ratio, channels[1].verdict), (Some(1.5), GroupVerdict::UnderThree));
    assert_eq!((channels[2].ratio, channels[2].verdict), (None, GroupVerdict::NoCost));
    assert!(channels[0].sentence.contains("0.60:1: it makes a loss"), "{}", channels[0].sentence);
    let plans = unit_economics(&accounts(), &VALUES, 0.5, GroupBy::Segment).unwrap();
    assert_eq!((plans.len(), plans[0].group.as_str(), plans[0].accounts), (2, "Basic", 3));
    let margin = unit_economics(&accounts(), &VALUES, 62.0, GroupBy::Channel).unwrap_err().to_string();
    assert_eq!(margin, "margin is 62; it must be above 0 and at most 1 (60% is 0.6)");
}

#[test]
fn moved_budget_under_constant_and_diminishing_returns() {
    let channels = unit_economics(&accounts(), &VALUES, 0.5, GroupBy::Channel).unwrap();
    let rules = BudgetRules { shares: vec![0.5], elasticities: vec![1.0, 0.5], ..BudgetRules::default() };
    let found = budget_scenarios(&channels, &rules).unwrap();
    assert_eq!(found.len(), 2);
    // Half of 2,000 from Fairs (value 1,200) to Ads (600 for 400).
    let constant = &found[0];
    assert_eq!((constant.from.as_str(), constant.to.as_str(), constant.moved), ("Fairs", "Ads", 1000.0));
    assert!((constant.lost - 600.0).abs() < 1e-9 && (constant.gained - 1500.0).abs() < 1e-9);
    assert!((constant.ratio_after - (3500.0 + 900.0) / 2400.0).abs() < 1e-9);
    let less = &found[1];
    let (lost, gained) = (1200.0 * (1.0 - 0.5_f64.sqrt()), 600.0 * (3.5_f64.sqrt() - 1.0));
    assert!((less.net - (gained - lost)).abs() < 1e-9);
    assert!(less.sentence.contains("diminish with elasticity 0.5"), "{}", less.sentence);
    let rules = BudgetRules { shares: vec![1.5], ..rules };
    assert!(matches!(budget_scenarios(&channels, &rules), Err(DecideError::BadRule { .. })));
}

#[test]
fn priorities_have_their_reasons_and_exports_no_formulas() {
    let accounts = accounts();
    let panel = accounts.panel().unwrap();
    let forecast = panel.forecast(&panel.backtest(&ForecastOptions::default()).unwrap()).unwrap();
    let ranked = ranked_accounts(&accounts, &VALUES, &forecast, &RankRules::default()).unwrap();
    let of = |id: &str| ranked.iter().find(|account| account.id == id).unwrap();
    assert_eq!(
        (ranked[0].id.as_str(), ranked[0].priority, ranked[0].risk),
        ("A6", Priority::WinBack, RiskLevel::Left)
    );
    assert_eq!((of("A3").rank, of("A3").priority), (2, Priority::Grow));
    assert_eq!(of("A1").priority, Priority::Maintain);
    assert_eq!(of("A2").priority, Priority::Deprioritise);
    let reason = &of("A2").reason;
    assert!(
        reason.starts_with("income 10.00 below ") && reason.ends_with("and the CRM marks it as churned"),
        "{reason}"
    );
    let text = crm_export(&ranked).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.records().map(|record| record.unwrap()[0].to_owned()).collect();
    assert_eq!(names, ["Fir", "'@Cedar", "Ember", "'=HYPERLINK(1)", "Delta", "Bolt, Inc"]);
    let short = ranked_accounts(&accounts, &VALUES[..5], &forecast, &RankRules::default()).unwrap_err();
    assert_eq!(
        short.to_string(),
        "there are 5 predicted values for 6 accounts; give one for each account, in their order"
    );
}

#[test]
fn concentration_and_income_of_known_values() {
    // All alike: no concentration. One has all: (n - 1) / n.
    let equal = concentration(&[3.0; 10]).unwrap();
    assert!(equal.gini.abs() < 1e-12 && (equal.top_fifth - 0.2).abs() < 1e-12);
    let one = concentration(&[0.0, 0.0, 0.0, 0.0, 5.0]).unwrap();
    assert!((one.gini - 0.8).abs() < 1e-12);
    assert_eq!((one.top_fifth, one.accounts_for_80), (1.0, 0.2));
    assert_eq!(concentration(&[-1.0, 1.0]), Err(DecideError::NoValue { total: 0.0 }));
    assert!(matches!(concentration(&[1.0, f64::NAN]), Err(DecideError::NotFinite { index: 2, .. })));
    let incomes: Vec<f64> = accounts().accounts.iter().map(|account| account.income).collect();
    let same = income_relation(&accounts(), &incomes).unwrap();
    assert!((same.correlation - 1.0).abs() < 1e-12 && (same.rank_correlation - 1.0).abs() < 1e-12);
}

#[test]
fn every_column_of_the_export_is_documented() {
    let page = include_str!("../../../data/README.md");
    for field in cltv_accounts::crm_export_fields() {
        let line = format!("| `{}` | {} |", field.column, if field.standard { "yes" } else { "no" });
        assert!(page.contains(&line) && page.contains(field.kind), "{line} is missing in data/README.md");
    }
}
