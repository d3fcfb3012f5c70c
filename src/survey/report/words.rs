//! Words of the report in the three languages.
use crate::domain::names::Names;

/// Language of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
    /// German.
    De,
}

impl Lang {
    /// All, by their tags.
    pub const ALL: [(&'static str, Self); 3] = [("zh", Self::Zh), ("en", Self::En), ("de", Self::De)];

    /// By its tag.
    pub fn of(tag: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == tag).map(|(_, lang)| *lang)
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// A share of the whole.
    pub fn percent(self, share: f64) -> String {
        let text = format!("{:.1} %", share * 100.0);
        match self {
            Self::Zh | Self::En => text,
            Self::De => text.replace('.', ","),
        }
    }

    /// This language's text of the three.
    pub fn of_names(self, names: &Names) -> &str {
        match self {
            Self::Zh => &names.zh,
            Self::En => &names.en,
            Self::De => &names.de,
        }
    }

    /// The word of this key; a test asks for all.
    pub fn word(self, key: &str) -> &'static str {
        let words = WORDS.iter().find(|(known, _)| *known == key).map(|(_, words)| words);
        let at = match self {
            Self::Zh => 0,
            Self::En => 1,
            Self::De => 2,
        };
        words.map_or("", |words| words[at])
    }
}

/// Key; Chinese, English, German.
pub const WORDS: &[(&str, [&str; 3])] = &[
    ("report", ["调研报告", "Survey report", "Erhebungsbericht"]),
    ("as_of", ["数据截止", "As of", "Stand"]),
    ("signed_by", ["签核人", "Signed off by", "Abgenommen von"]),
    ("signed_at", ["签核时间", "Signed off at", "Abgenommen am"]),
    ("not_signed", ["尚未签核", "Not signed off", "Nicht abgenommen"]),
    ("launched", ["启动", "Launched", "Begonnen"]),
    ("deadline", ["截止日期", "Deadline", "Frist"]),
    ("collections", ["载体类别", "Collections", "Objektarten"]),
    ("search", ["筛选条件", "Search", "Suche"]),
    (
        "revision",
        ["启动时数据版本", "Inventory revision at launch", "Bestandsstand bei Beginn"],
    ),
    ("numbers", ["数据", "Numbers", "Zahlen"]),
    ("targets", ["目标", "Targets", "Ziele"]),
    ("visited", ["已到访", "Visited", "Besichtigt"]),
    ("accounted_for", ["已交代", "Accounted for", "Geklärt"]),
    ("confirmed", ["无变化", "Confirmed", "Bestätigt"]),
    ("changed", ["有变化", "Changed", "Geändert"]),
    ("no_access", ["无法进入", "No access", "Kein Zutritt"]),
    ("reason_locked", ["锁门，无人", "locked, nobody there", "verschlossen, niemand da"]),
    ("reason_refused", ["被拒绝进入", "access refused", "Zutritt verweigert"]),
    ("reason_danger", ["太危险", "too dangerous", "zu gefährlich"]),
    (
        "reason_site",
        ["施工封闭", "closed by building works", "wegen Bauarbeiten gesperrt"],
    ),
    ("not_found", ["未找到", "Not found", "Nicht gefunden"]),
    ("dropped", ["免于调研", "Dropped", "Entfallen"]),
    (
        "excepted",
        ["经批准的例外", "Accepted without a visit", "Ohne Besichtigung anerkannt"],
    ),
    ("to_review", ["待审核", "To review", "Zu prüfen"]),
    ("quarantined", ["隔离待定", "Kept apart", "Zurückgestellt"]),
    ("conflicts_open", ["未决冲突", "Open conflicts", "Offene Konflikte"]),
    ("photos_taken", ["已拍照片", "Photos taken", "Aufgenommene Fotos"]),
    ("photos_verified", ["已核验照片", "Photos verified", "Geprüfte Fotos"]),
    ("zones", ["片区", "Zones", "Gebiete"]),
    ("zone", ["片区", "Zone", "Gebiet"]),
    ("team", ["小组", "Team", "Team"]),
    ("day", ["日期", "Day", "Tag"]),
    ("exceptions", ["例外", "Exceptions", "Ausnahmen"]),
    ("code", ["编号", "Code", "Kennung"]),
    ("reason", ["理由", "Reason", "Begründung"]),
    ("approved_by", ["批准人", "Approved by", "Anerkannt von"]),
    ("sample", ["复查抽样", "Second visits", "Zweitbesichtigungen"]),
    ("first_visit", ["初次结果", "First visit", "Erste Besichtigung"]),
    ("second_visit", ["复查结果", "Second visit", "Zweite Besichtigung"]),
    ("results", ["各目标结果", "Targets one by one", "Ziele im Einzelnen"]),
    ("collection", ["类别", "Collection", "Art"]),
    ("outcome", ["结果", "Outcome", "Ergebnis"]),
    ("seen_at", ["现场时间", "Seen at", "Gesehen am"]),
    ("surveyor", ["调查人", "Surveyor", "Erheber"]),
    ("reviewed_by", ["审核人", "Reviewed by", "Geprüft von"]),
    ("photos", ["照片", "Photos", "Fotos"]),
    ("changes", ["启动后的变更", "Changes after the launch", "Änderungen nach Beginn"]),
    ("when", ["时间", "When", "Wann"]),
    ("who", ["人员", "Who", "Wer"]),
    ("what", ["内容", "What", "Was"]),
    ("none", ["无", "None", "Keine"]),
    ("hash", ["内容 SHA-256", "SHA-256 of the content", "SHA-256 des Inhalts"]),
    (
        "hash_help",
        [
            "自 <main> 至 </main> 的字节",
            "over the bytes from <main> to </main>",
            "über die Bytes von <main> bis </main>",
        ],
    ),
    ("replaced", ["改查", "In its place:", "An seiner Stelle:"]),
    ("log_launched", ["启动", "Launch", "Beginn"]),
    ("log_targets", ["目标清单", "List of targets", "Zielliste"]),
    ("log_split", ["目标分割", "Target split", "Ziel geteilt"]),
    ("log_merged", ["目标合并", "Target merged", "Ziel zusammengelegt"]),
    ("log_zones", ["片区划分", "Zones", "Gebiete"]),
    ("log_sampled", ["复查抽样", "Sample", "Stichprobe"]),
    ("log_signed", ["签核", "Sign-off", "Abnahme"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_once_in_each_language() {
        let mut keys: Vec<_> = WORDS.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        assert!(keys.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(WORDS.iter().all(|(_, words)| words.iter().all(|word| !word.is_empty())));
        assert_eq!(Lang::of("de").map(|lang| lang.word("zones")), Some("Gebiete"));
        assert_eq!(Lang::of("fr"), None);
        assert_eq!([Lang::En, Lang::De].map(|lang| lang.percent(0.1234)), ["12.3 %", "12,3 %"]);
    }
}
