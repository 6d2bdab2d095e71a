//! A connection that runs statements, with limits of time and rows, and counts what it receives.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use adbc_core::error::{Error, Status};
use adbc_core::options::{OptionDatabase, OptionStatement, OptionValue};
use adbc_core::{Connection as _, Database as _, Driver as _, Optionable as _, Statement as _};
use adbc_driver_manager::{ManagedConnection, ManagedDatabase};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::SchemaRef;
use cltv_plan::Dialect;
use cltv_protocol::database::{Address, Engine, Relation};
use cltv_protocol::workspace;

use crate::drivers;
use crate::error::{WarehouseError, reason};
use crate::secrets::{Resolved, percent_encoded};
use crate::values::{Values, values};

/// What a connection may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Seconds that a statement may take.
    pub seconds: u64,
    /// Rows of a result that are brought here.
    pub rows: u64,
}

impl Default for Limits {
    /// An hour, and two million rows.
    fn default() -> Self {
        Self { seconds: 3600, rows: 2_000_000 }
    }
}

/// An open connection to the table of an address.
pub struct Warehouse {
    address: Address,
    engine: Engine,
    secrets: Vec<String>,
    limits: Limits,
    connection: ManagedConnection,
    /// Kept open as long as the connection.
    _database: ManagedDatabase,
    received: u64,
    statements: usize,
}

impl std::fmt::Debug for Warehouse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Warehouse")
            .field("address", &self.address)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// A result, column by column.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<(String, Values)>,
    pub(crate) rows: usize,
}

impl Warehouse {
    /// Loads the driver of an address and connects.
    ///
    /// # Errors
    /// [`WarehouseError`]: no driver, no such database, a connection that is refused.
    pub fn open(address: &Address, limits: Limits) -> Result<Self, WarehouseError> {
        let resolved = Resolved::of(address)?;
        let mut driver = drivers::load(resolved.engine, resolved.connection.driver.as_deref())?;
        let secrets = resolved.secrets();
        let not_opened = |error: Error| WarehouseError::NotOpened {
            address: address.to_string(),
            reason: reason(&error.message, &secrets),
        };
        let options = options(address, &resolved, limits)?;
        let database = driver.new_database_with_opts(options).map_err(not_opened)?;
        let connection = database.new_connection().map_err(not_opened)?;
        let mut warehouse = Self {
            address: address.clone(),
            engine: resolved.engine,
            secrets: secrets.clone(),
            limits,
            connection,
            _database: database,
            received: 0,
            statements: 0,
        };
        if warehouse.engine == Engine::Postgres {
            let millis = limits.seconds.saturating_mul(1000).min(i32::MAX as u64);
            let read_only = "SET default_transaction_read_only = on";
            for statement in [format!("SET statement_timeout = {millis}"), read_only.to_owned()] {
                warehouse.command(&statement).map_err(not_opened)?;
            }
        }
        Ok(warehouse)
    }

    /// The address, without secrets.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The engine's kind of SQL.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.engine {
            Engine::DuckDb => Dialect::DuckDb,
            Engine::Postgres => Dialect::Postgres,
            Engine::FlightSql => Dialect::Spark,
        }
    }

    /// Bytes of results that have been received, as Arrow holds them.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Statements that have been run.
    #[must_use]
    pub fn statements(&self) -> usize {
        self.statements
    }

    /// The table as it stands behind `FROM`.
    #[must_use]
    pub fn relation(&self) -> String {
        let dialect = self.dialect();
        match (&self.address.relation, dialect) {
            (Relation::Table(names), _) => {
                names.iter().map(|name| dialect.name(name)).collect::<Vec<_>>().join(".")
            }
            (Relation::Parquet(path), Dialect::Spark) => format!("parquet.{}", dialect.name(path)),
            (Relation::Parquet(path), _) => format!("read_parquet({})", dialect.text(path)),
        }
    }

    fn command(&mut self, sql: &str) -> Result<(), Error> {
        let mut statement = self.connection.new_statement()?;
        statement.set_sql_query(sql)?;
        statement.execute_update().map(drop)
    }

    /// The columns of the table.
    ///
    /// # Errors
    /// [`WarehouseError::NoTable`].
    pub(crate) fn schema(&mut self) -> Result<SchemaRef, WarehouseError> {
        let sql = format!("SELECT * FROM {} WHERE 1 = 0", self.relation());
        let mut schema = None;
        let read = self.stream("the list of columns", &sql, |of, _| {
            schema = Some(of.clone());
            Ok(())
        });
        read.map_err(|error| match error {
            WarehouseError::Failed { address, reason, .. } => WarehouseError::NoTable { address, reason },
            other => other,
        })?;
        schema.ok_or_else(|| WarehouseError::NoTable {
            address: self.address.to_string(),
            reason: "the engine names no columns".to_owned(),
        })
    }

    /// A result that must not have more rows than the limit.
    ///
    /// # Errors
    /// [`WarehouseError::TooMany`] with the remedy, [`WarehouseError::Failed`], [`WarehouseError::TooLong`].
    pub(crate) fn query(
        &mut self,
        step: &str,
        sql: &str,
        remedy: &'static str,
    ) -> Result<Table, WarehouseError> {
        let (most, address) = (self.limits.rows, self.address.to_string());
        let mut table = Table::default();
        self.stream(step, sql, |schema, batch| {
            if table.columns.is_empty() {
                let empty = RecordBatch::new_empty(schema.clone());
                table.columns = columns(&empty, step, &address)?;
            }
            let Some(batch) = batch else { return Ok(()) };
            table.rows += batch.num_rows();
            if table.rows as u64 > most {
                return Err(WarehouseError::TooMany {
                    step: step.to_owned(),
                    address: address.clone(),
                    most,
                    remedy,
                });
            }
            for ((_, all), (_, more)) in table.columns.iter_mut().zip(columns(batch, step, &address)?) {
                append(all, more);
            }
            Ok(())
        })?;
        Ok(table)
    }

    /// Runs a statement and hands over its columns and then each batch of its result, until one is refused.
    ///
    /// # Errors
    /// [`WarehouseError::Failed`] with what the engine says, [`WarehouseError::TooLong`], or that of `each`.
    pub(crate) fn stream(
        &mut self,
        step: &str,
        sql: &str,
        mut each: impl FnMut(&SchemaRef, Option<&RecordBatch>) -> Result<(), WarehouseError>,
    ) -> Result<(), WarehouseError> {
        self.statements += 1;
        let seconds = self.limits.seconds;
        let begin = Instant::now();
        let watch = Watch::start(self.connection.get_cancel_handle(), Duration::from_secs(seconds));
        let (address, secrets) = (self.address.to_string(), self.secrets.clone());
        let failed = |message: &str, status: Option<Status>| {
            let late = begin.elapsed() >= Duration::from_secs(seconds) || status == Some(Status::Timeout);
            let said_so = message.contains("statement timeout");
            if late || said_so {
                return WarehouseError::TooLong { step: step.to_owned(), address: address.clone(), seconds };
            }
            let reason = reason(message, &secrets);
            WarehouseError::Failed { step: step.to_owned(), address: address.clone(), reason }
        };
        let of_adbc = |error: Error| failed(&error.message, Some(error.status));
        let mut statement = self.connection.new_statement().map_err(of_adbc)?;
        if self.engine == Engine::FlightSql {
            let limit = OptionStatement::Other("adbc.flight.sql.rpc.timeout_seconds.fetch".to_owned());
            // An engine that does not know the option is limited by the watch.
            let _ = statement.set_option(limit, OptionValue::Double(seconds as f64));
        }
        statement.set_sql_query(sql).map_err(of_adbc)?;
        let reader = statement.execute().map_err(of_adbc)?;
        let schema = reader.schema();
        each(&schema, None)?;
        for batch in reader {
            let batch = batch.map_err(|error| failed(&error.to_string(), None))?;
            self.received += batch.get_array_memory_size() as u64;
            each(&schema, Some(&batch))?;
        }
        drop(watch);
        Ok(())
    }
}

/// Cancels a statement that takes too long; dropped, it does nothing more.
struct Watch {
    _done: mpsc::Sender<()>,
}

impl Watch {
    fn start(handle: Box<dyn adbc_core::CancelHandle>, limit: Duration) -> Self {
        let (sender, receiver) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            if receiver.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
                // Engines that cannot cancel have a limit of their own, or end with this process.
                let _ = handle.try_cancel();
            }
        });
        Self { _done: sender }
    }
}

/// Where an engine is, who asks, and that nothing is written.
fn options(
    address: &Address,
    resolved: &Resolved,
    limits: Limits,
) -> Result<Vec<(OptionDatabase, OptionValue)>, WarehouseError> {
    let other = |key: &str| OptionDatabase::Other(key.to_owned());
    let mut options: Vec<(OptionDatabase, OptionValue)> = Vec::new();
    match resolved.engine {
        Engine::DuckDb => {
            let path = duckdb_path(address, &resolved.target)?;
            options.push((other("path"), path.as_str().into()));
            if path != ":memory:" {
                options.push((other("access_mode"), "READ_ONLY".into()));
            }
        }
        Engine::Postgres => options.push((OptionDatabase::Uri, with_user(resolved).as_str().into())),
        Engine::FlightSql => {
            let uri = resolved.target.trim_start_matches("flightsql+");
            options.push((OptionDatabase::Uri, uri.into()));
            if let Some(user) = resolved.user() {
                options.push((OptionDatabase::Username, user.into()));
            }
            if let Some(password) = resolved.password() {
                options.push((OptionDatabase::Password, password.into()));
            }
            if let Some(token) = resolved.token() {
                let header = format!("Bearer {token}");
                options.push((other("adbc.flight.sql.authorization_header"), header.as_str().into()));
            }
            let seconds = limits.seconds.to_string();
            options.push((other("adbc.flight.sql.rpc.timeout_seconds.query"), seconds.as_str().into()));
        }
    }
    options
        .extend(resolved.connection.options.iter().map(|(key, value)| (other(key), value.as_str().into())));
    Ok(options)
}

/// The path of a DuckDB file that is there; DuckDB would make an empty one.
fn duckdb_path(address: &Address, target: &str) -> Result<String, WarehouseError> {
    if target == ":memory:" {
        return Ok(target.to_owned());
    }
    let here = std::env::current_dir().unwrap_or_default();
    let root: PathBuf = workspace::root(&here);
    let path = workspace::resolve(&root, target);
    if path.is_file() {
        return Ok(path.display().to_string());
    }
    Err(WarehouseError::NoDatabase {
        path: path.display().to_string(),
        address: address.to_string(),
        root: root.display().to_string(),
    })
}

/// PostgreSQL's driver takes user and password only inside of its address.
fn with_user(resolved: &Resolved) -> String {
    let Some(user) = resolved.user() else { return resolved.target.clone() };
    let Some((scheme, rest)) = resolved.target.split_once("://") else { return resolved.target.clone() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let host = rest[..end].rsplit_once('@').map_or(&rest[..end], |(_, host)| host);
    let password = resolved.password().map(|password| format!(":{}", percent_encoded(password)));
    format!("{scheme}://{}{}@{host}{}", percent_encoded(user), password.unwrap_or_default(), &rest[end..])
}

fn columns(batch: &RecordBatch, step: &str, address: &str) -> Result<Vec<(String, Values)>, WarehouseError> {
    let schema = batch.schema();
    let fields = schema.fields().iter().zip(batch.columns());
    let read = fields.map(|(field, array)| {
        let bad = || WarehouseError::BadResult {
            step: step.to_owned(),
            address: address.to_owned(),
            column: field.name().clone(),
        };
        Ok((field.name().clone(), values(array).ok_or_else(bad)?))
    });
    read.collect()
}

fn append(all: &mut Values, more: Values) {
    match (all, more) {
        (Values::Text(all), Values::Text(more)) => all.extend(more),
        (Values::Whole(all), Values::Whole(more)) => all.extend(more),
        (Values::Moment(all, _), Values::Moment(more, _)) => all.extend(more),
        (Values::Real(all), Values::Real(more)) => all.extend(more),
        (Values::Day(all), Values::Day(more)) => all.extend(more),
        // A column of a result has one type.
        (_, _) => {}
    }
}

impl Table {
    /// A column as numbers; `None` where it is not there, or is none.
    pub(crate) fn numbers(&self, name: &str) -> Option<Vec<Option<f64>>> {
        let (_, values) = self.columns.iter().find(|(column, _)| column.eq_ignore_ascii_case(name))?;
        values.numbers()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_put_into_the_address_of_postgresql() {
        let file = |target: &str, user: Option<&str>| {
            let address = Address::parse(&format!("adbc:{target}#t")).unwrap();
            let mut resolved = Resolved::of(&address).unwrap();
            resolved.set_user(user, Some("a/b"));
            with_user(&resolved)
        };
        assert_eq!(
            file("postgresql://db:5432/shop?sslmode=require", Some("an n")),
            "postgresql://an%20n:a%2Fb@db:5432/shop?sslmode=require"
        );
        assert_eq!(file("postgresql://bob@db/shop", Some("ann")), "postgresql://ann:a%2Fb@db/shop");
        assert_eq!(file("postgresql://bob@db/shop", None), "postgresql://bob@db/shop");
    }
}
