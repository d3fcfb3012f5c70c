//! Reads the well-known binary that the store keeps (ISO, little endian, two dimensions) straight into whoever wants its points, without making a shape of it.
use super::arena::RingKind;

/// Points of one ring or line as they lie in the binary.
#[derive(Clone)]
pub(super) struct Points<'a>(std::slice::ChunksExact<'a, u8>);

impl Iterator for Points<'_> {
    type Item = (f64, f64);

    fn next(&mut self) -> Option<(f64, f64)> {
        let (x, y) = self.0.next()?.split_first_chunk::<8>()?;
        Some((f64::from_le_bytes(*x), f64::from_le_bytes(*y.first_chunk::<8>()?)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Points<'_> {}

struct Reader<'a> {
    rest: &'a [u8],
}

/// Visits the rings, lines and points of a shape. An empty slice is no shape. The error says what was found where something else was expected.
pub(super) fn scan<'a>(wkb: &'a [u8], visit: &mut impl FnMut(RingKind, Points<'a>)) -> Result<(), String> {
    if wkb.is_empty() {
        return Ok(());
    }
    let mut reader = Reader { rest: wkb };
    reader.geometry(visit, 0)?;
    if reader.rest.is_empty() {
        Ok(())
    } else {
        Err(format!("{} bytes after the end of a shape", reader.rest.len()))
    }
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| format!("a shape ends after {} of {length} bytes", self.rest.len()))?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<usize, String> {
        let bytes = self.take(4)?.first_chunk::<4>().copied().unwrap_or_default();
        Ok(u32::from_le_bytes(bytes) as usize)
    }

    fn points(&mut self, count: usize) -> Result<Points<'a>, String> {
        let length = count.checked_mul(16).ok_or("a shape with too many points")?;
        Ok(Points(self.take(length)?.chunks_exact(16)))
    }

    fn geometry(&mut self, visit: &mut impl FnMut(RingKind, Points<'a>), depth: usize) -> Result<(), String> {
        if self.take(1)? != [1] {
            return Err("a shape that is not little endian".into());
        }
        match self.number()? {
            1 => {
                let point = self.points(1)?;
                visit(RingKind::Points, point);
            }
            2 => {
                let count = self.number()?;
                visit(RingKind::Line, self.points(count)?);
            }
            3 => {
                for ring in 0..self.number()? {
                    let count = self.number()?;
                    let kind = if ring == 0 { RingKind::Shell } else { RingKind::Hole };
                    visit(kind, self.points(count)?);
                }
            }
            4..=6 if depth == 0 => {
                for _ in 0..self.number()? {
                    self.geometry(visit, depth + 1)?;
                }
            }
            other => return Err(format!("a shape of kind {other} instead of 1 to 6")),
        }
        Ok(())
    }
}
