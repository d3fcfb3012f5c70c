//! Limits as flags and environment variables.
use super::place::Place;
use crate::survey::{Limits, Settings};

/// Makes flags of limits, each with its safe default.
macro_rules! limits {
    ($(#[$of:meta])* $heading:literal $name:ident: $($field:ident: $kind:ty = $env:literal, $default:literal, $help:literal;)*) => {
        #[doc = $heading]
        $(#[$of])*
        #[derive(clap::Args)]
        #[command(next_help_heading = $heading)]
        pub struct $name {
            $(#[doc = $help] #[arg(long, env = $env, default_value = $default, value_name = "N")] $field: $kind,)*
        }
    };
}
pub(super) use limits;

limits! {
    #[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
    "Limits of campaigns" SurveyFlags:
    max_campaign_targets: usize = "ZAITI_MAX_CAMPAIGN_TARGETS", "5000", "Most targets of a survey campaign (400)";
    max_campaign_zones: usize = "ZAITI_MAX_CAMPAIGN_ZONES", "500", "Most zones of a survey campaign (400)";
    max_campaigns: usize = "ZAITI_MAX_CAMPAIGNS", "1000", "Most survey campaigns in all (400)";
    max_campaign_teams: usize = "ZAITI_MAX_CAMPAIGN_TEAMS", "100", "Most teams of a survey campaign (400)";
    max_team_members: usize = "ZAITI_MAX_TEAM_MEMBERS", "50", "Most members of a team (400)";
    max_text_chars: usize = "ZAITI_MAX_TEXT_CHARS", "1000", "Longest reason or note of campaigns and visits, characters (400; a visit is returned)";
    max_kept_bytes: usize = "ZAITI_MAX_KEPT_BYTES", "65536", "Largest visit that is kept although it cannot be used, and largest edit that is kept although it cannot be read, bytes (beyond it its receipt says that only the device has it)";
    max_batch_visits: usize = "ZAITI_MAX_BATCH_VISITS", "500", "Most visits or reviews in a batch (413)";
    max_area_vertices: usize = "ZAITI_MAX_AREA_VERTICES", "2000", "Most corners of the area of a campaign or zone (400)";
    max_name_chars: usize = "ZAITI_MAX_NAME_CHARS", "100", "Longest name or key of campaigns, zones and teams, characters (400)";
    max_visit_parts: usize = "ZAITI_MAX_VISIT_PARTS", "200", "Most photos, and most edits, of a visit (it is returned)";
}

impl SurveyFlags {
    /// What they say.
    pub fn limits(&self) -> Limits {
        Limits {
            targets: self.max_campaign_targets,
            zones: self.max_campaign_zones,
            campaigns: self.max_campaigns,
            teams: self.max_campaign_teams,
            members: self.max_team_members,
            vertices: self.max_area_vertices,
            name_chars: self.max_name_chars,
            text_chars: self.max_text_chars,
            kept_bytes: self.max_kept_bytes,
            batch: self.max_batch_visits,
            parts: self.max_visit_parts,
        }
    }

    /// Settings of campaigns at a place.
    pub fn settings(&self, place: &Place) -> Settings {
        Settings {
            limits: self.limits(),
            zone: place.zone.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        flags: SurveyFlags,
    }

    #[test]
    fn the_flags_have_the_defaults_of_the_limits() {
        let flags = Alone::parse_from(["campaign"]).flags;
        assert_eq!(format!("{:?}", flags.limits()), format!("{:?}", Limits::default()));
    }
}
