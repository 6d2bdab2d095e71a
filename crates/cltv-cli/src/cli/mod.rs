//! The command line: what can be typed, with examples.

mod execution;
mod others;
mod report;
mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use execution::{ExecutionArgs, KernelArgs, ParameterArgs, ProgressArgs};
pub use others::{DoctorArgs, ExportArgs, ExportFormat, InspectArgs, NewArgs, NotebooksArgs};
pub use report::ReportArgs;
pub use run::{PlaceArgs, RunArgs};

const EXIT_CODES: &str = "\
Exit codes: 0 all went well; 1 a cell failed, or a file could not be read or written; 2 the command \
line, a parameter, a workflow or a notebook is not right, nothing ran; 130 interrupted; 138 the \
kernel died.";

const TOP_EXAMPLES: &str = "\
Examples:
  cltv report                                     the workflow `clv` on the CDNOW sample
  cltv report -p transactions sales.csv           the same on your own purchases
  cltv run notebooks/02_rfm.ipynb out.ipynb       one notebook
  cltv inspect notebooks/02_rfm.ipynb             the parameters it takes
  cltv export outputs/notebooks/01_eda.ipynb      one html page, charts included
  cltv new my-shop                                a notebook of your own
  cltv notebooks                                  the notebooks, to read and to change
  cltv doctor                                     what is missing, and what to type";

/// Customer lifetime value from purchases: runs Rust notebooks and publishes what they write.
#[derive(Debug, Parser)]
#[command(name = "cltv", version, propagate_version = true, after_help = TOP_EXAMPLES, after_long_help = format!("{TOP_EXAMPLES}\n\n{EXIT_CODES}"))]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of `cltv`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the notebooks of a workflow in order and publish what they write
    Report(Box<ReportArgs>),
    /// Run one notebook
    Run(Box<RunArgs>),
    /// List the parameters of a notebook: name, type, default, comment
    Inspect(InspectArgs),
    /// Turn an executed notebook into one html page, Markdown, or Rust
    Export(ExportArgs),
    /// Start a folder of one's own: notebook, workflow, segment table, README
    New(NewArgs),
    /// Copy the notebooks here, to read and to change
    Notebooks(NotebooksArgs),
    /// Check that everything is there that cltv needs, and say what to type where it is not
    Doctor(DoctorArgs),
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
        assert_eq!(args.execution.parameters.typed, ["margin", "-0.5", "currency", "€"]);
        assert_eq!(args.workflow, "clv");
    }

    #[test]
    fn the_last_of_two_opposites_counts() {
        let run = |args: &[&str]| {
            let all = [&["cltv", "run", "in.ipynb"], args].concat();
            match Cli::try_parse_from(all).expect("a valid command line").command {
                Command::Run(args) => *args,
                _ => panic!("run was typed"),
            }
        };
        assert!(run(&["--no-log-output", "--log-output"]).execution.progress.log_output);
        assert!(!run(&["--log-output", "--no-log-output"]).execution.progress.log_output);
        assert!(!run(&["--prepare-only", "--prepare-execute"]).places.prepare_only);
        assert!(!run(&["--report-mode", "--no-report-mode"]).execution.report_mode);
        assert!(run(&["--no-report-mode", "--report-mode"]).execution.report_mode);
    }

    #[test]
    fn a_name_without_a_value_is_refused() {
        assert!(Cli::try_parse_from(["cltv", "report", "-p", "margin"]).is_err());
    }
}
