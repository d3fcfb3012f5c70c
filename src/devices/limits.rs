//! What is taken of photos.

/// What is taken.
#[derive(Clone, Debug)]
pub struct PhotoLimits {
    /// Largest photo, bytes.
    pub bytes: u64,
    /// Largest chunk, bytes.
    pub chunk_bytes: u64,
    /// Most pixels of a photo: what is unpacked needs memory, however small the file is.
    pub pixels: u64,
}

impl Default for PhotoLimits {
    fn default() -> Self {
        Self {
            bytes: 20 << 20,
            chunk_bytes: 1 << 20,
            pixels: 50_000_000,
        }
    }
}
