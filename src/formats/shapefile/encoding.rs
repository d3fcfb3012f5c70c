//! Which encoding the texts of a table are in: what is asked for, the `.cpg`, the table's language byte, strict UTF-8, GB18030.
use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8};

use crate::formats::{FormatError, Place};

/// An encoding and how it became known.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextEncoding {
    encoding: &'static Encoding,
}

/// What a file says about its encoding.
pub(super) enum Declared {
    /// This one, and where it says so.
    As(TextEncoding, &'static str),
    /// Nothing: the bytes must tell.
    Nothing,
}

/// Looks at everything but the texts themselves.
pub(super) fn declared(asked: Option<&str>, cpg: Option<&str>, language_byte: u8) -> Result<Declared, FormatError> {
    let unknown = |given: &str| {
        FormatError::broken(
            Place::File,
            format!("the encoding `{given}`"),
            "a known one, such as UTF-8 or GB18030",
        )
    };
    if let Some(asked) = asked {
        let encoding = by_name(asked).ok_or_else(|| unknown(asked))?;
        return Ok(Declared::As(TextEncoding { encoding }, "as asked"));
    }
    if let Some(cpg) = cpg.filter(|cpg| !cpg.is_empty()) {
        let encoding = by_name(cpg).ok_or_else(|| unknown(cpg))?;
        return Ok(Declared::As(TextEncoding { encoding }, "from the .cpg"));
    }
    Ok(match by_language_byte(language_byte) {
        Some(encoding) => Declared::As(TextEncoding { encoding }, "from the table's language byte"),
        None => Declared::Nothing,
    })
}

/// Names as they are met in `.cpg` files: `UTF-8`, `GBK`, `936`, `Windows-1251`, `ANSI 1252`, `ISO 88591`.
fn by_name(name: &str) -> Option<&'static Encoding> {
    let name = name.trim().to_ascii_lowercase();
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    Encoding::for_label(name.as_bytes()).or(match digits.as_str() {
        "65001" | "8" if name == "65001" || name.starts_with("utf") => Some(UTF_8),
        "936" | "54936" => Some(GB18030),
        "88591" => Some(encoding_rs::WINDOWS_1252),
        "950" => Some(encoding_rs::BIG5),
        "932" => Some(encoding_rs::SHIFT_JIS),
        "949" => Some(encoding_rs::EUC_KR),
        code if code.len() == 4 && code.starts_with("125") => Encoding::for_label(format!("windows-{code}").as_bytes()),
        _ => None,
    })
}

/// Language driver ids of dBase. 0x57 ("ANSI") is written by programs that do not know, so it says nothing.
fn by_language_byte(byte: u8) -> Option<&'static Encoding> {
    match byte {
        0x03 | 0x58 | 0x59 => Some(encoding_rs::WINDOWS_1252),
        0x13 | 0x7b => Some(encoding_rs::SHIFT_JIS),
        0x26 | 0x65 => Some(encoding_rs::IBM866),
        0x4d | 0x7a => Some(GB18030),
        0x4e | 0x79 => Some(encoding_rs::EUC_KR),
        0x4f | 0x78 => Some(encoding_rs::BIG5),
        0xc8 => Some(encoding_rs::WINDOWS_1250),
        0xc9 => Some(encoding_rs::WINDOWS_1251),
        0xca => Some(encoding_rs::WINDOWS_1254),
        0xcb => Some(encoding_rs::WINDOWS_1253),
        0xcc => Some(encoding_rs::WINDOWS_1257),
        _ => None,
    }
}

/// Looks at the texts of a table: all of them must be UTF-8, else it is GB18030.
#[derive(Debug)]
pub(super) struct Guess {
    may_be_utf8: bool,
}

impl Guess {
    pub(super) fn new() -> Self {
        Self { may_be_utf8: true }
    }

    /// Looks at one cell. A cell may be cut in the middle of a character by its width.
    pub(super) fn look_at(&mut self, cell: &[u8]) {
        let is_utf8 = match std::str::from_utf8(cell) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none(),
        };
        self.may_be_utf8 &= is_utf8;
    }

    pub(super) fn is_decided(&self) -> bool {
        !self.may_be_utf8
    }

    pub(super) fn encoding(&self) -> TextEncoding {
        let encoding = if self.may_be_utf8 { UTF_8 } else { GB18030 };
        TextEncoding { encoding }
    }
}

impl TextEncoding {
    pub(super) fn name(self) -> &'static str {
        self.encoding.name()
    }

    /// The text of a cell; `None` when its bytes are not in this encoding. A last character cut by the cell's width is left out.
    pub(super) fn decode(self, cell: &[u8]) -> Option<Cow<'_, str>> {
        let longest_cut = if self.encoding == UTF_8 || self.encoding == GB18030 { 3 } else { 1 };
        (0..=longest_cut.min(cell.len())).find_map(|cut| {
            self.encoding
                .decode_without_bom_handling_and_without_replacement(&cell[..cell.len() - cut])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_cpg_files_are_known() {
        let cases = [
            ("UTF-8", "UTF-8"),
            ("utf8", "UTF-8"),
            ("65001", "UTF-8"),
            ("GBK", "GBK"),
            ("936", "gb18030"),
            ("cp936", "gb18030"),
            ("Windows-1251", "windows-1251"),
            ("ANSI 1252", "windows-1252"),
            ("ISO 88591", "windows-1252"),
            ("SHIFT_JIS", "Shift_JIS"),
        ];
        for (name, expected) in cases {
            assert_eq!(by_name(name).map(Encoding::name), Some(expected), "{name}");
        }
        assert!(declared(None, Some("nonsense"), 0).is_err());
    }

    #[test]
    fn the_order_is_asked_then_cpg_then_byte_then_guess() {
        let name = |asked, cpg, byte| match declared(asked, cpg, byte).unwrap() {
            Declared::As(encoding, _) => encoding.name(),
            Declared::Nothing => "?",
        };
        assert_eq!(name(Some("GBK"), Some("UTF-8"), 0xc9), "GBK");
        assert_eq!(name(None, Some("UTF-8"), 0xc9), "UTF-8");
        assert_eq!(name(None, None, 0xc9), "windows-1251");
        assert_eq!(name(None, Some(""), 0x57), "?");
    }

    #[test]
    fn a_character_cut_by_the_width_is_left_out_and_does_not_spoil_the_guess() {
        let cut = &"工业用地".as_bytes()[..10];
        let mut guess = Guess::new();
        guess.look_at(cut);
        assert_eq!(guess.encoding().name(), "UTF-8");
        assert_eq!(guess.encoding().decode(cut).as_deref(), Some("工业用"));
        let gbk = [0xb9, 0xa4, 0xd2, 0xb5, 0xd3];
        guess.look_at(&gbk);
        assert_eq!(guess.encoding().name(), "gb18030");
        assert_eq!(guess.encoding().decode(&gbk).as_deref(), Some("工业"));
    }

    #[test]
    fn bytes_of_another_encoding_are_not_decoded() {
        let utf8 = TextEncoding { encoding: UTF_8 };
        assert_eq!(utf8.decode(&[0xb9, 0xa4, 0xd2, 0xb5, b' ', b'x']), None);
    }
}
