//! Accounts with their months of spending, out of a prepared table.

use chrono::{Months, NaiveDate};
use serde::Serialize;

use crate::table::{AccountTable, TableError};
use crate::text::count;

/// Which columns hold what; the defaults are those of the embedded workbook.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each field names the column of the Account field of that name")]
pub struct CrmColumns {
    pub id: String,
    pub name: String,
    pub channel: String,
    pub segment: String,
    pub income: String,
    pub engagement: String,
    pub acquisition_cost: String,
    pub churned: String,
    pub realised_value: String,
    /// Beginning of the months' headings, before "2024-01".
    pub months: String,
    /// A month above so many times the account's median, between two that are below three times it,
    /// is a slip of the keyboard; 0 keeps all.
    pub spike: f64,
}

impl Default for CrmColumns {
    fn default() -> Self {
        let column = |name: &str| name.to_owned();
        Self {
            id: column("account_id"),
            name: column("name"),
            channel: column("channel"),
            segment: column("plan"),
            income: column("income"),
            engagement: column("engagement"),
            acquisition_cost: column("acquisition_cost"),
            churned: column("churned"),
            realised_value: column("realised_ltv"),
            months: column("expense_"),
            spike: 6.0,
        }
    }
}

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
    /// What winning it cost.
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
    /// Takes accounts out of a prepared table.
    ///
    /// An empty month before an account's first is one before its start. A later one is set to the
    /// mean of its neighbours, or to 0 at the end. A slip of the keyboard (see
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

/// How many months were repaired.
#[derive(Debug, Default)]
struct Repairs {
    gaps: usize,
    ends: usize,
    spikes: usize,
    negative: usize,
}

impl Repairs {
    fn repair(&mut self, mut months: Vec<Option<f64>>, spike: f64) -> Vec<Option<f64>> {
        let first = months.iter().position(Option::is_some).unwrap_or(months.len());
        let last = months.iter().rposition(Option::is_some).unwrap_or(0);
        self.negative += months.iter().flatten().filter(|spent| **spent < 0.0).count();
        for at in first..months.len() {
            if months[at].is_some() {
                continue;
            }
            if at > last {
                self.ends += 1;
                months[at] = Some(0.0);
                continue;
            }
            self.gaps += 1;
            let next = (at..=last).find(|&later| months[later].is_some()).unwrap_or(last);
            let (before, after) = (months[at - 1].unwrap_or(0.0), months[next].unwrap_or(0.0));
            months[at] = Some(before + (after - before) / (next - at + 1) as f64);
        }
        self.repair_spikes(&mut months, first, spike);
        months
    }

    fn repair_spikes(&mut self, months: &mut [Option<f64>], first: usize, spike: f64) {
        let spent: Vec<f64> = months.iter().flatten().copied().filter(|spent| *spent > 0.0).collect();
        let median = crate::numeric::quantile(&spent, 0.5);
        if spike <= 0.0 || median <= 0.0 {
            return;
        }
        for at in first + 1..months.len().saturating_sub(1) {
            let (Some(before), Some(spent), Some(after)) = (months[at - 1], months[at], months[at + 1])
            else {
                continue;
            };
            if spent > spike * median && before.max(after) < 3.0 * median {
                self.spikes += 1;
                months[at] = Some((before + after) / 2.0);
            }
        }
    }

    fn sentences(&self, spike: f64) -> Vec<String> {
        let all = [
            (self.gaps, "empty between others, set on the line between its neighbours".to_owned()),
            (self.ends, "empty at the end, set to 0".to_owned()),
            (
                self.spikes,
                format!("above {spike} times the account's median between two usual ones, set to their mean"),
            ),
            (self.negative, "below 0 (credits), kept".to_owned()),
        ];
        let sentence = |(n, what): &(usize, String)| format!("Months of spending {what}: {}.", count(*n));
        all.iter().filter(|(n, _)| *n > 0).map(sentence).collect()
    }
}
