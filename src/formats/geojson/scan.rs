//! Finds the values of a JSON text one after another without building a tree of it.
use std::io::BufRead;

use memchr::{memchr, memchr_iter, memrchr};

use crate::formats::input::Input;
use crate::formats::{FormatError, Limits, Place};

/// Reads a text byte by byte or value by value, and knows line and column.
pub(super) struct Scanner {
    input: Input,
    name: String,
    limits: Limits,
    line: u64,
    column: u64,
    /// Everything consumed since recording began.
    record: Option<Vec<u8>>,
}

/// What a value taken from the text turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Its bytes are in the buffer.
    Whole,
    /// It was skipped: longer than a feature may be.
    TooLong,
    /// It was skipped: nested too deeply.
    TooDeep,
}

impl Scanner {
    pub(super) fn new(input: Input, name: String, limits: Limits) -> Self {
        Self {
            input,
            name,
            limits,
            line: 1,
            column: 1,
            record: None,
        }
    }

    /// Place of the next byte.
    pub(super) fn place(&self) -> Place {
        Place::Line {
            line: self.line,
            column: self.column,
        }
    }

    /// The next byte, left where it is; `None` at the end of the text.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, FormatError> {
        match self.input.fill_buf() {
            Ok(bytes) => Ok(bytes.first().copied()),
            Err(error) => Err(FormatError::from_io(&self.name, &error)),
        }
    }

    /// Skips a byte order mark, which may only begin a text.
    pub(super) fn skip_byte_order_mark(&mut self) -> Result<(), FormatError> {
        match self.input.fill_buf() {
            Ok(bytes) if bytes.starts_with(b"\xef\xbb\xbf") => self.input.consume(3),
            Ok(_) => {}
            Err(error) => return Err(FormatError::from_io(&self.name, &error)),
        }
        Ok(())
    }

    /// Skips white space and gives the next byte, left where it is.
    pub(super) fn skip_space(&mut self) -> Result<Option<u8>, FormatError> {
        while let Some(byte) = self.peek()? {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Ok(Some(byte));
            }
            self.consume(1);
        }
        Ok(None)
    }

    /// Skips white space, then one of two bytes, and says which; anything else is an error.
    pub(super) fn one_of(&mut self, bytes: [u8; 2], expected: &str) -> Result<u8, FormatError> {
        match self.skip_space()? {
            Some(byte) if bytes.contains(&byte) => {
                self.consume(1);
                Ok(byte)
            }
            other => Err(self.unexpected(other, expected)),
        }
    }

    /// An error about the next byte.
    pub(super) fn unexpected(&self, given: Option<u8>, expected: &str) -> FormatError {
        FormatError::broken(self.place(), describe_byte(given), expected)
    }

    /// Begins to keep what is consumed.
    pub(super) fn start_record(&mut self) {
        self.record = Some(Vec::new());
    }

    /// Whether more is kept than a feature may have.
    pub(super) fn record_is_full(&self) -> bool {
        self.record
            .as_ref()
            .is_some_and(|record| record.len() > self.limits.max_feature_bytes)
    }

    /// Ends keeping and gives what was kept.
    pub(super) fn take_record(&mut self) -> Vec<u8> {
        self.record.take().unwrap_or_default()
    }

    /// Moves one whole value from the text to `value`. Only its brackets and strings are looked at, so that a value with a fault inside can be skipped.
    pub(super) fn take_value(&mut self, value: &mut Vec<u8>) -> Result<Taken, FormatError> {
        value.clear();
        let start = self.place();
        let mut walk = Walk::default();
        let mut taken = Taken::Whole;
        loop {
            let bytes = self.input.fill_buf().map_err(|error| FormatError::from_io(&self.name, &error))?;
            if bytes.is_empty() {
                return if walk.within == Within::Scalar {
                    Ok(taken)
                } else {
                    Err(self.cut_short(start))
                };
            }
            let count = walk.step(bytes);
            if value.len() + count > self.limits.max_feature_bytes {
                taken = Taken::TooLong;
            } else if taken == Taken::Whole {
                value.extend_from_slice(&bytes[..count]);
            }
            self.consume(count);
            if walk.deepest > self.limits.max_depth {
                taken = Taken::TooDeep;
            }
            if walk.within == Within::Ended {
                return Ok(taken);
            }
        }
    }

    /// Moves what stands before the next separator, or the end of the file, to `line`.
    pub(super) fn take_until(&mut self, separator: u8, line: &mut Vec<u8>) -> Result<Taken, FormatError> {
        line.clear();
        let mut taken = Taken::Whole;
        loop {
            let bytes = self.input.fill_buf().map_err(|error| FormatError::from_io(&self.name, &error))?;
            if bytes.is_empty() {
                break;
            }
            let end = memchr(separator, bytes);
            let count = end.unwrap_or(bytes.len());
            if line.len() + count > self.limits.max_feature_bytes {
                taken = Taken::TooLong;
            } else if taken == Taken::Whole {
                line.extend_from_slice(&bytes[..count]);
            }
            self.consume(count);
            if end.is_some() {
                break;
            }
        }
        let mut walk = Walk::default();
        walk.step(line);
        if taken == Taken::Whole && walk.deepest > self.limits.max_depth {
            taken = Taken::TooDeep;
        }
        Ok(taken)
    }

    /// Passes over bytes that [`Scanner::peek`] or the like has seen.
    pub(super) fn consume(&mut self, count: usize) {
        if let Ok(bytes) = self.input.fill_buf() {
            let bytes = &bytes[..count];
            (self.line, self.column) = move_on((self.line, self.column), bytes);
            if let Some(record) = &mut self.record {
                record.extend_from_slice(bytes);
            }
            self.input.consume(count);
        }
    }

    fn cut_short(&self, start: Place) -> FormatError {
        FormatError::broken(self.place(), "the end of the file", format!("the end of what begins at {start}"))
    }
}

/// Begins each text of an RFC 8142 sequence.
pub(super) const RECORD_SEPARATOR: u8 = 0x1e;

/// Line and column after some more text; columns count characters, not bytes.
pub(super) fn move_on((line, column): (u64, u64), text: &[u8]) -> (u64, u64) {
    let lines = memchr_iter(b'\n', text).count() as u64;
    let rest = match memrchr(b'\n', text) {
        Some(at) if lines > 0 => &text[at + 1..],
        _ => text,
    };
    let characters = rest.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64;
    if lines > 0 {
        (line + lines, 1 + characters)
    } else {
        (line, column + characters)
    }
}

fn describe_byte(byte: Option<u8>) -> String {
    match byte {
        None => "the end of the file".to_owned(),
        Some(byte) if byte.is_ascii_graphic() => format!("`{}`", char::from(byte)),
        Some(byte) => format!("the byte 0x{byte:02x}"),
    }
}

/// Walks over one value and stops behind it.
#[derive(Default)]
struct Walk {
    depth: usize,
    deepest: usize,
    within: Within,
}

/// What a walk is in the middle of.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Within {
    /// Brackets, or nothing yet.
    #[default]
    Brackets,
    /// A number or word that is itself the value.
    Scalar,
    /// A string.
    Text,
    /// A string, behind a backslash.
    Escape,
    /// Nothing more: the value has ended.
    Ended,
}

impl Walk {
    /// How many of these bytes belong to the value.
    fn step(&mut self, bytes: &[u8]) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            self.within = match self.within {
                Within::Scalar if is_delimiter(*byte) => {
                    self.within = Within::Ended;
                    return at;
                }
                Within::Escape => Within::Text,
                Within::Text => self.step_in_text(*byte),
                Within::Scalar => Within::Scalar,
                Within::Brackets | Within::Ended => self.step_in_brackets(*byte),
            };
            if self.within == Within::Ended {
                return at + 1;
            }
        }
        bytes.len()
    }

    fn step_in_text(&self, byte: u8) -> Within {
        match byte {
            b'\\' => Within::Escape,
            b'"' if self.depth == 0 => Within::Ended,
            b'"' => Within::Brackets,
            _ => Within::Text,
        }
    }

    fn step_in_brackets(&mut self, byte: u8) -> Within {
        match byte {
            b'"' => return Within::Text,
            b'{' | b'[' => {
                self.depth += 1;
                self.deepest = self.deepest.max(self.depth);
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Within::Ended;
                }
            }
            _ if self.depth == 0 => return Within::Scalar,
            _ => {}
        }
        Within::Brackets
    }
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\r' | b'\n')
}
