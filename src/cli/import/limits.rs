//! How much a file may ask of the machine, as flags.
use clap::Args;

use crate::formats::Limits;

macro_rules! limits {
    ($($field:ident: $kind:ty = $default:literal, $help:literal;)*) => {
        /// Limits, each with a safe default. A file beyond one of them is refused.
        #[derive(Args)]
        #[command(next_help_heading = "Limits")]
        pub(super) struct LimitFlags {
            $(#[doc = $help] #[arg(long, default_value = $default, value_name = "N")] $field: $kind,)*
        }

        impl LimitFlags {
            /// For the readers.
            pub(super) fn limits(&self) -> Limits {
                Limits { $($field: self.$field,)* }
            }
        }
    };
}

limits! {
    max_file_bytes: u64 = "8589934592", "Largest file as it lies on disk, bytes";
    max_features: u64 = "20000000", "Most features of a file";
    max_vertices: usize = "1000000", "Most vertices of one feature";
    max_parts: usize = "20000", "Most rings or lines of one feature of a table";
    max_feature_bytes: usize = "134217728", "Longest text of one feature, bytes";
    max_depth: usize = "32", "Deepest nesting of arrays and objects";
    max_decompressed_bytes: u64 = "34359738368", "Most bytes that a compressed file may unpack to";
    max_ratio: u64 = "200", "Largest ratio of unpacked to packed bytes";
    ratio_after_bytes: u64 = "16777216", "Unpacked bytes below which the ratio is not looked at";
    max_fields: usize = "1024", "Most attribute fields of a table";
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        limits: LimitFlags,
    }

    #[test]
    fn the_flags_have_the_defaults_of_the_limits() {
        assert_eq!(Alone::parse_from(["import"]).limits.limits(), Limits::default());
    }
}
