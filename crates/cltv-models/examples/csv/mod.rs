//! The csv files of the benchmarks.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};

use cltv_models::{CustomerIds, Grain, RfmSummary, TimeUnit};

/// Reads a file with columns frequency, recency, T and monetary_value, in weeks.
pub(crate) fn read(file: &str) -> Result<RfmSummary, Box<dyn Error>> {
    let (mut x, mut t_x, mut age, mut spend) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for line in BufReader::new(File::open(file)?).lines().skip(1) {
        let line = line?;
        let mut fields = line.split(',').map(str::parse::<f64>);
        let mut next = || fields.next().ok_or("A row is too short.");
        x.push(next()?? as u32);
        t_x.push(next()??);
        age.push(next()??);
        spend.push(next()??);
    }
    let ids = CustomerIds::numbered(x.len());
    Ok(RfmSummary::try_new(TimeUnit::Week, Grain::Day, ids, x, t_x, age, Some(spend))?)
}
