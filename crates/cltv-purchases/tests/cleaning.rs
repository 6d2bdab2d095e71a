//! Cleaning rules on a small shop, figure by figure.

use chrono::NaiveDate;
use cltv_purchases::{Cleaned, Cleaning, DataError, Returns, Source, Transactions};

const SHOP: &str = "customer_id,date,amount,item\n\
    a,2024-01-05,10,x\n\
    a,2024-01-05,10,x\n\
    a,2024-01-05,10,y\n\
    a,2024-02-01,20,x\n\
    a,2024-02-10,-25,x\n\
    b,2024-01-07,0,x\n\
    b,2024-03-01,,x\n\
    b,2024-03-02,5,x\n\
    b,2024-01-01,-3,x\n\
    ,2024-03-02,5,x\n\
    c,,5,x\n\
    c,2024-04-01,7.5,x\n";

fn clean(rules: &Cleaning) -> Result<Cleaned, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.csv");
    std::fs::write(&path, SHOP).unwrap();
    let raw = Source::new(&path.display().to_string()).read()?;
    assert_eq!(raw.len(), 12);
    raw.clean(&rules.clone().today(NaiveDate::from_ymd_opt(2024, 6, 30).unwrap()))
}

fn amounts(data: &Transactions) -> Vec<(String, f64)> {
    let (ids, rows) = (data.ids(), data.columns().unwrap());
    rows.customer.iter().map(|&code| ids.get(code).to_owned()).zip(rows.amount.unwrap()).collect()
}

fn named(amounts: &[(&str, f64)]) -> Vec<(String, f64)> {
    amounts.iter().map(|(id, amount)| ((*id).to_owned(), *amount)).collect()
}

#[test]
fn the_defaults_keep_what_can_be_a_purchase() {
    let Cleaned { transactions, report } = clean(&Cleaning::default()).unwrap();
    let found = [
        report.missing_ids,
        report.missing_dates,
        report.duplicates,
        report.missing_amounts,
        report.returns,
        report.zero_amounts,
    ];
    assert_eq!(found, [1, 1, 1, 1, 2, 1]);
    assert_eq!((report.rows_read, report.rows_kept, report.rows_left_out()), (12, 7, 5));
    assert_eq!((report.returned_amount, report.netted_amount), (28.0, 0.0));
    assert_eq!(report.outlier_limit, None);
    let expected = [("a", 10.0), ("a", 10.0), ("a", 10.0), ("a", 20.0), ("b", 0.0), ("b", 5.0), ("c", 7.5)];
    assert_eq!(amounts(&transactions), named(&expected));
    let frame = report.left_out_frame().unwrap();
    let lines = frame.column("row").unwrap().i64().unwrap().iter().flatten();
    let reasons = frame.column("reason").unwrap().str().unwrap().iter().flatten();
    assert_eq!(
        lines.zip(reasons).collect::<Vec<_>>(),
        [(11, "no customer id"), (12, "no date"), (8, "no amount"), (6, "return"), (10, "return")]
    );
    let text = report.to_string();
    assert!(
        text.contains(
            "12 rows read, 7 are purchases and 5 are left out; 3 customers from 2024-01-05 to 2024-04-01."
        ),
        "{text}"
    );
    assert!(
        text.contains("2 returns (negative amounts): left out: 28.00 of returns is not taken from spend."),
        "{text}"
    );
    assert!(!text.contains("2024-06-30"), "the clock is in: {text}");
    assert_eq!(report.frame().unwrap().height(), report.steps.len());
    assert_eq!(report.left_out_frame().unwrap().height(), 5);
}

#[test]
fn options_change_each_rule() {
    let rules =
        Cleaning::default().drop_duplicates(true).missing_amount_is_zero(true).drop_zero_amounts(true);
    let cleaned = clean(&rules).unwrap();
    assert_eq!(cleaned.report.duplicates, 1);
    assert_eq!(cleaned.report.zero_amounts, 2);
    assert_eq!(
        amounts(&cleaned.transactions),
        named(&[("a", 10.0), ("a", 10.0), ("a", 20.0), ("b", 5.0), ("c", 7.5)])
    );
}

#[test]
fn returns_are_netted_into_the_latest_earlier_purchases() {
    let cleaned = clean(&Cleaning::default().returns(Returns::Net)).unwrap();
    // 25 is taken from the 20 of February first, then from one 10 of January; 3 has nothing before it.
    let expected = [("a", 5.0), ("a", 10.0), ("a", 10.0), ("a", 0.0), ("b", 0.0), ("b", 5.0), ("c", 7.5)];
    assert_eq!(amounts(&cleaned.transactions), named(&expected));
    assert_eq!((cleaned.report.netted_amount, cleaned.report.unmatched_returns), (25.0, 3.0));
    let days = |data: &Transactions| data.columns().unwrap().day;
    let dropped = clean(&Cleaning::default()).unwrap();
    assert_eq!(days(&cleaned.transactions), days(&dropped.transactions));
}

#[test]
fn outliers_are_beyond_the_fence_of_log_amounts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.csv");
    let mut text = String::from("customer_id,date,amount\n");
    for i in 0..40 {
        text += &format!("{},2024-01-{:02},{}\n", i % 5, 1 + i % 28, 10 + i % 8);
    }
    text += "1,2024-03-01,5000\n";
    std::fs::write(&path, text).unwrap();
    let raw = Source::new(&path.display().to_string()).read().unwrap();
    let kept = raw.clean(&Cleaning::default()).unwrap();
    assert_eq!((kept.report.outliers, kept.transactions.len()), (1, 41));
    let dropped = raw.clean(&Cleaning::default().drop_outliers(true)).unwrap();
    assert_eq!((dropped.report.outliers, dropped.transactions.len()), (1, 40));
    let limit = kept.report.outlier_limit.unwrap();
    assert!(limit > 17.0 && limit < 100.0, "{limit}");
    let wide = raw.clean(&Cleaning::default().outlier_fence(50.0)).unwrap();
    assert_eq!(wide.report.outliers, 0);
}

#[test]
fn without_amounts_the_rules_on_amounts_do_not_apply() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.csv");
    std::fs::write(&path, SHOP).unwrap();
    let raw = Source::new(&path.display().to_string()).amount_column("").read().unwrap();
    let cleaned = raw.clean(&Cleaning::default()).unwrap();
    assert_eq!(cleaned.transactions.len(), 10);
    assert_eq!(cleaned.transactions.total_amount(), None);
    assert!(cleaned.transactions.to_string().ends_with("without amounts."));
}
