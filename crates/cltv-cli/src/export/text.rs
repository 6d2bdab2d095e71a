//! Markdown: results as text, images as files, and a word where neither can be.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::document::{Block, Document, Sight};
use super::media::{self, Bundle, Shown};

/// The names and contents of images that stand beside the text.
type Images = Vec<(String, Vec<u8>)>;

/// The text and its images, which lie in `folder`, or in the text itself without one.
pub(super) fn file(document: &Document, folder: Option<&str>) -> (String, Images) {
    let mut images = Images::new();
    let parts: Vec<String> = document
        .blocks
        .iter()
        .flat_map(|block| of(block, folder, &mut images))
        .filter(|part| !part.trim().is_empty())
        .map(|part| part.trim_end().to_owned())
        .collect();
    (parts.join("\n\n") + "\n", images)
}

fn of(block: &Block, folder: Option<&str>, images: &mut Images) -> Vec<String> {
    match block {
        Block::Text { source, attachments } => vec![with_attachments(source, attachments, folder, images)],
        Block::Raw { source, .. } => vec![fenced(source, "")],
        Block::Code { source, input, outputs, output, .. } => {
            let mut parts = match input {
                Sight::Removed => Vec::new(),
                sight => vec![folded(*sight, "Code", fenced(source, "rust"))],
            };
            if *output != Sight::Removed {
                let shown = outputs.iter().map(|output| shown(output, folder, images));
                parts.extend(shown.map(|text| folded(*output, "Result", text)));
            }
            parts
        }
    }
}

fn folded(sight: Sight, name: &str, text: String) -> String {
    match sight {
        Sight::Folded => format!("<details><summary>{name}</summary>\n\n{text}\n\n</details>"),
        _ => text,
    }
}

fn shown(output: &Shown, folder: Option<&str>, images: &mut Images) -> String {
    match output {
        Shown::Stream { text, .. } => fenced(text, "text"),
        Shown::Error { name, message, lines } => {
            fenced(&if lines.is_empty() { format!("{name}: {message}") } else { lines.clone() }, "text")
        }
        Shown::Bundle(bundle) => best(bundle, folder, images),
    }
}

/// The form of a bundle that says most without a browser.
fn best(bundle: &Bundle, folder: Option<&str>, images: &mut Images) -> String {
    if let Some(text) = &bundle.markdown {
        return text.clone();
    }
    if let Some((kind, data)) = &bundle.image {
        let address = media::address(kind, data);
        return format!("![{}]({})", alt(bundle.plain.as_deref()), placed(&address, folder, images));
    }
    let text = match (&bundle.plain, &bundle.latex) {
        (Some(text), _) => fenced(text, "text"),
        (None, Some(latex)) => latex.clone(),
        (None, None) => format!("*{}*", media::unknown(bundle)),
    };
    match bundle.is_chart() {
        true => format!("{text}\n\n*A chart: `cltv export --to html` shows it.*"),
        false => text,
    }
}

/// The words that stand for an image.
fn alt(plain: Option<&str>) -> String {
    let words = plain.unwrap_or("an image").lines().next().unwrap_or_default();
    words.chars().filter(|c| !"[]<>`\\".contains(*c)).collect()
}

/// Where the image of a data address is: in a file, when there is a folder for it.
fn placed(address: &str, folder: Option<&str>, images: &mut Images) -> String {
    let parts = address.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    let bytes = parts.and_then(|(kind, data)| Some((kind, STANDARD.decode(data).ok()?)));
    let (Some(folder), Some((kind, bytes))) = (folder, bytes) else {
        return address.to_owned();
    };
    let extension = match kind {
        "image/svg+xml" => "svg",
        "image/jpeg" => "jpg",
        kind => kind.rsplit('/').next().filter(|end| end.chars().all(char::is_alphanumeric)).unwrap_or("bin"),
    };
    let name = format!("image-{}.{extension}", images.len() + 1);
    images.push((name.clone(), bytes));
    format!("{}/{name}", folder.replace(' ', "%20"))
}

fn with_attachments(
    source: &str,
    attachments: &[(String, String)],
    folder: Option<&str>,
    images: &mut Images,
) -> String {
    let mut text = source.to_owned();
    for (name, address) in attachments {
        let reference = format!("attachment:{name}");
        if text.contains(&reference) {
            text = text.replace(&reference, &placed(address, folder, images));
        }
    }
    text
}

/// A block that holds any text, fences included.
fn fenced(text: &str, language: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("a\n```\nb\n", "text"), "````text\na\n```\nb\n````");
        assert_eq!(fenced("a", ""), "```\na\n```");
    }

    #[test]
    fn an_image_goes_to_a_file_or_stays() {
        let mut images = Images::new();
        let bundle = Bundle {
            image: Some(("image/png".into(), "iVBO\nRw==".into())),
            plain: Some("a [chart]".into()),
            ..Bundle::default()
        };
        assert_eq!(best(&bundle, Some("x_files"), &mut images), "![a chart](x_files/image-1.png)");
        assert_eq!(images[0].1, [0x89, 0x50, 0x4e, 0x47]);
        assert_eq!(best(&bundle, None, &mut images), "![a chart](data:image/png;base64,iVBORw==)");
    }

    #[test]
    fn what_cannot_be_shown_is_said() {
        let mut images = Images::new();
        let chart = Bundle {
            plain: Some("Purchases over time".into()),
            kinds: vec!["application/vnd.plotly.v1+json".into(), "text/plain".into()],
            ..Bundle::default()
        };
        assert!(best(&chart, None, &mut images).ends_with("*A chart: `cltv export --to html` shows it.*"));
        let other = Bundle { kinds: vec!["a/b".into()], ..Bundle::default() };
        assert!(best(&other, None, &mut images).contains("An output of type a/b"));
    }
}
