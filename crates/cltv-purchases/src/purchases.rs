//! Rows merged into purchases: what falls into one grain period of a customer is one purchase.

use chrono::{Datelike, Days, NaiveDate};
use cltv_models::{DAYS_PER_MONTH, Grain, TimeUnit};

use crate::transactions::{Transaction, Transactions};

/// The rows of a customer inside one grain period.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    /// The first day with a row.
    pub date: NaiveDate,
    /// Which grain period this is: days, weeks or months counted from a fixed origin.
    pub(crate) period: i64,
    /// What its rows add up to; `None` without amounts.
    pub amount: Option<f64>,
    /// Rows merged.
    pub rows: usize,
}

/// A customer's purchases in the order of time, never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerPurchases {
    /// The customer.
    pub customer_id: String,
    /// The purchases.
    pub purchases: Vec<Purchase>,
}

impl CustomerPurchases {
    /// The first purchase's day.
    #[must_use]
    pub fn first(&self) -> NaiveDate {
        self.purchases.first().map(|p| p.date).unwrap_or_default()
    }

    pub(crate) fn repeats(&self) -> &[Purchase] {
        self.purchases.get(1..).unwrap_or_default()
    }
}

impl Transactions {
    /// The purchases of each customer until a day included, merged by the grain.
    ///
    /// Rows after `end` are cut first, then rows inside one period are merged: a calendar day, a
    /// week from Monday to Sunday, or a calendar month. Customers without a row until then are
    /// left out.
    #[must_use]
    pub fn purchases(&self, grain: Grain, end: NaiveDate) -> Vec<CustomerPurchases> {
        self.by_customer()
            .filter_map(|rows| {
                let seen = rows.partition_point(|row| row.date <= end);
                let rows = &rows[..seen];
                Some(CustomerPurchases {
                    customer_id: rows.first()?.customer_id.clone(),
                    purchases: merge(rows, grain),
                })
            })
            .collect()
    }
}

/// Merges rows of one customer, which are in the order of time.
pub(crate) fn merge(rows: &[Transaction], grain: Grain) -> Vec<Purchase> {
    rows.chunk_by(|a, b| period_of(a.date, grain) == period_of(b.date, grain))
        .map(|rows| Purchase {
            date: rows[0].date,
            period: period_of(rows[0].date, grain),
            amount: rows.iter().map(|row| row.amount).sum(),
            rows: rows.len(),
        })
        .collect()
}

/// The number of the grain period that holds a day.
pub(crate) fn period_of(day: NaiveDate, grain: Grain) -> i64 {
    let days = i64::from(day.num_days_from_ce());
    match grain {
        Grain::Day => days,
        // Day 1 of the common era is a Monday.
        Grain::Week => (days - 1).div_euclid(7),
        Grain::Month => i64::from(day.year()) * 12 + i64::from(day.month0()),
    }
}

/// The first day of the grain period that holds a day.
pub(crate) fn period_start(day: NaiveDate, grain: Grain) -> NaiveDate {
    match grain {
        Grain::Day => day,
        Grain::Week => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
        Grain::Month => day.with_day(1).unwrap_or(day),
    }
}

/// The first day of the period after the one that holds a day.
pub(crate) fn next_period(day: NaiveDate, grain: Grain) -> NaiveDate {
    let start = period_start(day, grain);
    match grain {
        Grain::Day => start + Days::new(1),
        Grain::Week => start + Days::new(7),
        Grain::Month => start.checked_add_months(chrono::Months::new(1)).unwrap_or(NaiveDate::MAX),
    }
}

/// A number of grain periods in time units; a month is 30.4375 days.
pub(crate) fn in_units(periods: i64, grain: Grain, unit: TimeUnit) -> f64 {
    let days = match grain {
        Grain::Day => 1.0,
        Grain::Week => 7.0,
        Grain::Month => DAYS_PER_MONTH,
    };
    periods as f64 * days / unit.days()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_start_on_monday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (sunday, monday) = (day("1997-10-05"), day("1997-10-06"));
        assert_eq!(period_of(sunday, Grain::Week) + 1, period_of(monday, Grain::Week));
        assert_eq!(period_start(sunday, Grain::Week), day("1997-09-29"));
        assert_eq!(period_of(day("1997-09-29"), Grain::Week), period_of(sunday, Grain::Week));
        assert_eq!(next_period(day("1997-12-31"), Grain::Month), day("1998-01-01"));
        assert_eq!(in_units(11, Grain::Month, TimeUnit::Month), 11.0);
        assert_eq!(in_units(213, Grain::Day, TimeUnit::Week), 213.0 / 7.0);
    }
}
