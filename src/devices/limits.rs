//! What is taken of photos.
use std::time::Duration;

/// What is taken.
#[derive(Clone, Debug)]
pub struct PhotoLimits {
    /// Largest photo, bytes.
    pub bytes: u64,
    /// Largest chunk, bytes.
    pub chunk_bytes: u64,
    /// Most pixels of a photo: what is unpacked needs memory, however small the file is.
    pub pixels: u64,
    /// Most bytes of photos of one account that are not whole yet; 0 for any number.
    pub unfinished_bytes: u64,
    /// Most bytes of whole photos of one account; 0 for any number.
    pub account_bytes: u64,
    /// After this time a photo that nobody goes on with is removed; `None` for never.
    pub idle: Option<Duration>,
}

impl Default for PhotoLimits {
    fn default() -> Self {
        Self {
            bytes: 20 << 20,
            chunk_bytes: 1 << 20,
            pixels: 50_000_000,
            // A hundred of the largest photos, begun and not finished.
            unfinished_bytes: 2 << 30,
            // Whole photos are kept for good, so this must not stop anybody's work: three campaigns of 5000 targets with three photos of 4 MB each.
            account_bytes: 200 << 30,
            idle: Some(Duration::from_hours(30 * 24)),
        }
    }
}
