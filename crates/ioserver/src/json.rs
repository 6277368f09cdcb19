//! JSON as JavaScript writes it: `2` and not `2.0`.

use std::io;

use serde::Serialize;
use serde_json::{
    Result, Serializer,
    ser::{CompactFormatter, Formatter},
};

/// Serialises a value without blanks. Only numbers differ from what serde_json writes: clients may
/// compare answers as text, or read `2.0` into a type of their own that is not the one for `2`.
pub(crate) fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    let mut json = Vec::with_capacity(128);
    value.serialize(&mut Serializer::with_formatter(&mut json, JavaScript))?;
    Ok(json)
}

struct JavaScript;

impl Formatter for JavaScript {
    /// ECMA-262, `Number::toString`. Infinities and NaN have become `null` already.
    fn write_f64<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
        let size = value.abs();
        if value.fract() == 0.0 && size < EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole, and small enough")]
            return self.write_i64(writer, value as i64);
        }
        if (1e-5..EXACT).contains(&size) {
            return CompactFormatter.write_f64(writer, value); // the same, and faster
        }
        match format!("{value:e}").split_once('e') {
            Some((digits, exponent)) if size >= 1e21 => write!(writer, "{digits}e+{exponent}"),
            Some((digits, exponent)) if size < 1e-6 => write!(writer, "{digits}e{exponent}"),
            _ => write!(writer, "{value}"),
        }
    }

    fn write_f32<W: io::Write + ?Sized>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        // The shortest digits of an `f32` are not those of the same number as `f64`.
        self.write_f64(writer, value.to_string().parse().unwrap_or_else(|_| value.into()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written<T: Serialize>(value: T) -> String {
        String::from_utf8(to_vec(&value).unwrap()).unwrap()
    }

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        let numbers = [
            (2.0, "2"),
            (-0.0, "0"),
            (-7.0, "-7"),
            (0.1, "0.1"),
            (1e3, "1000"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (5e-324, "5e-324"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e-5, "0.00001"),
            (9_007_199_254_740_991.5, "9007199254740992"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::NAN, "null"),
        ];
        for (number, text) in numbers {
            assert_eq!(written(number), text);
        }
        assert_eq!(written(0.1_f32), "0.1");
        assert_eq!(written(3.0_f32), "3");
        assert_eq!(written(u64::MAX), "18446744073709551615", "as it is, unlike JavaScript");
        assert_eq!(written(json!({ "a": [1.0, "é\n"] })), "{\"a\":[1,\"é\\n\"]}");
    }
}
