//! References and the keywords that combine schemas.

use serde_json::Value;

use super::{
    check::{Mode, Outcome, Pass},
    js,
    node::{AnyRule, Sub},
};

impl<'s> Pass<'s> {
    pub(super) fn any_rule(&mut self, rule: &'s AnyRule, value: &mut Value, mode: Mode) -> Outcome {
        match rule {
            AnyRule::Inline(sub) => self.sub(*sub, value, mode),
            AnyRule::Call(sub) => self.call(*sub, value),
            AnyRule::Const(wanted) if js::equal(wanted, value) => Ok(true),
            AnyRule::Const(_) => self.fail("must be equal to constant", mode),
            AnyRule::Enum(allowed) if allowed.iter().any(|one| js::equal(one, value)) => Ok(true),
            AnyRule::Enum(_) => self.fail("must be equal to one of the allowed values", mode),
            AnyRule::Not(sub) => self.not(*sub, value, mode),
            AnyRule::AnyOf(subs) => self.any_of(subs, value, mode),
            AnyRule::OneOf(subs) => self.one_of(subs, value, mode),
            AnyRule::AllOf(subs) => self.all_of(subs, value, mode),
            AnyRule::If { condition, then, otherwise } => {
                let mark = self.mark();
                let holds = self.sub(*condition, value, Mode::COMPOSITE)?;
                self.forget(mark);
                let (clause, name) = if holds { (then, "then") } else { (otherwise, "else") };
                match clause {
                    Some(clause) if !self.sub(*clause, value, mode)? => {
                        self.fail_too(format!("must match \"{name}\" schema"), mode)
                    }
                    _ => Ok(true),
                }
            }
        }
    }

    fn not(&mut self, sub: Sub, value: &mut Value, mode: Mode) -> Outcome {
        let mark = self.mark();
        if self.sub(sub, value, Mode::COMPOSITE)? {
            return self.fail("must NOT be valid", mode);
        }
        self.forget(mark);
        Ok(true)
    }

    fn any_of(&mut self, subs: &[Sub], value: &mut Value, mode: Mode) -> Outcome {
        let mark = self.mark();
        for sub in subs {
            if self.sub(*sub, value, Mode::COMPOSITE)? {
                self.forget(mark);
                return Ok(true);
            }
        }
        self.fail_too("must match a schema in anyOf", mode)
    }

    fn one_of(&mut self, subs: &[Sub], value: &mut Value, mode: Mode) -> Outcome {
        let (mark, mut passing) = (self.mark(), 0);
        for sub in subs {
            passing += u8::from(self.sub(*sub, value, Mode::COMPOSITE)?);
            if passing > 1 {
                break;
            }
        }
        if passing == 1 {
            self.forget(mark);
            return Ok(true);
        }
        self.fail_too("must match exactly one schema in oneOf", mode)
    }

    fn all_of(&mut self, subs: &[Sub], value: &mut Value, mode: Mode) -> Outcome {
        for sub in subs {
            if !self.sub(*sub, value, mode)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
