//! The crate wall: floors, rings, sizes, and what must not be where.
//!
//! One package has no compiler-made walls between its floors, so this test reads the sources and builds them.
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Floors, lowest first. A module may import from lower floors and from itself.
const FLOORS: [&[&str]; 6] = [
    &["domain"],
    &["index", "filter", "suitability"],
    &["store", "formats", "tiles"],
    &["inventory", "survey", "devices", "portal", "accounts"],
    &["http"],
    &["cli", "main"],
];

/// Longest function and longest file, lines. Tests inside a file are not counted in its length.
const MAX_FUNCTION_LINES: usize = 60;
const MAX_FILE_LINES: usize = 500;

struct Source {
    path: PathBuf,
    /// Module path below `src`, `["index", "shard"]`; `mod.rs` is its folder.
    module: Vec<String>,
    /// Text without comments, strings and the trailing `mod tests`.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 10, "found only {} sources below {}", files.len(), root.display());
    files.into_iter().map(|path| read(&root, path)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(root: &Path, path: PathBuf) -> Source {
    let text = std::fs::read_to_string(&path).unwrap();
    let relative = path.strip_prefix(root).unwrap().with_extension("");
    let mut module: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    Source {
        path,
        module,
        code: strip(&text),
    }
}

/// Takes out comments, string contents and everything from the test module on; keeps line breaks.
fn strip(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    let bytes: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let skipped = match rest {
            ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => block_comment(rest),
            ['r', '"' | '#', ..] if at == 0 || !bytes[at - 1].is_alphanumeric() => raw_string(rest).unwrap_or(0),
            ['"', ..] => string(rest),
            ['\'', '\\', ..] => 2 + rest.iter().skip(3).position(|c| *c == '\'').map_or(1, |end| end + 2),
            ['\'', _, '\'', ..] => 3,
            _ => 0,
        };
        if skipped == 0 {
            out.push(rest[0]);
            at += 1;
        } else {
            out.extend(rest[..skipped].iter().filter(|c| **c == '\n'));
            at += skipped;
        }
    }
    out
}

fn block_comment(rest: &[char]) -> usize {
    rest.windows(2)
        .position(|pair| pair == ['*', '/'])
        .map_or(rest.len(), |end| end + 2)
}

fn string(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// Length of `r"..."` or `r#"..."#`; `None` for a raw identifier.
fn raw_string(rest: &[char]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = 2 + hashes;
    rest[body..]
        .windows(close.len())
        .position(|part| part == close)
        .map(|end| body + end + close.len())
}

/// Every `crate::a::b` of a file (in `main.rs` and `cli`, `zaiti::a::b` too), braces of a `use` spread out to their first names.
fn imports(source: &Source) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for start in ["crate::", "zaiti::"] {
        for (at, _) in source.code.match_indices(start) {
            if at == 0 || !source.code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                spread(&source.code[at + start.len()..], &mut found);
            }
        }
    }
    found
}

fn spread(rest: &str, found: &mut Vec<Vec<String>>) {
    let mut path = Vec::new();
    let mut rest = rest;
    loop {
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        rest = &rest[name.len()..];
        if name.is_empty() {
            break;
        }
        path.push(name);
        let Some(next) = rest.strip_prefix("::") else { break };
        rest = next;
    }
    if path.is_empty() && rest.starts_with('{') {
        let inside = rest[1..].split('}').next().unwrap_or_default();
        found.extend(inside.split(',').map(|item| item.trim().split("::").map(str::to_owned).collect()));
    } else if !path.is_empty() {
        found.push(path);
    }
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|names| names.contains(&module))
}

#[test]
fn imports_point_down_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(own) = source.module.first().filter(|name| *name != "lib") else {
            continue;
        };
        let own_floor = floor(own).unwrap_or_else(|| panic!("{} lies on no floor", source.path.display()));
        for path in imports(&source) {
            let Some(other) = path.first().filter(|name| *name != own) else {
                continue;
            };
            if floor(other).is_some_and(|other_floor| other_floor >= own_floor && own != "main") {
                wrong.push(format!(
                    "{}: {own} (floor {own_floor}) imports {}",
                    source.path.display(),
                    path.join("::")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "imports that point up or sideways:\n{}", wrong.join("\n"));
}

/// Modules two levels deep (`domain::edit`, `index::shard`) form no ring.
#[test]
fn modules_form_no_ring() {
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources() {
        let [top, second, ..] = source.module.as_slice() else { continue };
        let from = format!("{top}::{second}");
        let targets = edges.entry(from.clone()).or_default();
        let siblings = source.code.match_indices("super::").map(|(at, start)| {
            let mut found = Vec::new();
            spread(&source.code[at + start.len()..], &mut found);
            // `super` of a file directly below the floor's folder is that folder; deeper down it is not a sibling of ours.
            let sibling = source.module.len() == 2 && !source.code[..at].ends_with("::");
            found
                .into_iter()
                .filter(|_| sibling)
                .map(|path| vec![top.clone(), path[0].clone()])
                .collect::<Vec<_>>()
        });
        for path in imports(&source).into_iter().chain(siblings.flatten()) {
            if let [other_top, other, ..] = path.as_slice() {
                let to = format!("{other_top}::{other}");
                let is_module = other.starts_with(|c: char| c.is_lowercase());
                if other_top == top && to != from && is_module {
                    targets.insert(to);
                }
            }
        }
    }
    let rings: Vec<_> = edges.keys().filter_map(|start| ring(start, &edges)).collect();
    assert!(rings.is_empty(), "modules that import each other in a ring:\n{}", rings.join("\n"));
}

fn ring(start: &str, edges: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    let mut paths: Vec<Vec<&str>> = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        for next in edges.get(*path.last()?).into_iter().flatten() {
            if next == start {
                return Some(format!("{} -> {start}", path.join(" -> ")));
            }
            if edges.contains_key(next) && seen.insert(next.clone()) {
                let mut longer = path.clone();
                longer.push(next);
                paths.push(longer);
            }
        }
    }
    None
}

#[test]
fn files_and_functions_fit_a_subject_and_a_screen() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.code.lines().count();
        if lines > MAX_FILE_LINES {
            wrong.push(format!("{}: {lines} lines, at most {MAX_FILE_LINES}", source.path.display()));
        }
        for (name, length) in functions(&source.code) {
            if length > MAX_FUNCTION_LINES {
                wrong.push(format!(
                    "{}: fn {name} has {length} lines, at most {MAX_FUNCTION_LINES}",
                    source.path.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "too long:\n{}", wrong.join("\n"));
}

/// Name and length in lines of every function with a body.
fn functions(code: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let begins_word = at == 0 || code[..at].ends_with(|c: char| c.is_whitespace() || c == '(');
        let name: String = code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !begins_word || name.is_empty() {
            continue;
        }
        let Some(body) = code[at..].find(['{', ';']).filter(|end| code.as_bytes()[at + end] == b'{') else {
            continue;
        };
        let mut depth = 0_usize;
        for (end, c) in code[at + body..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                found.push((name, code[at..=at + body + end].lines().count()));
                break;
            }
        }
    }
    found
}

/// From the ground up to this floor, these words must not be in the code.
const NOT_BELOW: [(usize, &[&str]); 3] = [
    (
        1,
        &[
            "tokio",
            "axum",
            "sqlx",
            "rusqlite",
            "std::fs",
            "std::net",
            "async fn",
            "Timestamp::now",
            "getrandom",
        ],
    ),
    (3, &["axum", "clap"]),
    (4, &["std::env::", "process::exit", "std::process::Command", "std::process::abort"]),
];

/// Only the store speaks to databases; formats read GeoPackage files.
const SQL_ONLY_IN: [&str; 2] = ["store", "formats"];

/// What a floor must not know: library names that would bring IO, databases or the web down to it.
#[test]
fn lower_floors_know_no_io() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(own) = source.module.first() else { continue };
        let floor = FLOORS.iter().position(|modules| modules.contains(&own.as_str()));
        let barred = NOT_BELOW
            .iter()
            .filter(|(highest, _)| floor.is_some_and(|floor| floor <= *highest))
            .flat_map(|(_, words)| *words);
        let sql = ["sqlx", "rusqlite"].iter().filter(|_| !SQL_ONLY_IN.contains(&own.as_str()));
        for word in barred.chain(sql).filter(|word| source.code.contains(**word)) {
            wrong.push(format!("{}: {word}", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "what does not belong on this floor:\n{}", wrong.join("\n"));
}

/// Lints are expected with a reason, never silenced; work is done or not begun.
#[test]
fn nothing_is_silenced_or_left_for_later() {
    let words = ["#[allow(", "#![allow(", "todo!(", "unimplemented!(", "#[ignore"];
    let wrong: Vec<_> = sources()
        .iter()
        .flat_map(|source| {
            words
                .iter()
                .filter(|word| source.code.contains(**word))
                .map(|word| format!("{}: {word}", source.path.display()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "silenced or left for later:\n{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_sources_sees_what_it_must() {
    let code = strip("use crate::store::Store; // crate::http\nfn a() {\n  let s = \"crate::cli {\";\n}\n/* crate::tiles */ fn b();\n");
    let source = Source {
        path: PathBuf::new(),
        module: vec!["domain".into()],
        code: code.clone(),
    };
    assert_eq!(imports(&source), vec![vec!["store".to_owned(), "Store".to_owned()]]);
    assert_eq!(functions(&code), vec![("a".to_owned(), 3)]);
    let rings = BTreeMap::from([
        ("a".to_owned(), BTreeSet::from(["b".to_owned()])),
        ("b".to_owned(), BTreeSet::from(["a".to_owned()])),
    ]);
    assert_eq!(ring("a", &rings).as_deref(), Some("a -> b -> a"));
}
