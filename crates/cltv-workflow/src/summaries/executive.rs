//! The facts of the executive summary and of the model summary.

use crate::choice::identifier;
use crate::data::Data;
use crate::error::Error;
use crate::models::{Audits, EarlierForecast, EarlierForecasts, Holdout, Models, Spend};
use crate::values::{Concentration, Customers, GroupFigures, Scores};
use cltv_models::{CoefTable, Fitted, Interval, LikelihoodModel, PurchaseFit};
use cltv_purchases::{Purchases, Split};
use cltv_report::numbers::percent;
use cltv_report::{
    AuditEntry, DataEntry, EarlierLine, ExecutiveSummary, FitEntry, HoldoutEntry, HoldoutLine, ModelSummary,
    PeriodEntry, SegmentLine, VERSION, ValueEntry,
};

/// Level of the parameters' intervals, which the model summary's documentation names.
const LEVEL: f64 = 0.95;

/// Customers, rows and purchases until the observation's end.
fn counts(data: &Data, split: &Split) -> Result<(usize, usize, usize), Error> {
    let of = |purchases: &Purchases| {
        let rows: u64 = purchases.rows.iter().copied().map(u64::from).sum();
        [purchases.by_customer().count(), rows as usize, purchases.len()]
    };
    let (grain, end) = (split.calibration.grain(), data.periods.observation_end);
    let blocks = data.purchases.of_purchases(grain, end, of)?;
    let sum = |at: usize| blocks.iter().map(|block| block[at]).sum();
    Ok((sum(0), sum(1), sum(2)))
}

/// The facts of `model_summary.json`.
///
/// # Errors
/// [`Error::Data`] when the purchases cannot be counted.
///
/// # Examples
/// ```
/// use cltv_models::ValuePlan;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let model = choose_model(&data, &split, "bg_nbd")?;
/// let (fit, spend) = (model.fit(&split.calibration)?, fit_spend(&split.calibration)?);
/// let (holdout, history) = (check_holdout(&split, &fit)?, data.summary("week", "day")?);
/// let models = fit_models(&history, &model)?;
/// let scores = score(&history, &models, &ValuePlan::new(6, 0.10, 1.0)?)?;
/// let audits = audit(&data, &split, &fit, &models)?;
/// let summary = model_summary(&data, &split, &fit, &spend, &models, &scores, &holdout, &audits)?;
/// assert!(summary.to_json()?.contains("\"model\": \"bg_nbd\""));
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
#[allow(clippy::too_many_arguments, reason = "the summary covers every step of a run")]
pub fn model_summary(
    data: &Data,
    split: &Split,
    fit: &PurchaseFit,
    spend: &Spend,
    models: &Models,
    scores: &Scores,
    holdout: &Holdout,
    audits: &Audits,
) -> Result<ModelSummary, Error> {
    let (customers, rows, purchases) = counts(data, split)?;
    Ok(ModelSummary {
        version: VERSION,
        model: identifier(models.purchases.name()),
        data: DataEntry {
            customers,
            rows,
            purchases,
            time_unit: split.calibration.unit().name().to_owned(),
            grain: split.calibration.grain().name().to_owned(),
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
            mae: holdout.mae,
            rmse: holdout.rmse,
        },
        audits: entries(audits),
    })
}

fn value_entry(scores: &Scores) -> ValueEntry {
    let total = scores.total_interval();
    let draws = total.map(|total| total.draws).unwrap_or_default();
    let purchases = scores.predicted_purchases();
    ValueEntry {
        horizon_months: scores.plan.horizon_months,
        discount_annual: scores.plan.discount_annual,
        margin: scores.plan.margin,
        clv: scores.total_value(),
        clv_low: total.map(|total| total.value.low),
        clv_high: total.map(|total| total.value.high),
        purchases: scores.total_purchases(),
        purchases_low: purchases.low,
        purchases_high: purchases.high,
        level: draws.level,
        draws: draws.count,
        seed: draws.seed,
    }
}

fn period_entry(purchases: &PurchaseFit, spend: &Spend) -> PeriodEntry {
    PeriodEntry { purchases: purchase_entry(purchases), spend: spend.model().map(spend_entry) }
}

fn purchase_entry(fit: &PurchaseFit) -> FitEntry {
    let intervals = fit.confint(LEVEL).ok();
    entry(fit.name(), &fit.coef_table(), intervals, fit.log_likelihood(), fit.identified())
}

fn spend_entry<M: LikelihoodModel>(fit: &Fitted<M>) -> FitEntry {
    let intervals = fit.confint(LEVEL).ok();
    entry(M::NAME, &fit.coef_table(), intervals, fit.log_likelihood(), fit.identified())
}

fn entry(
    model: &str,
    table: &CoefTable,
    intervals: Option<Vec<Interval>>,
    log_likelihood: f64,
    identified: bool,
) -> FitEntry {
    let errors: Option<Vec<(String, f64)>> =
        table.rows.iter().map(|row| Some((row.name.to_owned(), row.std_error?))).collect();
    FitEntry {
        model: identifier(model),
        parameters: table.rows.iter().map(|row| (row.name.to_owned(), row.estimate)).collect(),
        log_likelihood,
        std_errors: errors,
        intervals: intervals
            .map(|all| all.into_iter().map(|ends| (ends.name.to_owned(), [ends.low, ends.high])).collect()),
        identified,
    }
}

fn entries(audits: &Audits) -> Vec<AuditEntry> {
    audits.list.iter().map(AuditEntry::from).collect()
}

/// The facts of the executive summary of a run.
///
/// # Examples
/// ```
/// use cltv_models::ValuePlan;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let model = choose_model(&data, &split, "bg_nbd")?;
/// let fit = model.fit(&split.calibration)?;
/// let (holdout, history) = (check_holdout(&split, &fit)?, data.summary("week", "day")?);
/// let models = fit_models(&history, &model)?;
/// let scores = score(&history, &models, &ValuePlan::new(6, 0.10, 1.0)?)?;
/// let customers = segment(&scores, &data.rfm("day", &segment_table("")?)?, &TierRules::default())?;
/// let audits = audit(&data, &split, &fit, &models)?;
/// let earlier = earlier_forecasts(&data, &model, "week", "day", 6)?;
/// let summary = executive_summary(&data, &customers, &holdout, &earlier, &audits, "$");
/// assert!(summary.to_markdown()?.starts_with("# Executive summary"));
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn executive_summary(
    data: &Data,
    customers: &Customers,
    holdout: &Holdout,
    earlier: &EarlierForecasts,
    audits: &Audits,
    currency: &str,
) -> ExecutiveSummary {
    let purchases = customers.scores().predicted_purchases();
    let (scores, total) = (customers.scores(), customers.scores().total_interval());
    // Netted returns may leave a negative spend; a share of a total cannot be negative.
    let past = Concentration::of(customers.past().iter().map(|spent| spent.max(0.0)).collect());
    let ahead = Concentration::of(scores.ranked_by().to_vec());
    let frequency = scores.history().frequency();
    let once = |at: &usize| frequency[*at] == 0;
    let one_time_customers = (0..scores.len()).filter(once).count();
    let one_time_returns: f64 = (0..scores.len()).filter(once).map(|at| scores.p_return()[at]).sum();
    let one_time_dropout = (0..scores.len()).filter(once).any(|at| scores.p_alive()[at] < 1.0);
    ExecutiveSummary {
        source: data.purchases.name(),
        model: scores.model.to_owned(),
        customers: customers.len(),
        one_time_customers,
        one_time_p_return: one_time_returns / one_time_customers.max(1) as f64,
        one_time_dropout,
        // Repeat purchases, and every customer's first.
        purchases: frequency.iter().map(|&x| x as usize + 1).sum(),
        rows_read: data.cleaning.rows_read,
        rows_left_out: data.cleaning.rows_left_out(),
        warnings: data.cleaning.warnings.clone(),
        first_day: data.periods.start.to_string(),
        observation_end: data.periods.observation_end.to_string(),
        currency: currency.to_owned(),
        horizon_months: scores.plan.horizon_months,
        discount_annual: scores.plan.discount_annual,
        margin: scores.plan.margin,
        value: scores.total_value(),
        value_low: total.map(|total| total.value.low),
        value_high: total.map(|total| total.value.high),
        level: holdout.level,
        expected_purchases: scores.total_purchases(),
        purchases_interval: [purchases.low, purchases.high],
        with_parameters: scores.predicted_with_parameters(),
        purchases_recalibrated: earlier.interval(&purchases).map(|(low, high)| [low, high]),
        returning: scores.returning(),
        winback_success: customers.rules.winback_success,
        top_share_past: past.top_20_share,
        gini: past.gini,
        top_share_ahead: ahead.top_20_share,
        tiers: with_customers(lines(customers.tier_figures())),
        segments: by_value(segment_lines(customers)),
        contradictions: customers.contradictions(),
        holdout: HoldoutLine {
            length: holdout.length(),
            actual: holdout.actual_purchases() as f64,
            expected: holdout.expected_purchases(),
            low: holdout.total.low,
            high: holdout.total.high,
            inside: holdout.total.covers(),
            mae: holdout.mae,
            rmse: holdout.rmse,
        },
        earlier: earlier_lines(earlier),
        earlier_findings: earlier.sentences(),
        audits: entries(audits),
    }
}

fn earlier_lines(earlier: &EarlierForecasts) -> Vec<EarlierLine> {
    let line = |past: &EarlierForecast| EarlierLine {
        date: past.date.clone(),
        customers: past.total.customers,
        expected: past.total.expected,
        low: past.total.low,
        high: past.total.high,
        made: past.made as f64,
        returning: past.scores.returns.expected,
        returned: past.scores.returns.returned,
    };
    earlier.forecasts.iter().map(line).collect()
}

fn with_customers(mut lines: Vec<SegmentLine>) -> Vec<SegmentLine> {
    lines.retain(|line| line.customers > 0);
    lines
}

fn segment_lines(customers: &Customers) -> Vec<SegmentLine> {
    let mut lines = lines(customers.segment_figures());
    for (line, main) in lines.iter_mut().zip(customers.main_tiers()) {
        line.main_tier = main.map(|(tier, share)| format!("{tier} ({})", percent(share))).unwrap_or_default();
    }
    lines
}

/// The segments that have customers, the most valuable first.
fn by_value(segments: Vec<SegmentLine>) -> Vec<SegmentLine> {
    let worth = |line: &SegmentLine| line.value.unwrap_or(line.expected_purchases);
    let mut segments = with_customers(segments);
    segments.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
    segments
}

fn lines(groups: Vec<GroupFigures>) -> Vec<SegmentLine> {
    let line = |group: GroupFigures| SegmentLine {
        name: group.name,
        customers: group.customers,
        p_return: group.p_return,
        expected_purchases: group.expected_purchases,
        value: group.clv,
        winback_value: group.winback_value,
        main_tier: String::new(),
        action: group.advice,
    };
    groups.into_iter().map(line).collect()
}
