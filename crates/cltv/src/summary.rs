//! The model summary for programs and the executive summary for people.

use crate::Error;
use crate::audits::Audits;
use crate::fits::{Models, Spend};
use crate::holdout::Holdout;
use crate::load::Data;
use crate::score::Scores;
use crate::segments::{Customers, GroupFigures};
use cltv_models::{BgNbd, Fitted, LikelihoodModel};
use cltv_plots::{Concentration, concentration_of};
use cltv_purchases::{Outputs, Split};
use cltv_report::numbers::{percent, whole};
use cltv_report::{
    AuditEntry, Caveat, DataEntry, ExecutiveSummary, FitEntry, HoldoutEntry, HoldoutLine, ModelSummary,
    PeriodEntry, SegmentLine, ValueEntry,
};

/// Level of the parameters' intervals, which the model summary's documentation names.
const LEVEL: f64 = 0.95;

/// Everything `model_summary.json` says of a run.
#[allow(clippy::too_many_arguments, reason = "a summary is of everything that was found")]
pub fn model_summary(
    data: &Data,
    split: &Split,
    fit: &Fitted<BgNbd>,
    spend: &Spend,
    models: &Models,
    scores: &Scores,
    holdout: &Holdout,
    audits: &Audits,
) -> ModelSummary {
    let (unit, grain) = (split.calibration.unit(), split.calibration.grain());
    let customers = data.purchases.purchases(grain, data.periods.observation_end);
    let rows: usize = customers.iter().flat_map(|c| &c.purchases).map(|p| p.rows).sum();
    ModelSummary {
        data: DataEntry {
            customers: customers.len(),
            rows,
            purchases: customers.iter().map(|c| c.purchases.len()).sum(),
            time_unit: unit.name().to_owned(),
            grain: grain.name().to_owned(),
            calibration_end: data.periods.calibration_end.to_string(),
            observation_end: data.periods.observation_end.to_string(),
        },
        calibration: period_entry(fit, spend),
        full: period_entry(&models.purchases, &models.spend),
        value: value_entry(scores),
        holdout: HoldoutEntry {
            periods: holdout.periods,
            actual_purchases: holdout.actual_purchases(),
            expected_purchases: holdout.expected_purchases(),
            expected_low: holdout.total.low,
            expected_high: holdout.total.high,
            level: holdout.level,
            inside_interval: holdout.total.covers(),
            mae: holdout.mae(),
            rmse: holdout.rmse(),
        },
        audits: entries(audits),
    }
}

fn value_entry(scores: &Scores) -> ValueEntry {
    let (total, draws) = (scores.total_interval(), scores.intervals.as_ref().map(|i| i.plan));
    let draws = draws.unwrap_or_default();
    ValueEntry {
        horizon_months: scores.plan.horizon_months,
        discount_annual: scores.plan.discount_annual,
        margin: scores.plan.margin,
        clv: scores.total_value(),
        clv_low: total.map(|total| total.low),
        clv_high: total.map(|total| total.high),
        level: draws.level,
        draws: draws.count,
        seed: draws.seed,
    }
}

fn period_entry(purchases: &Fitted<BgNbd>, spend: &Spend) -> PeriodEntry {
    PeriodEntry { bg_nbd: fit_entry(purchases), gamma_gamma: spend.model().map(fit_entry) }
}

fn fit_entry<M: LikelihoodModel>(fit: &Fitted<M>) -> FitEntry {
    let named = |values: Vec<f64>| -> Vec<(String, f64)> {
        fit.parameter_names().into_iter().map(str::to_owned).zip(values).collect()
    };
    FitEntry {
        parameters: named(fit.estimates()),
        log_likelihood: fit.log_likelihood(),
        std_errors: fit.std_errors().ok().map(named),
        intervals: fit
            .confint(LEVEL)
            .ok()
            .map(|all| all.into_iter().map(|ends| (ends.name.to_owned(), [ends.low, ends.high])).collect()),
        identified: fit.identified(),
    }
}

fn entries(audits: &Audits) -> Vec<AuditEntry> {
    audits.list.iter().map(AuditEntry::from).collect()
}

/// The executive summary of a run.
pub fn executive_summary(
    data: &Data,
    customers: &Customers,
    holdout: &Holdout,
    audits: &Audits,
    currency: &str,
) -> ExecutiveSummary {
    let scores = || customers.customers.iter().map(|c| &c.score);
    // Returns netted against purchases may leave less than nothing; nobody holds a negative share.
    let past = concentration(customers.customers.iter().map(|c| c.past.max(0.0)).collect());
    let ahead = concentration(scores().map(|s| s.clv.unwrap_or(s.expected_purchases)).collect());
    let has_amounts = customers.has_amounts();
    let mut segments = lines(customers.segment_figures());
    segments.retain(|line| line.customers > 0);
    segments.sort_by(|a, b| {
        let worth = |line: &SegmentLine| line.value.unwrap_or(line.expected_purchases);
        worth(b).total_cmp(&worth(a))
    });
    ExecutiveSummary {
        source: data.purchases.name(),
        customers: customers.customers.len(),
        // Repeat purchases, and everyone's first.
        purchases: scores().map(|s| s.frequency as usize + 1).sum(),
        first_day: data.periods.start.to_string(),
        observation_end: data.periods.observation_end.to_string(),
        currency: currency.to_owned(),
        horizon_months: customers.plan.horizon_months,
        discount_annual: customers.plan.discount_annual,
        margin: customers.plan.margin,
        value: scores().map(|s| s.clv).sum::<Option<f64>>().filter(|_| has_amounts),
        value_low: customers.total.map(|(total, _)| total.low),
        value_high: customers.total.map(|(total, _)| total.high),
        level: holdout.level,
        expected_purchases: scores().map(|s| s.expected_purchases).sum(),
        alive: scores().map(|s| s.p_alive).sum(),
        revenue: has_amounts.then(|| customers.customers.iter().map(|c| c.past).sum()),
        top_share_past: past.top_20_share,
        gini: past.gini,
        top_share_ahead: ahead.top_20_share,
        tiers: lines(customers.tier_figures()),
        segments,
        holdout: HoldoutLine {
            length: holdout.length(),
            actual: holdout.actual_purchases() as f64,
            expected: holdout.expected_purchases(),
            low: holdout.total.low,
            high: holdout.total.high,
            inside: holdout.total.covers(),
            mae: holdout.mae(),
            rmse: holdout.rmse(),
        },
        audits: entries(audits),
        caveats: caveats(data, customers, holdout, has_amounts),
    }
}

/// The concentration of values; where all are zero, nothing is concentrated.
fn concentration(values: Vec<f64>) -> Concentration {
    concentration_of(&values).unwrap_or(Concentration { gini: 0.0, top_20_share: 0.2 })
}

fn lines(groups: Vec<GroupFigures>) -> Vec<SegmentLine> {
    let line = |group: GroupFigures| SegmentLine {
        name: group.name,
        customers: group.customers,
        p_alive: group.p_alive,
        expected_purchases: group.expected_purchases,
        value: group.clv,
        value_at_risk: group.value_at_risk,
        action: group.advice,
    };
    groups.into_iter().map(line).collect()
}

fn caveats(data: &Data, customers: &Customers, holdout: &Holdout, has_amounts: bool) -> Vec<Caveat> {
    let all = customers.customers.len();
    let once = customers.customers.iter().filter(|c| c.score.frequency == 0).count();
    let months = customers.plan.horizon_months;
    let mut texts = vec![
        format!(
            "The {} of the {} customers known on {}: no customer yet to come, nothing after {months} months.",
            if has_amounts { "value is that" } else { "purchases expected are those" },
            whole(all as f64),
            data.periods.observation_end
        ),
        format!(
            "{} customers ({}) bought once. BG/NBD lets nobody drop out before a second purchase, so their P(alive) is 1 by construction; few purchases are expected of them all the same.",
            whole(once as f64),
            percent(once as f64 / all.max(1) as f64)
        ),
        "The models know no season, price or campaign: what drove purchases in the past is taken to go on."
            .to_owned(),
    ];
    if customers.total.is_some() {
        texts.push("The interval of the value holds what the data leave open about the parameters of purchases and of spend. It does not hold what is wrong with the models, which only the test above shows.".to_owned());
    }
    if !holdout.total.covers() {
        texts.push("In the test the purchases made lay outside the model's interval: it is surer than it should be, so read its intervals as the least there is to doubt.".to_owned());
    }
    if has_amounts {
        texts.push("Spend is taken to be independent of how often a customer buys; the audit of their correlation says whether it is.".to_owned());
    }
    if data.cleaning.rows_left_out() > 0 {
        texts.push(format!(
            "{} of {} rows were left out in cleaning; notebook 01_eda says which and why.",
            whole(data.cleaning.rows_left_out() as f64),
            whole(data.cleaning.rows_read as f64)
        ));
    }
    texts.into_iter().map(|text| Caveat { text }).collect()
}

/// Writes the executive summary into the outputs, and to the top of the workspace when the
/// outputs are the default ones.
///
/// # Errors
/// [`Error::Report`] when it cannot be put into words, [`Error::Data`] when it cannot be written.
pub fn write_executive_summary(out: &Outputs, summary: &ExecutiveSummary) -> Result<(), Error> {
    let text = summary.to_markdown()?;
    out.write_text("executive_summary.md", &text)?;
    // A runner publishes the one at the top itself, when the whole run has succeeded.
    if out.is_default() && std::env::var_os("CLTV_STAGE").is_none() {
        Outputs::open(".")?.write_text("executive_summary.md", &text)?;
    }
    Ok(())
}
