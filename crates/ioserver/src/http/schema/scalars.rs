//! Keywords for numbers and texts.

use serde_json::Number;

use super::{
    check::{Mode, Outcome, Pass},
    formats::Format,
    js,
    node::{NumberRule, TextRule},
};

impl<'s> Pass<'s> {
    pub(super) fn number(
        &mut self,
        rules: &'s [NumberRule],
        number: &Number,
        mode: Mode,
    ) -> Outcome {
        let value = js::float(number);
        for rule in rules {
            let (is_fine, relation, limit) = match rule {
                NumberRule::Maximum(limit) => (value <= *limit, "<=", limit),
                NumberRule::Minimum(limit) => (value >= *limit, ">=", limit),
                NumberRule::ExclusiveMaximum(limit) => (value < *limit, "<", limit),
                NumberRule::ExclusiveMinimum(limit) => (value > *limit, ">", limit),
                NumberRule::MultipleOf(of) => (is_multiple(value, *of), "multiple of", of),
                NumberRule::Format(name, format) => {
                    match format {
                        Format::Number(fits) if !fits(number) => {
                            return self.fail(format!("must match format \"{name}\""), mode);
                        }
                        _ => continue,
                    };
                }
            };
            if !is_fine {
                let limit = js::number_text(*limit);
                return self.fail(format!("must be {relation} {limit}"), mode);
            }
        }
        Ok(true)
    }

    pub(super) fn text(&mut self, rules: &'s [TextRule], text: &str, mode: Mode) -> Outcome {
        for rule in rules {
            match rule {
                TextRule::MaxLength(limit) if is_longer(text, *limit) => {
                    let message = format!("must NOT have more than {limit} characters");
                    return self.fail(message, mode);
                }
                TextRule::MinLength(limit) if *limit > 0 && !is_longer(text, limit - 1) => {
                    let message = format!("must NOT have fewer than {limit} characters");
                    return self.fail(message, mode);
                }
                TextRule::Pattern(source, regex) if !self.matches(regex, text)? => {
                    return self.fail(format!("must match pattern \"{source}\""), mode);
                }
                TextRule::Format(name, Format::Text(fits)) if !fits(text) => {
                    return self.fail(format!("must match format \"{name}\""), mode);
                }
                _ => {}
            }
        }
        Ok(true)
    }
}

/// As JavaScript divides: 0.3 is no multiple of 0.1.
fn is_multiple(value: f64, of: f64) -> bool {
    let quotient = value / of;
    // `parseInt` reads the digits before an exponent.
    quotient.fract() == 0.0 && quotient.abs() < 1e21
}

/// Whether a text has more than `limit` code points.
fn is_longer(text: &str, limit: usize) -> bool {
    text.len() > limit && text.chars().nth(limit).is_some()
}
