//! Value tiers crossed with RFM segments.

mod tables;

use crate::error::Error;
use crate::frames;
use crate::values::score::Scores;
use crate::values::tiers::{TierRules, median, tiers};
use cltv_purchases::{Outputs, RfmTable, SegmentFigures};
use cltv_report::Tier;
use cltv_report::numbers::{percent, whole};
use cltv_tables::words::shown;
use polars::prelude::DataFrame;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// What this file needs of an RFM table: each customer's segment, as a place in the segment table, and past
/// spend (purchases without amounts), in the order of the scores.
struct Past {
    segments: Vec<u32>,
    spent: Arc<Vec<f64>>,
}

impl Past {
    fn of(rfm: &RfmTable, scores: &Scores) -> Result<Past, Error> {
        let ids = scores.history().customer_ids();
        let differ = |id: &str| Error::DifferentCustomers {
            what: "The scores",
            other: "the RFM table",
            id: id.to_owned(),
        };
        // Both are in the order of the ids, so that the first difference names a customer of only one.
        for (row, id) in ids.iter().enumerate().take(rfm.len()) {
            if id != rfm.customer_id(row) {
                return Err(differ((&*id).min(rfm.customer_id(row))));
            }
        }
        if ids.len() > rfm.len() {
            return Err(differ(&ids.get(rfm.len())));
        }
        if rfm.len() > ids.len() {
            return Err(differ(rfm.customer_id(ids.len())));
        }
        let spent = match &rfm.monetary_total {
            Some(totals) => totals.clone(),
            None => Arc::new(rfm.frequency.iter().map(|&n| n as f64).collect()),
        };
        Ok(Past { segments: rfm.segment.iter().map(|&segment| u32::from(segment)).collect(), spent })
    }
}

/// All customers with their segments and tiers: a column each, in the order of the scores.
#[derive(Debug, Clone)]
pub struct Customers {
    scores: Scores,
    segment_of: Vec<u32>,
    tiers: Vec<Tier>,
    spent: Arc<Vec<f64>>,
    /// The RFM segments and their actions, in the order of the segment table.
    pub segments: Vec<SegmentFigures>,
    /// What tiers and win-back values were made with.
    pub rules: TierRules,
}

/// The figures of a group of customers.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupFigures {
    /// The group's name.
    pub name: String,
    /// Its customers.
    pub customers: usize,
    /// Their mean P(at least one purchase within the horizon); 0 for an empty group.
    pub p_return: f64,
    /// Purchases expected of them within the horizon.
    pub expected_purchases: f64,
    /// Their value within the horizon; none without amounts.
    pub clv: Option<f64>,
    /// The sum of their win-back values (see [`Customers::winback_value`]); none where no customer has one.
    pub winback_value: Option<f64>,
    /// The kind of action; "" for a segment of the default table, whose customers' tiers say what to do.
    pub action: String,
    /// The action in a sentence, or "".
    pub advice: String,
}

/// Crosses scores with RFM segments and puts every customer into a value tier.
///
/// At-risk are customers who bought again at least once, whose past spend is in the upper half (above the median
/// customer's), and whose P(at least one purchase within the horizon) is below `at_risk_below`. Of the others the
/// top 20% by CLV are High, the next 30% Medium, the rest Low; at equal CLV the smaller customer id goes first.
/// Without amounts, purchases take the place of spend and expected purchases that of CLV.
///
/// # Errors
/// [`Error::NotAShare`] for a rule outside 0 to 1, [`Error::DifferentCustomers`] when
/// scores and RFM table were made from different data.
///
/// # Examples
/// ```
/// use cltv_models::ValuePlan;
/// use cltv_workflow::{Input, TierRules, fit_models, load, score, segment, segment_table};
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let scores = score(&history, &fit_models(&history, "bg_nbd")?, &ValuePlan::new(6, 0.10, 1.0)?)?;
/// let customers = segment(&scores, &data.rfm("day", &segment_table("")?)?, &TierRules::default())?;
/// let counts: Vec<usize> = customers.tier_figures().iter().map(|tier| tier.customers).collect();
/// assert_eq!(counts.iter().sum::<usize>(), 2357);
/// assert_eq!(customers.tiers()?.height(), 4);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn segment(scores: &Scores, rfm: &RfmTable, rules: &TierRules) -> Result<Customers, Error> {
    rules.check()?;
    let segments = rfm.segments();
    let past = Past::of(rfm, scores)?;
    let half = median(&past.spent);
    let (p_return, frequency) = (scores.p_return(), scores.history().frequency());
    let at_risk = |i: usize| frequency[i] > 0 && past.spent[i] > half && p_return[i] < rules.at_risk_below;
    let tiers = tiers(scores.ranked_by(), at_risk);
    Ok(Customers {
        scores: scores.clone(),
        segment_of: past.segments,
        tiers,
        spent: past.spent,
        segments,
        rules: *rules,
    })
}

/// Sums over the customers of a group.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    customers: usize,
    p_return: f64,
    expected_purchases: f64,
    clv: f64,
    /// None where nobody has a win-back value.
    winback: Option<f64>,
}

impl Customers {
    /// Customers.
    pub fn len(&self) -> usize {
        self.tiers.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.tiers.is_empty()
    }

    /// The scores of the customers.
    pub fn scores(&self) -> &Scores {
        &self.scores
    }

    /// What each customer spent so far; purchases so far without amounts.
    pub fn past(&self) -> &[f64] {
        &self.spent
    }

    /// The RFM segment of each customer, as a place in [`Customers::segments`].
    pub fn segment_of_each(&self) -> &[u32] {
        &self.segment_of
    }

    /// Whether there are amounts.
    pub fn has_amounts(&self) -> bool {
        self.scores.clv().is_some()
    }

    /// The rows of `clv_results.csv`.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        self.part(0..self.len())
    }

    /// What contacting a customer once is expected to add within the horizon, and so the most that the contact may
    /// cost: `winback_success` times P(dropped out) times the value if reactivated. None without amounts, where the
    /// data do not identify dropout, or where the model leaves the customer no chance to have dropped out.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// let history = data.summary("week", "day")?;
    /// let models = fit_models(&history, "bg_nbd")?;
    /// let scores = score(&history, &models, &cltv_models::ValuePlan::new(6, 0.10, 1.0)?)?;
    /// let customers = segment(&scores, &data.rfm("day", &segment_table("")?)?, &TierRules::default())?;
    /// let frequency = scores.history().frequency();
    /// // BG/NBD: nobody drops out before a second purchase.
    /// let once = frequency.iter().position(|x| *x == 0).unwrap();
    /// let often = frequency.iter().position(|x| *x > 5).unwrap();
    /// assert!(customers.winback_value(once).is_none() && customers.winback_value(often).is_some());
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn winback_value(&self, customer: usize) -> Option<f64> {
        let value = *self.scores.value_if_reactivated()?.get(customer)?;
        let dropped_out = 1.0 - self.scores.p_alive()[customer];
        (!value.is_nan()).then_some(self.rules.winback_success * dropped_out * value)
    }

    fn part(&self, rows: Range<usize>) -> Result<DataFrame, Error> {
        let name = |place: &u32| self.segments.get(*place as usize).map_or("", |s| s.segment.as_str());
        let mut columns = self.scores.columns(rows.clone());
        columns.push(frames::numbers("winback_value", rows.clone().map(|i| self.winback_value(i))));
        columns.push(frames::texts("rfm_segment", self.segment_of[rows.clone()].iter().map(name)));
        columns.push(frames::texts("value_tier", self.tiers[rows].iter().map(|tier| tier.name())));
        frames::frame(columns)
    }

    /// Writes every customer as `clv_results`, part by part.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the columns, [`Error::File`] when the file cannot be written.
    pub fn save(&self, out: &Outputs) -> Result<(), Error> {
        const ROWS_PER_PART: usize = 1 << 18;
        let mut writer = out.table("clv_results")?;
        for start in (0..self.len()).step_by(ROWS_PER_PART) {
            writer.write(&self.part(start..self.len().min(start + ROWS_PER_PART))?)?;
        }
        writer.finish()?;
        Ok(())
    }

    /// The figures of each tier, empty ones included.
    pub fn tier_figures(&self) -> Vec<GroupFigures> {
        let sums = self.sums(Tier::ALL.len(), |i| self.tiers[i] as usize);
        let figures =
            |(tier, sums): (&Tier, Sums)| self.figures(tier.name(), tier.action(), tier.advice(), sums);
        Tier::ALL.iter().zip(sums).map(figures).collect()
    }

    /// The figures of each RFM segment, in the order of the segment table.
    pub fn segment_figures(&self) -> Vec<GroupFigures> {
        let sums = self.sums(self.segments.len(), |i| self.segment_of[i] as usize);
        let figures =
            |(s, sums): (&SegmentFigures, Sums)| self.figures(&s.segment, &s.action, &s.advice, sums);
        self.segments.iter().zip(sums).map(figures).collect()
    }

    /// Customers and their value by segment (rows) and tier (columns).
    pub fn cells(&self) -> Vec<[(usize, f64); 4]> {
        let mut cells = vec![[(0, 0.0); 4]; self.segments.len()];
        let clv = self.scores.clv();
        for (i, (&segment, &tier)) in self.segment_of.iter().zip(&self.tiers).enumerate() {
            if let Some(cell) = cells.get_mut(segment as usize).map(|row| &mut row[tier as usize]) {
                *cell = (cell.0 + 1, cell.1 + clv.map_or(0.0, |clv| clv[i]));
            }
        }
        cells
    }

    fn sums(&self, groups: usize, group_of: impl Fn(usize) -> usize) -> Vec<Sums> {
        let mut all = vec![Sums::default(); groups];
        let clv = self.scores.clv();
        for i in 0..self.len() {
            let Some(sums) = all.get_mut(group_of(i)) else { continue };
            sums.customers += 1;
            sums.p_return += self.scores.p_return()[i];
            sums.expected_purchases += self.scores.expected_purchases()[i];
            sums.clv += clv.map_or(0.0, |clv| clv[i]);
            if let Some(value) = self.winback_value(i) {
                sums.winback = Some(sums.winback.unwrap_or(0.0) + value);
            }
        }
        all
    }

    fn figures(&self, name: &str, action: &str, advice: &str, sums: Sums) -> GroupFigures {
        GroupFigures {
            name: name.to_owned(),
            customers: sums.customers,
            p_return: sums.p_return / sums.customers.max(1) as f64,
            expected_purchases: sums.expected_purchases,
            clv: self.has_amounts().then_some(sums.clv),
            winback_value: sums.winback,
            action: action.to_owned(),
            advice: advice.to_owned(),
        }
    }

    /// The tier with the most customers of each segment, and their share; none for a segment without customers.
    pub fn main_tiers(&self) -> Vec<Option<(Tier, f64)>> {
        let main = |row: [(usize, f64); 4]| {
            let all: usize = row.iter().map(|(customers, _)| customers).sum();
            let tier = Tier::ALL.into_iter().max_by_key(|tier| row[*tier as usize].0)?;
            (all > 0).then(|| (tier, row[tier as usize].0 as f64 / all as f64))
        };
        self.cells().into_iter().map(main).collect()
    }

    /// Sentences about segments of one's own table whose action the tiers contradict: retention or selling to customers
    /// of whom most are at risk, or winning back customers of whom most are in the tier High.
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (segment, main) in self.segments.iter().zip(self.main_tiers()) {
            let Some((tier, share)) = main.filter(|(_, share)| *share > 0.5) else { continue };
            let action = segment.action.to_lowercase();
            let is_wrong = match tier {
                Tier::AtRisk => !action.is_empty() && !action.contains("reactivation"),
                Tier::High => action.contains("reactivation"),
                Tier::Medium | Tier::Low => false,
            };
            if is_wrong {
                found.push(format!(
                    "The segment table advises {} for {}, but {} of its customers are in the tier {tier}.",
                    shown(&segment.action),
                    shown(&segment.segment),
                    percent(share)
                ));
            }
        }
        found
    }
}

impl fmt::Display for Customers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> =
            self.tier_figures().iter().map(|g| format!("{} {}", whole(g.customers as f64), g.name)).collect();
        write!(
            f,
            "{} customers in value tiers: {} (at risk: bought again, past spend in the upper half, and a chance below {} to buy within {} months).",
            whole(self.len() as f64),
            parts.join(", "),
            percent(self.rules.at_risk_below),
            self.scores.plan.horizon_months
        )?;
        if self.has_amounts() && self.scores.value_if_reactivated().is_none() {
            write!(f, " No win-back values: the data do not show when customers drop out.")?;
        }
        for sentence in self.contradictions() {
            write!(f, " {sentence}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Data, Input, load};
    use crate::models::fit_models;
    use crate::values::score::score;
    use cltv_models::ValuePlan;
    use cltv_purchases::{SegmentRule, SegmentTable};

    /// CDNOW, and its customers scored for six months.
    fn scored(model: &str) -> (Data, Scores) {
        let data = load(&Input::default()).unwrap();
        let history = data.summary("week", "day").unwrap();
        let models = fit_models(&history, model).unwrap();
        let scores = score(&history, &models, &ValuePlan::new(6, 0.10, 1.0).unwrap()).unwrap();
        (data, scores)
    }

    #[test]
    fn at_risk_needs_a_repeat_purchase_a_low_chance_to_return_and_past_spend_in_the_upper_half() {
        let (data, scores) = scored("bg_nbd");
        let rfm = data.rfm("day", &SegmentTable::default()).unwrap();
        let customers = segment(&scores, &rfm, &TierRules::default()).unwrap();
        let half = median(&customers.spent);
        let mut found = 0;
        for i in 0..customers.len() {
            let expected = scores.history().frequency()[i] > 0
                && customers.spent[i] > half
                && scores.p_return()[i] < 0.3;
            assert_eq!(customers.tiers[i] == Tier::AtRisk, expected, "{i}");
            found += usize::from(expected);
            let winback = customers.winback_value(i);
            assert_eq!(winback.is_some(), scores.history().frequency()[i] > 0, "{i}");
            if let (Some(winback), Some(row)) = (winback, scores.row(i)) {
                let gain = 0.05 * (1.0 - row.p_alive) * row.value_if_reactivated.unwrap();
                assert!((winback - gain).abs() < 1e-12, "{i}");
            }
        }
        assert!((200..500).contains(&found), "{found}");
    }

    #[test]
    fn without_dropout_in_the_model_there_is_no_win_back_value() {
        let (data, scores) = scored("nbd");
        let rfm = data.rfm("day", &SegmentTable::default()).unwrap();
        let customers = segment(&scores, &rfm, &TierRules::default()).unwrap();
        assert!(customers.tier_figures().iter().all(|tier| tier.winback_value.is_none()));
        let frame = customers.frame().unwrap();
        for name in ["value_if_reactivated", "winback_value"] {
            assert_eq!(frame.column(name).unwrap().null_count(), frame.height(), "{name}");
        }
        assert!(customers.to_string().contains("No win-back values"), "{customers}");
    }

    #[test]
    fn each_customer_has_one_advice_and_a_table_of_ones_own_is_checked_against_the_tiers() {
        let (data, scores) = scored("bg_nbd");
        let of = |table: &SegmentTable| {
            segment(&scores, &data.rfm("day", table).unwrap(), &TierRules::default()).unwrap()
        };
        let customers = of(&SegmentTable::default());
        let actions = customers.actions().unwrap();
        assert_eq!(actions.width(), 7);
        assert!(customers.contradictions().is_empty());
        let advice = customers.summary().unwrap().column("advice").unwrap().null_count();
        assert_eq!(advice, customers.segments.len(), "segments of the default table have none");
        let rule = |segment: &str, r: [u8; 2], action: &str| SegmentRule {
            segment: segment.to_owned(),
            r_min: r[0],
            r_max: r[1],
            f_min: 1,
            f_max: 5,
            action: action.to_owned(),
            advice: "Call.".to_owned(),
            spend: String::new(),
        };
        let frequent = |mut rule: SegmentRule, f: [u8; 2]| {
            (rule.f_min, rule.f_max) = (f[0], f[1]);
            rule
        };
        let rules = vec![
            frequent(rule("Silent", [1, 3], "retention"), [4, 5]),
            frequent(rule("Others", [1, 3], ""), [1, 3]),
            frequent(rule("Best", [4, 5], "reactivation"), [5, 5]),
            frequent(rule("Rest", [4, 5], "retention"), [1, 4]),
        ];
        let customers = of(&SegmentTable::try_new("own", rules).unwrap());
        let found = customers.contradictions();
        let main = customers.main_tiers();
        for (segment, main) in customers.segments.iter().zip(main) {
            let (tier, share) = main.unwrap();
            let expected = share > 0.5
                && (segment.segment == "Silent" && tier == Tier::AtRisk
                    || segment.segment == "Best" && tier == Tier::High);
            assert_eq!(
                found.iter().any(|text| text.contains(&segment.segment)),
                expected,
                "{segment:?} {found:?}"
            );
        }
        assert!(found[0].starts_with("The segment table advises retention for Silent, but "), "{found:?}");
        assert!(customers.to_string().ends_with(&found[found.len() - 1]));
        assert_eq!(customers.actions().unwrap().width(), 9);
    }

    #[test]
    fn tables_of_other_customers_are_refused_by_name() {
        let (_, scores) = scored("bg_nbd");
        let without = |ids: &str| {
            let data = load(&Input::default().leave_out(ids)).unwrap();
            data.rfm("day", &SegmentTable::default()).unwrap()
        };
        let rfm = without("4");
        let error = segment(&scores, &rfm, &TierRules::default()).unwrap_err().to_string();
        assert!(error.contains("\"4\" is in only one"), "{error}");
        let last = scores.history().customer_ids().get(scores.len() - 1).into_owned();
        let error = segment(&scores, &without(&last), &TierRules::default()).unwrap_err();
        assert!(matches!(error, Error::DifferentCustomers { .. }), "{error}");
        for rules in [
            TierRules { at_risk_below: 1.5, ..TierRules::default() },
            TierRules { winback_success: -0.1, ..TierRules::default() },
        ] {
            assert!(matches!(segment(&scores, &rfm, &rules), Err(Error::NotAShare { .. })));
        }
    }
}
