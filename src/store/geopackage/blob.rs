//! Geometry blobs of the GeoPackage standard (OGC 12-128r17, 2.1.3): a header with the envelope, then well-known binary;
//! and the SQL functions of its R-tree triggers, which read them.
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::domain::geometry::{Shape, bounds, wkb};

/// CGCS2000, lon/lat; what all geometries are stored as.
pub const SRS_ID: i32 = 4490;

/// Flags of a header: little endian, envelope x and y.
const LITTLE_ENDIAN_WITH_BOX: u8 = 0b0000_0011;

/// The blob of a shape; `None` for no shape, which is stored as NULL.
pub fn encode(shape: &Shape) -> Option<Vec<u8>> {
    let bounds = bounds(shape)?;
    let body = wkb::write(shape);
    let mut blob = Vec::with_capacity(40 + body.len());
    blob.extend(b"GP\0");
    blob.push(LITTLE_ENDIAN_WITH_BOX);
    blob.extend(SRS_ID.to_le_bytes());
    for bound in [bounds.min().x, bounds.max().x, bounds.min().y, bounds.max().y] {
        blob.extend(bound.to_le_bytes());
    }
    blob.extend(body);
    Some(blob)
}

/// The well-known binary within a blob; empty for an empty geometry.
pub fn wkb_of(blob: &[u8]) -> Result<&[u8], String> {
    let header = Header::of(blob)?;
    Ok(if header.empty { &[] } else { &blob[header.length..] })
}

struct Header {
    /// Length of the header with its envelope, bytes.
    length: usize,
    empty: bool,
    /// `min_x, max_x, min_y, max_y` where it is given.
    envelope: Option<[f64; 4]>,
}

impl Header {
    fn of(blob: &[u8]) -> Result<Self, String> {
        let (&[b'G', b'P', _, flags, ..], Some(rest)) = (blob, blob.get(8..)) else {
            return Err("a geometry is not a GeoPackage blob".to_owned());
        };
        let doubles = match (flags >> 1) & 0b111 {
            0 => 0,
            1 => 4,
            2 | 3 => 6,
            4 => 8,
            code => return Err(format!("a geometry blob has envelope code {code}, expected 0 to 4")),
        };
        if rest.len() < doubles * 8 {
            return Err("a geometry blob ends within its envelope".to_owned());
        }
        let number = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&rest[at * 8..at * 8 + 8]);
            if flags & 1 == 1 {
                f64::from_le_bytes(bytes)
            } else {
                f64::from_be_bytes(bytes)
            }
        };
        Ok(Self {
            length: 8 + doubles * 8,
            empty: flags & 0b1_0000 != 0,
            envelope: (doubles > 0).then(|| [number(0), number(1), number(2), number(3)]),
        })
    }
}

/// `min_x, max_x, min_y, max_y` of a blob; `None` when it is empty. Blobs that others wrote may lack the envelope.
fn envelope(blob: &[u8]) -> Result<Option<[f64; 4]>, String> {
    let header = Header::of(blob)?;
    if header.empty {
        return Ok(None);
    }
    if let Some(envelope) = header.envelope {
        return Ok(envelope[0].is_finite().then_some(envelope));
    }
    let shape = wkb::read(&blob[header.length..]).map_err(|fault| fault.to_string())?;
    Ok(bounds(&shape).map(|b| [b.min().x, b.max().x, b.min().y, b.max().y]))
}

/// Registers what the R-tree triggers of the standard call.
pub fn register_functions(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    for (at, name) in ["ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"].into_iter().enumerate() {
        connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(match argument(context)? {
                Argument::Box(envelope) => Some(envelope[at]),
                Argument::Null | Argument::Empty => None,
            })
        })?;
    }
    connection.create_scalar_function("ST_IsEmpty", 1, flags, |context| {
        Ok(match argument(context)? {
            Argument::Null => None,
            Argument::Empty => Some(true),
            Argument::Box(_) => Some(false),
        })
    })
}

/// What such a function is called with.
enum Argument {
    Null,
    Empty,
    Box([f64; 4]),
}

fn argument(context: &Context<'_>) -> rusqlite::Result<Argument> {
    let wrong = |reason: String| rusqlite::Error::UserFunctionError(reason.into());
    match context.get_raw(0) {
        ValueRef::Null => Ok(Argument::Null),
        ValueRef::Blob(blob) => envelope(blob)
            .map(|envelope| envelope.map_or(Argument::Empty, Argument::Box))
            .map_err(wrong),
        ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => Err(wrong("a geometry is not a blob".to_owned())),
    }
}
