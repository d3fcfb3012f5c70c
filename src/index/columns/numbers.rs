//! Numbers, packed without loss: as 32-bit counts of a power of ten where every number allows it, else as doubles.

/// Powers of ten that are tried, exact in a double.
const POWERS: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];

/// Numbers of many rows. Rows beyond the end, and unknown ones, hold anything.
#[derive(Clone, Debug)]
pub(in crate::index) enum Numbers {
    /// `value = count / 10^scale`, exactly.
    Decimal { scale: usize, counts: Vec<i32> },
    /// As they are.
    Float(Vec<f64>),
}

impl Default for Numbers {
    fn default() -> Self {
        Self::Decimal {
            scale: 0,
            counts: Vec::new(),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and the comparison finds what does not fit"
)]
#[expect(clippy::float_cmp, reason = "exactness is the point")]
fn count_of(value: f64, scale: usize) -> Option<i32> {
    let power = POWERS[scale];
    let count = (value * power + 0.5f64.copysign(value)) as i32;
    (f64::from(count) / power == value).then_some(count)
}

impl Numbers {
    pub(in crate::index) fn put(&mut self, row: usize, value: f64) {
        match self {
            Self::Float(values) => put_at(values, row, value),
            Self::Decimal { scale, counts } => {
                if let Some(count) = count_of(value, *scale) {
                    put_at(counts, row, count);
                } else {
                    self.widen(value);
                    self.put(row, value);
                }
            }
        }
    }

    #[inline]
    pub(in crate::index) fn number(&self, row: usize) -> f64 {
        match self {
            Self::Decimal { scale, counts } => f64::from(counts.get(row).copied().unwrap_or(0)) / POWERS[*scale],
            Self::Float(values) => values.get(row).copied().unwrap_or(0.0),
        }
    }

    pub(in crate::index) fn shrink(&mut self) {
        match self {
            Self::Decimal { counts, .. } => counts.shrink_to_fit(),
            Self::Float(values) => values.shrink_to_fit(),
        }
    }

    /// Finds a finer scale that holds all numbers and this one, else gives up packing.
    fn widen(&mut self, value: f64) {
        let Self::Decimal { scale, counts } = self else { return };
        let finer = (*scale + 1..POWERS.len()).find_map(|finer| {
            count_of(value, finer)?;
            let factor = 10i32.checked_pow(u32::try_from(finer - *scale).ok()?)?;
            let counts: Option<Vec<i32>> = counts.iter().map(|count| count.checked_mul(factor)).collect();
            Some(Self::Decimal {
                scale: finer,
                counts: counts?,
            })
        });
        *self = finer.unwrap_or_else(|| Self::Float(counts.iter().map(|count| f64::from(*count) / POWERS[*scale]).collect()));
    }
}

fn put_at<T: Copy + Default>(values: &mut Vec<T>, row: usize, value: T) {
    if values.len() <= row {
        values.resize(row + 1, T::default());
    }
    values[row] = value;
}

/// Smallest and largest count at a scale that lie in a closed interval; `None` when none does.
#[expect(clippy::cast_possible_truncation, reason = "clamped before the cast")]
pub(in crate::index) fn count_bounds(min: f64, max: f64, scale: usize) -> Option<(i32, i32)> {
    let power = POWERS[scale];
    let (lowest, highest) = (f64::from(i32::MIN), f64::from(i32::MAX));
    let mut low = (min * power).ceil().clamp(lowest, highest);
    let mut high = (max * power).floor().clamp(lowest, highest);
    // One rounding of the product may be off by one count in either direction.
    if low > lowest && (low - 1.0) / power >= min {
        low -= 1.0;
    } else if low < highest && low / power < min {
        low += 1.0;
    }
    if high < highest && (high + 1.0) / power <= max {
        high += 1.0;
    } else if high > lowest && high / power > max {
        high -= 1.0;
    }
    (low <= high && low / power >= min && high / power <= max).then_some((low as i32, high as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_comes_back_as_the_same_double() {
        let mut numbers = Numbers::default();
        let given = [3.0, 12.5, 0.8, 20_000.0, -7.25, 333.333, 0.1 + 0.2, 1e12, 22_333.333_333_333_332];
        for (row, value) in given.iter().enumerate() {
            numbers.put(row, *value);
            for (row, value) in given[..=row].iter().enumerate() {
                assert_eq!(numbers.number(row).to_bits(), value.to_bits());
            }
        }
        assert!(matches!(numbers, Numbers::Float(_)));
    }

    #[test]
    fn decimals_stay_packed() {
        let mut numbers = Numbers::default();
        [1.0, 0.1, 12_345.67, 1.2]
            .iter()
            .enumerate()
            .for_each(|(row, value)| numbers.put(row, *value));
        assert!(matches!(numbers, Numbers::Decimal { scale: 2, .. }), "{numbers:?}");
    }

    #[test]
    fn bounds_keep_the_ends() {
        for (scale, power) in POWERS.iter().enumerate() {
            for count in [-1_234, -7, 0, 3, 29, 57, 58, 1_005, 115_292] {
                let value = f64::from(count) / power;
                assert_eq!(count_bounds(value, value, scale), Some((count, count)));
                assert_eq!(count_bounds(value.next_up(), value.next_down(), scale), None);
            }
        }
        assert_eq!(count_bounds(f64::NEG_INFINITY, f64::INFINITY, 2), Some((i32::MIN, i32::MAX)));
    }
}
