//! Members of JSON that are named twice.
//!
//! Readers disagree on which of the two counts. In a route file the second could take a guard away
//! that the first names, with nobody the wiser.

use std::{collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Where a member is: the indices and the names that lead to it, the last one being its own.
pub(super) type Place = Vec<String>;

/// The members that are named again, at any depth. The text has to be JSON.
pub(super) fn repeated(text: &str) -> Vec<Place> {
    let (mut place, mut found) = (Vec::new(), Vec::new());
    let scan = Scan { place: &mut place, found: &mut found };
    let outcome = scan.deserialize(&mut serde_json::Deserializer::from_str(text));
    if outcome.is_err() {
        found.push(place); // in doubt, whatever it is
    }
    found
}

struct Scan<'a> {
    place: &'a mut Place,
    found: &'a mut Vec<Place>,
}

impl Scan<'_> {
    fn below(&mut self, step: String) -> Scan<'_> {
        self.place.push(step);
        Scan { place: self.place, found: self.found }
    }
}

impl<'de> DeserializeSeed<'de> for Scan<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        for index in 0.. {
            if elements.next_element_seed(self.below(index.to_string()))?.is_none() {
                self.place.pop();
                break;
            }
            self.place.pop();
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let below = self.below(name.clone());
            if !names.insert(name) {
                below.found.push(below.place.clone());
            }
            members.next_value_seed(below)?;
            self.place.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_named_twice_is_found_at_any_depth_and_in_any_spelling() {
        for (text, expected) in [
            (r#"{"a":1,"b":{"a":1}}"#, vec![]),
            (r#"[{"a":1},{"a":1}]"#, vec![]),
            (r#"{"a":1,"a":1}"#, vec!["a"]),
            (r#"{"a":1,"\u0061":1,"b":2,"b":{"c":1,"c":null}}"#, vec!["a", "b", "b.c"]),
            (
                r#"[1,[{"x":[{"y":true,"z":1.5,"y":"s"}]}],{"q":{},"q":[]}]"#,
                vec!["1.0.x.0.y", "2.q"],
            ),
            (r#"{"":1,"":1}"#, vec![""]),
        ] {
            let found = repeated(text).iter().map(|place| place.join(".")).collect::<Vec<_>>();
            assert_eq!(found, expected, "{text}");
        }
    }
}
