//! The developer's commands: `cargo xtask verify` is what CI runs.

mod bench_data;
mod bench_forecasts;
mod bench_kernel;
mod bench_models;
mod browser;
mod cold;
mod dist;
mod faults;
mod fuzz;
mod index;
mod notebooks;
mod page;
mod papermill;
mod python;
mod reports;
mod run;
mod sql;
mod structure;
mod supply;
mod ten_kernels;
mod testing;
mod verify;
mod warehouse;
mod workflows;

use clap::{Parser, Subcommand};

/// The developer's commands of cltv.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    about,
    after_help = "Examples:\n  cargo xtask verify\n  cargo xtask test cltv-models\n  cargo xtask test light\n  cargo xtask browser\n  cargo xtask fuzz --minutes 5 --target notebooks\n  cargo xtask bench-kernel --stock\n  cargo xtask bench-models --pymc\n  cargo xtask bench-data --sizes 1,5"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Structure, format, notebooks as committed, all tests, clippy with warnings denied, and docs.
    Verify,
    /// Tests: the light crates in the dev profile, those over polars in the helper's.
    Test {
        /// `light`, `kernel`, `polars`, `workflow` or a crate; without any, all.
        #[arg(value_name = "PART")]
        parts: Vec<String>,
    },
    /// Checks the table of crates against the manifests, and every crate for import cycles.
    Structure,
    /// Checks licences, sources and duplicates of all packages by deny.toml.
    Supply,
    /// Runs the definitions of purchases as SQL in DuckDB, and compares them with what polars computes.
    Sql,
    /// Checks the files in .github/workflows by actionlint.
    Workflows,
    /// Runs the plan on tables of purchases in DuckDB, PostgreSQL and Sail, and compares it with what polars computes.
    Warehouse(warehouse::Compared),
    /// Checks that the notebooks in the tree are clean and agree on their parameters.
    Notebooks {
        /// Write the sentences of the table of parameters behind the declarations instead.
        #[arg(long)]
        write_comments: bool,
    },
    /// Writes the index of names that completion in cells uses, from the documentation of the crates.
    Index {
        /// Compare with the committed index instead.
        #[arg(long)]
        check: bool,
    },
    /// Opens a notebook in a real JupyterLab in headless Chromium, runs it, takes screenshots.
    Browser {
        /// The notebook, relative to the checkout.
        #[arg(default_value = "notebooks/03_bgnbd_gamma_gamma.ipynb")]
        notebook: String,
        /// Where the screenshots go.
        #[arg(long, default_value = "target/browser")]
        out: String,
    },
    /// Stock papermill with the plugin against `cltv run`, and Jupyter's own tests of the kernel.
    Papermill,
    /// Starts ten kernels at once on sources that nobody has built: one build, ten answers.
    TenKernels,
    /// Kills reports and takes room and memory from them, and checks what they leave.
    Faults(faults::Tried),
    /// Gives every reader of files and messages mutations of valid inputs, for minutes each.
    #[command(after_help = fuzz::EXAMPLES)]
    Fuzz(fuzz::Asked),
    /// Times every cell of the notebooks in our kernel and measures its memory.
    BenchKernel {
        /// Time the same cells in a stock evcxr_jupyter too; the first time this compiles it and the library.
        #[arg(long)]
        stock: bool,
    },
    /// Times fits, predictions and posteriors beside lifetimes on the same files, and prints the ratios.
    BenchModels {
        /// Run pymc-marketing too, which needs Python 3.12 and installs half a gigabyte.
        #[arg(long)]
        pymc: bool,
        /// Only files of so many customers, such as 2357,100000; the report is then left as it is.
        #[arg(long)]
        sizes: Option<String>,
    },
    /// Times reading, cleaning and summarising simulated purchases beside lifetimes, polars and DuckDB, and `cltv report`.
    BenchData(bench_data::Timed),
    /// Makes what users install: a tarball and a wheel, with and without the compiler.
    Dist(dist::Made),
    /// Compiles everything of the first command from nothing, and measures what it takes.
    #[command(after_help = cold::EXAMPLES)]
    Cold(cold::Measured),
    /// Scores forecasts of every model at past origins, also by an independent script, on CDNOW and on csv files.
    #[command(after_help = bench_forecasts::EXAMPLES)]
    BenchForecasts {
        /// A folder with csv files of purchases: customer_id, date and possibly amount.
        folder: Option<std::path::PathBuf>,
    },
    /// Fits CDNOW, donations and 200 simulated data sets, and measures the coverage of holdout intervals.
    BenchFits {
        /// Simulated holdouts a model.
        #[arg(long, default_value_t = 1000)]
        sets: u32,
    },
}

fn main() -> anyhow::Result<()> {
    if let Some(code) = index::run_if_rustdoc() {
        std::process::exit(code.into());
    }
    match Arguments::parse().command {
        Command::Verify => verify::verify(),
        Command::Test { parts } => testing::test(&parts),
        Command::Structure => structure::check(),
        Command::Supply => supply::check(),
        Command::Sql => sql::check(),
        Command::Warehouse(compared) => warehouse::check(&compared),
        Command::Notebooks { write_comments: true } => notebooks::write_comments(),
        Command::Notebooks { write_comments: false } => notebooks::check(),
        Command::Index { check } => index::make(check),
        Command::Workflows => workflows::check(),
        Command::Papermill => papermill::check(),
        Command::TenKernels => ten_kernels::check(),
        Command::Faults(tried) => faults::check(&tried),
        Command::Fuzz(asked) => fuzz::check(&asked),
        Command::BenchKernel { stock } => bench_kernel::bench(stock),
        Command::BenchModels { pymc, sizes } => bench_models::bench(pymc, sizes.as_deref()),
        Command::BenchData(timed) => bench_data::bench(&timed),
        Command::Cold(measured) => cold::measure(&measured),
        Command::Dist(made) => dist::make(&made),
        Command::BenchForecasts { folder } => bench_forecasts::bench(folder.as_deref()),
        Command::BenchFits { sets } => bench_models::fits(sets),
        Command::Browser { notebook, out } => browser::drive(&notebook, &out),
    }
}
