//! The ledger against the database: what was acknowledged is there once, and what was not is there wholly or not at all.

use std::collections::BTreeSet;

use super::facts::{Facts, Storage};
use super::ledger::{Entry, Intent};

/// What a look at the database after a fault has found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Commands that were acknowledged.
    pub(crate) acknowledged: usize,
    /// Commands that were not, and whose effect is there.
    pub(crate) carried_out: usize,
    /// Acknowledged commands whose effect is not there, or not wholly.
    pub(crate) lost: Vec<String>,
    /// Commands that were not acknowledged, whose effect is there in part.
    pub(crate) half_done: Vec<String>,
    /// Facts that are there too often, or that nobody asked for.
    pub(crate) strange: Vec<String>,
    /// Rules that do not hold, broken files and chains.
    pub(crate) faults: Vec<String>,
}

impl Verdict {
    /// Judges a database by the entries of its ledger.
    pub(crate) async fn on(storage: &Storage, entries: &[Entry]) -> Self {
        let mut verdict = Self { faults: storage.faults().await, ..Self::default() };
        verdict.judge(&storage.facts().await, entries);
        verdict
    }

    fn judge(&mut self, facts: &Facts, entries: &[Entry]) {
        let mut expected = BTreeSet::new();
        // What a later command of the same writer ended cannot be looked for any more.
        let ended: BTreeSet<&String> = entries
            .iter()
            .filter(|entry| entry.answer.is_some() || is_there(facts, &entry.intent))
            .flat_map(|entry| &entry.intent.vanish)
            .collect();
        for Entry { intent, answer } in entries {
            let appeared = |fact: &&String| facts.contains_key(*fact) || ended.contains(fact);
            let there = intent.appear.iter().filter(appeared).count();
            let gone = intent.vanish.iter().filter(|fact| !facts.contains_key(*fact)).count();
            let whole = there + gone == intent.appear.len() + intent.vanish.len();
            let done = is_there(facts, intent);
            if answer.is_some() {
                self.acknowledged += 1;
                if !whole {
                    self.lost.push(intent.key.clone());
                }
            } else if done {
                self.carried_out += 1;
                if !whole {
                    self.half_done.push(intent.key.clone());
                }
            } else if intent.appear.iter().any(|fact| facts.contains_key(fact)) {
                self.half_done.push(intent.key.clone());
            }
            if answer.is_some() || done {
                expected.extend(intent.appear.iter().cloned());
                for fact in &intent.vanish {
                    expected.remove(fact);
                }
            }
        }
        for (fact, count) in facts {
            if *count != 1 || !expected.contains(fact) {
                self.strange.push(format!("{count} × {fact}"));
            }
        }
        for fact in expected.iter().filter(|fact| !facts.contains_key(*fact)) {
            self.strange.push(format!("0 × {fact}"));
        }
    }

    /// Nothing is lost, half done or broken.
    pub(crate) fn is_good(&self) -> bool {
        self.lost.is_empty() && self.is_sound()
    }

    /// The same, but for what may be lost: what is there is whole.
    pub(crate) fn is_sound(&self) -> bool {
        self.half_done.is_empty()
            && self.faults.is_empty()
            && (self.strange.is_empty() || !self.lost.is_empty())
    }
}

/// A command's event tells that it was carried out.
fn is_there(facts: &Facts, intent: &Intent) -> bool {
    facts.contains_key(&format!("event {}", intent.key))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn entry(key: &str, appear: &[&str], vanish: &[&str], answered: bool) -> Entry {
        let own = [format!("event {key}")];
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let intent = Intent {
            key: key.to_owned(),
            method: String::new(),
            path: String::new(),
            body: Value::Null,
            appear: texts(appear).into_iter().chain(own).collect(),
            vanish: texts(vanish),
        };
        Entry { intent, answer: answered.then(String::new) }
    }

    fn verdict(facts: &[(&str, usize)], entries: &[Entry]) -> Verdict {
        let facts = facts.iter().map(|(fact, count)| ((*fact).to_owned(), *count)).collect();
        let mut verdict = Verdict::default();
        verdict.judge(&facts, entries);
        verdict
    }

    #[test]
    fn what_is_lost_half_done_twice_or_unasked_is_found() {
        let asked = [entry("1", &["a"], &[], true), entry("2", &["b"], &["a"], false)];
        assert!(verdict(&[("a", 1), ("event 1", 1)], &asked).is_good());
        let whole = [("b", 1), ("event 1", 1), ("event 2", 1)];
        assert!(verdict(&whole, &asked).is_good());
        assert_eq!(verdict(&[("event 1", 1)], &asked).lost, ["1"]);
        assert_eq!(verdict(&[("a", 1)], &asked).lost, ["1"]);
        assert_eq!(verdict(&[("a", 1), ("b", 1), ("event 1", 1)], &asked).half_done, ["2"]);
        let kept = [("a", 1), ("b", 1), ("event 1", 1), ("event 2", 1)];
        assert_eq!(verdict(&kept, &asked).half_done, ["2"]);
        assert_eq!(verdict(&[("a", 2), ("event 1", 1)], &asked).strange, ["2 × a"]);
        assert_eq!(verdict(&[("a", 1), ("c", 1), ("event 1", 1)], &asked).strange, ["1 × c"]);
    }
}
