//! The whole workflow on the embedded workbook, with the figures that its notebooks show.

mod support;

use std::sync::LazyLock;

use cltv_accounts::{
    Accounts, Backtest, BudgetRules, CrmColumns, DesignRules, ExpenseForecast, ExpensePanel, ForecastOptions,
    GroupBy, GroupVerdict, Method, PrepareRules, Prepared, Priority, RankRules, budget_scenarios,
    concentration, crm_export, crm_export_fields, design, income_relation, prepare, ranked_accounts,
    unit_economics,
};

static PREPARED: LazyLock<Prepared> =
    LazyLock::new(|| prepare(&support::embedded::embedded(), &PrepareRules::default()).unwrap());
static ACCOUNTS: LazyLock<Accounts> =
    LazyLock::new(|| Accounts::of(&PREPARED.table, &CrmColumns::default()).unwrap());
static FORECAST: LazyLock<(Backtest, ExpenseForecast)> = LazyLock::new(|| {
    let panel: ExpensePanel = ACCOUNTS.panel().unwrap();
    let test = panel.backtest(&ForecastOptions::default()).unwrap();
    let forecast = panel.forecast(&test).unwrap();
    (test, forecast)
});

fn values() -> Vec<f64> {
    ACCOUNTS.accounts.iter().map(|account| account.realised_value).collect()
}

#[test]
fn preparation_finds_the_errors_of_the_data() {
    let report = &PREPARED.report;
    assert_eq!((report.rows_read, report.rows_kept, report.left_out.len()), (5030, 5000, 30));
    let of = |name: &str| report.columns.iter().find(|column| column.column == name).unwrap();
    assert!((60..140).contains(&of("income").missing) && (8..20).contains(&of("income").lowered));
    assert!(of("region").missing > 10 && of("region").respelled > 20);
    assert!(of("engagement").missing > 40);
    let spikes = ACCOUNTS.notes.iter().find(|note| note.contains("above 6 times")).unwrap();
    let empty = ACCOUNTS.notes.iter().find(|note| note.contains("empty between")).unwrap();
    assert!(spikes.ends_with(".") && empty.ends_with("."));
}

#[test]
fn value_is_long_tailed_and_income_tells_little() {
    let share = concentration(&values()).unwrap();
    assert!((0.65..0.8).contains(&share.top_fifth), "{}", share.sentence());
    assert!(share.sentence().contains("rule of thumb"));
    assert_eq!((share.lorenz.len(), share.lorenz[100]), (101, [1.0, 1.0]));
    let income = income_relation(&ACCOUNTS, &values()).unwrap();
    assert!((0.1..0.2).contains(&income.correlation), "{}", income.sentence);
    assert!(income.interval[0] > 0.0 && income.mean_by_fifth[4] > income.mean_by_fifth[0]);
}

#[test]
fn the_design_holds_features_of_the_first_year_and_none_copies_the_target() {
    let rules = DesignRules { drop: vec!["churned".to_owned()], ..DesignRules::default() };
    let made = design(&PREPARED.table, &rules).unwrap();
    let names: Vec<&str> = made.data.features().iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "region",
            "channel",
            "plan",
            "income",
            "tenure_months",
            "products",
            "engagement",
            "discount",
            "acquisition_cost",
            "purchase_frequency",
            "average_expense",
            "months_since_expense",
            "expense_volatility",
            "expense_trend",
        ]
    );
    let left_out = made.notes.join("\n");
    for name in ["account_id", "name", "start_date", "churned", "expense_2024-01"] {
        assert!(left_out.contains(name), "{name} in {left_out}");
    }
    assert!(made.data.leakage().leaks().is_empty(), "{}", made.data.leakage());
}

#[test]
fn the_forecast_beats_the_seasonal_naive_at_every_horizon() {
    let (test, _) = &*FORECAST;
    for line in test.sentences() {
        println!("{line}");
    }
    for horizon in 0..=6 {
        for method in Method::ALL {
            println!("{:?}", test.score(method, horizon).unwrap());
        }
        let own = test.score(test.method, horizon).unwrap();
        assert!(own.skill > 0.2 && own.r2 > 0.9, "{own:?}");
    }
    assert!(!test.sentences().iter().any(|line| line.contains("is not below that of the seasonal naive")));
    let total = test.total_scores.iter().find(|s| s.method == test.method && s.horizon == 0).unwrap();
    assert!(total.skill > 0.2, "{total:?}");
    let held = test.coverage[0].covered;
    assert!((0.87..0.93).contains(&held), "{held}");
}

#[test]
fn the_churn_flag_finds_leavers_before_they_leave() {
    let check = FORECAST.1.risk_check;
    println!("{}", check.sentence());
    let base = check.left as f64 / check.accounts as f64;
    assert!(check.precision() > 5.0 * base && check.recall() > 0.3, "{}", check.sentence());
}

#[test]
fn channels_under_three_and_at_a_loss_are_flagged() {
    let channels = unit_economics(&ACCOUNTS, &values(), 0.62, GroupBy::Channel).unwrap();
    let verdict = |name: &str| channels.iter().find(|channel| channel.group == name).unwrap().verdict;
    assert_eq!(verdict("Events"), GroupVerdict::LossMaking);
    assert_eq!(verdict("Paid social"), GroupVerdict::UnderThree);
    assert_eq!(verdict("Paid search"), GroupVerdict::Healthy);
    assert_eq!(channels[0].group, "Events");
    let scenarios = budget_scenarios(&channels, &BudgetRules::default()).unwrap();
    assert_eq!(scenarios.len(), 2 * 2 * 3);
    let constant = &scenarios[0];
    assert!(constant.net > 0.0 && constant.sentence.contains("constant returns"), "{}", constant.sentence);
    assert!(scenarios.iter().all(|s| s.to == "Paid search" || s.to == "Partner"));
}

#[test]
fn accounts_are_ranked_explained_and_exported() {
    let ranked = ranked_accounts(&ACCOUNTS, &values(), &FORECAST.1, &RankRules::default()).unwrap();
    assert!(ranked.windows(2).all(|pair| pair[0].predicted_value >= pair[1].predicted_value));
    let low: Vec<_> = ranked.iter().filter(|account| account.priority == Priority::Deprioritise).collect();
    assert!(!low.is_empty());
    for account in &low {
        assert!(
            account.reason.starts_with("income ") && account.reason.contains("monthly spend"),
            "{account:?}"
        );
    }
    let grown = ranked.iter().filter(|account| account.priority == Priority::Grow).count();
    assert!((700..1000).contains(&grown), "{grown}");
    let text = crm_export(&ranked).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    assert_eq!(header, crm_export_fields().iter().map(|field| field.column.to_owned()).collect::<Vec<_>>());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 5000);
    assert_eq!((&records[0][0], &records[0][2]), (ranked[0].name.as_str(), "1"));
}
