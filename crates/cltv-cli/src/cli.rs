//! The command line: what can be typed, with examples.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::params::Assignment;

const EXIT_CODES: &str = "\
Exit codes: 0 all went well; 1 a cell failed, or a file could not be read or written; 2 the command \
line, a parameter, a workflow or a notebook is not right, nothing ran; 130 interrupted; 138 the \
kernel died.";

const TOP_EXAMPLES: &str = "\
Examples:
  cltv report                                     the workflow `clv` on the CDNOW sample
  cltv report -p transactions sales.csv           the same on your own purchases
  cltv run notebooks/02_rfm.ipynb out.ipynb       one notebook
  cltv inspect notebooks/02_rfm.ipynb             the parameters it takes";

/// Customer lifetime value from purchases: runs Rust notebooks and publishes what they write.
#[derive(Debug, Parser)]
#[command(name = "cltv", version, after_help = TOP_EXAMPLES, after_long_help = format!("{TOP_EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of `cltv`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the notebooks of a workflow in order and publish what they write
    Report(ReportArgs),
    /// Run one notebook
    Run(RunArgs),
    /// List the parameters of a notebook: name, type, default, comment
    Inspect(InspectArgs),
    /// Install or remove the Jupyter kernel that runs the notebooks
    #[command(after_help = "\
Examples:
  cltv kernel install                  build the kernel if needed and make it known to Jupyter
  cltv kernel install --prefix .venv   the same for the Jupyter of one Python environment
  cltv kernel uninstall                make Jupyter forget it
  cltv kernel path                     where it is")]
    Kernel {
        /// What to do with the kernel.
        #[command(subcommand)]
        command: KernelCommand,
    },
}

/// Options that every command which runs cells takes.
#[derive(Debug, Clone, Args)]
pub struct ExecutionArgs {
    /// Set a parameter; the value keeps the type that the notebook declares. The last one wins
    #[arg(
        short = 'p',
        long = "parameters",
        num_args = 2,
        value_names = ["NAME", "VALUE"],
        action = clap::ArgAction::Append,
        allow_hyphen_values = true
    )]
    pub parameters: Vec<String>,

    /// Use this installed Jupyter kernel instead of cltv's own
    #[arg(short = 'k', long = "kernel", value_name = "NAME")]
    pub kernel: Option<String>,

    /// Seconds to wait for a kernel to answer
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..))]
    pub start_timeout: u64,
}

impl ExecutionArgs {
    /// The `-p NAME VALUE` pairs in the order they were given.
    pub fn assignments(&self) -> Vec<Assignment> {
        self.parameters.chunks_exact(2).map(|pair| Assignment::new(&pair[0], &pair[1])).collect()
    }

    /// How long a kernel may take until it answers.
    pub fn start_timeout(&self) -> Duration {
        Duration::from_secs(self.start_timeout)
    }
}

/// `cltv report`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  cltv report
  cltv report -p horizon_months 12 -p currency €
  cltv report -p transactions sales.csv -p customer_column buyer -p date_column day --outputs sales

The files of a run are published together, after its last cell; a failed run leaves the last good
ones as they were and its partial notebook in the folder `failed` beside them.")]
pub struct ReportArgs {
    /// The workflow, as named in notebooks/workflow.toml
    #[arg(default_value = "clv")]
    pub workflow: String,

    /// The same as -p outputs DIR; relative paths start at the workspace
    #[arg(long, value_name = "DIR")]
    pub outputs: Option<String>,

    /// How cells run.
    #[command(flatten)]
    pub execution: ExecutionArgs,
}

/// `cltv run`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  cltv run notebooks/02_rfm.ipynb out.ipynb
  cltv run notebooks/03_bgnbd_gamma_gamma.ipynb out.ipynb -p horizon_months 12 -p margin 0.3
  cltv run analysis.ipynb > executed.ipynb

Without OUT, or with `-`, the executed notebook goes to standard output.")]
pub struct RunArgs {
    /// The notebook to run; the kernel works in its folder
    #[arg(value_name = "IN.ipynb")]
    pub input: PathBuf,

    /// Where the executed notebook goes
    #[arg(value_name = "OUT.ipynb")]
    pub output: Option<PathBuf>,

    /// How cells run.
    #[command(flatten)]
    pub execution: ExecutionArgs,
}

/// `cltv inspect`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  cltv inspect notebooks/03_bgnbd_gamma_gamma.ipynb
  cltv inspect notebooks/03_bgnbd_gamma_gamma.ipynb --json")]
pub struct InspectArgs {
    /// The notebook to look at
    #[arg(value_name = "NOTEBOOK")]
    pub notebook: PathBuf,

    /// Print JSON: a list of objects with name, type, default and comment
    #[arg(long)]
    pub json: bool,
}

/// `cltv kernel`.
#[derive(Debug, Clone, Subcommand)]
pub enum KernelCommand {
    /// Build the kernel if needed and make it known to Jupyter
    Install(KernelPlace),
    /// Make Jupyter forget the kernel; what was built stays for the next time
    Uninstall(KernelPlace),
    /// Print the folder of its kernelspec
    Path(KernelPlace),
}

/// Where the kernelspec is.
#[derive(Debug, Clone, Args)]
pub struct KernelPlace {
    /// A Python environment whose Jupyter is meant, instead of the user's own
    #[arg(long, value_name = "DIR")]
    pub prefix: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn parameters_come_in_pairs_and_may_be_negative() {
        let cli = Cli::try_parse_from(["cltv", "report", "-p", "margin", "-0.5", "-p", "currency", "€"])
            .expect("a valid command line");
        let Command::Report(args) = cli.command else {
            panic!("report was typed");
        };
        let pairs = args.execution.assignments();
        assert_eq!(pairs[0], Assignment::new("margin", "-0.5"));
        assert_eq!(pairs[1], Assignment::new("currency", "€"));
        assert_eq!(args.workflow, "clv");
    }

    #[test]
    fn a_name_without_a_value_is_refused() {
        assert!(Cli::try_parse_from(["cltv", "report", "-p", "margin"]).is_err());
    }
}
