//! How long a build will still take, from the time that its crates took elsewhere.
//!
//! A number of crates says little: of the helper's 390, ten take half of the time.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

/// Seconds of each crate by step, as `cargo xtask cold --write` measured them.
const SECONDS: &str = include_str!("crate_seconds.txt");
/// Part of the compile time after which the rest is estimated.
const ENOUGH: f64 = 0.03;

/// A build's crates with what each took elsewhere, and which of them are done.
#[derive(Debug)]
pub(super) struct Estimate {
    seconds: HashMap<&'static str, f64>,
    all: f64,
    /// Of crates that are done, whether this build compiled them or found them compiled.
    done: f64,
    /// Of crates that this build compiled.
    compiled: f64,
}

impl Estimate {
    /// Of a step, `kernel` or `helper`.
    pub(super) fn of(step: &str) -> Estimate {
        let of_step = SECONDS.lines().filter_map(|line| {
            let mut words = line.split(' ');
            (words.next() == Some(step)).then_some(())?;
            Some((words.next()?, words.next()?.parse().ok()?))
        });
        let seconds: HashMap<&'static str, f64> = of_step.collect();
        Estimate { all: seconds.values().sum(), seconds, done: 0.0, compiled: 0.0 }
    }

    /// Counts a crate of which cargo says that it is done; build scripts belong to their crate.
    pub(super) fn finished(&mut self, artifact: &Value) {
        let kinds = artifact["target"]["kind"].as_array();
        if kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "custom-build")) {
            return;
        }
        let Some(seconds) = package(artifact).and_then(|name| self.seconds.get(name)) else { return };
        self.done += seconds;
        if artifact["fresh"] != true {
            self.compiled += seconds;
        }
    }

    /// The part of the compile time that is done, 0 to 1.
    pub(super) fn part(&self) -> f64 {
        if self.all > 0.0 { (self.done / self.all).min(1.0) } else { 0.0 }
    }

    /// The time left of a build that has run for so long; none before enough is compiled.
    pub(super) fn left(&self, elapsed: Duration) -> Option<Duration> {
        let left = (self.all - self.done).max(0.0);
        let known = self.compiled >= ENOUGH * self.all && self.compiled > 0.0;
        known.then(|| elapsed.mul_f64(left / self.compiled))
    }
}

/// The name of an artifact's package, whose id is `registry+https://…#name@1.0.0`, or `path+file:///…/name#1.0.0`.
fn package(artifact: &Value) -> Option<&str> {
    let (place, version) = artifact["package_id"].as_str()?.rsplit_once('#')?;
    match version.split_once('@') {
        Some((name, _)) => Some(name),
        None => place.rsplit('/').next(),
    }
}

/// A time as a person says it: `about 4 minutes left`.
pub(super) fn in_words(left: Duration) -> String {
    match left.as_secs() {
        seconds @ ..45 => format!("about {} seconds left", (seconds / 5 + 1) * 5),
        seconds @ ..90 => format!("about {} minute left", seconds.div_ceil(90)),
        seconds => format!("about {} minutes left", (seconds + 30) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn artifact(id: &str, kind: &str, fresh: bool) -> Value {
        json!({"package_id": id, "target": {"kind": [kind]}, "fresh": fresh})
    }

    #[test]
    fn the_rest_is_estimated_from_the_time_of_crates_and_not_from_their_number() {
        let mut estimate = Estimate {
            seconds: [("small", 1.0), ("large", 90.0), ("old", 9.0)].into(),
            all: 100.0,
            done: 0.0,
            compiled: 0.0,
        };
        assert_eq!(estimate.left(Duration::from_secs(5)), None);
        estimate.finished(&artifact("registry+https://index#small@1.0.0", "lib", false));
        assert_eq!(estimate.left(Duration::from_secs(1)), None, "one hundredth says nothing yet");
        estimate.finished(&artifact("registry+https://index#large@1.0.0", "custom-build", false));
        assert_eq!(estimate.part(), 0.01, "a build script is no crate");
        // What was compiled before took no time now.
        estimate.finished(&artifact("registry+https://index#old@2.0.0", "proc-macro", true));
        estimate.finished(&artifact("path+file:///a/crates/large#0.1.0", "lib", false));
        assert_eq!(estimate.part(), 1.0);
        assert_eq!(estimate.left(Duration::from_secs(91)), Some(Duration::ZERO));
    }

    #[test]
    fn the_crates_of_both_steps_are_known() {
        for (step, name) in [
            ("kernel", "evcxr"),
            ("kernel", "cltv-kernel"),
            ("helper", "polars-core"),
            ("helper", "cltv-workflow"),
        ] {
            let estimate = Estimate::of(step);
            assert!(estimate.seconds.get(name).is_some_and(|seconds| *seconds > 0.0), "{step} {name}");
            assert!(estimate.all > 60.0, "{step}");
        }
    }

    #[test]
    fn times_are_said_in_words() {
        let said = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!(
            [said(0), said(7), said(50), said(89)],
            ["about 5 seconds left", "about 10 seconds left", "about 1 minute left", "about 1 minute left"]
        );
        assert_eq!([said(90), said(1000)], ["about 2 minutes left", "about 17 minutes left"]);
    }
}
