//! An event's JSON, and the attachments that stand in it.

use std::{collections::VecDeque, fmt};

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use socketioxide_core::Value as Packet;

/// Whether nothing follows an event's list and each placeholder names an attachment that is there.
/// If so, the attachments are in the order of their placeholders after that, as the engine takes
/// them, whatever their numbers are.
pub(super) fn are_right(packet: &mut Packet) -> bool {
    let Packet::Str(json, attachments) = packet else { return true };
    let json = json.trim_ascii_end();
    match attachments {
        None => is_one(json),
        Some(attachments) => order(json, attachments.len()).is_some_and(|order| {
            if !order.iter().copied().eq(0..attachments.len()) {
                let sorted: VecDeque<_> =
                    order.iter().map(|&index| attachments[index].clone()).collect();
                *attachments = sorted;
            }
            true
        }),
    }
}

/// Whether a text that begins with a list, as the engine has seen, is one.
fn is_one(json: &str) -> bool {
    // Most lists have no other in them.
    json.find(']') == Some(json.len().saturating_sub(1))
        || serde_json::from_str::<IgnoredAny>(json).is_ok()
}

/// The numbers of the placeholders, in the order in which they stand there.
fn order(json: &str, attachments: usize) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let mut json = serde_json::Deserializer::from_str(json);
    Place { attachments, found: &mut found }.deserialize(&mut json).ok()?;
    json.end().ok()?;
    Some(found)
}

/// A place in the JSON where a placeholder may be.
struct Place<'f> {
    attachments: usize,
    found: &'f mut Vec<usize>,
}

#[derive(Eq, PartialEq)]
enum Seen {
    True,
    Index(u64),
    Other,
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Seen;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Seen, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON whose placeholders name attachments")
    }

    fn visit_unit<E>(self) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Seen, E> {
        Ok(if value { Seen::True } else { Seen::Other })
    }

    fn visit_u64<E>(self, value: u64) -> Result<Seen, E> {
        Ok(Seen::Index(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Seen, E> {
        Ok(Seen::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Seen, A::Error> {
        let Self { attachments, found } = self;
        while list.next_element_seed(Place { attachments, found: &mut *found })?.is_some() {}
        Ok(Seen::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
        let Self { attachments, found } = self;
        let (mut members, mut is_placeholder, mut index) = (0, false, None);
        let mut is_first = false; // the engine takes no other for a placeholder
        while let Some(name) = map.next_key::<String>()? {
            let seen = map.next_value_seed(Place { attachments, found: &mut *found })?;
            match (&*name, seen) {
                ("_placeholder", seen) => {
                    is_placeholder = seen == Seen::True;
                    is_first = members == 0;
                }
                ("num", Seen::Index(number)) => index = usize::try_from(number).ok(),
                _ => {}
            }
            members += 1;
        }
        if is_placeholder {
            let index = index.filter(|&index| index < attachments);
            let index = index.ok_or_else(|| A::Error::custom("there is no such attachment"))?;
            if is_first {
                found.push(index);
            }
        }
        Ok(Seen::Other)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn sorted(json: &'static str, attachments: &[&'static str]) -> Option<Vec<Bytes>> {
        let attachments = attachments.iter().map(|text| Bytes::from_static(text.as_bytes()));
        let mut packet = Packet::Str(json.into(), Some(attachments.collect()));
        let Packet::Str(_, Some(sorted)) = are_right(&mut packet).then_some(packet)? else {
            return None;
        };
        Some(sorted.into())
    }

    #[test]
    fn nothing_may_follow_the_list() {
        let is_right = |json: &'static str| are_right(&mut Packet::Str(json.into(), None));
        for right in [r#"["a"]"#, r#"["a",[1,2]] "#, r#"["]",{"a":["]["]}]"#] {
            assert!(is_right(right), "{right}");
        }
        for wrong in [r#"["a"]x"#, r#"["a"][]"#, r#"["a"] ["b"]"#] {
            assert!(!is_right(wrong), "{wrong}");
        }
    }

    #[test]
    fn attachments_stand_where_their_numbers_say() {
        let holders =
            r#"["a",{"_placeholder":true,"num":1},[{"b":{"_placeholder":true,"num":0}}]]"#;
        assert_eq!(sorted(holders, &["x", "y"]).unwrap(), ["y", "x"]);
        let twice = r#"["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#;
        assert_eq!(sorted(twice, &["x"]).unwrap(), ["x", "x"]);
        assert_eq!(sorted(holders, &["x"]), None);
        for number in ["-1", "1", "\"0\"", "null", "0.5"] {
            let json = format!(r#"["a",{{"_placeholder":true,"num":{number}}}]"#);
            assert_eq!(order(&json, 1), None, "{number}");
        }
        assert_eq!(sorted(r#"["a"]x"#, &["x"]), None);
    }
}
