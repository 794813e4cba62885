//! Phone numbers in E.164 form (ITU-T E.164), as the numbering plans of the world allow them.

use std::fmt;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::invalid::Invalid;

/// A number with its country code: `+` and up to 15 digits.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Takes blanks, dots, dashes and brackets away and checks the rest against its country's plan.
    ///
    /// # Errors
    /// `phone_invalid`; `phone_type_refused` for numbers whose price the caller pays (premium, shared cost) or that no
    /// single person answers (universal access, pagers, voice mail), which fraud likes.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = || {
            Invalid::new("phone_invalid", "Give a phone number with its country code, like +994551234567.")
        };
        // Bounded before anything looks at it: with decoration, no number is longer.
        if text.len() > 64 {
            return Err(invalid());
        }
        let decoration =
            |c: char| c.is_whitespace() || ".-()[]\u{2010}\u{2011}\u{2012}\u{2013}\u{a0}".contains(c);
        let number: String = text.chars().filter(|c| !decoration(*c)).collect();
        let digits = number.strip_prefix('+').ok_or_else(invalid)?;
        if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        let parsed = PHONE_NUMBER_UTIL.parse(&number, None).map_err(|_| invalid())?;
        if !PHONE_NUMBER_UTIL.is_valid_number(&parsed) {
            return Err(invalid());
        }
        match PHONE_NUMBER_UTIL.get_number_type(&parsed) {
            PhoneNumberType::PremiumRate
            | PhoneNumberType::SharedCost
            | PhoneNumberType::UAN
            | PhoneNumberType::Pager
            | PhoneNumberType::VoiceMail => Err(Invalid::new(
                "phone_type_refused",
                "Numbers with a price of their own, pagers and voice mail cannot be used. Give a mobile or landline number.",
            )),
            // A national prefix in brackets, as in +49 (0) 151 …, is no part of the number.
            _ => Ok(Self(parsed.format_as(PhoneNumberFormat::E164).into_owned())),
        }
    }

    /// `+` and digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it belongs to one of these countries. A number of no country (satellites, for instance) belongs to none.
    #[must_use]
    pub fn is_of(&self, countries: &[Country]) -> bool {
        let parsed = PHONE_NUMBER_UTIL.parse(&self.0, None);
        let region = parsed.ok().and_then(|number| PHONE_NUMBER_UTIL.get_region_for_number(&number));
        region.is_some_and(|region| countries.contains(&Country(region)))
    }
}

/// A country with numbers of its own, by its two letters (ISO 3166-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country(Region);

impl Country {
    /// Reads the two letters, whichever their case. None where the country has no numbering plan.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let region = Region::from_code(&text.to_ascii_uppercase()).ok()?;
        (text.len() == 2 && PHONE_NUMBER_UTIL.get_country_code_for_region(region).is_some())
            .then_some(Self(region))
    }
}

impl fmt::Debug for PhoneNumber {
    /// The last two digits: whole numbers do not belong in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+…{}", &self.0[self.0.len().saturating_sub(2)..])
    }
}

impl ToSchema for PhoneNumber {}
impl PartialSchema for PhoneNumber {
    fn schema() -> RefOr<Schema> {
        super::schema::text(8, 64, "A phone number with its country code (E.164).", "+994551234567")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoration_is_taken_away() {
        for text in ["+994551234567", "+994 55 123-45-67", " +994 (55) 123.45.67 "] {
            assert_eq!(
                PhoneNumber::parse(text).map(|number| number.0),
                Ok("+994551234567".to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_kept_can_be_dialled_from_everywhere() {
        for (text, number) in [
            ("+49 (0) 151 23456789", "+4915123456789"),
            ("+44 (0)20 7946 0958", "+442079460958"),
            // In Italy the zero is a part of it.
            ("+39 06 698 12345", "+390669812345"),
        ] {
            assert_eq!(PhoneNumber::parse(text).map(|number| number.0), Ok(number.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_number_belongs_to_the_country_that_gave_it_out() {
        let countries =
            |codes: &[&str]| codes.iter().filter_map(|code| Country::parse(code)).collect::<Vec<_>>();
        for (number, country) in [("+994551234567", "az"), ("+16135550123", "CA"), ("+12025550123", "US")] {
            let number = PhoneNumber::parse(number).expect("a number");
            assert!(number.is_of(&countries(&["DE", country])), "{country}");
            assert!(!number.is_of(&countries(&["DE", "GB"])) && !number.is_of(&[]), "{country}");
        }
        for nowhere in ["", "A", "AZE", "ZZ", "1!", "001"] {
            assert_eq!(Country::parse(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn what_no_plan_knows_or_fraud_likes_is_refused() {
        for (text, code) in [
            ("0551234567", "phone_invalid"),
            ("+", "phone_invalid"),
            ("+99455", "phone_invalid"),
            ("+9945512345678901", "phone_invalid"),
            ("+99455123456a", "phone_invalid"),
            ("+٩٩٤٥٥١٢٣٤٥٦٧", "phone_invalid"),
            ("+19002345678", "phone_type_refused"),
        ] {
            assert_eq!(PhoneNumber::parse(text).expect_err(text).code, code, "{text}");
        }
    }

    #[test]
    fn of_every_country_the_types_that_fraud_likes_are_refused_and_people_are_not() {
        let of = |kind| {
            let regions = PHONE_NUMBER_UTIL.get_supported_regions();
            let numbers = regions.filter_map(move |region| {
                let example = PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind).ok()?;
                // Some plans have one number for several types.
                (PHONE_NUMBER_UTIL.get_number_type(&example) == kind).then_some(example)
            });
            numbers.map(|number| number.format_as(PhoneNumberFormat::E164).into_owned()).collect::<Vec<_>>()
        };
        for (kind, least) in [
            (PhoneNumberType::PremiumRate, 100),
            (PhoneNumberType::SharedCost, 20),
            (PhoneNumberType::UAN, 20),
            (PhoneNumberType::Pager, 5),
            (PhoneNumberType::VoiceMail, 5),
        ] {
            let numbers = of(kind);
            assert!(numbers.len() >= least, "{kind:?}: only {} examples", numbers.len());
            for number in numbers.iter().filter(|number| number.len() > 7) {
                let refusal = PhoneNumber::parse(number).expect_err(number);
                assert_eq!(refusal.code, "phone_type_refused", "{kind:?} {number}");
            }
        }
        for number in of(PhoneNumberType::Mobile).iter().filter(|number| number.len() > 7) {
            assert!(PhoneNumber::parse(number).is_ok(), "{number}");
        }
    }
}
