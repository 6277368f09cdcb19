//! JSON of tokens and key sets, read strictly.
//!
//! A reader of our own. Two readers that disagree about one text are how a check in one place is
//! undone in another, and serde_json's `Value` has readings that no one else has: where any crate of
//! the build turns on its feature `raw_value` or `arbitrary_precision`, a member of a certain name
//! stands for the JSON within its text. It also keeps the last of two members of one name, so that
//! each text had to be read twice. Numbers and escapes are left to it.

use std::{borrow::Cow, fmt};

use serde_json::{Map, Number, Value};

/// The members of a JSON object, in their order and each there once.
///
/// A token has about ten, which are found sooner one by one than by their hashes.
#[derive(Debug)]
pub(crate) struct Members<'t>(Vec<(Cow<'t, str>, Value)>);

impl<'t> Members<'t> {
    /// Parses a JSON object in which no member, at any depth, is named twice.
    ///
    /// Also refused: anything after the object, text that is not UTF-8, lone surrogates, numbers
    /// outside a double's range, and nesting below 127 levels.
    pub(crate) fn parse(text: &'t [u8]) -> Result<Self, JsonFault> {
        const USUAL: usize = 12;
        let mut reader = Reader::new(text)?;
        if reader.next() != Some(b'{') {
            return Err(reader.whole().err().unwrap_or(JsonFault::NotAnObject));
        }
        reader.at += 1;
        let mut members = Vec::with_capacity(USUAL);
        reader.members(0, |reader, name| {
            members.push((name, reader.value(1)?));
            Ok(())
        })?;
        reader.end()?;
        let this = Self(members);
        if this.has_twins() { Err(JsonFault::Duplicate) } else { Ok(this) }
    }

    fn has_twins(&self) -> bool {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A member that nobody will ask for again.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(place).1)
    }
}

/// The object that [`Members::parse`] reads, as a map.
pub(crate) fn json_object(text: &[u8]) -> Result<Map<String, Value>, JsonFault> {
    let Members(members) = Members::parse(text)?;
    Ok(members.into_iter().map(|(name, value)| (name.into_owned(), value)).collect())
}

/// The texts of the items of a list that is a member of an object, whatever else is in it. An item
/// may name a member twice: that is its own fault.
pub(crate) fn json_items<'t>(text: &'t [u8], name: &str) -> Result<Vec<&'t str>, JsonFault> {
    let mut reader = Reader::new(text)?;
    reader.is_lenient = true;
    let mut items = None;
    reader.expect(b'{').map_err(|_| JsonFault::NotAnObject)?;
    reader.members(0, |reader, member| {
        if member != name {
            return reader.value(1).map(drop);
        }
        let list = reader.texts()?;
        if items.replace(list).is_some() { Err(JsonFault::Duplicate) } else { Ok(()) }
    })?;
    reader.end()?;
    items.ok_or(JsonFault::Syntax)
}

/// Why a text is not an object that may be believed. Says nothing of what the text holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JsonFault {
    Syntax,
    NotAnObject,
    Duplicate,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "not valid JSON",
            Self::NotAnObject => "not a JSON object",
            Self::Duplicate => "a JSON member is named twice",
        })
    }
}

/// How many lists and objects may be in each other: serde_json's own limit.
const DEEPEST: usize = 127;

/// A place in a text. RFC 8259.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Whether members of one name are passed over.
    is_lenient: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t [u8]) -> Result<Self, JsonFault> {
        let text = std::str::from_utf8(text).map_err(|_| JsonFault::Syntax)?;
        Ok(Self { text, at: 0, is_lenient: false })
    }

    fn whole(&mut self) -> Result<Value, JsonFault> {
        let value = self.value(0)?;
        self.end()?;
        Ok(value)
    }

    fn end(&mut self) -> Result<(), JsonFault> {
        if self.next().is_none() { Ok(()) } else { Err(JsonFault::Syntax) }
    }

    /// A value within so many lists and objects.
    fn value(&mut self, depth: usize) -> Result<Value, JsonFault> {
        match self.next().ok_or(JsonFault::Syntax)? {
            b'{' => {
                self.at += 1;
                self.object(depth)
            }
            b'[' => {
                self.at += 1;
                self.list(depth)
            }
            b'"' => self.string().map(|text| Value::String(text.into_owned())),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonFault> {
        let mut object = Map::new();
        self.members(depth, |reader, name| {
            let known = object.insert(name.into_owned(), reader.value(depth + 1)?);
            if known.is_some() && !reader.is_lenient { Err(JsonFault::Duplicate) } else { Ok(()) }
        })?;
        Ok(Value::Object(object))
    }

    /// What follows a `{`, as far as its `}`. `each` reads what stands behind a name's colon.
    fn members(
        &mut self,
        depth: usize,
        mut each: impl FnMut(&mut Self, Cow<'t, str>) -> Result<(), JsonFault>,
    ) -> Result<(), JsonFault> {
        if depth >= DEEPEST {
            return Err(JsonFault::Syntax);
        }
        if self.next() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.next() != Some(b'"') {
                return Err(JsonFault::Syntax);
            }
            let name = self.string()?;
            self.expect(b':')?;
            each(self, name)?;
            if self.is_over(b'}')? {
                return Ok(());
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, JsonFault> {
        let mut list = Vec::new();
        self.items(depth, |reader| {
            list.push(reader.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Value::Array(list))
    }

    /// The items of a list as texts.
    fn texts(&mut self) -> Result<Vec<&'t str>, JsonFault> {
        let mut texts = Vec::new();
        self.expect(b'[')?;
        self.items(1, |reader| {
            reader.next();
            let start = reader.at;
            reader.value(2)?;
            texts.push(&reader.text[start..reader.at]);
            Ok(())
        })?;
        Ok(texts)
    }

    /// What follows a `[`, as far as its `]`.
    fn items(
        &mut self,
        depth: usize,
        mut each: impl FnMut(&mut Self) -> Result<(), JsonFault>,
    ) -> Result<(), JsonFault> {
        if depth >= DEEPEST {
            return Err(JsonFault::Syntax);
        }
        if self.next() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            each(self)?;
            if self.is_over(b']')? {
                return Ok(());
            }
        }
    }

    /// After a member or an item: whether it was the last, or a comma announces another.
    fn is_over(&mut self, end: u8) -> Result<bool, JsonFault> {
        let next = self.next().ok_or(JsonFault::Syntax)?;
        self.at += 1;
        match next {
            b',' => Ok(false),
            next if next == end => Ok(true),
            _ => Err(JsonFault::Syntax),
        }
    }

    /// A string from its opening quote on. One with escapes is serde_json's to decode.
    fn string(&mut self) -> Result<Cow<'t, str>, JsonFault> {
        let start = self.at;
        let (mut at, mut has_escape) = (start + 1, false);
        loop {
            match self.text.as_bytes().get(at) {
                Some(b'"') => break,
                Some(b'\\') => (has_escape, at) = (true, at + 2),
                Some(0x20..) => at += 1,
                Some(_) | None => return Err(JsonFault::Syntax),
            }
        }
        self.at = at + 1;
        if has_escape {
            let text = serde_json::from_str(&self.text[start..=at]);
            return text.map(Cow::Owned).map_err(|_| JsonFault::Syntax);
        }
        Ok(Cow::Borrowed(&self.text[start + 1..at]))
    }

    fn number(&mut self) -> Result<Value, JsonFault> {
        let rest = &self.text[self.at..];
        let is_part = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
        let length = rest.bytes().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        self.at += length;
        rest[..length].parse::<Number>().map(Value::Number).map_err(|_| JsonFault::Syntax)
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonFault> {
        let is_it = self.text[self.at..].starts_with(word);
        self.at += word.len();
        if is_it { Ok(value) } else { Err(JsonFault::Syntax) }
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonFault> {
        let next = self.next();
        self.at += 1;
        if next == Some(byte) { Ok(()) } else { Err(JsonFault::Syntax) }
    }

    /// The next byte that is no white space, where the place is then.
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }
}

#[cfg(test)]
mod tests;
