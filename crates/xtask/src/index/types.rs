//! Types and signatures of rustdoc's JSON as Rust.

use super::crates::list;
use serde_json::Value;

fn joined(values: &Value, each: impl Fn(&Value) -> String, between: &str) -> String {
    list(values).map(each).collect::<Vec<_>>().join(between)
}

/// A type.
pub(super) fn of(value: &Value) -> String {
    let Some((kind, inner)) = value.as_object().and_then(|object| object.iter().next()) else {
        return "_".to_owned();
    };
    let word = |key: &str, text: &'static str| if inner[key] == true { text } else { "" };
    match kind.as_str() {
        "resolved_path" => path(inner),
        "generic" | "primitive" => inner.as_str().unwrap_or_default().to_owned(),
        "tuple" => format!("({})", joined(inner, of, ", ")),
        "slice" => format!("[{}]", of(inner)),
        "array" => format!("[{}; {}]", of(&inner["type"]), inner["len"].as_str().unwrap_or("_")),
        "borrowed_ref" => {
            let lifetime = inner["lifetime"].as_str().map(|name| format!("{name} ")).unwrap_or_default();
            format!("&{lifetime}{}{}", word("is_mutable", "mut "), of(&inner["type"]))
        }
        "raw_pointer" => {
            format!("*{} {}", if inner["is_mutable"] == true { "mut" } else { "const" }, of(&inner["type"]))
        }
        "impl_trait" => format!("impl {}", joined(inner, bound, " + ")),
        "dyn_trait" => format!("dyn {}", joined(&inner["traits"], |one| path(&one["trait"]), " + ")),
        "function_pointer" => {
            let arguments = joined(&inner["sig"]["inputs"], |input| of(&input[1]), ", ");
            format!("fn({arguments}){}", output(&inner["sig"]["output"]))
        }
        "qualified_path" => {
            let name = inner["name"].as_str().unwrap_or_default();
            match (inner["self_type"]["generic"].as_str(), inner["trait"]["path"].as_str()) {
                (Some(own), _) => format!("{own}::{name}"),
                (_, Some(owner)) => format!("<{} as {owner}>::{name}", of(&inner["self_type"])),
                _ => name.to_owned(),
            }
        }
        _ => "_".to_owned(),
    }
}

/// A path with its arguments; the path is shortened to its last word.
fn path(value: &Value) -> String {
    let name = value["path"].as_str().unwrap_or_default();
    let name = name.rsplit("::").next().unwrap_or_default();
    format!("{name}{}", arguments(&value["args"]))
}

fn arguments(value: &Value) -> String {
    if let Some(call) = value.get("parenthesized") {
        return format!("({}){}", joined(&call["inputs"], of, ", "), output(&call["output"]));
    }
    let Some(inside) = value.get("angle_bracketed") else { return String::new() };
    let mut all: Vec<String> = list(&inside["args"]).map(argument).collect();
    all.extend(list(&inside["constraints"]).map(|constraint| {
        let binding = &constraint["binding"];
        let name = constraint["name"].as_str().unwrap_or_default();
        match binding.get("constraint") {
            Some(bounds) => format!("{name}: {}", joined(bounds, bound, " + ")),
            None => format!("{name} = {}", of(&binding["equality"]["type"])),
        }
    }));
    if all.is_empty() { String::new() } else { format!("<{}>", all.join(", ")) }
}

fn argument(value: &Value) -> String {
    if let Some(found) = value.get("type") {
        return of(found);
    }
    let text = value["lifetime"].as_str().or_else(|| value["const"]["expr"].as_str());
    text.unwrap_or("_").to_owned()
}

fn bound(value: &Value) -> String {
    if let Some(found) = value.get("trait_bound") {
        let question = if found["modifier"] == "maybe" { "?" } else { "" };
        return format!("{question}{}", path(&found["trait"]));
    }
    value["outlives"].as_str().unwrap_or("_").to_owned()
}

fn output(value: &Value) -> String {
    if value.is_null() { String::new() } else { format!(" -> {}", of(value)) }
}

/// The parameters of a type or function in angle brackets, without those that `impl Trait` stands for.
pub(super) fn generics(value: &Value) -> String {
    let written = list(&value["params"]).filter_map(|parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        let kind = &parameter["kind"];
        if let Some(found) = kind.get("const") {
            return Some(format!("const {name}: {}", of(&found["type"])));
        }
        let Some(found) = kind.get("type") else { return Some(name.to_owned()) };
        let bounds = joined(&found["bounds"], bound, " + ");
        let text = if bounds.is_empty() { name.to_owned() } else { format!("{name}: {bounds}") };
        (found["is_synthetic"] != true).then_some(text)
    });
    let written: Vec<String> = written.collect();
    if written.is_empty() { String::new() } else { format!("<{}>", written.join(", ")) }
}

fn conditions(value: &Value) -> String {
    let written = list(&value["where_predicates"]).filter_map(|predicate| {
        let found = predicate.get("bound_predicate")?;
        let bounds = joined(&found["bounds"], bound, " + ");
        let subject = of(&found["type"]);
        (bounds != "Sized" && !bounds.is_empty()).then(|| format!("{subject}: {bounds}"))
    });
    let written: Vec<String> = written.collect();
    if written.is_empty() { String::new() } else { format!(" where {}", written.join(", ")) }
}

/// The signature of a function.
pub(super) fn signature(name: &str, function: &Value, is_public: bool) -> String {
    let header = &function["header"];
    let word = |key: &str, text: &'static str| if header[key] == true { text } else { "" };
    let visibility = if is_public { "pub " } else { "" };
    let input = |input: &Value| {
        let (name, found) = (input[0].as_str().unwrap_or("_"), of(&input[1]));
        match (name, found.as_str()) {
            ("self", "Self") => "self".to_owned(),
            ("self", "&Self") => "&self".to_owned(),
            ("self", "&mut Self") => "&mut self".to_owned(),
            _ => format!("{name}: {found}"),
        }
    };
    format!(
        "{visibility}{}{}fn {name}{}({}){}{}",
        word("is_async", "async "),
        word("is_unsafe", "unsafe "),
        generics(&function["generics"]),
        joined(&function["sig"]["inputs"], input, ", "),
        output(&function["sig"]["output"]),
        conditions(&function["generics"]),
    )
}
