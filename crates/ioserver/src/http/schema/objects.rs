//! Keywords for objects.

use serde_json::{Map, Value};

use super::{
    check::{Mode, Outcome, Pass},
    messages::step,
    node::{Additional, Known, ObjectRule, ObjectRules, Sub},
};

type Members = Map<String, Value>;

impl<'s> Pass<'s> {
    pub(super) fn object(
        &mut self,
        ObjectRules { defaults, rules }: &'s ObjectRules,
        members: &mut Members,
        mode: Mode,
    ) -> Outcome {
        if !mode.is_composite {
            for (name, default) in defaults {
                if !members.contains_key(name) {
                    members.insert(name.clone(), default.clone());
                }
            }
        }
        for rule in rules {
            if !self.object_rule(rule, members, mode)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn object_rule(&mut self, rule: &'s ObjectRule, members: &mut Members, mode: Mode) -> Outcome {
        match rule {
            ObjectRule::MaxProperties(limit) if members.len() > *limit => {
                self.fail(format!("must NOT have more than {limit} properties"), mode)
            }
            ObjectRule::MinProperties(limit) if members.len() < *limit => {
                self.fail(format!("must NOT have fewer than {limit} properties"), mode)
            }
            ObjectRule::MaxProperties(_) | ObjectRule::MinProperties(_) => Ok(true),
            ObjectRule::Required(names) => match missing(names, members) {
                None => Ok(true),
                Some(name) => self.fail(format!("must have required property '{name}'"), mode),
            },
            ObjectRule::PropertyNames(sub) => self.property_names(*sub, members, mode),
            ObjectRule::Additional { known, then } => self.additional(known, then, members, mode),
            ObjectRule::Requires(name, others) => {
                match missing(others, members).filter(|_| members.contains_key(name)) {
                    None => Ok(true),
                    Some(_) => self.fail(requires(name, others), mode),
                }
            }
            ObjectRule::Dependent(name, sub) => self.dependent(name, *sub, members, mode),
            ObjectRule::Properties(properties) => {
                for (name, sub) in properties {
                    if let Some(value) = members.get_mut(name)
                        && !self.below(*sub, value, || step(name), mode)?
                    {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            ObjectRule::Pattern(pattern, sub) => {
                self.where_named(members, |pass, name| pass.matches(pattern, name), *sub, mode)
            }
        }
    }

    fn property_names(&mut self, sub: Sub, members: &mut Members, mode: Mode) -> Outcome {
        for name in members.keys() {
            let mut name = Value::from(name.as_str());
            if !self.sub(sub, &mut name, Mode::COMPOSITE)? {
                return self.fail_too("property name must be valid", mode);
            }
        }
        Ok(true)
    }

    fn additional(
        &mut self,
        known: &'s Known,
        then: &Additional,
        members: &mut Members,
        mode: Mode,
    ) -> Outcome {
        match then {
            Additional::Remove => {
                let mut outcome = Ok(true);
                members.retain(|name, _| {
                    self.is_known(known, name).unwrap_or_else(|stop| {
                        outcome = Err(stop);
                        true
                    })
                });
                outcome
            }
            Additional::Check(sub) => {
                self.where_named(members, |pass, name| Ok(!pass.is_known(known, name)?), *sub, mode)
            }
        }
    }

    fn is_known(&mut self, known: &Known, name: &str) -> Outcome {
        if known.names.contains(name) {
            return Ok(true);
        }
        for pattern in &known.patterns {
            if self.matches(pattern, name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn where_named(
        &mut self,
        members: &mut Members,
        concerns: impl Fn(&mut Self, &str) -> Outcome,
        sub: Sub,
        mode: Mode,
    ) -> Outcome {
        for (name, value) in members {
            if concerns(self, name)? && !self.below(sub, value, || step(name), mode)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The schema looks at the whole object. It needs a value of its own for that; such schemas are
    /// rare, so moving the members there and back is fine.
    fn dependent(&mut self, name: &str, sub: Sub, members: &mut Members, mode: Mode) -> Outcome {
        if !members.contains_key(name) {
            return Ok(true);
        }
        let mut whole = Value::Object(std::mem::take(members));
        let outcome = self.sub(sub, &mut whole, mode);
        if let Value::Object(whole) = whole {
            *members = whole;
        }
        outcome
    }
}

fn missing<'n>(names: &'n [String], members: &Members) -> Option<&'n str> {
    names.iter().map(String::as_str).find(|name| !members.contains_key(*name))
}

fn requires(name: &str, others: &[String]) -> String {
    let noun = if others.len() == 1 { "property" } else { "properties" };
    format!("must have {noun} {} when property {name} is present", others.join(", "))
}
