//! What `cltv report` takes.

use clap::Args;

use super::ExecutionArgs;

/// `cltv report`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  cltv report
  cltv report -p horizon_months 12 -p currency €
  cltv report -p transactions sales.csv -p customer_column buyer -p date_column day --outputs sales
  cltv report -f monthly.yaml --report-mode --execution-timeout 600 --quiet
  cltv report -f sets.yaml --jobs 2 --outputs sweep

With -f naming a file that holds a list of parameter sets, each set is a run of its own, --jobs of
them side by side, with a folder of its own below the outputs, named by the set's key `name` or
numbered. What each gave is printed and written to sweep.csv. A list may look like this:
  - {name: short, horizon_months: 6}
  - {name: long, horizon_months: 24}

Each run writes a log into the folder `runs` of its outputs.

The files of a run are published together, after its last cell; a failed run leaves the last good
ones as they were. Its partial notebook and what the notebooks before it had finished are in the
folder `failed` beside them. Parameters come
from -b, -f, -y, -p, -r and --outputs; later ones in this list override earlier ones.")]
pub struct ReportArgs {
    /// The workflow, as named in notebooks/workflow.toml
    #[arg(default_value = "clv")]
    pub workflow: String,

    /// The same as -p outputs DIR; relative paths start at the workspace
    #[arg(long, value_name = "DIR")]
    pub outputs: Option<String>,

    /// Run so many sets of a list of parameter sets side by side
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,

    /// How cells run.
    #[command(flatten)]
    pub execution: ExecutionArgs,
}
