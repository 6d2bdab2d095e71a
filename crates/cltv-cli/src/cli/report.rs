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

The files of a run are published together, after its last cell; a failed run leaves the last good
ones as they were and its partial notebook in the folder `failed` beside them. Parameters count in
this order, the last one most: -b, -f, -y, -p, -r, --outputs.")]
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
