//! The churn-risk flag, from the fall of spending, and its accuracy.

use serde::Serialize;

use super::fit::{INACTIVE_MONTHS, season_of};
use super::method::Method;
use super::panel::ExpensePanel;
use crate::numeric::mean;
use crate::text::{count, counted, named, percent};

/// Months of the recent and of the earlier level.
const RECENT: usize = 3;
const EARLIER: usize = 12;
/// Falls of the recent level below the earlier one that are watched, and that are high risk.
const WATCHED_FALL: f64 = 0.3;
const HIGH_FALL: f64 = 0.5;
/// Months after which it is known whether an account has left.
const CHECKED_AFTER: usize = 6;

/// How likely an account is to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum RiskLevel {
    /// No sign of churn.
    None,
    /// Spending has fallen by 30% or more.
    Watch,
    /// Spending has fallen by half or more, or has stopped for a month or two.
    High,
    /// No spending for three months or more.
    Left,
}

named!(RiskLevel, "churn risk", None => "none", Watch => "watch", High => "high", Left => "left");

/// The churn-risk flag of an account, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChurnRisk {
    /// The account.
    pub id: String,
    /// The flag.
    pub level: RiskLevel,
    /// Fall of the mean of the last three months below that of up to twelve before them, after the
    /// season is divided out: 0.5 is a fall by half; negative for a rise. 0 without enough months.
    pub fall: f64,
    /// Months without spending at the end.
    pub inactive_months: usize,
    /// Why, in a sentence.
    pub reason: String,
}

/// The accuracy of the flag six months earlier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RiskCheck {
    /// Accounts that were spending then.
    pub accounts: usize,
    /// Of these, flagged as high risk.
    pub flagged: usize,
    /// Of all, without spending in the last month.
    pub left: usize,
    /// Of the flagged, without spending in the last month.
    pub hits: usize,
}

impl RiskCheck {
    /// Share of the flagged that left.
    #[must_use]
    pub fn precision(&self) -> f64 {
        self.hits as f64 / self.flagged.max(1) as f64
    }

    /// Share of the leavers that were flagged.
    #[must_use]
    pub fn recall(&self) -> f64 {
        self.hits as f64 / self.left.max(1) as f64
    }

    /// The finding in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!(
            "Six months earlier {} of {} active accounts were flagged as high risk; {} of them have left since, against {} of all, and {} of the {} accounts that left had been flagged.",
            count(self.flagged),
            count(self.accounts),
            percent(self.precision()),
            percent(self.left as f64 / self.accounts.max(1) as f64),
            percent(self.recall()),
            count(self.left)
        )
    }
}

impl ExpensePanel {
    /// The flags of all accounts at an origin.
    pub(crate) fn risks(&self, origin: usize) -> Vec<ChurnRisk> {
        let season = season_of(self, origin, Method::MultiplicativeSeason);
        (0..self.series.len())
            .map(|account| {
                let (start, values) = self.before(account, origin);
                let level = |t: usize| values[t] / season[self.calendar_month(start + t)].max(0.05);
                let levels: Vec<f64> = (0..values.len()).map(level).collect();
                ChurnRisk::of(self.ids[account].clone(), &levels)
            })
            .collect()
    }

    /// The flags of six months before the end against what has become of the accounts.
    pub(crate) fn check_risks(&self) -> RiskCheck {
        let origin = self.months().saturating_sub(CHECKED_AFTER);
        let mut check = RiskCheck { accounts: 0, flagged: 0, left: 0, hits: 0 };
        for (risk, values) in self.risks(origin).iter().zip(&self.series) {
            if !values[origin - 1].is_some_and(|spent| spent > 0.0) {
                continue;
            }
            let left = values[self.months() - 1].is_some_and(|spent| spent <= 0.0);
            let flagged = risk.level == RiskLevel::High;
            check.accounts += 1;
            check.flagged += usize::from(flagged);
            check.left += usize::from(left);
            check.hits += usize::from(flagged && left);
        }
        check
    }
}

impl ChurnRisk {
    /// The flag by levels free of season, the oldest first.
    fn of(id: String, levels: &[f64]) -> Self {
        let inactive_months = levels.iter().rev().take_while(|level| **level <= 0.0).count();
        let recent = &levels[levels.len().saturating_sub(RECENT)..];
        let earlier = &levels[levels.len().saturating_sub(RECENT + EARLIER)..levels.len() - recent.len()];
        let before = mean(earlier);
        let known = earlier.len() >= RECENT && before > 0.0;
        let fall = if known { 1.0 - mean(recent) / before } else { 0.0 };
        let (level, reason) = match (inactive_months, fall) {
            (inactive, _) if inactive >= INACTIVE_MONTHS => {
                (RiskLevel::Left, format!("no spending for {inactive} months"))
            }
            (inactive, _) if inactive > 0 => {
                (RiskLevel::High, format!("no spending in the last {}", counted(inactive, "month")))
            }
            (_, fall) if fall >= HIGH_FALL => {
                (RiskLevel::High, format!("spending fell by {}", percent(fall)))
            }
            (_, fall) if fall >= WATCHED_FALL => {
                (RiskLevel::Watch, format!("spending fell by {}", percent(fall)))
            }
            _ if !known => (RiskLevel::None, "too few months to compare".to_owned()),
            _ => (RiskLevel::None, "no sign of churn".to_owned()),
        };
        Self { id, level, fall, inactive_months, reason }
    }
}
