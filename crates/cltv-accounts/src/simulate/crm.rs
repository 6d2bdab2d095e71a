//! The simulation of a CRM workbook.

use chrono::{Months, NaiveDate};

use super::account::SimulatedAccount;
use super::data_errors;
use super::draws::Draws;
use super::sheet::{FIRST_COLUMNS, MONTHS, SimulatedCell, SimulatedCrm};

/// What the simulator starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrmSimulation {
    /// Accounts, before duplicates of some are added.
    pub accounts: usize,
    /// Seed of the ChaCha12 generator: the same seed gives the same workbook everywhere.
    pub seed: u64,
    /// The first of the 24 months.
    pub first_month: NaiveDate,
}

impl Default for CrmSimulation {
    /// 5,000 accounts from January 2024, seed 20260101: the embedded workbook.
    fn default() -> Self {
        let first_month = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default();
        Self { accounts: 5000, seed: 20_260_101, first_month }
    }
}

impl CrmSimulation {
    /// A simulation of this many accounts, starting in a month.
    #[must_use]
    pub fn new(accounts: usize, seed: u64, first_month: NaiveDate) -> Self {
        Self { accounts, seed, first_month }
    }
}

/// Simulates the accounts of a CRM, with errors in the data.
///
/// An account's spend in month t is `level * (1 + g t) * s(t)^a * w(t) * e(t)`, where the level is
/// the plan's price times log-normal effects of products, engagement, channel and (weakly) income;
/// `g` is normal around 0.3% a month, `s` the common season (0.86 in February to 1.21 in
/// December), `a` a log-normal amplitude, `w` a slow random walk and `e` log-normal noise. 6% of
/// the accounts are volatile, 7% decay to nothing, and others leave at a rate that falls with
/// their engagement. The realised lifetime value is the contribution margin of all spending to
/// date, the months before the 24 included, less the cost of serving.
///
/// The errors: missing values, incomes a hundred times too high, spending typed with a digit too
/// many, numbers, currencies and percentages as text, regions in other spellings, #N/A, and
/// duplicate accounts.
///
/// # Examples
/// ```
/// use cltv_accounts::{CrmSimulation, simulate_crm};
/// let crm = simulate_crm(&CrmSimulation::default());
/// assert_eq!((crm.rows.len(), crm.header.len()), (5030, 38));
/// ```
#[must_use]
pub fn simulate_crm(simulation: &CrmSimulation) -> SimulatedCrm {
    let mut draws = Draws::new(simulation.seed);
    let accounts: Vec<SimulatedAccount> =
        (0..simulation.accounts).map(|i| SimulatedAccount::draw(&mut draws, i)).collect();
    let mut rows: Vec<Vec<SimulatedCell>> =
        accounts.iter().map(|account| row_of(account, simulation.first_month)).collect();
    data_errors::add(&mut draws, &mut rows);
    let month =
        |i: usize| simulation.first_month.checked_add_months(Months::new(i as u32)).unwrap_or_default();
    let mut header = FIRST_COLUMNS.map(String::from).to_vec();
    header.extend((0..MONTHS).map(|i| format!("expense_{}", month(i).format("%Y-%m"))));
    header.push("realised_ltv".to_owned());
    SimulatedCrm { header, rows }
}

fn row_of(account: &SimulatedAccount, first_month: NaiveDate) -> Vec<SimulatedCell> {
    use SimulatedCell::{Day, Empty, Number, Percent, Text};
    let text = |text: &str| Text(text.to_owned());
    let end = first_month.checked_add_months(Months::new(MONTHS as u32)).unwrap_or_default();
    let start = end.checked_sub_months(Months::new(account.tenure)).unwrap_or_default();
    let mut row = vec![
        Text(format!("A-{:05}", account.number)),
        text(&account.name),
        text(account.region),
        text(account.channel),
        text(account.plan),
        Number(account.income),
        Day(start),
        Number(account.tenure.into()),
        Number(account.products.into()),
        Number(account.engagement),
        Percent(account.discount),
        Number(account.acquisition_cost),
        text(if account.churned { "yes" } else { "no" }),
    ];
    row.extend(account.expenses.iter().map(|expense| expense.map_or(Empty, Number)));
    row.push(Number(account.realised_value));
    row
}
