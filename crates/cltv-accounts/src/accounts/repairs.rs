//! Repairs of the months of spending.

use crate::numeric::quantile;
use crate::text::count;

/// How many months were repaired.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    gaps: usize,
    ends: usize,
    spikes: usize,
    negative: usize,
}

impl Repairs {
    pub(super) fn repair(&mut self, mut months: Vec<Option<f64>>, spike: f64) -> Vec<Option<f64>> {
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
        let median = quantile(&spent, 0.5);
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

    pub(super) fn sentences(&self, spike: f64) -> Vec<String> {
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
