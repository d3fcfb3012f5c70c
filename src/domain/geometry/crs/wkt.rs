//! Well-known text as a tree: `NAME["text", 1.0, CHILD[...]]`.
const DEEPEST: usize = 12;

/// One bracketed item.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Upper case.
    pub(super) keyword: String,
    pub(super) texts: Vec<String>,
    pub(super) numbers: Vec<f64>,
    pub(super) children: Vec<Node>,
}

impl Node {
    pub(super) fn child(&self, keyword: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.keyword == keyword)
    }

    pub(super) fn name(&self) -> &str {
        self.texts.first().map_or("", String::as_str)
    }
}

/// Reads one item and all within it.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    let mut rest = text.trim_start_matches('\u{feff}');
    let node = item(&mut rest, 0)?;
    if rest.trim_matches(|given: char| given.is_whitespace() || given == '\0').is_empty() {
        Ok(node)
    } else {
        Err(format!("unexpected {:?} after the end", first(rest)))
    }
}

fn item(rest: &mut &str, depth: usize) -> Result<Node, String> {
    if depth > DEEPEST {
        return Err(format!("brackets are nested deeper than {DEEPEST}"));
    }
    let keyword = word(rest).to_uppercase();
    let mut node = Node {
        keyword,
        ..Node::default()
    };
    if !take(rest, &['[', '(']) {
        return Err(format!("expected [ after {:?}, found {:?}", node.keyword, first(rest)));
    }
    loop {
        value(rest, depth, &mut node)?;
        if take(rest, &[']', ')']) {
            return Ok(node);
        }
        if !take(rest, &[',']) {
            return Err(format!("expected , or ] in {}, found {:?}", node.keyword, first(rest)));
        }
    }
}

fn value(rest: &mut &str, depth: usize, node: &mut Node) -> Result<(), String> {
    *rest = rest.trim_start();
    if let Some(quoted) = rest.strip_prefix('"') {
        let (text, after) = quoted.split_once('"').ok_or("a quoted text does not end")?;
        node.texts.push(text.to_owned());
        *rest = after;
        return Ok(());
    }
    let before = *rest;
    let bare = word(rest);
    if let Ok(number) = bare.parse() {
        node.numbers.push(number);
    } else if rest.trim_start().starts_with(['[', '(']) {
        *rest = before;
        node.children.push(item(rest, depth + 1)?);
    } else if bare.is_empty() {
        return Err(format!("expected a value in {}, found {:?}", node.keyword, first(rest)));
    } else {
        node.texts.push(bare.to_owned());
    }
    Ok(())
}

fn word<'a>(rest: &mut &'a str) -> &'a str {
    let trimmed = rest.trim_start();
    let is_word = |given: char| given.is_ascii_alphanumeric() || matches!(given, '_' | '+' | '-' | '.');
    let end = trimmed.find(|given| !is_word(given)).unwrap_or(trimmed.len());
    let (word, after) = trimmed.split_at(end);
    *rest = after;
    word
}

fn take(rest: &mut &str, wanted: &[char]) -> bool {
    let trimmed = rest.trim_start();
    match trimmed.strip_prefix(wanted) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

fn first(rest: &str) -> String {
    rest.trim_start().chars().take(12).collect()
}
