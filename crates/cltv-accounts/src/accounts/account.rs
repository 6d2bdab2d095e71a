//! Accounts with their months of spending, from a prepared table.

use chrono::{Months, NaiveDate};
use serde::Serialize;

use super::columns::CrmColumns;
use super::repairs::Repairs;
use crate::table::{AccountTable, TableError};

/// One account.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Account {
    /// Its id in the CRM.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The channel that won it.
    pub channel: String,
    /// Its segment, such as the plan.
    pub segment: String,
    /// Its income a year.
    pub income: f64,
    /// Its engagement, as the CRM measures it.
    pub engagement: f64,
    /// What it cost to win.
    pub acquisition_cost: f64,
    /// Whether it has left.
    pub churned: bool,
    /// Lifetime value realised to date, before the acquisition cost.
    pub realised_value: f64,
    /// What it spent in each month; `None` before its start.
    pub expenses: Vec<Option<f64>>,
}

/// All accounts, and the months they share.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Accounts {
    /// The accounts in the table's order.
    pub accounts: Vec<Account>,
    /// The first day of each month.
    pub months: Vec<NaiveDate>,
    /// What was done to the months of spending, one sentence each.
    pub notes: Vec<String>,
}

impl Accounts {
    /// The accounts of a prepared table.
    ///
    /// An empty month before an account's first is one before its start. A later one is set to the
    /// mean of its neighbours, or to 0 at the end. A typing error (see
    /// [`CrmColumns::spike`]) is set to the mean of its neighbours.
    ///
    /// # Errors
    /// [`TableError::UnknownColumn`] or [`TableError::WrongKind`]; [`TableError::MissingValues`] for a
    /// value that the preparation would have filled; [`TableError::NoMonths`] or
    /// [`TableError::MonthGap`] for the columns of the months.
    ///
    /// # Examples
    /// ```
    /// use cltv_accounts::{AccountTable, Accounts, Column, CrmColumns};
    /// let mut columns = vec![
    ///     Column::texts("account_id", ["A"]),
    ///     Column::texts("name", ["Amber Ltd"]),
    ///     Column::texts("channel", ["Web"]),
    ///     Column::texts("plan", ["Basic"]),
    ///     Column::flags("churned", [false]),
    /// ];
    /// for (name, value) in [
    ///     ("income", Some(52_000.0)),
    ///     ("engagement", Some(61.0)),
    ///     ("acquisition_cost", Some(190.0)),
    ///     ("realised_ltv", Some(900.0)),
    ///     ("expense_2024-01", None),
    ///     ("expense_2024-02", Some(40.0)),
    ///     ("expense_2024-03", Some(60.0)),
    /// ] {
    ///     columns.push(Column::numbers(name, [value]));
    /// }
    /// let table = AccountTable::new("crm.xlsx", columns)?;
    /// let accounts = Accounts::of(&table, &CrmColumns::default())?;
    /// assert_eq!(accounts.accounts[0].expenses, [None, Some(40.0), Some(60.0)]);
    /// let features = accounts.features(3)[0];
    /// assert_eq!((features.months_observed, features.average_expense), (2, 50.0));
    /// # Ok::<(), cltv_accounts::TableError>(())
    /// ```
    pub fn of(table: &AccountTable, columns: &CrmColumns) -> Result<Self, TableError> {
        let months = table.months(&columns.months);
        check_months(&months, &columns.months)?;
        let series: Result<Vec<_>, _> = months.iter().map(|(_, name)| table.numbers(name)).collect();
        let series = series?;
        let texts = |name: &str| table.all_texts(name);
        let numbers = |name: &str| table.all_numbers(name);
        let (ids, names) = (texts(&columns.id)?, texts(&columns.name)?);
        let (channels, segments) = (texts(&columns.channel)?, texts(&columns.segment)?);
        let (incomes, engagements) = (numbers(&columns.income)?, numbers(&columns.engagement)?);
        let costs = numbers(&columns.acquisition_cost)?;
        let churned = table.all_flags(&columns.churned)?;
        let values = numbers(&columns.realised_value)?;
        let mut repairs = Repairs::default();
        let accounts = (0..table.len()).map(|row| Account {
            id: ids[row].clone(),
            name: names[row].clone(),
            channel: channels[row].clone(),
            segment: segments[row].clone(),
            income: incomes[row],
            engagement: engagements[row],
            acquisition_cost: costs[row],
            churned: churned[row],
            realised_value: values[row],
            expenses: repairs.repair(series.iter().map(|month| month[row]).collect(), columns.spike),
        });
        let accounts = accounts.collect();
        let months = months.into_iter().map(|(month, _)| month).collect();
        Ok(Self { accounts, months, notes: repairs.sentences(columns.spike) })
    }

    /// Each account's months of spending.
    #[must_use]
    pub fn expenses(&self) -> Vec<Vec<Option<f64>>> {
        self.accounts.iter().map(|account| account.expenses.clone()).collect()
    }
}

fn check_months(months: &[(NaiveDate, String)], prefix: &str) -> Result<(), TableError> {
    if months.is_empty() {
        return Err(TableError::NoMonths { prefix: prefix.to_owned() });
    }
    let follows =
        |pair: &[(NaiveDate, String)]| pair[0].0.checked_add_months(Months::new(1)) == Some(pair[1].0);
    match months.windows(2).find(|pair| !follows(pair)) {
        None => Ok(()),
        Some(pair) => Err(TableError::MonthGap { column: pair[1].1.clone(), before: pair[0].1.clone() }),
    }
}
