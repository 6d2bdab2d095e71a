//! rustdoc's JSON of several crates as one.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The forms of JSON that can be read: those of Rust 1.95.
const FORMATS: std::ops::RangeInclusive<u64> = 57..=57;

/// The documentation of crates by their names.
pub(super) struct Crates(BTreeMap<String, Crate>);

struct Crate {
    json: Value,
    /// The crate's own items by their paths.
    by_path: BTreeMap<String, String>,
}

/// An item, and the crate that describes it.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) home: &'a str,
    pub(super) json: &'a Value,
}

impl<'a> Item<'a> {
    pub(super) fn kind(self) -> &'a str {
        let inner = self.json["inner"].as_object();
        inner.and_then(|inner| inner.keys().next()).map_or("", String::as_str)
    }

    pub(super) fn inner(self) -> &'a Value {
        &self.json["inner"][self.kind()]
    }

    pub(super) fn name(self) -> &'a str {
        self.json["name"].as_str().unwrap_or_default()
    }

    pub(super) fn docs(self) -> &'a str {
        self.json["docs"].as_str().unwrap_or_default()
    }

    pub(super) fn is_deprecated(self) -> bool {
        !self.json["deprecation"].is_null()
    }
}

impl Crates {
    pub(super) fn read(folder: &Path, names: impl Iterator<Item = String>) -> Result<Crates> {
        let mut all = BTreeMap::new();
        for name in names {
            let file = folder.join(format!("{name}.json"));
            let text =
                std::fs::read(&file).with_context(|| format!("rustdoc wrote no {}", file.display()))?;
            let json: Value = serde_json::from_slice(&text)?;
            let format = json["format_version"].as_u64().unwrap_or_default();
            ensure!(
                FORMATS.contains(&format),
                "{} has the form {format}, and crates/xtask/src/index reads {FORMATS:?}",
                file.display()
            );
            let paths = json["paths"].as_object().into_iter().flatten();
            let own = paths.filter(|(_, path)| path["crate_id"] == 0 && path["kind"] != "macro");
            let by_path = own.map(|(id, path)| (joined(path), id.clone())).collect();
            all.insert(name, Crate { json, by_path });
        }
        Ok(Crates(all))
    }

    /// The root module of a crate.
    pub(super) fn root(&self, name: &str) -> Option<Item<'_>> {
        let (home, found) = self.0.get_key_value(name)?;
        self.item(home, &found.json["root"])
    }

    /// An item of a crate by its number there, if that crate or another of these describes it.
    pub(super) fn item(&self, home: &str, id: &Value) -> Option<Item<'_>> {
        let (home, found) = self.0.get_key_value(home)?;
        if let Some(json) = found.json["index"].get(id.to_string()) {
            return Some(Item { home, json });
        }
        let path = self.path(home, id)?;
        let (home, other) = self.0.get_key_value(path.split("::").next()?)?;
        let json = other.json["index"].get(other.by_path.get(&path)?)?;
        Some(Item { home, json })
    }

    /// The path of an item where it is defined.
    pub(super) fn path(&self, home: &str, id: &Value) -> Option<String> {
        let found = &self.0.get(home)?.json["paths"][id.to_string()];
        found.is_object().then(|| joined(found))
    }

    /// The path of an item.
    pub(super) fn path_of(&self, item: Item<'_>) -> Option<String> {
        self.path(item.home, &item.json["id"])
    }
}

/// The values of a list; none of anything else.
pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn joined(path: &Value) -> String {
    let words = list(&path["path"]).filter_map(Value::as_str);
    words.collect::<Vec<_>>().join("::")
}
