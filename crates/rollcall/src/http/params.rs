//! Parameters of a query string: limits, cursors, lists of words; all faulty ones are reported at once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::id::CustomerId;
use crate::domain::invalid::Invalid;
use crate::keys::Keyring;
use crate::problem::{FieldError, Problem};

const LIMIT_DEFAULT: u16 = 50;
pub(super) const LIMIT_MAX: u16 = 200;

/// The place of a row in its list: a number that orders it, then its id. Nil where the number alone is unique.
pub type Place = (i64, Uuid);

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The things, in the list's order.
    pub data: Vec<T>,
    /// Where the next page begins, or null at the end.
    pub next_cursor: Option<String>,
}

/// The parameters while they are read; [`Params::check`] refuses the faulty ones.
pub struct Params {
    pairs: Vec<(String, String)>,
    faults: Vec<FieldError>,
    keys: Keyring,
    scope: String,
}

/// Which rows of a list are asked for.
pub struct Page {
    /// How many rows at the most: 1 to 200.
    pub limit: u16,
    /// The last row of the page before.
    pub after: Option<Place>,
    keys: Keyring,
    scope: String,
}

impl Params {
    pub(super) fn new(keys: &Keyring, caller: CustomerId, path: &str, query: &str) -> Self {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        // A cursor belongs to its list and filters: these, the caller among them, are under its signature.
        let mut scope = format!("{caller} {path}");
        for (name, value) in pairs.iter().filter(|(name, _)| name != "limit" && name != "cursor") {
            scope.extend(["\n", name, "=", value]);
        }
        Self { pairs, faults: Vec::new(), keys: keys.clone(), scope }
    }

    /// The values of a parameter that may be repeated and may hold a list with commas; blanks and empty words do not count.
    pub fn words(&self, name: &str) -> Vec<String> {
        let values = self.pairs.iter().filter(|(key, _)| key == name);
        values
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Parses each word of a parameter.
    pub fn parsed<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, Invalid>) -> Vec<T> {
        let mut values = Vec::new();
        for word in self.words(name) {
            match parse(&word) {
                Ok(value) => values.push(value),
                Err(why) => self.faults.push(FieldError::new(name, why)),
            }
        }
        values
    }

    /// Parses a parameter that is given once or not at all.
    pub fn single<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, Invalid>) -> Option<T> {
        let text = self.one(name)?;
        parse(text.trim()).map_err(|why| self.fault(name, why)).ok()
    }

    /// Notes that a parameter is faulty.
    pub fn fault(&mut self, name: &str, why: Invalid) {
        self.faults.push(FieldError::new(name, why));
    }

    /// Refuses with everything that is faulty.
    ///
    /// # Errors
    /// 422 `validation_failed`.
    pub fn check(&mut self) -> Result<(), Problem> {
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::invalid(std::mem::take(&mut self.faults))) }
    }

    /// `limit` and `cursor`, the last parameters to be read.
    ///
    /// # Errors
    /// 422 for everything that is faulty, parameters read before included.
    pub fn page(mut self) -> Result<Page, Problem> {
        let limit = match self.one("limit") {
            None => LIMIT_DEFAULT,
            Some(text) => {
                text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)).unwrap_or_else(|| {
                    let message = format!("Give a whole number from 1 to {LIMIT_MAX}.").into();
                    self.fault("limit", Invalid { code: "limit_invalid", message });
                    LIMIT_DEFAULT
                })
            }
        };
        let after = self.one("cursor").and_then(|text| {
            let place = open(&self.keys, &self.scope, &text);
            if place.is_none() {
                let message = "This cursor does not belong to this list. Start again without one.".into();
                self.fault("cursor", Invalid { code: "cursor_invalid", message });
            }
            place
        });
        self.check()?;
        Ok(Page { limit, after, keys: self.keys, scope: self.scope })
    }

    fn one(&mut self, name: &str) -> Option<String> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone());
        let first = values.next();
        if values.next().is_some() {
            self.fault(name, Invalid { code: "repeated", message: "Give this parameter once.".into() });
        }
        first
    }
}

impl Page {
    /// How many rows to read: one more than the page holds tells whether there is a next one.
    #[must_use]
    pub fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The number of the last place, or the given one before the first row.
    #[must_use]
    pub fn number_or(&self, start: i64) -> i64 {
        self.after.map_or(start, |(number, _)| number)
    }

    /// The id of the last place; nil sorts before every id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.after.map_or(Uuid::nil(), |(_, id)| id)
    }

    /// The page as clients see it, of at most [`Page::rows`] rows.
    pub fn list<R, T>(
        &self,
        mut rows: Vec<R>,
        place: impl Fn(&R) -> Place,
        show: impl FnMut(R) -> T,
    ) -> List<T> {
        let more = rows.len() > usize::from(self.limit);
        rows.truncate(usize::from(self.limit));
        let next_cursor = rows.last().filter(|_| more).map(|row| seal(&self.keys, &self.scope, place(row)));
        List { data: rows.into_iter().map(show).collect(), next_cursor }
    }
}

const MAC: usize = 16;

pub(super) fn seal(keys: &Keyring, scope: &str, (number, id): Place) -> String {
    let mut bytes = [0; MAC + 24];
    bytes[MAC..MAC + 8].copy_from_slice(&number.to_be_bytes());
    bytes[MAC + 8..].copy_from_slice(id.as_bytes());
    let mac = mac(keys, scope, &bytes[MAC..]);
    bytes[..MAC].copy_from_slice(&mac);
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn open(keys: &Keyring, scope: &str, text: &str) -> Option<Place> {
    let bytes: [u8; MAC + 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let (given, place) = bytes.split_at(MAC);
    if !bool::from(subtle::ConstantTimeEq::ct_eq(given, &mac(keys, scope, place)[..])) {
        return None;
    }
    let (number, id) = place.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*number), Uuid::from_slice(id).ok()?))
}

fn mac(keys: &Keyring, scope: &str, place: &[u8]) -> [u8; MAC] {
    let digest = keys.digest("cursor", &[scope.as_bytes(), place]);
    std::array::from_fn(|index| digest[index])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::SecretKey;
    use crate::timing;

    #[test]
    fn a_wrong_cursor_takes_as_long_however_much_of_its_seal_is_right() {
        let keys = Keyring::new(SecretKey::new(&[7; 32]), Vec::new());
        let secret = seal(&keys, "a list", (1, Uuid::nil()));
        let sealed = URL_SAFE_NO_PAD.decode(&secret).expect("a cursor");
        let with = |seal: &dyn Fn(usize) -> u8| {
            let bytes: Vec<u8> = (0..MAC).map(seal).chain(sealed[MAC..].iter().copied()).collect();
            URL_SAFE_NO_PAD.encode(bytes).into_bytes()
        };
        let nearly = with(&|index| sealed[index] ^ u8::from(index == MAC - 1));
        timing::report(
            "cursor",
            secret.as_bytes(),
            &nearly,
            |chance| {
                let random: [u8; MAC] = std::array::from_fn(|_| chance.byte());
                with(&|index| random[index])
            },
            |guess| open(&keys, "a list", std::str::from_utf8(guess).expect("a text")).is_some(),
        );
    }
}
