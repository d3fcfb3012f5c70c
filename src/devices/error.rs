//! What can go wrong with devices and photos, in the caller's words.
use crate::store::StoreError;

/// What can go wrong with devices and photos.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The name of a photo is not a SHA-256.
    #[error("given {given}, expected the SHA-256 of the photo: 64 hexadecimal digits, lower case")]
    BadName {
        /// As given.
        given: String,
    },
    /// The photo is larger than is taken.
    #[error("given a photo of {given} bytes, expected 1 to {most}")]
    BadSize {
        /// Bytes.
        given: u64,
        /// Most bytes.
        most: u64,
    },
    /// A chunk is larger than is taken, or goes beyond the end of the photo.
    #[error("given a chunk of {given} bytes, expected at most {most}")]
    BadChunk {
        /// Bytes.
        given: u64,
        /// Most bytes.
        most: u64,
    },
    /// The chunk does not begin where the bytes that are here end.
    #[error("{received} bytes of the photo are here; send on from there")]
    WrongOffset {
        /// Bytes that are here.
        received: u64,
    },
    /// The account has begun too much that it did not finish.
    #[error(
        "given {given} bytes of photos of this account that are not whole, expected at most {most}; photos that were begun can be finished, and those that nobody goes on with are removed in time"
    )]
    TooMuchUnfinished {
        /// Bytes with what was sent now.
        given: u64,
        /// Most bytes.
        most: u64,
    },
    /// The account has sent as much as is taken of one.
    #[error("given {given} bytes of photos of this account, expected at most {most}; the operator can make room for more")]
    TooMuchSent {
        /// Bytes with the photo that was sent now.
        given: u64,
        /// Most bytes.
        most: u64,
    },
    /// The bytes do not have the SHA-256 that was said. They were thrown away.
    #[error("the bytes have the SHA-256 {found}; send the photo again from its beginning")]
    WrongHash {
        /// What they have.
        found: String,
    },
    /// A HEIC or HEIF photo.
    #[error("HEIC photos are not taken: let the camera save JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)")]
    Heic,
    /// Not a photo that is taken.
    #[error("the bytes are no photo that is taken; expected JPEG, PNG or WebP")]
    NoPhoto,
    /// The picture is too large to be unpacked.
    #[error("given {width} x {height} pixels, expected at most {most} together")]
    TooManyPixels {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Most pixels.
        most: u64,
    },
    /// A device was not revoked because nobody said why.
    #[error("given no reason, expected why the device is no longer believed")]
    NoReason,
    /// Other processes write all the time.
    #[error("too many write to the log of the field, try again in a moment")]
    Busy,
    /// Work broke off.
    #[error("the work broke off: {reason}")]
    BrokeOff {
        /// Why.
        reason: String,
    },
    /// The store cannot be used now.
    #[error(transparent)]
    Store(#[from] StoreError),
}
