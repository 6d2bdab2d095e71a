//! How a page is rendered: one template engine with the filters that all pages use.

use crate::{ReportError, numbers};
use minijinja::value::{Serde, Value};
use minijinja::{Environment, context, syntax::SyntaxConfig};
use serde::Serialize;

/// A page whose template sees the facts as `s`, the caveats as `caveats` and what else was derived from
/// the facts as `more`.
pub(crate) fn page(
    template: &str,
    currency: &str,
    facts: &impl Serialize,
    caveats: &[String],
    more: Value,
) -> Result<String, ReportError> {
    let render = || {
        engine(template, currency)?
            .get_template("page")?
            .render(context! { s => Value::from(Serde(facts)), caveats => caveats.to_vec(), more })
    };
    render().map_err(|error| ReportError::Template { reason: error.to_string() })
}

/// The engine with one template; amounts carry the currency's sign.
fn engine<'a>(template: &'a str, currency: &str) -> Result<Environment<'a>, minijinja::Error> {
    let currency = currency.to_owned();
    let mut engine = Environment::new();
    engine.set_syntax(
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?,
    );
    engine.add_filter("plain", |text: String| numbers::plain(&text));
    engine.add_filter("whole", |value: f64| numbers::whole(value));
    engine.add_filter("figure", |value: f64| numbers::figure(value));
    engine.add_filter("percent", |value: f64| numbers::percent(value));
    engine.add_filter("fixed", |value: f64, decimals: usize| numbers::fixed(value, decimals));
    engine.add_filter("money", move |value: f64| numbers::plain(&numbers::money(&currency, value)));
    engine.add_template("page", template)?;
    Ok(engine)
}
