//! The plan in databases: tables of purchases in DuckDB, PostgreSQL and Sail, compared with what polars computes.

use crate::python::Environment;
use crate::run::{cache, cargo, root, run};
use crate::testing::{host, in_cache, over_polars, packages, standard_library};
use anyhow::{Context, Result, bail, ensure};
use cltv_protocol::environment;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The engines, and the drivers of those that run in another process.
const PACKAGES: [&str; 4] =
    ["duckdb==2.0.1", "pysail==0.7.2", "adbc-driver-flightsql==1.13.0", "adbc-driver-postgresql==1.13.0"];
/// Workers of Sail, which share the work.
const WORKERS: usize = 4;

/// What is compared.
#[derive(Debug, clap::Args)]
pub(crate) struct Compared {
    /// Random tables beside the two of CDNOW.
    #[arg(long, default_value_t = 200)]
    tables: u32,
    /// The engines, with commas: duckdb, postgresql, sail.
    #[arg(long, default_value = "duckdb,postgresql,sail")]
    engines: String,
}

/// Starts each engine on loopback, gives it the tables, compares, and stops it.
pub(crate) fn check(compared: &Compared) -> Result<()> {
    let environment = Environment::with("warehouse-env", &PACKAGES)?;
    let folder = cache()?.join("warehouse");
    let _ = std::fs::remove_dir_all(&folder);
    let cases = folder.join("cases");
    std::fs::create_dir_all(&folder)?;
    let examples = examples_over_polars()?;
    let mut write = Command::new(examples.join("warehouse_cases"));
    write.arg(&cases).arg(compared.tables.to_string()).env("LD_LIBRARY_PATH", standard_library()?);
    run(&mut write)?;
    let mut build = cargo();
    build.args(["build", "--locked", "--package", "cltv-warehouse", "--bins", "--examples"]);
    run(in_cache(&mut build, "test")?)?;
    let programs = cache()?.join("test/debug");
    let all = Comparison { environment, folder, cases, programs, examples };
    for engine in compared.engines.split(',').map(str::trim) {
        match engine {
            "duckdb" => all.duckdb()?,
            "postgresql" => all.postgresql()?,
            "sail" => all.sail()?,
            _ => bail!("no engine is named `{engine}`; use duckdb, postgresql or sail, with commas"),
        }
    }
    Ok(())
}

/// Builds the examples that write the tables and read them through the library.
fn examples_over_polars() -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--locked", "--profile", "helper", "--target", &host()?]);
    build.args(["--example", "warehouse_cases", "--example", "warehouse_rows"]);
    build.args(packages(&over_polars()?)).env("RUSTFLAGS", "-Cprefer-dynamic");
    run(in_cache(&mut build, "build")?)?;
    Ok(cache()?.join("build").join(host()?).join("helper/examples"))
}

struct Comparison {
    environment: Environment,
    folder: PathBuf,
    cases: PathBuf,
    /// Where the programs of cltv-warehouse are.
    programs: PathBuf,
    /// Where the examples over polars are.
    examples: PathBuf,
}

impl Comparison {
    fn duckdb(&self) -> Result<()> {
        let database = self.folder.join("tables.db");
        run(self.environment.script("warehouse_tables.py").arg(&self.cases).arg("duckdb").arg(&database))?;
        self.compare(&format!("adbc:duckdb:{}#{{name}}", database.display()))?;
        self.fails("adbc:duckdb:/nowhere/shop.db#t", "there is no database file /nowhere/shop.db")?;
        self.fails(&format!("adbc:duckdb:{}#no_table", database.display()), "check its name, its schema")
    }

    fn postgresql(&self) -> Result<()> {
        let server = Postgres::start(&self.folder.join("postgresql"))?;
        let port = server.port.to_string();
        let mut tables = self.environment.script("warehouse_tables.py");
        run(tables.arg(&self.cases).args(["postgresql", "127.0.0.1", &port, "cltv"]))?;
        self.compare(&format!("adbc:postgresql://cltv@127.0.0.1:{port}/postgres#{{name}}"))?;
        let table = format!("adbc:postgresql://127.0.0.1:{port}/postgres#sample");
        self.fails_with(&table, "cannot be opened", &[(environment::DATABASE_USER, "nobody")])?;
        drop(server);
        self.fails(&table, "cannot be opened")
    }

    fn sail(&self) -> Result<()> {
        let port = free_port()?;
        let log = self.folder.join("sail.log");
        let mut command = Command::new(self.environment.folder().join("bin/sail"));
        command.args(["flight", "server", "--port", &port.to_string()]);
        command.env("SAIL_MODE", "local-cluster");
        command.env("SAIL_CLUSTER__WORKER_INITIAL_COUNT", WORKERS.to_string());
        let mut server = Server::start(command, port, &log)?;
        let address = format!("adbc:flightsql+grpc://127.0.0.1:{port}#parquet:{}", self.cases.display());
        self.compare(&format!("{address}/{{name}}.parquet"))?;
        let text = std::fs::read_to_string(&log)?;
        let workers = (1..=WORKERS).filter(|worker| text.contains(&format!("worker {worker} "))).count();
        ensure!(
            workers >= 2,
            "Sail's log names {workers} workers, so that nothing shows that work is shared"
        );
        eprintln!("Sail shared the work among {workers} workers.");
        // The engine is gone: a sentence, and no file.
        server.stop();
        self.fails(&format!("{address}/sample.parquet"), "check")
    }

    fn compare(&self, address: &str) -> Result<()> {
        let mut compare = Command::new(self.programs.join("examples/compare_engines"));
        compare.arg(&self.cases).arg(address).env("VIRTUAL_ENV", self.environment.folder());
        run(&mut compare)?;
        // The same tables by the library, which reads rows.
        let mut rows = Command::new(self.examples.join("warehouse_rows"));
        rows.arg(&self.cases).arg(address).env("LD_LIBRARY_PATH", standard_library()?);
        rows.env("VIRTUAL_ENV", self.environment.folder());
        run(rows.env(environment::WAREHOUSE, self.programs.join("cltv-warehouse")))
    }

    fn fails(&self, address: &str, with: &str) -> Result<()> {
        self.fails_with(address, with, &[])
    }

    /// A call that must fail with a sentence, write nothing, and not repeat a password.
    fn fails_with(&self, address: &str, with: &str, variables: &[(&str, &str)]) -> Result<()> {
        const PLANTED: &str = "Planted-7261";
        let output = self.folder.join("not-written");
        let mut call = Command::new(self.programs.join("cltv-warehouse"));
        call.args(["--timeout", "20", "summary", address, "--output"]).arg(&output);
        call.env("VIRTUAL_ENV", self.environment.folder()).env(environment::DATABASE_PASSWORD, PLANTED);
        let ended = call.envs(variables.iter().copied()).output()?;
        let said =
            format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        ensure!(!ended.status.success(), "{address} should fail, and printed {said}");
        ensure!(said.contains(with), "{address} should say \"{with}\", and said {said}");
        ensure!(said.lines().count() == 1, "{address} should fail in one sentence, and said {said}");
        ensure!(!said.contains(PLANTED), "{address} repeats the password: {said}");
        ensure!(!output.exists(), "{address} failed and wrote {}", output.display());
        eprintln!("as expected: {}", said.trim());
        Ok(())
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A process that is ended with this.
struct Server(Child);

impl Server {
    /// Starts a server and waits until it takes connections.
    fn start(mut command: Command, port: u16, log: &Path) -> Result<Server> {
        let file = std::fs::File::create(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let mut server = Server(command.spawn().context("the server cannot be started")?);
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = server.0.try_wait()? {
                bail!("the server ended with {status}: {}", std::fs::read_to_string(log)?);
            }
            ensure!(
                begin.elapsed() < Duration::from_secs(60),
                "the server takes no connection within a minute"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(server)
    }

    fn stop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// PostgreSQL of the system's packages in a folder of its own; it refuses to run as the superuser.
struct Postgres {
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    fn start(folder: &Path) -> Result<Postgres> {
        if bin("initdb").is_none() {
            install()?;
        }
        // Folders above the cache may be closed to the server's user.
        let _ = std::fs::remove_dir_all(folder);
        let place = std::env::temp_dir().join(format!("cltv-postgresql-{}", std::process::id()));
        std::fs::create_dir_all(&place)?;
        let server = Postgres { folder: place, port: free_port()? };
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&server.folder))?;
        }
        let data = server.folder.join("data");
        run(server.as_user("initdb")?.args(["--auth=trust", "--username=cltv", "-D"]).arg(&data))?;
        let options =
            format!("-p {} -c listen_addresses=127.0.0.1 -k {}", server.port, server.folder.display());
        let mut start = server.as_user("pg_ctl")?;
        start
            .args(["-w", "-o", &options, "-l"])
            .arg(server.folder.join("log"))
            .arg("-D")
            .arg(&data)
            .arg("start");
        run(&mut start)?;
        Ok(server)
    }

    fn as_user(&self, program: &str) -> Result<Command> {
        let path = bin(program).with_context(|| format!("{program} of PostgreSQL was not found"))?;
        if !is_root() {
            return Ok(Command::new(path));
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path);
        Ok(command)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Ok(mut stop) = self.as_user("pg_ctl") {
            // What is left of it ends with the machine, and is on loopback only.
            let _ = stop
                .args(["-m", "immediate", "-D"])
                .arg(self.folder.join("data"))
                .arg("stop")
                .current_dir(root())
                .status();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A program of PostgreSQL, which Debian keeps out of the path.
fn bin(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = std::env::split_paths(&path).chain(versions.map(|version| version.path().join("bin")));
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn install() -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut command = if is_root() { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root() {
            command.arg("apt-get");
        }
        command.args(arguments);
        command
    };
    run(&mut apt(&["update", "-q"]))?;
    run(&mut apt(&["install", "-y", "-q", "--no-install-recommends", "postgresql", "postgresql-client"]))
}
