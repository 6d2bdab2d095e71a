//! Reads parameters from YAML and JSON, which is YAML too.
//!
//! Plain words keep their characters, because the declared type reads them and not YAML.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::{Assignment, Given, ParamError, json};

/// How deep lists and maps may lie in each other, and how many values aliases may copy.
const DEEPEST: usize = 50;
const MOST: usize = 100_000;

/// A document, its scalars as they are written.
#[derive(Debug, Clone)]
enum Yaml {
    Scalar { text: String, style: ScalarStyle, tag: Option<Tag> },
    Sequence(Vec<Yaml>),
    Mapping(Vec<(Yaml, Yaml)>),
}

/// One mapping of names to values.
///
/// # Errors
/// [`ParamError::Source`] names the source and what is wrong with it.
pub fn assignments(text: &str, source: &str) -> Result<Vec<Assignment>, ParamError> {
    match document(text, source)? {
        None => Ok(Vec::new()),
        Some(yaml) => mapping(&yaml, source),
    }
}

/// A list of mappings, or one mapping, which is a list of one.
///
/// # Errors
/// [`ParamError::Source`] names the source and what is wrong with it.
pub fn sets(text: &str, source: &str) -> Result<Vec<Vec<Assignment>>, ParamError> {
    match document(text, source)? {
        None => Ok(Vec::new()),
        Some(Yaml::Sequence(list)) => list.iter().map(|set| mapping(set, source)).collect(),
        Some(yaml) => mapping(&yaml, source).map(|set| vec![set]),
    }
}

/// Whether the text is a list rather than one mapping.
///
/// # Errors
/// [`ParamError::Source`] when it is not YAML.
pub fn is_list(text: &str, source: &str) -> Result<bool, ParamError> {
    Ok(matches!(document(text, source)?, Some(Yaml::Sequence(_))))
}

fn document(text: &str, source: &str) -> Result<Option<Yaml>, ParamError> {
    let text = &json::with_whole_characters(text);
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), read: 0 };
    let documents = reader.documents().map_err(|fault| wrong(source, fault))?;
    match documents.as_slice() {
        [] => Ok(None),
        [one] if is_nothing(one) => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => Err(wrong(source, "it holds several YAML documents; one is read")),
    }
}

/// Puts the parser's events together.
struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: HashMap<usize, Yaml>,
    read: usize,
}

impl<'a> Reader<'a> {
    fn documents(&mut self) -> Result<Vec<Yaml>, String> {
        let mut documents = Vec::new();
        while let Some(event) = self.next()? {
            match event {
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                Event::StreamEnd => break,
                event => documents.push(self.node(event, 0)?),
            }
        }
        Ok(documents)
    }

    fn next(&mut self) -> Result<Option<Event<'a>>, String> {
        self.parser.next_event().transpose().map(|next| next.map(|(event, _)| event)).map_err(in_words)
    }

    fn node(&mut self, event: Event<'a>, depth: usize) -> Result<Yaml, String> {
        self.read += 1;
        if depth > DEEPEST || self.read > MOST {
            return Err("it is nested too deep, or too large".to_owned());
        }
        let (anchor, yaml) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| tag.into_owned());
                (anchor, Yaml::Scalar { text: text.into_owned(), style, tag })
            }
            Event::SequenceStart(anchor, _) => (anchor, self.sequence(depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.mapping(depth)?),
            Event::Alias(anchor) => return self.alias(anchor),
            _ => return Err("it ends before it is whole".to_owned()),
        };
        // Anchors count from 1; 0 is none.
        if anchor > 0 {
            self.anchors.insert(anchor, yaml.clone());
        }
        Ok(yaml)
    }

    fn sequence(&mut self, depth: usize) -> Result<Yaml, String> {
        let mut items = Vec::new();
        while let Some(event) = self.next()? {
            if event == Event::SequenceEnd {
                break;
            }
            items.push(self.node(event, depth + 1)?);
        }
        Ok(Yaml::Sequence(items))
    }

    fn mapping(&mut self, depth: usize) -> Result<Yaml, String> {
        let mut entries: Vec<(Yaml, Yaml)> = Vec::new();
        while let Some(event) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let key = self.node(event, depth + 1)?;
            let Some(event) = self.next()? else {
                break;
            };
            entries.push((key, self.node(event, depth + 1)?));
        }
        Ok(Yaml::Mapping(entries))
    }

    fn alias(&mut self, anchor: usize) -> Result<Yaml, String> {
        let yaml = self.anchors.get(&anchor).cloned().ok_or("it uses an anchor inside itself")?;
        // A few anchors that use each other would fill the memory.
        self.read += size(&yaml);
        if self.read > MOST { Err("its aliases copy too much".to_owned()) } else { Ok(yaml) }
    }
}

fn size(yaml: &Yaml) -> usize {
    match yaml {
        Yaml::Scalar { .. } => 1,
        Yaml::Sequence(items) => 1 + items.iter().map(size).sum::<usize>(),
        Yaml::Mapping(entries) => {
            1 + entries.iter().map(|(key, value)| size(key) + size(value)).sum::<usize>()
        }
    }
}

fn in_words(error: ScanError) -> String {
    format!("it is not YAML: {} in line {}", error.info(), error.marker().line())
}

fn is_nothing(yaml: &Yaml) -> bool {
    matches!(yaml, Yaml::Scalar { text, style: ScalarStyle::Plain, tag: None } if matches!(text.as_str(), "" | "~" | "null"))
}

fn mapping(yaml: &Yaml, source: &str) -> Result<Vec<Assignment>, ParamError> {
    let Yaml::Mapping(entries) = yaml else {
        return Err(wrong(source, "it must map names to values, as `horizon_months: 12` does"));
    };
    let mut merged = Vec::new();
    let mut own = Vec::new();
    for (key, value) in entries {
        let name = match key {
            Yaml::Scalar { text, .. } => text.as_str(),
            _ => return Err(wrong(source, "a name in it is a list or a map")),
        };
        match name {
            "<<" => merged.extend(merge(value, source)?),
            name if own.iter().any(|known: &Assignment| known.name == name) => {
                return Err(wrong(source, format!("`{name}` stands in it twice")));
            }
            name => own.push(Assignment { name: name.to_owned(), value: given(value, name, source)? }),
        }
    }
    // What stands in the mapping itself goes before what is merged into it.
    merged.retain(|old: &Assignment| !own.iter().any(|new| new.name == old.name));
    merged.extend(own);
    Ok(merged)
}

/// `<<: *base`, or a list of such, of which the first counts most.
fn merge(value: &Yaml, source: &str) -> Result<Vec<Assignment>, ParamError> {
    let Yaml::Sequence(list) = value else {
        return mapping(value, source);
    };
    let mut all: Vec<Assignment> = Vec::new();
    for base in list {
        for assignment in mapping(base, source)? {
            if !all.iter().any(|known| known.name == assignment.name) {
                all.push(assignment);
            }
        }
    }
    Ok(all)
}

fn given(value: &Yaml, name: &str, source: &str) -> Result<Given, ParamError> {
    Ok(match value {
        Yaml::Scalar { text, style, tag } => scalar(text, *style, tag.as_ref()).ok_or_else(|| {
            wrong(source, format!("the value of `{name}` has a tag of its own, which nothing here knows"))
        })?,
        Yaml::Sequence(list) => {
            Given::List(list.iter().map(|item| given(item, name, source)).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(_) => Given::Map,
    })
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Option<Given> {
    let text = text.to_owned();
    match tag {
        Some(tag) if !tag.is_yaml_core_schema() => None,
        Some(tag) if tag.suffix == "str" => Some(Given::Text(text)),
        Some(_) => Some(Given::Plain(text)),
        None if style == ScalarStyle::Plain => Some(Given::Plain(text)),
        None => Some(Given::Text(text)),
    }
}

fn wrong(source: &str, what: impl Into<String>) -> ParamError {
    ParamError::Source { source_name: source.to_owned(), what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Given)> {
        let read = assignments(text, "-y").expect("valid");
        read.into_iter().map(|assignment| (assignment.name, assignment.value)).collect()
    }

    fn refused(text: &str) -> String {
        assignments(text, "a.yaml").unwrap_err().to_string()
    }

    fn plain(word: &str) -> Given {
        Given::Plain(word.into())
    }

    fn text(word: &str) -> Given {
        Given::Text(word.into())
    }

    #[test]
    fn words_keep_their_characters_and_quotes_make_texts() {
        assert_eq!(
            read("a: 007\nb: \"007\"\nc: 'it''s'\nd: 2026-01-31 # a day\ne: ~\nf:\ng: |\n  two\n  lines\n"),
            [
                ("a".into(), plain("007")),
                ("b".into(), text("007")),
                ("c".into(), text("it's")),
                ("d".into(), plain("2026-01-31")),
                ("e".into(), plain("~")),
                ("f".into(), plain("~")),
                ("g".into(), text("two\nlines\n")),
            ]
            .map(|(name, value): (String, Given)| (name, value))
        );
        assert_eq!(read("{a: !!str 6, b: [1, [x]]}")[0].1, text("6"));
        assert_eq!(read("a: [1, 'x']")[0].1, Given::List(vec![plain("1"), text("x")]));
        assert_eq!(read("a: {b: 1}")[0].1, Given::Map);
    }

    #[test]
    fn json_is_read_with_its_tabs_and_escapes() {
        let json = "{\n\t\"horizon_months\": 12,\n\t\"path\": \"C:\\\\a\\u00e9\\/b\",\n\t\"ok\": true\n}\n";
        let read = read(json);
        assert_eq!(read[0], ("horizon_months".into(), plain("12")));
        assert_eq!(read[1].1, text("C:\\aé/b"));
        assert_eq!(read[2].1, plain("true"));
        // Python's json writes a character beyond U+FFFF as two escapes.
        let read = self::read(r#"{"a": "\ud83d\ude00", "b\uD83E\uDD80": ["\ud83d\ude00"]}"#);
        assert_eq!(read[0].1, text("😀"));
        assert_eq!(read[1], ("b🦀".into(), Given::List(vec![text("😀")])));
    }

    #[test]
    fn nothing_is_no_assignment_and_a_merge_gives_way() {
        assert!(read("").is_empty() && read("# only a comment\n").is_empty() && read("null").is_empty());
        let sets = sets("- &base {a: 1, b: 2}\n- {<<: *base, b: 3}\n- {b: 4, <<: [*base, {c: 5}]}\n", "f")
            .expect("valid");
        assert_eq!(sets.len(), 3);
        let shown = |set: &[Assignment]| {
            set.iter().map(|a| format!("{}={}", a.name, a.value.shown())).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(&sets[1]), "a=\"1\" b=\"3\"");
        assert_eq!(shown(&sets[2]), "a=\"1\" c=\"5\" b=\"4\"");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert!(refused("a: [1").contains("a.yaml cannot be read: it is not YAML"));
        assert!(refused("a: 1\na: 2\n").contains("`a` stands in it twice"));
        assert!(refused("- a").contains("must map names to values"));
        assert!(refused("a: 1\n---\nb: 2\n").contains("several"));
        assert!(refused("a: !thing 1").contains("`a` has a tag"));
        assert!(refused("12").contains("must map"));
        let laughs: String =
            (1..20).map(|n| format!("a{n}: &a{n} [*a{m}, *a{m}, *a{m}]\n", m = n - 1)).collect();
        assert!(refused(&format!("a0: &a0 [lol]\n{laughs}")).contains("copy too much"));
        assert!(refused(&"[".repeat(100)).contains("cannot be read"));
    }
}
