//! One html page that needs nothing else.

use html_escape::{encode_double_quoted_attribute, encode_text};
use minijinja::{Environment, context};

use super::document::{Block, Document, Sight};
use super::markdown::{From, rendered};
use super::math::mathml;
use super::media::{Bundle, Shown};
use super::scripts::Policy;
use super::{highlight, media};

const PAGE: &str = include_str!("page.html");

/// A page, and how many scripts of the notebook it does not run.
pub(super) struct Page {
    pub(super) html: String,
    pub(super) not_run: usize,
}

/// The page of a notebook, in which the scripts of charts run, and others only where they are allowed.
pub(super) fn page(document: &Document, allow_scripts: bool) -> Page {
    let body: Vec<String> = document.blocks.iter().map(|block| of(block, document)).collect();
    let policy = Policy::of(document.loader.iter().chain(&body).map(String::as_str));
    let header = (!allow_scripts).then(|| policy.header());
    let values =
        context! { title => &document.title, loader => &document.loader, blocks => body, policy => header };
    // A name that ends in html has what is put in escaped, but where the template says it is safe.
    let mut environment = Environment::new();
    let page = environment
        .add_template("page.html", PAGE)
        .and_then(|()| environment.get_template("page.html")?.render(values));
    // The template is a part of the program, and a test renders it.
    let html = page.unwrap_or_else(|error| encode_text(&error.to_string()).into_owned());
    Page { html, not_run: if allow_scripts { 0 } else { policy.others } }
}

fn of(block: &Block, document: &Document) -> String {
    match block {
        Block::Text { source, attachments } => {
            format!(
                "<section class=\"text\">{}</section>",
                rendered(source, From::Author { folder: &document.folder, attachments })
            )
        }
        Block::Raw { source, format } if format.contains("html") => source.clone(),
        Block::Raw { source, .. } if source.trim().is_empty() => String::new(),
        Block::Raw { source, .. } => format!("<pre class=\"raw\">{}</pre>", encode_text(source)),
        Block::Code { source, input, number, outputs, output } => {
            let number = number.map_or_else(|| " ".to_owned(), |number| number.to_string());
            let code = format!(
                "<div class=\"input\"><span class=\"number\">[{number}]</span><pre><code>{}</code></pre></div>",
                highlight::html(source)
            );
            let shown: String = outputs.iter().map(shown).collect();
            let results =
                if shown.is_empty() { shown } else { format!("<div class=\"output\">{shown}</div>") };
            let both = folded(*input, "Code", &code) + &folded(*output, "Result", &results);
            if both.is_empty() { both } else { format!("<section class=\"cell\">{both}</section>") }
        }
    }
}

fn folded(sight: Sight, name: &str, html: &str) -> String {
    match sight {
        Sight::Removed => String::new(),
        Sight::Folded if !html.is_empty() => {
            format!("<details><summary>{name}</summary>{html}</details>")
        }
        _ => html.to_owned(),
    }
}

fn shown(output: &Shown) -> String {
    match output {
        Shown::Stream { text, is_error } => {
            let class = if *is_error { "stream stderr" } else { "stream" };
            format!("<pre class=\"{class}\">{}</pre>", encode_text(text))
        }
        Shown::Error { name, message, lines } => {
            let text = if lines.is_empty() { format!("{name}: {message}") } else { lines.clone() };
            format!("<pre class=\"error\">{}</pre>", encode_text(&text))
        }
        Shown::Bundle(bundle) => format!("<div class=\"shown\">{}</div>", best(bundle)),
    }
}

/// The form of a bundle that says most on a page.
fn best(bundle: &Bundle) -> String {
    if let Some(html) = &bundle.html {
        // Any cell can show html, and not all escape what customers typed: see `scripts.rs`.
        return html.clone();
    }
    if let Some((kind, data)) = &bundle.image {
        let alt = bundle.plain.as_deref().unwrap_or("an image");
        let alt = encode_double_quoted_attribute(alt);
        return format!(
            "<img alt=\"{alt}\" src=\"{}\">",
            encode_double_quoted_attribute(&media::address(kind, data))
        );
    }
    if let Some(text) = &bundle.markdown {
        return rendered(text, From::Cell);
    }
    if let Some(latex) = &bundle.latex {
        return mathml(latex.trim().trim_matches('$'), true);
    }
    match &bundle.plain {
        Some(text) => format!("<pre>{}</pre>", encode_text(text)),
        None => format!("<p class=\"note\">{}</p>", encode_text(&media::unknown(bundle))),
    }
}
