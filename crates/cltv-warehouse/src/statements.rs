//! The statements over one table, printed from the plan.

use chrono::NaiveDate;
use cltv_plan::cleaning::{self, Setting};
use cltv_plan::periods::period_of;
use cltv_plan::{Dialect, Given, Plan, queries, sql_over};

use crate::connection::Warehouse;
use crate::error::WarehouseError;
use crate::request::Request;

/// The statements of one table.
pub(crate) struct Statements {
    dialect: Dialect,
    given: Vec<Given>,
    pub(crate) setting: Setting,
}

impl Statements {
    pub(crate) fn new(
        request: &Request,
        warehouse: &mut Warehouse,
    ) -> Result<(Self, String), WarehouseError> {
        let source = request.source(warehouse)?;
        let (dialect, setting) = (warehouse.dialect(), request.setting());
        let lines = source.lines(dialect, &setting);
        let distinct = source.distinct_ids(dialect);
        Ok((Self { dialect, given: vec![lines], setting }, distinct))
    }

    /// A plan over lines.
    pub(crate) fn over_lines(&self, plan: &Plan) -> String {
        sql_over(plan, self.dialect, &self.given)
    }

    /// A plan over clean rows.
    pub(crate) fn over_rows(&self, plan: &Plan) -> String {
        let mut setting = self.setting.clone();
        setting.count_repeats = false;
        let mut given = self.given.clone();
        given.push(Given::Plan(queries::ROWS, cleaning::clean_rows(&setting)));
        sql_over(plan, self.dialect, &given)
    }
}

/// The statement that gives the history of each customer, by which scores are joined: `customer`, `frequency`, `first` and
/// `last`.
///
/// # Errors
/// As [`crate::Counted::of`].
pub fn customers_sql(
    request: &Request,
    end: NaiveDate,
    warehouse: &mut Warehouse,
) -> Result<String, WarehouseError> {
    let (statements, _) = Statements::new(request, warehouse)?;
    let amounts = !request.amount_column.is_empty();
    let last = period_of(end, request.grain);
    let plan = queries::summary(request.unit, request.grain, end.to_epoch_days(), last, amounts);
    Ok(statements.over_rows(&plan.select(&["customer", "frequency", "first", "last"])))
}
