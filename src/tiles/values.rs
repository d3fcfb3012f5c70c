//! The values of a layer, each written once.
use super::wire::{sized, sized_bytes, varint, varint_bytes, zigzag};

/// Tag of a value in a layer.
const VALUE: u8 = 4 << 3 | 2;
const STRING: u8 = 1 << 3 | 2;
const DOUBLE: u8 = 3 << 3 | 1;
const UINT: u8 = 5 << 3;
const SINT: u8 = 6 << 3;
const BOOL: u8 = 7 << 3;

/// In place of the hash of a value that is not searched for.
const NO_HASH: u64 = 0;

/// An odd number of well mixed bits.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// Values in the order in which they were first met.
#[derive(Default)]
pub(super) struct Values {
    /// All of them as they stand in a layer.
    pub bytes: Vec<u8>,
    ends: Vec<usize>,
    hashes: Vec<u64>,
    /// Number of a value plus one, 0 is free; open addressing.
    slots: Vec<u32>,
}

/// Numbers of values that were met lately, by the bits that a column holds: most need not be written out to be found.
#[derive(Default)]
pub(super) struct Memo {
    slots: Vec<(u64, Option<u32>)>,
}

impl Memo {
    const SLOTS: usize = 512;

    /// The number of a value, from `make` when it was not met lately.
    #[inline]
    pub(super) fn find_or(&mut self, bits: u64, make: impl FnOnce() -> u32) -> u32 {
        if self.slots.is_empty() {
            self.slots = vec![(0, None); Self::SLOTS];
        }
        let at = usize::try_from(bits.wrapping_mul(FACTOR) >> 48).unwrap_or(0) % Self::SLOTS;
        match self.slots[at] {
            (known, Some(number)) if known == bits => number,
            _ => {
                let number = make();
                self.slots[at] = (bits, Some(number));
                number
            }
        }
    }

    /// Forgets values from this number on.
    pub(super) fn forget_from(&mut self, first: usize) {
        for (_, number) in &mut self.slots {
            *number = number.filter(|number| (*number as usize) < first);
        }
    }
}

impl Values {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Number of a text.
    pub(super) fn text(&mut self, text: &str) -> u32 {
        self.bytes.push(VALUE);
        varint(sized_bytes(text.len()) as u64, &mut self.bytes);
        sized(STRING, text.as_bytes(), &mut self.bytes);
        self.settle()
    }

    /// Number of a text that nothing else is likely to say, such as a code: taken as new without a search.
    pub(super) fn own_text(&mut self, text: &str) -> u32 {
        self.bytes.push(VALUE);
        varint(sized_bytes(text.len()) as u64, &mut self.bytes);
        sized(STRING, text.as_bytes(), &mut self.bytes);
        self.ends.push(self.bytes.len());
        self.hashes.push(NO_HASH);
        u32::try_from(self.ends.len() - 1).unwrap_or(u32::MAX)
    }

    /// Number of a yes or no.
    pub(super) fn flag(&mut self, flag: bool) -> u32 {
        self.bytes.extend_from_slice(&[VALUE, 2, BOOL, u8::from(flag)]);
        self.settle()
    }

    /// Number of a number: as an integer when it is whole, else as a double.
    pub(super) fn number(&mut self, number: f64) -> u32 {
        const WHOLE: f64 = 9.0e15;
        if number.abs() < WHOLE && number.fract() == 0.0 {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let whole = number as i64;
            let (tag, given) = if whole < 0 {
                (SINT, zigzag(whole))
            } else {
                (UINT, whole.cast_unsigned())
            };
            let length = 1 + varint_bytes(usize::try_from(given).unwrap_or(usize::MAX));
            self.bytes.push(VALUE);
            varint(length as u64, &mut self.bytes);
            self.bytes.push(tag);
            varint(given, &mut self.bytes);
        } else {
            self.bytes.extend_from_slice(&[VALUE, 9, DOUBLE]);
            self.bytes.extend_from_slice(&number.to_le_bytes());
        }
        self.settle()
    }

    /// Forgets all values from this number on.
    pub(super) fn truncate(&mut self, length: usize) {
        while self.ends.len() > length {
            let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
            // Last in, first out: freeing the slot leaves no hole that another value's search would stop at.
            if let Some(hash) = self.hashes.pop().filter(|hash| *hash != NO_HASH) {
                let taken = self.probe(hash).find(|slot| self.slots[*slot] == number);
                if let Some(slot) = taken {
                    self.slots[slot] = 0;
                }
            }
            self.ends.pop();
        }
        self.bytes.truncate(self.ends.last().copied().unwrap_or(0));
    }

    /// Number of what was just appended to the bytes, which goes again when it was there before.
    fn settle(&mut self) -> u32 {
        const FULL_PART: usize = 2;
        if self.slots.len() <= self.ends.len() * FULL_PART {
            self.grow();
        }
        let start = self.ends.last().copied().unwrap_or(0);
        let hash = hash(&self.bytes[start..]);
        let same = |number: usize| self.hashes[number] == hash && self.bytes[self.start(number)..self.ends[number]] == self.bytes[start..];
        let mut free = 0;
        for slot in self.probe(hash) {
            let Some(number) = self.slots[slot].checked_sub(1) else {
                free = slot;
                break;
            };
            if same(number as usize) {
                self.bytes.truncate(start);
                return number;
            }
        }
        self.ends.push(self.bytes.len());
        self.hashes.push(hash);
        let count = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.slots[free] = count;
        count - 1
    }

    fn start(&self, number: usize) -> usize {
        number.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    fn grow(&mut self) {
        const LEAST: usize = 256;
        self.slots = vec![0; (self.slots.len() * 2).max(LEAST)];
        for (number, hash) in (1u32..).zip(&self.hashes).filter(|(_, hash)| **hash != NO_HASH) {
            let free = self.probe(*hash).find(|slot| self.slots[*slot] == 0);
            if let Some(free) = free {
                self.slots[free] = number;
            }
        }
    }

    /// Slots in the order of search.
    fn probe(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let mask = self.slots.len() - 1;
        let first = usize::try_from(hash >> 32).unwrap_or(0);
        (0..=mask).map(move |step| first.wrapping_add(step) & mask)
    }
}

/// Multiplies eight bytes at a time; the upper half is well mixed.
fn hash(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash.rotate_left(25) ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
    }
    hash | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_says_what_it_was_told_until_it_is_to_forget_it() {
        let mut memo = Memo::default();
        let made: Vec<u32> = (0..5_000u32).map(|at| memo.find_or(u64::from(at % 100), || at)).collect();
        assert!((0..100).all(|at| made[at] as usize == at), "the first one is made");
        memo.forget_from(0);
        assert_eq!(memo.find_or(7, || 9), 9);
        memo.forget_from(10);
        assert_eq!(memo.find_or(7, || 11), 9);
        memo.forget_from(9);
        assert_eq!(memo.find_or(7, || 12), 12);
    }

    #[test]
    fn the_same_value_has_one_number() {
        let mut values = Values::default();
        let numbers: Vec<u32> = (0..3_000).map(|at| values.text(&format!("v{}", at % 1_000))).collect();
        assert_eq!(values.len(), 1_000);
        assert!(numbers.iter().enumerate().all(|(at, number)| *number as usize == at % 1_000));
        assert_eq!(values.number(7.0), 1_000);
        assert_eq!(values.text("7"), 1_001);
        assert_eq!(values.number(7.0), 1_000);
    }

    #[test]
    fn a_text_of_its_own_is_not_found_again_and_can_be_forgotten() {
        let mut values = Values::default();
        assert_eq!((values.own_text("P-1"), values.own_text("P-2"), values.text("a")), (0, 1, 2));
        values.truncate(1);
        assert_eq!((values.text("a"), values.own_text("P-3"), values.text("a")), (1, 2, 1));
        (0..1_000).for_each(|at| {
            values.own_text(&at.to_string());
            values.text("a");
        });
        assert_eq!(values.text("a"), 1);
    }

    #[test]
    fn what_was_forgotten_is_met_as_new() {
        let mut values = Values::default();
        (0..700).for_each(|at| {
            values.number(f64::from(at) / 4.0);
        });
        let kept = values.bytes.len();
        (0..900).for_each(|at| {
            values.text(&at.to_string());
        });
        values.truncate(700);
        assert_eq!((values.len(), values.bytes.len()), (700, kept));
        assert_eq!(values.number(3.25), 13);
        assert_eq!(values.text("5"), 700);
        assert_eq!(values.text("4"), 701);
        assert_eq!(values.text("5"), 700);
    }
}
