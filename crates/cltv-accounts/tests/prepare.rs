//! Missing values, outliers and duplicate rows by the stated rules, with the figures of the report.

mod support;

use cltv_accounts::{
    AccountTable, Accounts, Column, CrmColumns, LeftOutReason, PrepareRules, TableError, Values, prepare,
};

fn rules() -> PrepareRules {
    PrepareRules { id: "id".to_owned(), target: "value".to_owned(), ..PrepareRules::default() }
}

fn texts(name: &str, values: &[&str]) -> Column {
    let value = |text: &&str| (!text.is_empty()).then(|| (*text).to_owned());
    Column::new(name, Values::Text(values.iter().map(value).collect()))
}

fn numbers(name: &str, values: &[f64]) -> Column {
    let value = |n: &f64| n.is_finite().then_some(*n);
    Column::new(name, Values::Number(values.iter().map(value).collect()))
}

#[test]
fn rows_missing_values_and_spellings() {
    let nan = f64::NAN;
    let table = AccountTable::new(
        "crm.xlsx",
        vec![
            texts("id", &["a", "b", "a", "", "c", "d"]),
            texts("region", &["North", "NORTH", "North", "South", "", "South"]),
            numbers("income", &[10.0, 20.0, nan, 1.0, nan, 40.0]),
            Column::new(
                "churned",
                Values::Flag(vec![Some(true), Some(false), None, None, None, Some(false)]),
            ),
            numbers("value", &[1.0, 2.0, 1.0, 9.0, 3.0, nan]),
        ],
    )
    .unwrap();
    let prepared = prepare(&table, &rules()).unwrap();
    // Row 1 is the fuller of the two rows of account a; row 4 has no id and row 6 no value.
    assert_eq!(prepared.table.rows, [1, 2, 5]);
    assert_eq!(prepared.table.numbers("income").unwrap(), [Some(10.0), Some(20.0), Some(15.0)]);
    let regions: Vec<String> = prepared.table.texts("region").unwrap().into_iter().flatten().collect();
    assert_eq!(regions[2], "missing");
    assert_eq!(regions[0], regions[1]);
    assert_eq!(prepared.table.flags("churned").unwrap()[2], Some(false));
    let report = prepared.report.to_string();
    assert!(report.starts_with(
        "crm.xlsx: 6 rows read, of which 3 are accounts and 3 are left out (1 without id, 1 without value, 1 duplicate)."
    ), "{report}");
    assert!(report.contains("income: 1 value (33.3%) missing, set to the median, 15."), "{report}");
    let left: Vec<u32> = prepared.report.left_out.iter().map(|row| row.row).collect();
    assert_eq!(left, [3, 4, 6]);
    assert_eq!(prepared.report.left_out[0].reason, LeftOutReason::Duplicate { kept: 1 });
    assert_eq!(prepared.report.left_out[2].reason.to_string(), "has no value");
}

#[test]
fn outliers_are_set_to_the_fence_and_the_target_is_not() {
    let mut income: Vec<f64> = (1..=99).map(f64::from).collect();
    income.push(1000.0);
    let ids: Vec<String> = (0..100).map(|i| format!("A{i}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let columns = vec![texts("id", &ids), numbers("income", &income), numbers("value", &income)];
    let table = AccountTable::new("crm.xlsx", columns).unwrap();
    let prepared = prepare(&table, &rules()).unwrap();
    // Quartiles 25.75 and 75.25 of 1..99 and 1000; the fence is 75.25 + 3 * 49.5.
    let last = prepared.table.numbers("income").unwrap()[99].unwrap();
    assert!((last - 223.75).abs() < 1e-9, "{last}");
    assert_eq!(prepared.table.numbers("value").unwrap()[99], Some(1000.0));
    let column = &prepared.report.columns[0];
    assert_eq!((column.raised, column.lowered, column.logarithmic), (0, 1, false));
    let keep = PrepareRules { fence: 0.0, ..rules() };
    assert_eq!(prepare(&table, &keep).unwrap().table.numbers("income").unwrap()[99], Some(1000.0));
}

#[test]
fn a_table_without_the_id_or_with_a_wordy_target_is_refused() {
    let table = AccountTable::new("crm.xlsx", vec![texts("id", &["a"]), texts("value", &["high"])]).unwrap();
    assert!(matches!(prepare(&table, &PrepareRules::default()), Err(TableError::UnknownColumn { .. })));
    assert!(matches!(prepare(&table, &rules()), Err(TableError::WrongKind { .. })));
}

const MONTHS: &str = "account_id,name,channel,plan,income,engagement,acquisition_cost,churned,realised_ltv,\
expense_2024-01,expense_2024-02,expense_2024-03,expense_2024-04,expense_2024-05\n";

fn accounts(rows: &str) -> Result<Accounts, TableError> {
    Accounts::of(&support::table(&format!("{MONTHS}{rows}")), &CrmColumns::default())
}

#[test]
fn months_before_the_start_gaps_ends_and_slips() {
    let rows = "A,Ann,Web,Pro,1,2,3,no,4,,10,,14,\nB,Bob,Web,Pro,1,2,3,yes,4,10,10,120,10,10\n";
    let found = accounts(rows).unwrap();
    let of = |i: usize| found.accounts[i].expenses.clone();
    assert_eq!(of(0), [None, Some(10.0), Some(12.0), Some(14.0), Some(0.0)]);
    assert_eq!(of(1), [Some(10.0); 5]);
    assert_eq!(found.notes.len(), 3);
    let features = found.features(5);
    assert_eq!(
        (features[0].months_observed, features[0].active_months, features[0].months_since_expense),
        (4, 3, 1)
    );
    assert_eq!((features[0].frequency, features[0].average_expense), (0.75, 12.0));
    assert_eq!((features[1].volatility, features[1].trend), (0.0, 0.0));
    assert_eq!(found.features(1)[0].months_observed, 0);
}

#[test]
fn missing_columns_months_and_values_are_named() {
    let gap =
        accounts("A,Ann,Web,Pro,,2,3,no,4,1,1,1,1,1\nB,Bob,Web,Pro,1,2,3,no,4,1,1,1,1,1\n").unwrap_err();
    assert_eq!(
        gap.to_string(),
        "column \"income\" has 1 missing value, the first in row 2; fill the cells, or prepare the table first"
    );
    let of = |csv: &str| Accounts::of(&support::table(csv), &CrmColumns::default()).unwrap_err().to_string();
    let gap = of("account_id,expense_2024-01,expense_2024-03\nA,1,2\n");
    assert!(gap.contains("expense_2024-03") && gap.contains("follows \"expense_2024-01\""), "{gap}");
    let none = of("account_id,income\nA,1\n");
    assert!(none.contains("name them \"expense_\" followed by the month"), "{none}");
    let table = support::table("account_id\nA\nB\n");
    let error = table.with_rows(vec![1]).unwrap_err().to_string();
    assert_eq!(error, "there are 1 row numbers for 2 rows of the table; give one for each row");
}
