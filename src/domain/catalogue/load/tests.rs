//! Each kind of fault in a catalogue file is found, with file and line.
use crate::domain::catalogue::Catalogue;
use crate::domain::viewer::{Role, Visibility};

#[test]
fn the_builtin_catalogue_has_no_fault() {
    let catalogue = Catalogue::builtin().unwrap_or_else(|error| panic!("{error}"));
    for (collection, at_least) in [("parcels", 100), ("buildings", 120), ("units", 60)] {
        let count = catalogue.attributes_of(collection).count();
        assert!(count >= at_least, "{collection} has {count} attributes");
    }
}

/// Owners, people, tenants, floors of prices, holds and registry numbers are nobody's business outside.
#[test]
fn private_matters_are_not_public() {
    let catalogue = Catalogue::builtin().unwrap();
    let words = [
        "owner",
        "contact",
        "phone",
        "tenant",
        "transferee",
        "occupier",
        "hold_",
        "price_floor",
        "rent_floor",
        "certificate_number",
    ];
    let more = [
        "parcel_code",
        "unit_code",
        "abuttals",
        "map_sheet",
        "price_paid",
        "remarks",
        "surveyed_by",
        "verified_by",
        "supply_contract",
    ];
    let mut found = 0;
    for attribute in &catalogue.attributes {
        let key = attribute.key.as_str();
        if words.iter().any(|word| key.contains(word)) || more.contains(&key) {
            found += 1;
            assert_ne!(attribute.visibility, Visibility::Public, "{key}");
        }
    }
    assert!(found > 20, "{found}");
    let public = catalogue.to_json(Role::Public).to_string();
    for key in ["owner_phone", "hold_until", "parcel_code", "owner_type"] {
        assert!(!public.contains(key), "{key}");
        assert!(catalogue.to_json(Role::Admin).to_string().contains(key), "{key}");
    }
}

#[test]
fn names_are_in_their_languages() {
    let catalogue = Catalogue::builtin().unwrap();
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for attribute in &catalogue.attributes {
        for texts in [&attribute.names, &attribute.help] {
            assert!(is_chinese(&texts.zh), "{}: {}", attribute.key, texts.zh);
            assert!(!is_chinese(&texts.en) && !is_chinese(&texts.de), "{}: {texts:?}", attribute.key);
        }
    }
}

const SMALL: &str = r##"[[collection]]
key = "parcels"
names = { zh = "地块", en = "Parcels", de = "Grundstücke" }

[[group]]
key = "general"
names = { zh = "基本", en = "General", de = "Allgemeines" }

[[quantity]]
key = "area"
unit = [
  { key = "m2", names = { zh = "㎡", en = "m²", de = "m²" }, factor = 1.0 },
  { key = "mu", names = { zh = "亩", en = "mu", de = "Mu" }, factor = [2000.0, 3.0] },
]

[[list]]
key = "use"
names = { zh = "用途", en = "Use", de = "Nutzung" }
source = "made up"
codes = [
  { code = "10", zh = "工矿", en = "Industry", de = "Industrie", colour = "#aabbcc" },
  { code = "1001", parent = "10", zh = "工业", en = "Factories", de = "Fabriken" },
]

[[list]]
key = "old_use"
names = { zh = "旧用途", en = "Old use", de = "Alte Nutzung" }
source = "made up"
codes = [{ code = "M", zh = "工业", en = "Factories", de = "Fabriken" }]

[[mapping]]
source = "made up"
rows = [
  { use = "1001", old_use = "M" },
]

[[lifecycle]]
key = "parcel_status"
in = ["parcels"]
names = { zh = "状态", en = "Status", de = "Status" }
source = "made up"
states = [
  { code = "FREE", zh = "可供", en = "Free", de = "Frei", availability = "now", colour = "#00ff00" },
  { code = "HELD", zh = "预留", en = "Held", de = "Reserviert", availability = "never", colour = "#ff0000", lapses_on = "until", lapses_to = "FREE" },
]
transitions = [
  { from = "FREE", to = "HELD", zh = "预留", en = "Hold", de = "Reservieren", needs = ["until"], role = "staff" },
]

[[attribute]]
key = "until"
in = ["parcels"]
kind = "date"
names = { zh = "至", en = "Until", de = "Bis" }
help = { zh = "至", en = "Until", de = "Bis" }
group = "general"
source = "made up"
visibility = "staff"
editable_by = "staff"
merge = "conflict"

[[attribute]]
key = "size"
in = ["parcels"]
kind = "number"
quantity = "area"
min = 0.0
max = 100.0
decimals = 1
names = { zh = "面积", en = "Size", de = "Größe" }
help = { zh = "面积", en = "Size", de = "Größe" }
group = "general"
source = "made up"
visibility = "public"
editable_by = "staff"
merge = "latest"

[[attribute]]
key = "best"
in = ["parcels"]
kind = "number"
quantity = "area"
min = 0.0
max = 100.0
decimals = 1
names = { zh = "面积", en = "Best", de = "Beste" }
help = { zh = "面积", en = "Best", de = "Beste" }
group = "general"
source = "made up"
visibility = "public"
editable_by = "staff"
merge = "latest"
derived = { first_of = ["size"] }

[[attribute]]
key = "status"
in = ["parcels"]
kind = "code"
list = "parcel_status"
names = { zh = "状态", en = "Status", de = "Status" }
help = { zh = "状态", en = "Status", de = "Status" }
group = "general"
source = "made up"
visibility = "public"
editable_by = "staff"
merge = "conflict"
"##;

/// Loads the small catalogue with one piece replaced and gives the faults, and the line on which the replacement stands.
fn faults(piece: &str, replacement: &str) -> (Vec<String>, usize) {
    let at = SMALL.find(piece).unwrap_or_else(|| panic!("no {piece}"));
    let text = SMALL.replacen(piece, replacement, 1);
    let line = 1 + SMALL[..at].matches('\n').count();
    let error = Catalogue::load(&[("small.toml".to_owned(), text)]).expect_err(replacement);
    (error.faults.iter().map(ToString::to_string).collect(), line)
}

#[test]
fn the_small_catalogue_is_right() {
    Catalogue::load(&[("small.toml".to_owned(), SMALL.to_owned())]).unwrap_or_else(|error| panic!("{error}"));
}

/// Piece, what stands there instead, and what is said of it.
const FAULTS: [(&str, &str, &str); 39] = [
    ("key = \"size\"", "key = \"until\"", "attribute until of parcels is there twice"),
    ("key = \"old_use\"", "key = \"use\"", "code list use is there twice"),
    ("key = \"mu\"", "key = \"m2\"", "unit m2 is there twice"),
    ("code = \"1001\"", "code = \"10\"", "code 10 is there twice"),
    (
        "quantity = \"area\"",
        "quantity = \"volume\"",
        "quantity volume is not known: expected one of area",
    ),
    (
        "list = \"parcel_status\"",
        "list = \"colours\"",
        "code list colours is not known: expected one of old_use, parcel_status, use",
    ),
    (
        "group = \"general\"",
        "group = \"special\"",
        "group special is not known: expected one of general",
    ),
    (
        "in = [\"parcels\"]\nkind = \"date\"",
        "in = [\"islands\"]\nkind = \"date\"",
        "collection islands is not known",
    ),
    (
        "needs = [\"until\"]",
        "needs = [\"approval\"]",
        "attribute approval of parcels is not known",
    ),
    (
        "lapses_on = \"until\"",
        "lapses_on = \"size\"",
        "date attribute size of parcels is not known",
    ),
    (
        "lapses_to = \"FREE\"",
        "lapses_to = \"GONE\"",
        "state GONE is not known: expected one of FREE, HELD",
    ),
    (
        "lapses_on = \"until\", lapses_to = \"FREE\"",
        "may_end_on = \"best\"",
        "date attribute best of parcels is not known",
    ),
    (
        "derived = { first_of = [\"size\"] }",
        "later = { value = \"until\", on = \"until\" }",
        "later value: given until, expected another attribute of the same kind and quantity",
    ),
    (
        "derived = { first_of = [\"size\"] }",
        "later = { value = \"best\", on = \"until\" }",
        "expected another attribute of the same kind",
    ),
    (
        "derived = { first_of = [\"size\"] }",
        "later = { value = \"size\", on = \"size\" }",
        "expected a date of the same collections",
    ),
    (
        "derived = { first_of = [\"size\"] }",
        "later = { value = \"weight\", on = \"until\" }",
        "later value: given weight",
    ),
    (", lapses_to = \"FREE\"", "", "both lapses_on and lapses_to"),
    (
        "first_of = [\"size\"]",
        "first_of = [\"weight\"]",
        "attribute weight of parcels is not known",
    ),
    (
        "first_of = [\"size\"]",
        "first_of = [\"best\"]",
        "derivation of best leads back to itself",
    ),
    (
        "from = \"FREE\", to = \"HELD\"",
        "from = \"FREE\", to = \"SOLD\"",
        "state SOLD is not known",
    ),
    ("parent = \"10\"", "parent = \"11\"", "parent code 11 is not known"),
    ("parent = \"10\"", "parent = \"1001\"", "code 1001 leads back to itself"),
    ("old_use = \"M\" }", "old_use = \"W\" }", "code W of old_use is not known"),
    ("old_use = \"M\" }", "new_use = \"M\" }", "code list new_use is not known"),
    ("#aabbcc", "#aabbc", "#aabbc is not a colour: expected #rrggbb"),
    ("#00ff00", "green", "green is not a colour"),
    ("key = \"size\"", "key = \"Size\"", "Size cannot be a key"),
    (
        "key = \"size\"",
        "key = \"size_max\"",
        "size_max cannot be a key: expected no ending _min",
    ),
    (
        "key = \"size\"",
        "key = \"bbox\"",
        "bbox cannot be a key: expected not the name of a search parameter",
    ),
    ("code = \"10\",", "code = \"1,0\",", "1,0 cannot be a key"),
    ("en = \"Until\", de = \"Bis\"", "en = \"Until\"", "missing field `de`"),
    (
        "en = \"Until\", de = \"Bis\"",
        "en = \" \", de = \"Bis\"",
        "the text in en is empty",
    ),
    ("zh = \"工业\", en", "en", "missing field `zh`"),
    (
        "source = \"made up\"\nvisibility",
        "source = \" \"\nvisibility",
        "source: given , expected a standard",
    ),
    ("visibility = \"staff\"", "visibility = \"friends\"", "unknown variant `friends`"),
    ("[[group]]", "[[groups]]", "unknown field `groups`"),
    ("factor = [2000.0, 3.0]", "factor = [2000.0, 0.0]", "factor"),
    ("factor = 1.0", "factor = 2.0", "factor: given 2, expected 1"),
    ("[[collection]]", "[collection", "expected"),
];

#[test]
fn faults_are_told_with_file_and_line() {
    for (piece, replacement, expected) in FAULTS {
        check(piece, replacement, expected, 0);
    }
}

#[test]
fn faults_of_an_entry_are_told_at_its_key() {
    let cases = [
        (
            "kind = \"date\"",
            "kind = \"date\"\nlist = \"use\"",
            "fields that do not belong to the kind",
            -2,
        ),
        (
            "list = \"parcel_status\"",
            "list = \"use\"",
            "the list of the collection's life-cycle",
            0,
        ),
        (
            "from = \"FREE\", to = \"HELD\"",
            "from = \"HELD\", to = \"FREE\"",
            "state HELD cannot be reached from FREE",
            -3,
        ),
        ("kind = \"date\"", "kind = \"date\"\ncolour = \"red\"", "unknown field `colour`", 1),
        ("kind = \"date\"", "kind = \"text\"", "max_chars", -2),
        ("kind = \"date\"", "kind = \"code\"", "list: given none", -2),
        ("max = 100.0", "max = -1.0", "min and max", -5),
        ("decimals = 1\n", "", "quantity, min, max and decimals", -6),
        (
            "source = \"made up\"\nvisibility = \"public\"",
            "source = \"made up\"\nvisibility = \"staff\"",
            "visibility: given best derived from size",
            20,
        ),
    ];
    for (piece, replacement, expected, lines_off) in cases {
        check(piece, replacement, expected, lines_off);
    }
}

/// The fault must be found, on the line of the replacement or so many lines off it.
fn check(piece: &str, replacement: &str, expected: &str, lines_off: isize) {
    let (faults, line) = faults(piece, replacement);
    let Some(fault) = faults.iter().find(|fault| fault.contains(expected)) else {
        panic!("{replacement}: {faults:?}")
    };
    let place = format!("small.toml:{}: ", line.saturating_add_signed(lines_off));
    assert!(fault.starts_with(&place), "{replacement}: {fault}, expected at {place}");
}

#[test]
fn a_heading_leads_to_one_attribute() {
    let (faults, _) = faults("key = \"size\"", "headings = [\"面积\", \"面积\"]\nkey = \"size\"");
    assert_eq!(faults, ["small.toml:63: heading 面积 of parcels is there twice"]);
}

#[test]
fn all_faults_are_told_at_once() {
    let text = SMALL
        .replace("group = \"general\"", "group = \"special\"")
        .replace("#aabbcc", "grey");
    let error = Catalogue::load(&[("small.toml".to_owned(), text)]).expect_err("faults");
    assert_eq!(error.faults.len(), 5, "{error}");
}

#[test]
fn files_are_read_together() {
    let (first, second) = SMALL.split_at(SMALL.find("[[lifecycle]]").unwrap());
    let files = [("a.toml".to_owned(), first.to_owned()), ("b.toml".to_owned(), second.to_owned())];
    Catalogue::load(&files).unwrap_or_else(|error| panic!("{error}"));
}
