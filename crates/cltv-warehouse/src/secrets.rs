//! User, password and token of a connection: from the environment or from the connections file.
//!
//! ```toml
//! [shop]
//! address = "postgresql://db.example.org/shop?sslmode=verify-full"
//! user = "reports"
//! password = "..."
//!
//! [lake]
//! address = "flightsql+grpc+tls://lake.example.org:443"
//! token = "..."
//! options = { "adbc.flight.sql.rpc.call_header.x-team" = "crm" }
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cltv_protocol::database::{Address, Engine, Place, place_of};
use cltv_protocol::environment;
use serde::Deserialize;

use crate::error::WarehouseError;

/// A connection with what is needed to open it. Its `Debug` form has no secrets.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connection {
    address: String,
    user: Option<String>,
    password: Option<String>,
    token: Option<String>,
    /// The driver's library, where it is not found by itself.
    pub(crate) driver: Option<PathBuf>,
    /// Options that the driver knows.
    pub(crate) options: BTreeMap<String, String>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("address", &self.address).finish_non_exhaustive()
    }
}

/// An engine, its address, and the connection's secrets.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The engine.
    pub engine: Engine,
    /// Its own address: a path for DuckDB, a URI for the others.
    pub target: String,
    pub(crate) connection: Connection,
}

impl Resolved {
    /// Finds the connection that an address names, and its secrets.
    ///
    /// # Errors
    /// [`WarehouseError::Connections`] for a connection that is not in the file, or a file that others can read.
    pub fn of(address: &Address) -> Result<Self, WarehouseError> {
        let file = connections_file();
        Self::from(address, file.as_deref(), &|name| std::env::var(name).ok())
    }

    fn from(
        address: &Address,
        file: Option<&Path>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, WarehouseError> {
        let (engine, target, mut connection) = match &address.place {
            Place::At(engine, target) => (*engine, target.clone(), Connection::default()),
            Place::Named(name) => named(name, file)?,
        };
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        connection.user = given(environment::DATABASE_USER).or(connection.user);
        connection.password = given(environment::DATABASE_PASSWORD).or(connection.password);
        connection.token = given(environment::DATABASE_TOKEN).or(connection.token);
        Ok(Self { engine, target, connection })
    }

    #[cfg(test)]
    pub(crate) fn set_user(&mut self, user: Option<&str>, password: Option<&str>) {
        self.connection.user = user.map(str::to_owned);
        self.connection.password = password.map(str::to_owned);
    }

    pub(crate) fn user(&self) -> Option<&str> {
        self.connection.user.as_deref()
    }

    pub(crate) fn password(&self) -> Option<&str> {
        self.connection.password.as_deref()
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.connection.token.as_deref()
    }

    /// Strings that no message may contain, also as they stand in a URI.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let own = [self.password(), self.token()].into_iter().flatten();
        own.flat_map(|secret| [secret.to_owned(), percent_encoded(secret)]).collect()
    }
}

/// A string as a part of a URI.
pub(crate) fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn connections_file() -> Option<PathBuf> {
    let folder = || {
        let settings =
            std::env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        settings.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))
    };
    let named = std::env::var_os(environment::CONNECTIONS).filter(|file| !file.is_empty()).map(PathBuf::from);
    named.or_else(|| folder().map(|folder| folder.join("cltv/connections.toml")))
}

fn named(name: &str, file: Option<&Path>) -> Result<(Engine, String, Connection), WarehouseError> {
    let shown = file.map_or_else(|| "connections.toml".to_owned(), |file| file.display().to_string());
    let problem = |problem: String| WarehouseError::Connections { path: shown.clone(), problem };
    let example = format!("[{name}]\naddress = \"postgresql://db.example.org/shop\"");
    let file = file.filter(|file| file.exists()).ok_or_else(|| {
        problem(format!("is not there, and the address names its connection {name:?}; write it as {example:?}, with permissions 600"))
    })?;
    private(file).map_err(problem)?;
    let text = std::fs::read_to_string(file).map_err(|error| problem(format!("cannot be read: {error}")))?;
    // The message of the parser shows the line, which may have a secret.
    let all: BTreeMap<String, Connection> = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].lines().count().max(1));
        problem(format!("has an error in line {line}; a connection is written as {example:?}, with user, password, token, driver and options where they are needed"))
    })?;
    let Some(connection) = all.get(name) else {
        let names: Vec<String> = all.into_keys().collect();
        let names = cltv_protocol::text::quoted(&names);
        return Err(problem(format!("has no connection {name:?}, only {names}; add it as {example:?}")));
    };
    match place_of(connection.address.trim().trim_start_matches("adbc:")) {
        Some(Place::At(engine, target)) => Ok((engine, target, connection.clone())),
        _ => Err(problem(format!(
            "gives the connection {name:?} no address of an engine; write address = \"postgresql://db.example.org/shop\", without a password"
        ))),
    }
}

/// Refuses a file that others can read or write.
fn private(file: &Path) -> Result<(), String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let data = std::fs::metadata(file).map_err(|error| format!("cannot be read: {error}"))?;
        let mode = data.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(format!(
                "has the permissions {mode:o}, so that others can read its passwords; run chmod 600 {}",
                file.display()
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str, mode: u32, address: &str) -> Result<Resolved, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("connections.toml");
        std::fs::write(&file, text).unwrap();
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(&file, permissions).unwrap();
        let address = Address::parse(address).unwrap();
        let user = |name: &str| (name == environment::DATABASE_USER).then(|| "eve".to_owned());
        Resolved::from(&address, Some(&file), &user).map_err(|error| error.to_string())
    }

    #[test]
    fn a_connection_has_its_secrets_from_the_file_and_the_environment() {
        let text = "[shop]\naddress = \"postgresql://db/shop\"\nuser = \"ann\"\npassword = \"Plan ted1\"\n";
        let found = resolved(text, 0o600, "adbc:shop#t").unwrap();
        assert_eq!((found.engine, found.target.as_str()), (Engine::Postgres, "postgresql://db/shop"));
        assert_eq!((found.user(), found.password()), (Some("eve"), Some("Plan ted1")));
        assert_eq!(found.secrets(), ["Plan ted1", "Plan%20ted1"]);
        assert!(!format!("{found:?}").contains("ted1"));
    }

    #[test]
    fn what_is_wrong_with_the_file_is_said_without_its_secrets() {
        let text = "[shop]\naddress = \"postgresql://db/shop\"\npassword = \"Planted1\"\n";
        let said = |text: &str, mode, address| resolved(text, mode, address).unwrap_err();
        assert!(said(text, 0o644, "adbc:shop#t").contains("has the permissions 644"));
        let other = said(text, 0o600, "adbc:store#t");
        assert!(other.contains("has no connection \"store\", only \"shop\""), "{other}");
        let broken = said(&text.replace("\"Planted1\"", "Planted1"), 0o600, "adbc:shop#t");
        assert!(broken.contains("has an error in line 3") && !broken.contains("Planted1"), "{broken}");
        let nothing = said("[shop]\nuser = \"a\"\n", 0o600, "adbc:shop#t");
        assert!(nothing.contains("no address of an engine"), "{nothing}");
    }
}
