//! The few forms of protobuf that a tile needs.

/// Appends a number, seven bits a byte.
#[expect(clippy::cast_possible_truncation, reason = "the low byte is what is wanted")]
#[inline]
pub(super) fn varint(mut number: u64, out: &mut Vec<u8>) {
    if number < 0x80 {
        out.push(number as u8);
        return;
    }
    if number < 0x4000 {
        out.extend_from_slice(&[number as u8 | 0x80, (number >> 7) as u8]);
        return;
    }
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Bytes that [`varint`] appends.
pub(super) fn varint_bytes(number: usize) -> usize {
    (usize::BITS - (number | 1).leading_zeros()).div_ceil(7) as usize
}

/// Small numbers of either sign as small numbers without sign.
pub(super) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// Appends a field that has a length: its tag (number and wire type 2 in one byte), and the bytes.
pub(super) fn sized(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Bytes that [`sized`] appends for so many inside.
pub(super) fn sized_bytes(inside: usize) -> usize {
    1 + varint_bytes(inside) + inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_many_bytes_as_was_said() {
        for number in [0usize, 1, 127, 128, 16_383, 16_384, 500_000, u32::MAX as usize] {
            let mut out = Vec::new();
            varint(number as u64, &mut out);
            assert_eq!(out.len(), varint_bytes(number), "{number}");
        }
    }

    #[test]
    fn signs_fold_as_the_specification_says() {
        assert_eq!([0, -1, 1, -2, 2].map(zigzag), [0, 1, 2, 3, 4]);
    }
}
