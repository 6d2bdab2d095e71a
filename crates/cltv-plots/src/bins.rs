//! Histograms with round edges, whose long tail goes into one open last bin.

use serde_json::{Value, json};

use crate::data::Column;
use crate::text;
use crate::theme::MUTED;

/// About how many bins a histogram gets.
const TARGET: f64 = 40.0;
/// Values above this quantile may share the open last bin.
const TAIL: f64 = 0.99;

/// Equally wide bins, each from its lower edge up to, but not including, its upper edge.
#[derive(Debug, Clone)]
pub(crate) struct Bins {
    pub(crate) lower: Vec<f64>,
    pub(crate) counts: Vec<u64>,
    pub(crate) width: f64,
    /// Whether the last bin holds everything from its lower edge on.
    pub(crate) open: bool,
}

impl Bins {
    /// Bins over all values, none of which may be infinite or missing.
    pub(crate) fn new(values: &[f64]) -> Bins {
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let (min, max) = values.iter().fold(ends, |(min, max), &v| (min.min(v), max.max(v)));
        let tail = quantile(&mut values.to_vec(), TAIL);
        let open = max > min + 1.5 * (tail - min) && tail > min;
        Bins::over(values, min, if open { tail } else { max }, open)
    }

    /// Bins up to `limit`; what lies above is not counted.
    pub(crate) fn up_to(values: &[f64], limit: f64) -> Bins {
        let inside: Vec<f64> = values.iter().copied().filter(|&v| v <= limit).collect();
        Bins::over(&inside, 0.0, limit, false)
    }

    fn over(values: &[f64], min: f64, top: f64, open: bool) -> Bins {
        let width = round_width((top - min) / TARGET, top);
        let first = (min / width).floor();
        let steps = ((top / width).floor() - first).max(0.0) as usize + 1;
        let mut counts = vec![0; steps];
        for &value in values {
            let at = ((value / width).floor() - first).clamp(0.0, (steps - 1) as f64);
            counts[at as usize] += 1;
        }
        let lower = (0..steps).map(|at| tidy((first + at as f64) * width)).collect();
        Bins { lower, counts, width, open }
    }

    pub(crate) fn middles(&self) -> Vec<f64> {
        self.lower.iter().map(|edge| tidy(edge + self.width / 2.0)).collect()
    }

    /// The upper edges; the open bin has none.
    pub(crate) fn upper(&self) -> Vec<Option<f64>> {
        let last = self.lower.len() - 1;
        let edge =
            |(at, lower): (usize, &f64)| (!(self.open && at == last)).then(|| tidy(lower + self.width));
        self.lower.iter().enumerate().map(edge).collect()
    }

    /// The tooltip of each bar: its range, and `counted` of how many it holds.
    pub(crate) fn hover(&self, edge: impl Fn(f64) -> String, counted: impl Fn(u64) -> String) -> Vec<String> {
        let bars = self.ranges(edge).into_iter().zip(&self.counts);
        bars.map(|(range, &n)| text::plotly(&format!("{range}: {}", counted(n)))).collect()
    }

    /// What each bar holds, in words: "$10 to below $20", "$90 and more".
    pub(crate) fn ranges(&self, edge: impl Fn(f64) -> String) -> Vec<String> {
        let range = |(&from, below): (&f64, Option<f64>)| match below {
            Some(below) => format!("{} to below {}", edge(from), edge(below)),
            None => format!("{} and more", edge(from)),
        };
        self.lower.iter().zip(self.upper()).map(range).collect()
    }

    /// The place of the bin that a value lies in.
    pub(crate) fn place(&self, value: f64) -> usize {
        let first = (self.lower[0] / self.width).round();
        ((value / self.width).floor() - first).clamp(0.0, (self.lower.len() - 1) as f64) as usize
    }

    /// The pattern of each bar: the open one is hatched.
    pub(crate) fn patterns(&self) -> Vec<&'static str> {
        self.upper().iter().map(|below| if below.is_none() { "/" } else { "" }).collect()
    }

    /// A note on the range of the hatched last bar; none when it is closed.
    pub(crate) fn open_note(&self, edge: impl Fn(f64) -> String) -> Option<Value> {
        let last = self.lower.len() - 1;
        self.open.then(|| {
            json!({
                "x": self.lower[last] + self.width / 2.0, "y": self.counts[last],
                "text": text::plotly(&self.ranges(edge)[last]), "showarrow": true, "arrowhead": 2,
                "arrowsize": 0.9, "arrowcolor": MUTED, "ax": -8, "ay": -48, "xanchor": "right",
                "font": {"size": 12}, "bgcolor": "rgba(255,255,255,0.85)"
            })
        })
    }

    /// The table of the bins.
    pub(crate) fn columns(&self, quantity: &str, who: &str) -> Vec<Column> {
        vec![
            Column::numbers(&format!("{quantity}_from"), &self.lower),
            Column::optional(&format!("{quantity}_below"), self.upper()),
            Column::integers(who, &self.counts),
        ]
    }
}

/// The value below which the share `q` of the values lies, interpolated between two of them; puts the
/// values into another order.
pub(crate) fn quantile(values: &mut [f64], q: f64) -> f64 {
    let at = q * (values.len() - 1) as f64;
    let (_, below, larger) = values.select_nth_unstable_by(at.floor() as usize, f64::total_cmp);
    let above = larger.iter().copied().min_by(f64::total_cmp).unwrap_or(*below);
    *below + (above - *below) * at.fract()
}

/// Median and mean.
pub(crate) fn centre(values: &[f64]) -> (f64, f64) {
    (quantile(&mut values.to_vec(), 0.5), values.iter().sum::<f64>() / values.len() as f64)
}

/// The next of 1, 2, 2.5, 5 times a power of ten at or above `raw`; when all values are equal, a
/// tenth of their size.
pub(crate) fn round_width(raw: f64, size: f64) -> f64 {
    let raw = if raw > 0.0 {
        raw
    } else if size != 0.0 {
        size.abs() / 10.0
    } else {
        1.0
    };
    let power = 10f64.powf(raw.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let step = steps.into_iter().find(|step| step * power >= raw * (1.0 - 1e-9));
    step.unwrap_or(10.0) * power
}

/// Rounds away the last binary digits, so that an edge reads 0.3 and not 0.30000000000000004.
fn tidy(value: f64) -> f64 {
    format!("{value:.12e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bin() {
        let values: Vec<f64> = (0..1000).map(|n| f64::from(n) * 0.37).collect();
        let bins = Bins::new(&values);
        assert_eq!(bins.counts.iter().sum::<u64>(), 1000);
        assert!(!bins.open);
        assert!((10..=60).contains(&bins.counts.len()));
    }

    #[test]
    fn a_long_tail_ends_in_an_open_bin() {
        let mut values: Vec<f64> = (0..1000).map(|n| f64::from(n % 100)).collect();
        values.push(1e6);
        let bins = Bins::new(&values);
        assert!(bins.open);
        assert_eq!(bins.upper().last(), Some(&None));
        assert_eq!(bins.counts.iter().sum::<u64>(), 1001);
    }

    #[test]
    fn equal_values_make_one_bin() {
        for value in [0.0, 5.0, 1e9] {
            let bins = Bins::new(&[value; 4]);
            assert_eq!(bins.counts, vec![4], "{value}");
        }
    }

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let quantile = |q| quantile(&mut [4.0, 1.0, 3.0, 2.0], q);
        assert_eq!([quantile(0.0), quantile(0.5), quantile(0.75), quantile(1.0)], [1.0, 2.5, 3.25, 4.0]);
        assert_eq!(centre(&[7.0]), (7.0, 7.0));
    }

    #[test]
    fn widths_are_round() {
        assert_eq!(round_width(0.034, 1.0), 0.05);
        assert_eq!(round_width(7.0, 1.0), 10.0);
        assert_eq!(round_width(2.1, 1.0), 2.5);
    }
}
