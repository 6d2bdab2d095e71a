//! What is compiled into cltv: licences, sources and duplicates, by `deny.toml`.
//!
//! cargo-deny checks the same file and advisories besides. Compiling it takes minutes, so this check does
//! without it, and `.ci/run` calls it where it is installed.

use crate::run::{cargo, root};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What `deny.toml` allows.
#[derive(Debug, Default)]
struct Rules {
    licences: BTreeSet<String>,
    /// Licences of single crates.
    exceptions: BTreeSet<(String, String)>,
    registries: BTreeSet<String>,
    /// Versions that may be there beside a newer one, as `name@version`.
    duplicates: BTreeSet<String>,
}

/// A package that cargo would compile for some target.
#[derive(Debug, Clone)]
struct Package {
    name: String,
    version: String,
    licence: String,
    /// None for a crate of this workspace.
    source: Option<String>,
}

/// Checks every package of the lock file.
pub(crate) fn check() -> Result<()> {
    let rules = Rules::read(&std::fs::read_to_string(root().join("deny.toml"))?)?;
    let mut metadata = cargo();
    metadata.args(["metadata", "--format-version", "1", "--locked"]).current_dir(root());
    let output = metadata.output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let packages = packages(&serde_json::from_slice(&output.stdout)?);
    let findings = findings(&rules, &packages);
    ensure!(findings.is_empty(), "by deny.toml:\n{}", findings.join("\n"));
    eprintln!("{} packages: licences, sources and duplicates are as deny.toml says.", packages.len());
    Ok(())
}

impl Rules {
    fn read(text: &str) -> Result<Rules> {
        let table: toml::Table = text.parse().context("deny.toml")?;
        let list = |section: &str, key: &str| -> BTreeSet<String> {
            let items =
                table.get(section).and_then(|section| section.get(key)).and_then(toml::Value::as_array);
            items.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned).collect()
        };
        let exceptions = table.get("licenses").and_then(|licences| licences.get("exceptions"));
        let exceptions = exceptions.and_then(toml::Value::as_array).into_iter().flatten();
        let exceptions = exceptions.flat_map(|entry| {
            let name = entry.get("crate").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            let allowed = entry.get("allow").and_then(toml::Value::as_array).into_iter().flatten();
            allowed.filter_map(move |licence| Some((name.clone(), licence.as_str()?.to_owned())))
        });
        let rules = Rules {
            licences: list("licenses", "allow"),
            exceptions: exceptions.collect(),
            registries: list("sources", "allow-registry"),
            duplicates: list("bans", "skip"),
        };
        ensure!(!rules.licences.is_empty() && !rules.registries.is_empty(), "deny.toml allows nothing");
        Ok(rules)
    }
}

fn packages(metadata: &Value) -> Vec<Package> {
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let all = metadata["packages"].as_array().into_iter().flatten();
    all.map(|package| Package {
        name: text(package, "name"),
        version: text(package, "version"),
        licence: text(package, "license"),
        source: package["source"].as_str().map(str::to_owned),
    })
    .collect()
}

fn findings(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut found = Vec::new();
    for Package { name, version, licence, source } in packages {
        let may = |licence: &str| {
            let exception = (name.clone(), licence.to_owned());
            rules.licences.contains(licence) || rules.exceptions.contains(&exception)
        };
        if !is_allowed(licence, &may) {
            found.push(format!("{name} {version} has the licence {licence:?}, which is not allowed"));
        }
        let registry = source.as_deref().map(|source| source.strip_prefix("registry+").unwrap_or(source));
        if let Some(registry) = registry.filter(|registry| !rules.registries.contains(*registry)) {
            found.push(format!("{name} {version} comes from {registry}, which is not allowed"));
        }
    }
    found.extend(duplicates(rules, packages));
    found
}

/// Versions beside a newer one that are not listed, and entries of the list that are not there.
fn duplicates(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().push(&package.version);
    }
    let mut older = BTreeSet::new();
    for (name, versions) in &mut versions {
        versions.sort_by_key(|version| numbers(version));
        versions.pop();
        older.extend(versions.iter().map(|version| format!("{name}@{version}")));
    }
    let new = older.difference(&rules.duplicates);
    let gone = rules.duplicates.difference(&older);
    let new = new.map(|entry| {
        format!("{entry} is there beside a newer version: list it in bans.skip, or do without it")
    });
    new.chain(gone.map(|entry| format!("{entry} is in bans.skip and no longer an older version"))).collect()
}

fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0)).collect()
}

/// Whether an SPDX expression is satisfied: one side of `OR` (or of `/`, as older manifests have it), both
/// of `AND`.
fn is_allowed(expression: &str, may: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (allowed, rest) = either(&words, may);
    allowed && rest.is_empty() && !words.is_empty()
}

fn either<'a, 'b>(words: &'a [&'b str], may: &dyn Fn(&str) -> bool) -> (bool, &'a [&'b str]) {
    let (mut allowed, mut rest) = both(words, may);
    while let ["OR", more @ ..] = rest {
        let (next, after) = both(more, may);
        (allowed, rest) = (allowed || next, after);
    }
    (allowed, rest)
}

fn both<'a, 'b>(words: &'a [&'b str], may: &dyn Fn(&str) -> bool) -> (bool, &'a [&'b str]) {
    let (mut allowed, mut rest) = one(words, may);
    while let ["AND", more @ ..] = rest {
        let (next, after) = one(more, may);
        (allowed, rest) = (allowed && next, after);
    }
    (allowed, rest)
}

fn one<'a, 'b>(words: &'a [&'b str], may: &dyn Fn(&str) -> bool) -> (bool, &'a [&'b str]) {
    match words {
        ["(", rest @ ..] => match either(rest, may) {
            (allowed, [")", rest @ ..]) => (allowed, rest),
            (_, rest) => (false, rest),
        },
        [licence, "WITH", exception, rest @ ..] => (may(&format!("{licence} WITH {exception}")), rest),
        [licence, rest @ ..] => (may(licence), rest),
        [] => (false, words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0 WITH LLVM-exception"]
        exceptions = [{ crate = "b", allow = ["MPL-2.0"] }]
        [bans]
        skip = ["a@1.9.0"]
        [sources]
        allow-registry = ["https://index"]
    "#;

    fn package(name: &str, version: &str, licence: &str, source: &str) -> Package {
        let source = (!source.is_empty()).then(|| source.to_owned());
        Package { name: name.into(), version: version.into(), licence: licence.into(), source }
    }

    #[test]
    fn expressions_are_read_as_spdx_says() {
        let may = |licence: &str| ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].contains(&licence);
        for allowed in [
            "MIT",
            "GPL-3.0 OR MIT",
            "GPL-3.0/MIT",
            "MIT AND ISC",
            "(GPL-3.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception",
            "GPL-3.0 AND X OR MIT",
        ] {
            assert!(is_allowed(allowed, &may), "{allowed}");
        }
        for refused in
            ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT", "MIT ISC", "Apache-2.0", "X WITH Y", "MIT AND"]
        {
            assert!(!is_allowed(refused, &may), "{refused}");
        }
    }

    #[test]
    fn what_the_file_does_not_allow_is_found() {
        let rules = Rules::read(RULES).unwrap();
        let index = "registry+https://index";
        let good = [
            package("a", "1.9.0", "MIT", index),
            package("a", "1.10.0", "MIT", index),
            package("b", "1.0.0", "MPL-2.0", index),
            package("own", "0.1.0", "MIT", ""),
        ];
        assert_eq!(findings(&rules, &good), Vec::<String>::new());
        for (bad, words) in [
            (package("c", "1.0.0", "GPL-3.0", index), "c 1.0.0 has the licence \"GPL-3.0\""),
            (package("c", "1.0.0", "MPL-2.0", index), "MPL-2.0"),
            (package("c", "1.0.0", "", index), "has the licence \"\""),
            (package("c", "1.0.0", "MIT", "git+https://forge/c"), "comes from git+https://forge/c"),
            (package("c", "1.0.0", "MIT", "registry+https://other"), "comes from https://other"),
            (package("b", "0.9.0", "MIT", index), "b@0.9.0 is there beside a newer version"),
        ] {
            let found = findings(&rules, &[&good[..], &[bad]].concat());
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(words), "{found:?}");
        }
        assert_eq!(findings(&rules, &good[1..]), ["a@1.9.0 is in bans.skip and no longer an older version"]);
        assert!(Rules::read("").is_err());
    }
}
