//! Purchases in a database: the relational plan of `cltv-plan` runs there, and histories with counts come back.
//!
//! ```text
//! address --open--> Warehouse --Counted::of--> histories, mean spends, aggregates, each with its number of customers
//!     Counted --Results::of--> fits, P(return), P(alive), values and segments, as files to join in the database
//! Warehouse --fetch--> the rows of a table of bounded size as a parquet file, which the library reads as any file
//! ```
//!
//! The transport is ADBC: one interface, drivers as shared libraries ([docs/scale.md](../../../docs/scale.md) names them).
//! Nothing is created or changed in the database.

mod connection;
mod counted;
mod drivers;
mod error;
mod outcome;
mod request;
mod results;
mod rows;
mod run;
mod secrets;
mod statements;
mod values;

pub use connection::{Limits, Warehouse};
pub use counted::{ChartTable, Counted, HistoryRow, SPEND_WIDTH};
pub use error::WarehouseError;
pub use outcome::Outcome;
pub use request::Request;
pub use results::{MODELS, Results, Score};
pub use rows::{fetch, header};
pub use secrets::{Connection, Resolved};
pub use statements::customers_sql;
