//! Dates and times: RFC 3339 section 5.6, with the leniencies that ajv-formats has.

pub(super) fn is_date(text: &str) -> bool {
    let [year, month, day] = *text.split('-').collect::<Vec<_>>() else { return false };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let days = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

pub(super) fn is_time(text: &str) -> bool {
    Time::read(text).is_some_and(|time| time.has_zone && time.exists())
}

/// A time whose zone may be left out.
pub(super) fn is_iso_time(text: &str) -> bool {
    Time::read(text).is_some_and(|time| time.exists())
}

pub(super) fn is_date_time(text: &str) -> bool {
    split(text).is_some_and(|(date, time)| is_date(date) && is_time(time))
}

pub(super) fn is_iso_date_time(text: &str) -> bool {
    split(text).is_some_and(|(date, time)| is_date(date) && is_iso_time(time))
}

/// RFC 3339 appendix A.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else { return false };
    if rest.strip_suffix('W').is_some_and(is_number) {
        return true;
    }
    let (days, time) = match rest.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (rest, None),
    };
    let (days, time) = match time {
        None => (!days.is_empty() && is_parts(days, "YMD"), true),
        Some(time) => (is_parts(days, "YMD"), !time.is_empty() && is_parts(time, "HMS")),
    };
    days && time
}

/// Numbers, each with one of the units, in the units' order.
fn is_parts(mut text: &str, units: &str) -> bool {
    let mut units = units.chars();
    while !text.is_empty() {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let unit = text[end..].chars().next();
        if end == 0 || !units.any(|known| Some(known) == unit) {
            return false;
        }
        text = &text[end + 1..];
    }
    true
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits(text: &str, length: usize) -> Option<i32> {
    (text.len() == length && is_number(text)).then(|| text.parse().ok()).flatten()
}

fn split(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.split(|c: char| matches!(c, 't' | 'T') || c.is_whitespace());
    let (date, time) = (parts.next()?, parts.next()?);
    parts.next().is_none().then_some((date, time))
}

struct Time {
    hour: i32,
    minute: i32,
    second: f64,
    /// In minutes.
    zone: (i32, i32),
    has_zone: bool,
}

impl Time {
    fn read(text: &str) -> Option<Self> {
        let (hour, minute) = (digits(text.get(..2)?, 2)?, digits(text.get(3..5)?, 2)?);
        if text.get(2..3)? != ":" || text.get(5..6)? != ":" {
            return None;
        }
        let rest = text.get(6..)?;
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (second, zone) = rest.split_at(end);
        let (whole, fraction) = second.split_once('.').unwrap_or((second, "0"));
        digits(whole, 2).filter(|_| is_number(fraction))?;
        let second = second.parse().ok()?;
        Some(Self { hour, minute, second, zone: read_zone(zone)?, has_zone: !zone.is_empty() })
    }

    fn exists(&self) -> bool {
        if self.hour <= 23 && self.minute <= 59 && self.second < 60.0 {
            return true;
        }
        // A leap second is the last of a day in UTC.
        let minute = self.minute - self.zone.1;
        let hour = self.hour - self.zone.0 - i32::from(minute < 0);
        matches!(hour, 23 | -1) && matches!(minute, 59 | -1) && self.second < 61.0
    }
}

/// Hours and minutes, both with the zone's sign.
fn read_zone(text: &str) -> Option<(i32, i32)> {
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return Some((0, 0));
    }
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = (text.get(1..3)?, text.get(3..)?);
    let minutes = minutes.strip_prefix(':').filter(|rest| !rest.is_empty()).unwrap_or(minutes);
    let hours = digits(hours, 2).filter(|hours| *hours <= 23)?;
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes, 2)? };
    (minutes <= 59).then_some((sign * hours, sign * minutes))
}
