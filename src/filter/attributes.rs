//! Parameters made from attributes: `planned_use`, `area_min`, `rent_unit`, `fire_class_min`, `clear_height_unknown`, ...
use super::{ParameterError, Scope};
use crate::domain::catalogue::{Attribute, CodeList, Kind, Measure};
use crate::domain::query::{Filter, Test};
use crate::domain::value::Value;

/// What a parameter says about its attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `X=`: any of these codes, yes or no, or a part of the text.
    Is,
    /// `X_scheme=`: the scheme in which the codes of `X=` are given.
    Scheme,
    /// `X_min=`: smallest number, first day, or, of an ordered list, at least this code.
    Min,
    /// `X_max=`: largest number or last day.
    Max,
    /// `X_unit=`: the unit of `X_min` and `X_max`.
    Unit,
    /// `X_unknown=only|exclude|include`.
    Unknown,
}

impl Part {
    /// All parts, `X=` first.
    const ALL: [Self; 6] = [Self::Is, Self::Scheme, Self::Min, Self::Max, Self::Unit, Self::Unknown];

    /// What follows the attribute's key in the parameter's name.
    fn ending(self) -> &'static str {
        match self {
            Self::Is => "",
            Self::Scheme => "_scheme",
            Self::Min => "_min",
            Self::Max => "_max",
            Self::Unit => "_unit",
            Self::Unknown => "_unknown",
        }
    }

    /// Name of the parameter for an attribute.
    pub(super) fn name(self, attribute: &Attribute) -> String {
        format!("{}{}", attribute.key, self.ending())
    }

    fn is_offered(self, scope: &Scope<'_>, attribute: &Attribute) -> bool {
        let list = list_of(scope, attribute);
        match self {
            Self::Is => matches!(attribute.kind, Kind::Code { .. } | Kind::Flag | Kind::Text { .. }),
            Self::Scheme => list.is_some_and(|list| !list.mapping.is_empty()),
            Self::Min => matches!(attribute.kind, Kind::Number(_) | Kind::Range(_) | Kind::Date) || list.is_some_and(|list| list.ordered),
            Self::Max => matches!(attribute.kind, Kind::Number(_) | Kind::Range(_) | Kind::Date),
            Self::Unit => attribute.measure().is_some(),
            Self::Unknown => true,
        }
    }
}

/// The parts that an attribute offers.
pub(super) fn parts_of(scope: &Scope<'_>, attribute: &Attribute) -> impl Iterator<Item = Part> {
    Part::ALL.into_iter().filter(|part| part.is_offered(scope, attribute))
}

/// The attribute and part that a parameter's name stands for. Keys cannot end like a part, so there is at most one reading.
pub(super) fn attribute_part<'a>(scope: &Scope<'a>, name: &str) -> Option<(&'a Attribute, Part)> {
    Part::ALL.into_iter().find_map(|part| {
        let attribute = scope.attribute(name.strip_suffix(part.ending())?)?;
        part.is_offered(scope, attribute).then_some((attribute, part))
    })
}

pub(super) fn list_of<'a>(scope: &Scope<'a>, attribute: &Attribute) -> Option<&'a CodeList> {
    match &attribute.kind {
        Kind::Code { list } => scope.catalogue.list(list).map(AsRef::as_ref),
        Kind::Number(_) | Kind::Range(_) | Kind::Flag | Kind::Text { .. } | Kind::Date => None,
    }
}

/// All that is asked of one attribute.
pub(super) struct Wish<'a> {
    attribute: &'a Attribute,
    /// Part, name and value of each parameter.
    pub(super) parts: Vec<(Part, &'a str, &'a str)>,
}

/// Name and value of a parameter.
type Given<'a> = (&'a str, &'a str);

impl<'a> Wish<'a> {
    pub(super) fn new(attribute: &'a Attribute) -> Self {
        Self {
            attribute,
            parts: Vec::new(),
        }
    }

    fn part(&self, wanted: Part) -> Option<Given<'a>> {
        let found = self.parts.iter().find(|(part, ..)| *part == wanted);
        found.map(|(_, name, value)| (*name, *value))
    }

    /// A parameter that says something only together with others must not stand alone.
    fn needs(&self, part: Part, others: &[Part]) -> Result<(), ParameterError> {
        let Some((name, value)) = self.part(part) else {
            return Ok(());
        };
        if others.iter().any(|other| self.part(*other).is_some()) {
            return Ok(());
        }
        let names: Vec<_> = others.iter().map(|other| other.name(self.attribute)).collect();
        Err(ParameterError::bad(name, value, format!("{} beside it", names.join(" or "))))
    }
}

/// The filter for all that is asked of one attribute.
pub(super) fn filter(scope: &Scope<'_>, wish: &Wish<'_>) -> Result<Filter, ParameterError> {
    wish.needs(Part::Unit, &[Part::Min, Part::Max])?;
    wish.needs(Part::Scheme, &[Part::Is])?;
    let mut tests = match &wish.attribute.kind {
        Kind::Number(measure) | Kind::Range(measure) => number_tests(scope, wish, measure)?,
        Kind::Code { .. } => code_tests(scope, wish)?,
        Kind::Flag => wish.part(Part::Is).map(flag).transpose()?.into_iter().collect(),
        Kind::Text { .. } => wish
            .part(Part::Is)
            .map(|given| text(scope, given))
            .transpose()?
            .into_iter()
            .collect(),
        Kind::Date => date_tests(scope, wish)?,
    }
    .into_iter()
    .map(|test| of(wish, test))
    .collect::<Vec<_>>();
    let Some((name, value)) = wish.part(Part::Unknown) else {
        return Ok(all(tests));
    };
    let tested = !tests.is_empty();
    match value {
        "only" if !tested => Ok(of(wish, Test::Known(false))),
        "only" => Err(ParameterError::bad(
            name,
            value,
            "exclude or include, as the same attribute is tested too",
        )),
        "exclude" => {
            tests.insert(0, of(wish, Test::Known(true)));
            Ok(all(tests))
        }
        "include" if tested => Ok(Filter::Any(vec![all(tests), of(wish, Test::Known(false))])),
        "include" => Err(ParameterError::bad(
            name,
            value,
            "a test of the same attribute beside it, to which unknown values are added",
        )),
        _ => Err(ParameterError::bad(name, value, "only, exclude or include")),
    }
}

fn of(wish: &Wish<'_>, test: Test) -> Filter {
    Filter::Test {
        attribute: wish.attribute.key.clone(),
        test,
    }
}

fn all(mut tests: Vec<Filter>) -> Filter {
    if tests.len() == 1 { tests.remove(0) } else { Filter::All(tests) }
}

fn number_tests(scope: &Scope<'_>, wish: &Wish<'_>, measure: &Measure) -> Result<Vec<Test>, ParameterError> {
    let quantity = scope.catalogue.quantity(&measure.quantity);
    let factor = match wish.part(Part::Unit) {
        None => 1.0,
        Some((name, value)) => quantity
            .and_then(|quantity| quantity.unit(value))
            .map(|unit| unit.factor)
            .ok_or_else(|| {
                let units = quantity.iter().flat_map(|quantity| &quantity.units).map(|unit| &*unit.key);
                ParameterError::bad(name, value, format!("one of {}", units.collect::<Vec<_>>().join(", ")))
            })?,
    };
    let bound = |part| {
        wish.part(part)
            .map(|(name, value)| number(name, value).map(|number| number * factor))
            .transpose()
    };
    let (min, max) = (bound(Part::Min)?, bound(Part::Max)?);
    if let (Some(low), Some(high), Some((name, value))) = (min, max, wish.part(Part::Max))
        && low > high
    {
        return Err(ParameterError::bad(
            name,
            value,
            format!("not below {}", Part::Min.name(wish.attribute)),
        ));
    }
    Ok(if min.is_some() || max.is_some() {
        vec![Test::Number { min, max }]
    } else {
        Vec::new()
    })
}

/// A finite number, written as in programs: digits, a point, perhaps an exponent.
pub(super) fn number(name: &str, value: &str) -> Result<f64, ParameterError> {
    let written = value.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number = value.parse::<f64>().ok().filter(|number| written && number.is_finite());
    number.ok_or_else(|| ParameterError::bad(name, value, "a number such as 12.5"))
}

fn code_tests(scope: &Scope<'_>, wish: &Wish<'_>) -> Result<Vec<Test>, ParameterError> {
    let mut tests = Vec::new();
    if let Some(given) = wish.part(Part::Is) {
        tests.push(Test::Code(codes(scope, wish, given)?));
    }
    if let (Some((name, value)), Some(list)) = (wish.part(Part::Min), list_of(scope, wish.attribute)) {
        if list.get(value).is_none() {
            return Err(ParameterError::bad(name, value, list.sample()));
        }
        tests.push(Test::Code(list.at_least(value)));
    }
    Ok(tests)
}

fn codes(scope: &Scope<'_>, wish: &Wish<'_>, (name, value): Given<'_>) -> Result<Vec<std::sync::Arc<str>>, ParameterError> {
    let given: Vec<&str> = value.split(',').map(str::trim).collect();
    if given.len() > scope.limits.codes {
        return Err(ParameterError::bad(name, value, format!("at most {} codes", scope.limits.codes)));
    }
    let scheme = wish.part(Part::Scheme);
    if let (Some((name, scheme)), Kind::Code { list }) = (scheme, &wish.attribute.kind) {
        let schemes = scope.catalogue.schemes_of(list);
        if !schemes.iter().any(|known| known == scheme) {
            return Err(ParameterError::bad(name, scheme, format!("one of {}", schemes.join(", "))));
        }
    }
    let mut wanted = Vec::new();
    for code in given {
        let resolved = scope.catalogue.resolve_code(wish.attribute, code, scheme.map(|(_, scheme)| scheme));
        wanted.extend(resolved.map_err(|error| ParameterError::bad(name, &error.given, error.expected))?);
    }
    wanted.sort();
    wanted.dedup();
    Ok(wanted)
}

fn flag((name, value): Given<'_>) -> Result<Test, ParameterError> {
    match value {
        "true" => Ok(Test::Flag(true)),
        "false" => Ok(Test::Flag(false)),
        _ => Err(ParameterError::bad(name, value, "true or false")),
    }
}

fn text(scope: &Scope<'_>, (name, value): Given<'_>) -> Result<Test, ParameterError> {
    let part = value.trim();
    if part.is_empty() || part.chars().count() > scope.limits.text_chars {
        let expected = format!("a part of the text, 1 to {} characters", scope.limits.text_chars);
        return Err(ParameterError::bad(name, value, expected));
    }
    Ok(Test::Contains(part.to_lowercase()))
}

fn date_tests(scope: &Scope<'_>, wish: &Wish<'_>) -> Result<Vec<Test>, ParameterError> {
    let day = |part| wish.part(part).map(|given| day(scope, wish.attribute, given)).transpose();
    let (from, to) = (day(Part::Min)?, day(Part::Max)?);
    if let (Some(first), Some(last), Some((name, value))) = (from, to, wish.part(Part::Max))
        && first > last
    {
        return Err(ParameterError::bad(
            name,
            value,
            format!("not before {}", Part::Min.name(wish.attribute)),
        ));
    }
    Ok(if from.is_some() || to.is_some() {
        vec![Test::Date { from, to }]
    } else {
        Vec::new()
    })
}

/// A day, `2027-03-01`.
pub(super) fn day(scope: &Scope<'_>, attribute: &Attribute, (name, value): Given<'_>) -> Result<jiff::civil::Date, ParameterError> {
    match Value::parse_json(attribute, scope.catalogue, &serde_json::Value::String(value.to_owned())) {
        Ok(Value::Date(day)) => Ok(day),
        Ok(_) | Err(_) => Err(ParameterError::bad(name, value, "a day such as 2027-03-01")),
    }
}
