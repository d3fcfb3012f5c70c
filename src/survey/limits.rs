//! How much may be asked at once. More is refused, never cut off.

/// Limits of campaigns and visits.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most campaigns in all.
    pub campaigns: usize,
    /// Most targets of a campaign.
    pub targets: usize,
    /// Most zones of a campaign.
    pub zones: usize,
    /// Most teams of a campaign.
    pub teams: usize,
    /// Most members of a team.
    pub members: usize,
    /// Most corners of a polygon.
    pub vertices: usize,
    /// Longest key or name, characters.
    pub name_chars: usize,
    /// Longest reason or note, characters.
    pub text_chars: usize,
    /// Most visits or reviews of one request.
    pub batch: usize,
    /// Most photos, and most edits, of a visit.
    pub parts: usize,
    /// Largest visit that is kept although it cannot be used, bytes.
    pub kept_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            campaigns: 1_000,
            targets: 5_000,
            zones: 500,
            teams: 100,
            members: 50,
            vertices: 2_000,
            name_chars: 100,
            text_chars: 1_000,
            batch: 500,
            parts: 200,
            kept_bytes: 64 << 10,
        }
    }
}
