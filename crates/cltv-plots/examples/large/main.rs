//! Times every chart of a large input and prints seconds, bytes of its page, rows of its table and its sentence:
//! `cargo run --release -p cltv-plots --example large -- 1250000 [FOLDER]`. With a folder, the pages are
//! written there to look at.

mod charts;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use cltv_plots::{PLOTLY_FILE, plotly_js};

fn main() -> Result<(), Box<dyn Error>> {
    let customers = match std::env::args().nth(1) {
        Some(count) => count.parse().map_err(|_| format!("{count:?} is no number of customers"))?,
        None => 1_250_000,
    };
    let folder = std::env::args().nth(2);
    if let Some(folder) = &folder {
        std::fs::create_dir_all(folder)?;
        std::fs::write(Path::new(folder).join(PLOTLY_FILE), plotly_js())?;
    }
    println!("{:<28} {:>8} {:>10} {:>9}  sentence", "chart", "seconds", "page bytes", "data rows");
    let mut bytes = 0;
    for large in charts::charts(customers) {
        let start = Instant::now();
        let chart = (large.draw)()?;
        let page = chart.html_page(PLOTLY_FILE);
        let seconds = start.elapsed().as_secs_f64();
        bytes += page.len();
        let said = chart.note().unwrap_or(if large.reduced { "NO SENTENCE" } else { "" });
        println!("{:<28} {seconds:>8.3} {:>10} {:>9}  {said}", large.name, page.len(), chart.data().rows());
        if let Some(folder) = &folder {
            std::fs::write(Path::new(folder).join(format!("{}.html", chart.name())), page)?;
        }
    }
    println!("{bytes} bytes in all");
    Ok(())
}
