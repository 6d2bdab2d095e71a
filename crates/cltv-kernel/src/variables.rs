//! The variables of a session as clients may see them at any time, also while a cell runs.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Names, types and values of the variables, as they were behind the last cell.
#[derive(Clone, Default)]
pub(crate) struct Variables {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The types of the variables that there are.
    types: BTreeMap<String, String>,
    /// Short and long text of values; what has none has a type alone.
    values: BTreeMap<String, (String, String)>,
}

impl Variables {
    /// From now on there are these variables.
    pub(crate) fn set_types(&self, types: BTreeMap<String, String>) {
        let mut state = self.state();
        state.values.retain(|name, _| types.contains_key(name));
        state.types = types;
    }

    /// A variable has this value, in a line and in several.
    pub(crate) fn set_value(&self, name: String, short: String, long: String) {
        self.state().values.insert(name, (short, long));
    }

    /// Answers a request of a debugger, in the form of the debug adapter protocol. There are no
    /// breakpoints: a front end that sets some is told of none.
    pub(crate) fn answer(&self, request: &Value) -> Value {
        let command = request["command"].as_str().unwrap_or_default();
        let body = match command {
            "debugInfo" => Some(info()),
            "inspectVariables" | "variables" => Some(json!({ "variables": self.all() })),
            "richInspectVariables" => {
                self.rich(request["arguments"]["variableName"].as_str().unwrap_or_default())
            }
            "initialize" => Some(json!({ "supportsConfigurationDoneRequest": true })),
            "setBreakpoints" => Some(json!({ "breakpoints": [] })),
            "dumpCell" => Some(json!({ "sourcePath": "" })),
            "modules" => Some(json!({ "modules": [], "totalModules": 0 })),
            "attach" | "configurationDone" | "disconnect" | "terminate" | "setExceptionBreakpoints" => {
                Some(json!({}))
            }
            _ => None,
        };
        let mut reply = json!({
            "type": "response", "seq": 0, "request_seq": request["seq"], "command": command,
            "success": body.is_some(), "body": body.unwrap_or_else(|| json!({})),
        });
        if reply["success"] == false {
            reply["message"] = match command {
                "richInspectVariables" => "there is no such variable".into(),
                _ => format!("this kernel shows variables and does not stop cells: {command} is not known")
                    .into(),
            };
        }
        reply
    }

    fn all(&self) -> Vec<Value> {
        let state = self.state();
        let variable = |(name, written): (&String, &String)| {
            let value = state.values.get(name).map_or("", |(short, _)| short);
            json!({ "name": name, "evaluateName": name, "type": written, "value": value, "variablesReference": 0 })
        };
        state.types.iter().map(variable).collect()
    }

    fn rich(&self, name: &str) -> Option<Value> {
        let state = self.state();
        let written = state.types.get(name)?;
        let text = match state.values.get(name) {
            Some((short, long)) if short == long => format!("{name}: {written} = {short}"),
            Some((short, long)) => format!("{name}: {written}, {short}\n{long}"),
            None => format!("{name}: {written}"),
        };
        let html = format!("<pre>{}</pre>", html_escape::encode_text(&text));
        Some(json!({ "data": { "text/plain": text, "text/html": html }, "metadata": {} }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A poisoned lock holds data as good as any: nothing here is left half-changed.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn info() -> Value {
    json!({
        "isStarted": true, "hashMethod": "Murmur2", "hashSeed": 0, "tmpFilePrefix": "", "tmpFileSuffix": ".rs",
        "breakpoints": [], "stoppedThreads": [], "richRendering": true, "exceptionPaths": [], "copyToGlobals": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_listed_with_their_values_and_leave_with_their_types() {
        let variables = Variables::default();
        variables.set_value("df".into(), "2 rows × 1 columns".into(), "<a>\n1".into());
        variables.set_types([("df".to_owned(), "DataFrame".to_owned()), ("own".into(), "Own".into())].into());
        let ask = |command: &str, name: &str| {
            variables.answer(&json!({ "command": command, "seq": 3, "arguments": { "variableName": name } }))
        };
        let all = ask("inspectVariables", "");
        assert_eq!((&all["request_seq"], &all["body"]["variables"][1]["value"]), (&json!(3), &json!("")));
        assert_eq!(all["body"]["variables"][0]["value"], "2 rows × 1 columns");
        let rich = ask("richInspectVariables", "df");
        assert_eq!(
            rich["body"]["data"]["text/html"],
            "<pre>df: DataFrame, 2 rows × 1 columns\n&lt;a&gt;\n1</pre>"
        );
        assert_eq!(ask("richInspectVariables", "no")["success"], false);
        variables.set_types(BTreeMap::new());
        variables.set_types([("df".to_owned(), "u8".to_owned())].into());
        assert_eq!(ask("variables", "")["body"]["variables"][0]["value"], "");
    }
}
