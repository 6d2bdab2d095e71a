//! The address of a table in a database, as `transactions` may name it.
//!
//! ```text
//! adbc:duckdb:shop.db#purchases                           a DuckDB file; a relative path starts at the workspace
//! adbc:postgresql://db.example.org/shop#sales.purchases   PostgreSQL
//! adbc:flightsql+grpc+tls://lake.example.org:443#sales.purchases   Flight SQL: Sail, Dremio, InfluxDB and others
//! adbc:flightsql+grpc://localhost:32010#parquet:/data/purchases    files that the engine reads
//! adbc:shop#sales.purchases                               a connection of the connections file
//! ```
//!
//! After `adbc:` stands what the driver of the engine calls its address, and after `#` the table. An address has no secret:
//! user, password and token come from the environment ([`crate::environment`]) or from the connections file.

use std::fmt::{self, Display, Formatter};

/// What every address begins with.
pub const SCHEME: &str = "adbc:";

/// Forms that messages show.
pub const EXAMPLES: &str = "adbc:duckdb:shop.db#purchases, adbc:postgresql://db.example.org/shop#sales.purchases or adbc:flightsql+grpc+tls://lake.example.org:443#sales.purchases";

/// Keys in the query of an address whose values are secrets.
const SECRET_KEYS: [&str; 7] = ["password", "passwd", "pwd", "token", "secret", "sslpassword", "apikey"];

/// An engine that runs statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// DuckDB, in this process.
    DuckDb,
    /// PostgreSQL.
    Postgres,
    /// An engine behind Flight SQL, which speaks Spark's SQL as Sail does.
    FlightSql,
}

impl Engine {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DuckDb => "DuckDB",
            Self::Postgres => "PostgreSQL",
            Self::FlightSql => "Flight SQL",
        }
    }
}

/// Where the tables are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An engine, and its own address: a path for DuckDB, a URI for the others.
    At(Engine, String),
    /// A connection of the connections file.
    Named(String),
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// A table or view: its name, with schema and catalogue before it where they were given.
    Table(Vec<String>),
    /// Parquet files that the engine reads: a path or pattern as the engine knows it.
    Parquet(String),
}

/// The address of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Where the tables are.
    pub place: Place,
    /// What is read.
    pub relation: Relation,
    shown: String,
}

/// Why a text is no address. The message has no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// A password or token stands in it.
    #[error(
        "the address {shown} contains a password; leave it out of the address and set CLTV_DATABASE_PASSWORD, or name a connection of the connections file, as in adbc:shop#purchases"
    )]
    Secret {
        /// The address without it.
        shown: String,
    },
    /// The part before `#` is unknown.
    #[error("the address {shown} names no engine that is known; write {EXAMPLES}")]
    Engine {
        /// The address.
        shown: String,
    },
    /// There is no table.
    #[error("the address {shown} names no table; write it after #, as in adbc:duckdb:shop.db#purchases")]
    NoTable {
        /// The address.
        shown: String,
    },
    /// The name of the table cannot be one.
    #[error(
        "the address {shown} names the table {table:?}, which is not a name, schema.name or catalogue.schema.name; put a name with other characters between quotation marks, as in #sales.\"my table\""
    )]
    BadTable {
        /// The address.
        shown: String,
        /// The part after `#`.
        table: String,
    },
}

/// Whether a value of `transactions` is meant as an address of a database.
///
/// # Examples
/// ```
/// use cltv_protocol::database::is_address;
/// assert!(is_address("adbc:duckdb:shop.db#purchases") && !is_address("./adbc.csv"));
/// ```
#[must_use]
pub fn is_address(value: &str) -> bool {
    value.trim_start().get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
}

/// The text of an address with every secret in it left out, for messages; other text stays as it is.
///
/// # Examples
/// ```
/// use cltv_protocol::database::shown;
/// assert_eq!(shown("adbc:postgresql://ann:secret@db/shop#t"), "adbc:postgresql://ann:***@db/shop#t");
/// assert_eq!(shown("adbc:postgresql://db/shop?password=x&a=b#t"), "adbc:postgresql://db/shop?password=***&a=b#t");
/// assert_eq!(shown("sales.csv"), "sales.csv");
/// ```
#[must_use]
pub fn shown(value: &str) -> String {
    if !is_address(value) {
        return value.to_owned();
    }
    let secrets = secrets(value);
    let (mut out, mut at) = (String::with_capacity(value.len()), 0);
    for range in secrets {
        out.push_str(&value[at..range.start]);
        out.push_str("***");
        at = range.end;
    }
    out.push_str(&value[at..]);
    out
}

/// Where secrets stand in an address, in their order.
fn secrets(value: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    if let Some(start) = value.find("://").map(|at| at + 3) {
        // A password may contain every character, also those that end an authority, so the last @ counts.
        let end = value[start..].rfind('@').map(|at| start + at);
        let colon = end.and_then(|end| value[start..end].find(':').map(|at| (start + at + 1, end)));
        found.extend(colon.map(|(from, to)| from..to));
    }
    let after = found.last().map_or(0, |range: &std::ops::Range<usize>| range.end);
    let mut at = after;
    for part in value[after..].split_inclusive(['?', '&', ';', ' ', '#']) {
        let text = part.trim_end_matches(['?', '&', ';', ' ', '#']);
        if let Some((key, secret)) = text.split_once('=') {
            let key = key.trim().to_lowercase();
            let is_secret = SECRET_KEYS.iter().any(|word| key.replace(['_', '-', '.'], "").ends_with(word));
            if is_secret && !secret.is_empty() {
                let start = at + text.len() - secret.len();
                found.push(start..at + text.len());
            }
        }
        at += part.len();
    }
    found
}

impl Address {
    /// Takes an address apart.
    ///
    /// # Errors
    /// [`AddressError`]: a password in it, an unknown engine, no table.
    ///
    /// # Examples
    /// ```
    /// use cltv_protocol::database::{Address, Engine, Place, Relation};
    /// let address = Address::parse("adbc:postgresql://db.example.org/shop#sales.purchases")?;
    /// assert_eq!(address.place, Place::At(Engine::Postgres, "postgresql://db.example.org/shop".into()));
    /// assert_eq!(address.relation, Relation::Table(vec!["sales".into(), "purchases".into()]));
    /// assert!(Address::parse("adbc:postgresql://ann:secret@db/shop#t").is_err());
    /// # Ok::<(), cltv_protocol::database::AddressError>(())
    /// ```
    pub fn parse(value: &str) -> Result<Self, AddressError> {
        let value = value.trim();
        let shown = shown(value);
        if !secrets(value).is_empty() {
            return Err(AddressError::Secret { shown });
        }
        let rest = value.get(SCHEME.len()..).unwrap_or_default();
        let Some((place, table)) = rest.split_once('#').filter(|(_, table)| !table.trim().is_empty()) else {
            return Err(AddressError::NoTable { shown });
        };
        let place = place_of(place.trim()).ok_or_else(|| AddressError::Engine { shown: shown.clone() })?;
        let relation = relation_of(table.trim())
            .ok_or_else(|| AddressError::BadTable { shown: shown.clone(), table: table.to_owned() })?;
        Ok(Self { place, relation, shown })
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// The place of an address before `#`, also as a connection of the connections file has it.
#[must_use]
pub fn place_of(place: &str) -> Option<Place> {
    if let Some(path) = place.strip_prefix("duckdb:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return (!path.is_empty()).then(|| Place::At(Engine::DuckDb, path.to_owned()));
    }
    let uri = |engine| Some(Place::At(engine, place.to_owned()));
    match place.split_once("://") {
        Some(("postgresql" | "postgres", host)) if !host.is_empty() => uri(Engine::Postgres),
        Some(("flightsql+grpc" | "flightsql+grpc+tls" | "flightsql+grpc+tcp", host)) if !host.is_empty() => {
            uri(Engine::FlightSql)
        }
        Some(_) => None,
        None => {
            let is_name = !place.is_empty()
                && place.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            is_name.then(|| Place::Named(place.to_owned()))
        }
    }
}

fn relation_of(table: &str) -> Option<Relation> {
    if let Some(path) = table.strip_prefix("parquet:") {
        return (!path.is_empty()).then(|| Relation::Parquet(path.to_owned()));
    }
    let (mut names, mut name, mut quoted, mut was_quoted) = (Vec::new(), String::new(), false, false);
    let mut characters = table.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                name.push('"');
            }
            '"' => {
                was_quoted |= quoted;
                quoted = !quoted;
            }
            '.' if !quoted => {
                names.push(std::mem::take(&mut name));
                was_quoted = false;
            }
            c if quoted || (!was_quoted && (c.is_alphanumeric() || matches!(c, '_' | '$' | '-'))) => {
                name.push(c)
            }
            _ => return None,
        }
    }
    names.push(name);
    let sound = !quoted && names.len() <= 3 && names.iter().all(|name| !name.is_empty());
    sound.then_some(Relation::Table(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(value: &str) -> (Place, Relation) {
        let address = Address::parse(value).unwrap();
        assert_eq!(address.to_string(), value);
        (address.place, address.relation)
    }

    fn table(names: &[&str]) -> Relation {
        Relation::Table(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn every_form_is_taken_apart() {
        let duckdb = |path: &str| Place::At(Engine::DuckDb, path.to_owned());
        assert_eq!(parsed("adbc:duckdb:shop.db#purchases"), (duckdb("shop.db"), table(&["purchases"])));
        assert_eq!(parsed("adbc:duckdb:///d/shop.db#a.b"), (duckdb("/d/shop.db"), table(&["a", "b"])));
        assert_eq!(parsed("adbc:shop#a.b.c"), (Place::Named("shop".to_owned()), table(&["a", "b", "c"])));
        assert_eq!(parsed("adbc:shop#\"my \"\"t\"\".x\"").1, table(&["my \"t\".x"]));
        let sail = Place::At(Engine::FlightSql, "flightsql+grpc://localhost:32010".to_owned());
        let files = Relation::Parquet("/data/*.parquet".to_owned());
        assert_eq!(parsed("adbc:flightsql+grpc://localhost:32010#parquet:/data/*.parquet"), (sail, files));
        assert_eq!(parsed("adbc:postgres://ann@db/shop?sslmode=require#t").1, table(&["t"]));
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for value in [
            "adbc:postgresql://ann:Planted1@db/shop#t",
            "adbc:postgresql://ann:Plan@ted1/x#y@db/shop#t",
            "adbc:postgresql://db/shop?user=ann&password=Planted1#t",
            "adbc:flightsql+grpc://h:1?access_token=Planted1#t",
            "adbc:unknown://ann:Planted1@db#t",
            "adbc:postgresql://ann:Planted1@db",
        ] {
            let error = Address::parse(value).unwrap_err();
            assert!(matches!(error, AddressError::Secret { .. }), "{value}");
            let said = error.to_string() + &shown(value);
            assert!(!said.contains("lanted1") && !said.contains("ted1") && said.contains("***"), "{said}");
        }
    }

    #[test]
    fn what_is_no_address_is_said_with_the_form() {
        let said = |value: &str| Address::parse(value).unwrap_err().to_string();
        assert!(said("adbc:mysql://db/shop#t").contains("names no engine that is known; write adbc:duckdb:"));
        assert!(said("adbc:duckdb:#t").contains("no engine"));
        assert!(said("adbc:duckdb:shop.db").contains("names no table"));
        assert!(said("adbc:duckdb:shop.db#").contains("names no table"));
        for table in ["a b", "a.b.c.d", "a..b", "\"a", "t; DROP TABLE t", "\"a\"b"] {
            assert!(said(&format!("adbc:duckdb:s.db#{table}")).contains("which is not a name"), "{table}");
        }
    }
}
