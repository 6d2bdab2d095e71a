//! What is asked of a table: its columns, the rules, and the periods.

use arrow_schema::SchemaRef;
use chrono::NaiveDate;
use cltv_models::{Grain, TimeUnit};
use cltv_plan::cleaning::Setting;
use cltv_plan::source::{Kind, SourceColumn, SourceTable};

use crate::connection::Warehouse;
use crate::error::WarehouseError;
use crate::values::kind_of;

/// Columns, rules and periods; the names are those of the notebooks' parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The column with the customer's id.
    pub customer_column: String,
    /// The column with the day of the purchase.
    pub date_column: String,
    /// The column with the amount; "" where there is none.
    pub amount_column: String,
    /// The column with the order's id; "" where there is none.
    pub order_column: String,
    /// The time zone whose days count; "" for UTC.
    pub timezone: String,
    /// Whether case of ids does not count.
    pub trim_case: bool,
    /// Whether rows that are equal in every column are left out.
    pub drop_duplicates: bool,
    /// Rows before this day are left out.
    pub earliest_date: Option<NaiveDate>,
    /// Last day of the calibration; two thirds of the days by default.
    pub calibration_end: Option<NaiveDate>,
    /// Last day of the observation; the last purchase by default.
    pub observation_end: Option<NaiveDate>,
    /// The unit of time.
    pub unit: TimeUnit,
    /// The period in which purchases count as one.
    pub grain: Grain,
    /// The day that counts as today.
    pub today: NaiveDate,
}

impl Request {
    /// The default columns and rules.
    #[must_use]
    pub fn new(today: NaiveDate) -> Self {
        let text = |text: &str| text.to_owned();
        Self {
            customer_column: text("customer_id"),
            date_column: text("date"),
            amount_column: text("amount"),
            order_column: text(""),
            timezone: text(""),
            trim_case: false,
            drop_duplicates: false,
            earliest_date: None,
            calibration_end: None,
            observation_end: None,
            unit: TimeUnit::Week,
            grain: Grain::Day,
            today,
        }
    }

    pub(crate) fn setting(&self) -> Setting {
        let mut setting = Setting::new(
            !self.amount_column.is_empty(),
            !self.order_column.is_empty(),
            self.today.to_epoch_days(),
        );
        setting.earliest = self.earliest_date.map(|day| day.to_epoch_days());
        setting.drop_duplicates = self.drop_duplicates;
        setting
    }

    /// The table's columns with their roles, by what the engine says of them.
    pub(crate) fn source(&self, warehouse: &mut Warehouse) -> Result<SourceTable, WarehouseError> {
        let schema = warehouse.schema()?;
        let find = Find {
            address: warehouse.address().to_string(),
            schema,
            spark: warehouse.dialect() == cltv_plan::Dialect::Spark,
        };
        let ids: &[Kind] = &[Kind::Text, Kind::Whole];
        let days: &[Kind] =
            if find.spark { &[Kind::Day, Kind::Stamp] } else { &[Kind::Day, Kind::Stamp, Kind::Instant] };
        let id = |name: &str, parameter, role| {
            find.column(name, parameter, role, ids, "text or a whole number", "CAST({} AS VARCHAR)")
        };
        let customer = id(&self.customer_column, "customer_column", "customer's id")?;
        let date = find.column(
            &self.date_column,
            "date_column",
            "date of the purchase",
            days,
            "a DATE or TIMESTAMP",
            "CAST({} AS DATE)",
        )?;
        let optional = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        let amount = optional(&self.amount_column).map(|name| {
            let numbers = &[Kind::Whole, Kind::Real];
            find.column(&name, "amount_column", "amount", numbers, "a number", "CAST({} AS DECIMAL(18, 2))")
        });
        let order = optional(&self.order_column).map(|name| id(&name, "order_column", "order's id"));
        let (amount, order) = (amount.transpose()?, order.transpose()?);
        let roles = [Some(&customer), Some(&date), amount.as_ref(), order.as_ref()];
        let used: Vec<&str> = roles.into_iter().flatten().map(|column| column.name.as_str()).collect();
        let fields = find.schema.fields().iter().filter(|field| kind_of(field).is_some());
        let others = fields.map(|field| field.name()).filter(|name| !used.contains(&name.as_str())).cloned();
        Ok(SourceTable {
            from: warehouse.relation(),
            others: others.collect(),
            trim_case: self.trim_case,
            zone: self.zone()?,
            customer,
            date,
            amount,
            order,
        })
    }

    fn zone(&self) -> Result<Option<String>, WarehouseError> {
        let zone = self.timezone.trim();
        let is_name = zone.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+'));
        if !is_name {
            return Err(WarehouseError::Parameter {
                parameter: "timezone",
                value: zone.to_owned(),
                allowed: "a time zone such as Europe/Berlin",
            });
        }
        Ok((!zone.is_empty()).then(|| zone.to_owned()))
    }
}

struct Find {
    address: String,
    schema: SchemaRef,
    spark: bool,
}

impl Find {
    fn column(
        &self,
        name: &str,
        parameter: &'static str,
        role: &'static str,
        allowed: &[Kind],
        needed: &'static str,
        remedy: &str,
    ) -> Result<SourceColumn, WarehouseError> {
        let fields = self.schema.fields();
        let exact = fields.iter().find(|field| field.name() == name);
        let Some(field) =
            exact.or_else(|| fields.iter().find(|field| field.name().eq_ignore_ascii_case(name)))
        else {
            return Err(WarehouseError::NoColumn {
                address: self.address.clone(),
                column: name.to_owned(),
                parameter,
                columns: fields.iter().map(|field| field.name().clone()).collect(),
            });
        };
        match kind_of(field).filter(|kind| allowed.contains(kind)) {
            Some(kind) => Ok(SourceColumn { name: field.name().clone(), kind }),
            None => Err(WarehouseError::BadColumn {
                address: self.address.clone(),
                column: field.name().clone(),
                role,
                problem: format!(
                    "has the type {}, but {needed} is needed there; make a view with {}",
                    field.data_type(),
                    remedy.replace("{}", field.name())
                ),
            }),
        }
    }
}
