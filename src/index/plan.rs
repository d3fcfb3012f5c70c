//! Conditions made ready for one collection: columns found, codes turned into bit sets, regions prepared, cheap tests first.
use std::sync::Arc;

use super::grid::Span;
use super::region::Prepared;
use super::schema::{Schema, days_of};
use crate::domain::query::{Filter, Test};

/// All nodes must be true.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub nodes: Vec<Node>,
    /// Only rows whose box touches this can match.
    pub area: Option<Span>,
}

/// A filter over columns.
#[derive(Debug)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test {
        column: usize,
        test: ColumnTest,
    },
    /// The same for every row; `None` is unknown.
    Constant(Option<bool>),
    Within(Prepared),
    Words {
        words: Vec<String>,
        columns: Vec<usize>,
    },
}

/// A test of one column.
#[derive(Debug)]
pub(super) enum ColumnTest {
    Number {
        min: f64,
        max: f64,
    },
    Codes(CodeSet),
    Flag(bool),
    Days {
        from: i32,
        to: i32,
    },
    /// Lower-cased.
    Contains(String),
    Known(bool),
}

/// A set of positions in a code list.
#[derive(Debug, Default)]
pub(super) struct CodeSet {
    words: Vec<u64>,
    /// The same modulo 64, to compare with a block's zone.
    pub folded: u64,
}

impl CodeSet {
    fn of(schema: &Schema, column: usize, codes: &[Arc<str>]) -> Self {
        let mut set = Self::default();
        for position in codes.iter().filter_map(|code| schema.codes(column)?.position(code)) {
            let at = usize::from(position) / 64;
            set.words.resize(set.words.len().max(at + 1), 0);
            set.words[at] |= 1 << (position % 64);
            set.folded |= 1 << (position % 64);
        }
        set
    }

    /// Whether each of the first 256 positions is in the set.
    pub(super) fn table(&self) -> [bool; 256] {
        std::array::from_fn(|code| self.words.get(code / 64).is_some_and(|word| word >> (code % 64) & 1 == 1))
    }

    pub(super) fn has(&self, code: u16) -> bool {
        self.words
            .get(usize::from(code) / 64)
            .is_some_and(|word| word >> (code % 64) & 1 == 1)
    }
}

impl Plan {
    pub(super) fn new<'a>(schema: &Schema, filters: impl Iterator<Item = &'a Filter>) -> Self {
        let mut nodes = Vec::new();
        for filter in filters {
            match Node::of(schema, filter) {
                Node::All(parts) => nodes.extend(parts),
                Node::Constant(Some(true)) => {}
                node @ (Node::Any(_) | Node::Not(_) | Node::Test { .. } | Node::Constant(_) | Node::Within(_) | Node::Words { .. }) => {
                    nodes.push(node);
                }
            }
        }
        // A shape may reach from one region into another without touching what both have in common, so only one region picks the candidates.
        let size = |span: &Span| (span.east as f64 - span.west as f64) * (span.north as f64 - span.south as f64);
        let regions = nodes.iter().filter_map(|node| {
            if let Node::Within(region) = node {
                Some(region.span())
            } else {
                None
            }
        });
        let area = regions.min_by(|one, two| size(one).total_cmp(&size(two)));
        nodes.sort_by_key(Node::cost);
        Self { nodes, area }
    }

    /// Takes its candidates from the rows whose box touches this span, and no others.
    pub(super) fn within(&mut self, span: &Span) {
        self.area = Some(*span);
    }
}

impl Node {
    pub(super) fn of(schema: &Schema, filter: &Filter) -> Self {
        let each = |parts: &[Filter]| parts.iter().map(|part| Self::of(schema, part)).collect::<Vec<_>>();
        match filter {
            Filter::All(parts) => {
                let mut nodes = each(parts);
                nodes.sort_by_key(Self::cost);
                Self::All(nodes)
            }
            Filter::Any(parts) => Self::Any(each(parts)),
            Filter::Not(part) => Self::Not(Box::new(Self::of(schema, part))),
            Filter::Within(region) => Self::Within(Prepared::new(region)),
            Filter::Words { words, attributes } => Self::Words {
                words: words.clone(),
                columns: attributes.iter().filter_map(|key| schema.column(key.as_str())).collect(),
            },
            Filter::Test { attribute, test } => match schema.column(attribute.as_str()) {
                Some(column) => Self::Test {
                    column,
                    test: ColumnTest::of(schema, column, test),
                },
                None => Self::Constant(if let Test::Known(known) = test { Some(!known) } else { None }),
            },
        }
    }

    /// Rank by what a row costs.
    fn cost(&self) -> u8 {
        match self {
            Self::Constant(_) => 0,
            Self::Test { test, .. } => match test {
                ColumnTest::Flag(_) | ColumnTest::Known(_) => 1,
                ColumnTest::Codes(_) => 2,
                ColumnTest::Number { .. } | ColumnTest::Days { .. } => 3,
                ColumnTest::Contains(_) => 6,
            },
            Self::Not(part) => part.cost(),
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::cost).max().unwrap_or(0).max(4),
            Self::Words { .. } => 7,
            Self::Within(_) => 8,
        }
    }
}

impl ColumnTest {
    fn of(schema: &Schema, column: usize, test: &Test) -> Self {
        match test {
            Test::Number { min, max } => Self::Number {
                min: min.unwrap_or(f64::NEG_INFINITY),
                max: max.unwrap_or(f64::INFINITY),
            },
            Test::Code(codes) => Self::Codes(CodeSet::of(schema, column, codes)),
            Test::Flag(flag) => Self::Flag(*flag),
            Test::Date { from, to } => Self::Days {
                from: from.map_or(i32::MIN, days_of),
                to: to.map_or(i32::MAX, days_of),
            },
            Test::Contains(part) => Self::Contains(part.to_lowercase()),
            Test::Known(known) => Self::Known(*known),
        }
    }
}
