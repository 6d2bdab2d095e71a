//! The program `cltv-warehouse`.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{Local, NaiveDate};
use clap::{Args, Parser, Subcommand};
use cltv_models::ValuePlan;
use cltv_protocol::database::Address;
use cltv_warehouse::{
    Counted, Limits, Outcome, Request, Results, Warehouse, WarehouseError, customers_sql, fetch, header,
};

/// Customer-lifetime value of purchases in a database, which computes there what it can.
///
/// An address is adbc:duckdb:shop.db#purchases, adbc:postgresql://db.example.org/shop#sales.purchases,
/// adbc:flightsql+grpc+tls://lake.example.org:443#sales.purchases, or adbc:NAME#purchases for a connection of the
/// connections file (cltv/connections.toml in the folder of settings, with permissions 600). Instead of a table,
/// #parquet:/data/purchases/*.parquet names files that DuckDB or the Flight SQL engine reads. User, password and token come
/// from CLTV_DATABASE_USER, CLTV_DATABASE_PASSWORD and CLTV_DATABASE_TOKEN, or from the connections file; an address with a
/// password is refused.
#[derive(Debug, Parser)]
#[command(name = "cltv-warehouse", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Seconds that a statement may take.
    #[arg(long, global = true, default_value_t = 3600)]
    timeout: u64,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lets the database count histories, fits the models here, and writes scores by history. No customer's id is read.
    #[command(
        after_help = "Example:\n  cltv-warehouse summary adbc:duckdb:shop.db#purchases --customer-column buyer --output scores"
    )]
    Summary(Box<Asked>),
    /// Prints the statement that gives each customer's history, for a join with histories.csv.
    Sql(Box<Asked>),
    /// Prints the names of the columns as a JSON list.
    Columns {
        /// The address of the table.
        address: String,
    },
    /// Writes the rows of a table to a parquet file. `cltv report` calls it.
    Rows {
        /// The address of the table.
        address: String,
        /// A column with its values; may be repeated.
        #[arg(long = "column")]
        columns: Vec<String>,
        /// The most rows that are read.
        #[arg(long, default_value_t = 25_000_000)]
        most: u64,
        /// The file, which must not be there.
        #[arg(long)]
        to: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Asked {
    /// The address of the table.
    address: String,
    /// The column with the customer's id: text or whole numbers.
    #[arg(long, default_value = "customer_id")]
    customer_column: String,
    /// The column with the day of the purchase: a DATE or TIMESTAMP.
    #[arg(long, default_value = "date")]
    date_column: String,
    /// The column with the amount; "" where there is none.
    #[arg(long, default_value = "amount")]
    amount_column: String,
    /// The column with the order's id; "" where there is none.
    #[arg(long, default_value = "")]
    order_column: String,
    /// The time zone whose days count, for a TIMESTAMP WITH TIME ZONE.
    #[arg(long, default_value = "")]
    timezone: String,
    /// Which ids are the same customer: exact, or trim_case.
    #[arg(long, default_value = "exact", value_parser = ["exact", "trim_case"])]
    id_match: String,
    /// Rows that are equal in every column: keep, or drop.
    #[arg(long, default_value = "keep", value_parser = ["keep", "drop"])]
    duplicates: String,
    /// Rows before this day are left out, such as 2000-01-01.
    #[arg(long)]
    earliest_date: Option<NaiveDate>,
    /// Last day of the calibration; two thirds of the days by default.
    #[arg(long)]
    calibration_end: Option<NaiveDate>,
    /// Last day of the observation; the last purchase by default.
    #[arg(long)]
    observation_end: Option<NaiveDate>,
    /// The unit of time: day, week, month or year.
    #[arg(long, default_value = "week")]
    time_unit: String,
    /// Purchases of a customer within one day, week or month count as one.
    #[arg(long, default_value = "day")]
    grain: String,
    /// The model of purchases: bg_nbd, mbg_nbd, pareto_nbd, ggompertz_nbd or nbd.
    #[arg(long, default_value = "bg_nbd")]
    purchase_model: String,
    /// Months that are forecast, from 1 to 600.
    #[arg(long, default_value_t = 6)]
    horizon_months: u32,
    /// The discount rate a year, from 0 to below 1.
    #[arg(long, default_value_t = 0.10)]
    discount_annual: f64,
    /// The share of revenue that is kept, above 0 to 1.
    #[arg(long, default_value_t = 1.0)]
    margin: f64,
    /// The most rows of one result that are brought here.
    #[arg(long, default_value_t = 2_000_000)]
    most: u64,
    /// The day that counts as today.
    #[arg(long)]
    today: Option<NaiveDate>,
    /// The folder for histories.csv, segment_summary.csv, warehouse_summary.json and others; only printed without it.
    #[arg(long)]
    output: Option<PathBuf>,
}

impl Asked {
    fn request(&self) -> Result<Request, WarehouseError> {
        let word = |parameter, value: &str, allowed| WarehouseError::Parameter {
            parameter,
            value: value.to_owned(),
            allowed,
        };
        let mut request = Request::new(self.today.unwrap_or_else(|| Local::now().date_naive()));
        request.customer_column.clone_from(&self.customer_column);
        request.date_column.clone_from(&self.date_column);
        request.amount_column.clone_from(&self.amount_column);
        request.order_column.clone_from(&self.order_column);
        request.timezone.clone_from(&self.timezone);
        request.trim_case = self.id_match == "trim_case";
        request.drop_duplicates = self.duplicates == "drop";
        request.earliest_date = self.earliest_date;
        request.calibration_end = self.calibration_end;
        request.observation_end = self.observation_end;
        request.unit = self
            .time_unit
            .parse()
            .map_err(|_| word("time_unit", &self.time_unit, "one of day, week, month and year"))?;
        request.grain =
            self.grain.parse().map_err(|_| word("grain", &self.grain, "one of day, week and month"))?;
        Ok(request)
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), WarehouseError> {
    let open = |address: &str, rows: u64| {
        let limits = Limits { seconds: arguments.timeout, rows };
        Warehouse::open(&Address::parse(address)?, limits)
    };
    match &arguments.command {
        Command::Columns { address } => {
            let names = header(&mut open(address, 1)?)?;
            println!("{}", serde_json::Value::from(names));
        }
        Command::Rows { address, columns, most, to } => {
            let mut warehouse = open(address, *most)?;
            let rows = fetch(&mut warehouse, columns, *most, to)?;
            println!("{rows} rows, {} bytes received", warehouse.received());
        }
        Command::Sql(asked) => {
            let request = asked.request()?;
            let end = request.observation_end.unwrap_or(request.today);
            print!("{}", customers_sql(&request, end, &mut open(&asked.address, asked.most)?)?);
        }
        Command::Summary(asked) => summary(asked, open(&asked.address, asked.most)?)?,
    }
    Ok(())
}

fn summary(asked: &Asked, mut warehouse: Warehouse) -> Result<(), WarehouseError> {
    let request = asked.request()?;
    let plan = ValuePlan::new(asked.horizon_months, asked.discount_annual, asked.margin)?;
    let counted = Counted::of(&request, &mut warehouse)?;
    let results = Results::of(&counted, &request, &asked.purchase_model, &plan)?;
    let outcome = Outcome {
        address: warehouse.address().to_string(),
        request: &request,
        customers_sql: customers_sql(&request, counted.periods.2, &mut warehouse)?,
        counted: &counted,
        results: &results,
        received: warehouse.received(),
    };
    print!("{outcome}");
    if let Some(folder) = &asked.output {
        outcome.save(folder)?;
        println!(
            "Written to {}: scores by history, segments, and customers.sql for the join.",
            folder.display()
        );
    }
    Ok(())
}
