//! How much a file may ask of the machine.

/// Limits of reading. A file beyond one of them is refused with the limit's name; nothing is ever allocated on the word of a header.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Largest file as it lies on disk, bytes.
    pub max_file_bytes: u64,
    /// Most features of a file.
    pub max_features: u64,
    /// Most vertices of one feature.
    pub max_vertices: usize,
    /// Most rings or lines of one feature of a table.
    pub max_parts: usize,
    /// Longest text of one feature, bytes.
    pub max_feature_bytes: usize,
    /// Deepest nesting of arrays and objects.
    pub max_depth: usize,
    /// Most bytes that a compressed file may unpack to.
    pub max_decompressed_bytes: u64,
    /// Largest ratio of unpacked to packed bytes, once [`Limits::ratio_after_bytes`] are unpacked.
    pub max_ratio: u64,
    /// Unpacked bytes below which the ratio is not looked at: small files of few different bytes pack very well.
    pub ratio_after_bytes: u64,
    /// Most attribute fields of a table.
    pub max_fields: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_file_bytes: 8 << 30,
            max_features: 20_000_000,
            max_vertices: 1_000_000,
            max_parts: 20_000,
            max_feature_bytes: 128 << 20,
            max_depth: 32,
            max_decompressed_bytes: 32 << 30,
            max_ratio: 200,
            ratio_after_bytes: 16 << 20,
            max_fields: 1_024,
        }
    }
}
