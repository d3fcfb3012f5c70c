//! What a photo is, and smaller ones made of it. A file says how much memory it wants; how much it gets is decided here.
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::error::DeviceError;

/// Most pixels in one direction; beyond it some formats have their own ends.
const LONGEST_SIDE: u32 = 30_000;

/// Bytes of a pixel while it is unpacked: four channels of 16 bits.
const PIXEL_BYTES: u64 = 8;

/// Quality of what is made, of 100.
const QUALITY: u8 = 82;

/// Formats that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
}

/// Sizes that are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// For lists.
    Thumb,
    /// For looking at.
    View,
}

impl Kind {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    fn format(self) -> ImageFormat {
        match self {
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Png => ImageFormat::Png,
            Self::WebP => ImageFormat::WebP,
        }
    }
}

impl Size {
    /// As it is named in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Thumb => "thumb",
            Self::View => "view",
        }
    }

    /// The size of this name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Thumb, Self::View].into_iter().find(|size| size.name() == name)
    }

    /// Longest side, pixels.
    fn side(self) -> u32 {
        match self {
            Self::Thumb => 320,
            Self::View => 1_600,
        }
    }
}

/// The format by the first bytes; what the sender says of it does not count.
pub fn kind(bytes: &[u8]) -> Result<Kind, DeviceError> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Ok(Kind::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Ok(Kind::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Kind::WebP),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if is_heif(brand) => Err(DeviceError::Heic),
        _ => Err(DeviceError::NoPhoto),
    }
}

fn is_heif(brand: &[u8]) -> bool {
    const BRANDS: [&[u8]; 9] = [b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"];
    BRANDS.iter().any(|known| brand.starts_with(known))
}

/// Pixels across and down, read from the head of the file: nothing is unpacked.
pub fn pixels(bytes: &[u8], kind: Kind, most: u64) -> Result<[u32; 2], DeviceError> {
    let reader = ImageReader::with_format(Cursor::new(bytes), kind.format());
    let (width, height) = reader
        .into_dimensions()
        .map_err(|_broken: image::ImageError| DeviceError::NoPhoto)?;
    let fits = u64::from(width) * u64::from(height) <= most && width.max(height) <= LONGEST_SIDE;
    if fits {
        Ok([width, height])
    } else {
        Err(DeviceError::TooManyPixels { width, height, most })
    }
}

/// A JPEG with the longest side of this size at most, turned as the camera was held. Nothing of the file's own words is left in it.
pub fn smaller(bytes: &[u8], size: Size, most_pixels: u64) -> Result<Vec<u8>, DeviceError> {
    let kind = kind(bytes)?;
    pixels(bytes, kind, most_pixels)?;
    let image = unpack(bytes, kind, most_pixels).map_err(|_broken: image::ImageError| DeviceError::NoPhoto)?;
    let longest = size.side();
    let image = if image.width().max(image.height()) > longest {
        image.thumbnail(longest, longest)
    } else {
        image
    };
    let mut made = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut made, QUALITY);
    image
        .to_rgb8()
        .write_with_encoder(encoder)
        .map_err(|_broken: image::ImageError| DeviceError::NoPhoto)?;
    Ok(made)
}

fn unpack(bytes: &[u8], kind: Kind, most_pixels: u64) -> image::ImageResult<DynamicImage> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(most_pixels * PIXEL_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind.format());
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}
