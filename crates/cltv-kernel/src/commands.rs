//! Commands of our own beside evcxr's: `:help`, `:opt`, `:time` and `?name`.

use crate::cell_text;
use anyhow::{Context, Result, ensure};

/// What a cell asks for beside its Rust and evcxr's commands.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Commands {
    /// `:help` was asked for.
    pub(crate) help: bool,
    /// The level of optimisation from this cell on; `None` within asks for the present one.
    pub(crate) opt: Option<Option<String>>,
    /// How often the cell is to run to be timed, at most.
    pub(crate) time: Option<usize>,
}

/// The one command of ours that evcxr does not know at all.
pub(crate) const TIME: &str = ":time";

/// A command with what it does and an example.
type Row = (&'static str, &'static str, &'static str);

/// The commands of cells, in the order of how often they are needed.
const HELP: [Row; 16] = [
    ("?NAME", "signature and documentation of a function, method, type or variable", "?load"),
    (":vars", "the variables with their types", ":vars"),
    (":type NAME", "the type of a variable", ":type df"),
    (
        ":time [RUNS]",
        "how long the cell takes; it runs for up to two seconds again, and its variables are not kept",
        ":time\nscore(&history, &models, &plan)?",
    ),
    (
        ":opt LEVEL",
        "how far cells are optimised from here on: 0 compiles fastest, 2 or 3 run loops several times faster",
        ":opt 2",
    ),
    (":dep CRATE = VERSION", "a crate for this notebook", ":dep itertools = \"0.14\""),
    (":show_deps", "the crates of this notebook", ":show_deps"),
    (":fmt FORMAT", "how values without a display of their own are shown", ":fmt {:#?}"),
    (":efmt FORMAT", "how the error of a `?` is shown", ":efmt {:?}"),
    (":explain", "the compiler's explanation of the last error", ":explain"),
    ("!COMMAND", "a command for a shell", "!ls data"),
    (":env NAME=VALUE", "an environment variable for cells, after `:restart`", ":env RAYON_NUM_THREADS=1"),
    (":restart", "ends all work of this session and its variables; definitions stay", ":restart"),
    (":clear", "forgets everything, as after a restart of the kernel", ":clear"),
    (":version", "the version of evcxr, on which this kernel is built", ":version"),
    (":quit", "ends the kernel", ":quit"),
];

/// How often a cell is run at most to be timed, where it does not say.
const RUNS: usize = 10_000;

/// Takes our commands out of a cell; spaces in their place keep all offsets.
pub(crate) fn take(cell: &str) -> Result<(Commands, String)> {
    let mut commands = Commands::default();
    let mut text = String::with_capacity(cell.len());
    for line in cell_text::lines_before_rust(cell) {
        let (word, argument) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let argument = argument.trim();
        match word {
            ":help" => commands.help = true,
            ":opt" => commands.opt = Some(level(argument)?),
            TIME => commands.time = Some(runs(argument)?),
            _ => {
                text.push_str(line);
                continue;
            }
        }
        text.extend(line.chars().map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) }));
    }
    text.push_str(&cell[cell_text::begin_of_rust(cell)..]);
    let text = if commands.time.is_some() { timed(&text, commands.time.unwrap_or(RUNS)) } else { text };
    Ok((commands, text))
}

fn level(argument: &str) -> Result<Option<String>> {
    ensure!(
        ["", "0", "1", "2", "3", "s", "z"].contains(&argument),
        "`:opt {argument}` is no level of optimisation; write 0, 1, 2, 3, s or z, as in `:opt 2`"
    );
    Ok((!argument.is_empty()).then(|| argument.to_owned()))
}

fn runs(argument: &str) -> Result<usize> {
    if argument.is_empty() {
        return Ok(RUNS);
    }
    let runs = argument.parse().ok().filter(|runs| *runs > 0);
    runs.with_context(|| format!("`:time {argument}` is no number of runs; write one from 1 on, as in `:time 20`, and the code on the next line"))
}

/// The cell in a loop that takes the time of each run. Lines and columns stay.
fn timed(cell: &str, runs: usize) -> String {
    let (before, code) = cell.split_at(cell_text::begin_of_rust(cell));
    if code.trim().is_empty() {
        return cell.to_owned();
    }
    let begin = format!(
        "{{ let (mut cltv_times, cltv_begun) = (::std::vec::Vec::new(), ::std::time::Instant::now()); while cltv_times.is_empty() || (cltv_times.len() < {runs} && cltv_begun.elapsed().as_secs() < 2) {{ let cltv_from = ::std::time::Instant::now(); {{ let _ = ::std::hint::black_box({{"
    );
    let end = "\n}); } cltv_times.push(cltv_from.elapsed()); } cltv_times.sort(); println!(\"{:.3?} in the median of {} runs (fastest {:.3?}, slowest {:.3?})\", cltv_times[cltv_times.len() / 2], cltv_times.len(), cltv_times[0], cltv_times[cltv_times.len() - 1]); }";
    // The line before the code is to be blank: `:time` has left one. Comments say nothing here.
    let is_blank = |line: &&str| line.trim().is_empty() || line.starts_with("//");
    let (blank, commands): (Vec<&str>, Vec<&str>) = before.split_inclusive('\n').partition(is_blank);
    let blank: String = blank.iter().skip(1).map(|_| "\n").collect();
    format!("{}{blank}{begin}\n{code}{end}", commands.concat())
}

/// The name that a cell asks about: `?name` alone.
pub(crate) fn asked_about(cell: &str) -> Option<&str> {
    let name = cell.trim().strip_prefix('?')?.trim_end_matches('?').trim();
    (!name.is_empty() && !name.contains('\n')).then_some(name)
}

/// The answer to `:help`, as text and as html.
pub(crate) fn help() -> (String, String) {
    let mut text = String::from("Commands stand before the Rust of a cell, each on a line of its own.\n\n");
    let mut html = String::from(
        "<p>Commands stand before the Rust of a cell, each on a line of its own.</p><table><thead><tr><th>command</th><th>what it does</th><th>example</th></tr></thead><tbody>",
    );
    for (command, does, example) in HELP {
        text.push_str(&format!("{command:<21} {does}; as in {}\n", example.replace('\n', " (next line) ")));
        let [command, does, example] =
            [command, does, example].map(|cell| html_escape::encode_text(cell).into_owned());
        html.push_str(&format!(
            "<tr><td><code>{command}</code></td><td style=\"text-align:left\">{does}</td><td style=\"text-align:left\"><pre>{example}</pre></td></tr>"
        ));
    }
    html.push_str("</tbody></table>");
    (text, html)
}

/// What is said of a level of optimisation.
pub(crate) fn optimised(level: &str) -> String {
    match level {
        "0" => "Cells are compiled without optimisation (level 0), which is fastest to compile; `:opt 2` makes loops run faster.\n".to_owned(),
        _ => format!("Cells are compiled with optimisation level {level} from here on; `:opt 0` goes back.\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_commands_are_taken_out_and_evcxrs_stay() {
        let (commands, text) = take(":opt 2\n:vars\nlet a = 1;").unwrap();
        assert_eq!(commands, Commands { opt: Some(Some("2".into())), ..Commands::default() });
        assert_eq!(text, "      \n:vars\nlet a = 1;");
        assert_eq!(take(":opt").unwrap().0.opt, Some(None));
        assert_eq!(take("let a = \":opt 9\";").unwrap().1, "let a = \":opt 9\";");
        let wrong = take(":opt fast").unwrap_err().to_string();
        assert!(wrong.contains("`:opt fast`") && wrong.contains("`:opt 2`"), "{wrong}");
        assert!(take(":time never\nf()").unwrap_err().to_string().contains("`:time 20`"));
    }

    #[test]
    fn a_timed_cell_keeps_its_lines() {
        let (commands, text) = take(":time 3\nlet a = f();\na // b").unwrap();
        assert_eq!(commands.time, Some(3));
        assert_eq!(text.lines().nth(1), Some("let a = f();"));
        assert!(text.lines().next().unwrap().contains("cltv_times.len() < 3"), "{text}");
        assert!(text.parse::<proc_macro2::TokenStream>().is_ok());
        assert_eq!(take(":time").unwrap().1.trim(), "");
        for cell in [":time\n// all of it\nf()", ":time\n:vars\nf()", ":vars\n:time\n\nf()"] {
            let text = take(cell).unwrap().1;
            let code = text.trim_start_matches(":vars\n");
            assert!(code.parse::<proc_macro2::TokenStream>().is_ok(), "{text}");
            assert_eq!(
                text.lines().position(|line| line == "f()"),
                cell.lines().position(|line| line == "f()")
            );
        }
    }

    #[test]
    fn a_question_is_about_one_name() {
        assert_eq!(
            (asked_about(" ?df.head "), asked_about("a?;"), asked_about("?")),
            (Some("df.head"), None, None)
        );
    }

    #[test]
    fn help_has_an_example_for_each_command() {
        let (text, html) = help();
        assert_eq!(text.lines().count(), HELP.len() + 2);
        assert!(html.contains("<code>:opt LEVEL</code>") && !html.contains("&history,"), "{html}");
    }
}
