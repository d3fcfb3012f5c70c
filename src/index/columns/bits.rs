//! A growing bitmap; what was never set is zero.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::index) struct Bits(Vec<u64>);

impl Bits {
    #[inline]
    pub(in crate::index) fn get(&self, at: usize) -> bool {
        self.word(at / 64) >> (at % 64) & 1 == 1
    }

    pub(in crate::index) fn on(&mut self, at: usize) {
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        self.0[at / 64] |= 1 << (at % 64);
    }

    pub(in crate::index) fn off(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word &= !(1 << (at % 64));
        }
    }

    #[inline]
    pub(in crate::index) fn word(&self, at: usize) -> u64 {
        self.0.get(at).copied().unwrap_or(0)
    }

    pub(in crate::index) fn words(&self) -> &[u64] {
        &self.0
    }

    pub(in crate::index) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }
}

/// Bits of 64 bytes that are 0 or 1. The product moves bit 8i to bit 56+i.
pub(in crate::index) fn pack(hits: &[u8; 64]) -> u64 {
    let mut word = 0;
    for (at, chunk) in hits.as_chunks::<8>().0.iter().enumerate() {
        word |= (u64::from_le_bytes(*chunk).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (at * 8);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_keeps_the_order_of_rows() {
        for seed in 0..64u64 {
            let word = 0x9E37_79B9_7F4A_7C15u64.wrapping_mul(seed * 2 + 1);
            let hits: [u8; 64] = std::array::from_fn(|at| u8::try_from(word >> at & 1).unwrap());
            assert_eq!(pack(&hits), word);
        }
    }
}
