//! Tiers, segments and both together as tables.

use cltv_purchases::SegmentFigures;
use cltv_report::Tier;
use polars::prelude::{Column, DataFrame};

use super::{Customers, GroupFigures, Sums};
use crate::error::Error;
use crate::frames;

impl Customers {
    /// The tiers as a table.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn tiers(&self) -> Result<DataFrame, Error> {
        frames::frame(self.group_columns("value_tier", &self.tier_figures()))
    }

    /// Customers of each segment that has any, in each tier.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// let history = data.summary("week", "day")?;
    /// let models = fit_models(&history, "bg_nbd")?;
    /// let scores = score(&history, &models, &cltv_models::ValuePlan::new(6, 0.10, 1.0)?)?;
    /// let customers = segment(&scores, &data.rfm("day", &segment_table("")?)?, &TierRules::default())?;
    /// assert_eq!(customers.segments_by_tier()?.width(), 1 + 4);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn segments_by_tier(&self) -> Result<DataFrame, Error> {
        let (names, cells): (Vec<&str>, Vec<_>) = self
            .segments
            .iter()
            .zip(self.cells())
            .filter(|(segment, _)| segment.customers > 0)
            .map(|(segment, row)| (segment.segment.as_str(), row))
            .unzip();
        let mut columns = vec![frames::texts("rfm_segment", names.into_iter())];
        let count = |tier: Tier| cells.iter().map(move |row| row[tier as usize].0 as u64);
        columns.extend(Tier::ALL.map(|tier| frames::counts(tier.name(), count(tier))));
        frames::frame(columns)
    }

    /// What to do: a row for each tier and segment that has customers, with the tier's action. A table of one's own
    /// adds its own `segment_action`, `segment_advice` and `segment_spend`.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// let history = data.summary("week", "day")?;
    /// let models = fit_models(&history, "bg_nbd")?;
    /// let scores = score(&history, &models, &cltv_models::ValuePlan::new(6, 0.10, 1.0)?)?;
    /// let customers = segment(&scores, &data.rfm("day", &segment_table("")?)?, &TierRules::default())?;
    /// let actions = customers.actions()?;
    /// assert_eq!(actions.width(), 7);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn actions(&self) -> Result<DataFrame, Error> {
        let segments = self.segments.len().max(1);
        let sums = self.sums(Tier::ALL.len() * segments, |i| {
            self.tiers[i] as usize * segments + self.segment_of[i] as usize
        });
        let rows: Vec<(Tier, &SegmentFigures, Sums)> = sums
            .into_iter()
            .enumerate()
            .filter(|(_, sums)| sums.customers > 0)
            .filter_map(|(at, sums)| {
                Some((*Tier::ALL.get(at / segments)?, self.segments.get(at % segments)?, sums))
            })
            .collect();
        let values = rows.iter().map(|(.., sums)| self.has_amounts().then_some(sums.clv));
        let mut columns = vec![
            frames::texts("value_tier", rows.iter().map(|(tier, ..)| tier.name())),
            frames::texts("rfm_segment", rows.iter().map(|(_, segment, _)| segment.segment.as_str())),
            frames::counts("customers", rows.iter().map(|(.., sums)| sums.customers as u64)),
            frames::numbers("clv", values),
            frames::numbers("winback_value", rows.iter().map(|(.., sums)| sums.winback)),
            frames::texts("action", rows.iter().map(|(tier, ..)| tier.action())),
            frames::texts("advice", rows.iter().map(|(tier, ..)| tier.advice())),
        ];
        type Text = fn(&SegmentFigures) -> &String;
        let mut own = |name: &str, of: Text| {
            if rows.iter().any(|(_, segment, _)| !of(segment).is_empty()) {
                columns.push(frames::texts(name, rows.iter().map(|(_, segment, _)| of(segment).as_str())));
            }
        };
        own("segment_action", |segment| &segment.action);
        own("segment_advice", |segment| &segment.advice);
        own("segment_spend", |segment| &segment.spend);
        frames::frame(columns)
    }

    /// The rows of `segment_summary.csv`: every tier, then every RFM segment.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// let history = data.summary("week", "day")?;
    /// let models = fit_models(&history, "bg_nbd")?;
    /// let scores = score(&history, &models, &cltv_models::ValuePlan::new(6, 0.10, 1.0)?)?;
    /// let customers = segment(&scores, &data.rfm("day", &segment_table("")?)?, &TierRules::default())?;
    /// assert_eq!(customers.summary()?.height(), 4 + customers.segments.len());
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn summary(&self) -> Result<DataFrame, Error> {
        let (tiers, segments) = (self.tier_figures(), self.segment_figures());
        let kinds = tiers.iter().map(|_| "value_tier").chain(segments.iter().map(|_| "rfm_segment"));
        let mut columns = vec![frames::texts("grouping", kinds)];
        columns.extend(self.group_columns("group", &[tiers.clone(), segments.clone()].concat()));
        frames::frame(columns)
    }

    fn group_columns(&self, name: &str, groups: &[GroupFigures]) -> Vec<Column> {
        let all = self.len().max(1) as f64;
        vec![
            frames::texts(name, groups.iter().map(|g| g.name.as_str())),
            frames::counts("customers", groups.iter().map(|g| g.customers as u64)),
            frames::numbers("share_of_customers", groups.iter().map(|g| Some(g.customers as f64 / all))),
            frames::numbers("mean_p_return", groups.iter().map(|g| (g.customers > 0).then_some(g.p_return))),
            frames::numbers("expected_purchases", groups.iter().map(|g| Some(g.expected_purchases))),
            frames::numbers("clv", groups.iter().map(|g| g.clv)),
            frames::numbers("winback_value", groups.iter().map(|g| g.winback_value)),
            frames::optional_texts(
                "action",
                groups.iter().map(|g| Some(g.action.as_str()).filter(|text| !text.is_empty())),
            ),
            frames::optional_texts(
                "advice",
                groups.iter().map(|g| Some(g.advice.as_str()).filter(|text| !text.is_empty())),
            ),
        ]
    }
}
