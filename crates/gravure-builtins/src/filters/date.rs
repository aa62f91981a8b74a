//! The filter `date`: seconds since 1970 as text, in the host's local time; and
//! moments that host objects stand for, as they say themselves.
//!
//! The calendar is the Gregorian one, forward and back; the offset of the zone
//! at a moment comes from the world.

use crate::{
    registry::{Row, params},
    support::{Answer, expect_text, new_text},
};
use gravure_value::{Args, Call, Mark, Value, View};

const DAY: i64 = 86_400;
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) fn rows() -> Vec<Row> {
    vec![Row::reading(&["date"], params!("value, /, format="), date)]
}

fn date<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let format = args.get_or(1, Value::Str(Mark::Plain, "%Y-%m-%d"));
    let heap = call.heap();
    let format = expect_text(heap, format, "format")?.to_owned();
    // No directive writes more than 24 bytes for its two.
    heap.check_text((format.len() as u64).saturating_mul(12))?;
    // The longest of them is made of five others.
    let n_directives = format.bytes().filter(|byte| *byte == b'%').count() as u64;
    heap.charge(format.len() as u64 + n_directives.saturating_mul(16))?;
    let own = match heap.view(args.get(0)) {
        View::Object(object) => object.moment(),
        View::Shared(object) => object.moment(),
        _ => None,
    };
    if let Some(own) = own {
        return match Moment::of_host(&own) {
            Some(moment) => {
                let text = moment.format(&format);
                new_text(call, text)
            }
            None => Ok(Value::Str(Mark::Plain, "")),
        };
    }
    let moment = match heap.view(args.get(0)) {
        View::Bool(it) => Some((i64::from(it), 0)),
        View::Int(it) => Some((it, 0)),
        View::Float(it) => split_seconds(it),
        _ => None,
    };
    let local = moment
        .filter(|(seconds, _)| seconds.unsigned_abs() < 1 << 40)
        .map(|(seconds, micros)| {
            let offset = i64::from(call.host.world().local_offset(seconds));
            Moment::new(seconds, seconds + offset, micros)
        })
        .filter(|moment| (1..=9999).contains(&moment.year));
    match local {
        Some(moment) => new_text(call, moment.format(&format)),
        None => Ok(Value::Str(Mark::Plain, "")),
    }
}

/// Whole seconds and microseconds, rounded half to even.
fn split_seconds(seconds: f64) -> Option<(i64, u32)> {
    if !seconds.is_finite() || seconds.abs() >= (1u64 << 40) as f64 {
        return None;
    }
    let whole = seconds.floor();
    let micros = ((seconds - whole) * 1e6).round_ties_even();
    let (whole, micros) = if micros >= 1e6 {
        (whole + 1.0, 0.0)
    } else {
        (whole, micros)
    };
    Some((whole as i64, micros as u32))
}

/// A moment as a calendar and a clock show it.
struct Moment {
    unix: i64,
    year: i64,
    month: i64,
    day: i64,
    /// Day of the year, from 1.
    ordinal: i64,
    /// Days since Monday.
    weekday: i64,
    hour: i64,
    minute: i64,
    second: i64,
    micros: u32,
    /// `+0100` and `CET`; empty for numbers.
    offset: String,
    zone: String,
}

impl Moment {
    /// What an object of the host stands for; `None` outside of the years 1 to
    /// 9999.
    fn of_host(own: &gravure_value::Moment) -> Option<Self> {
        if own.unix_seconds.unsigned_abs() >= 1 << 40 || own.micros >= 1_000_000 {
            return None;
        }
        let offset = i64::from(own.offset.unwrap_or(0));
        let mut moment = Self::new(own.unix_seconds, own.unix_seconds + offset, own.micros);
        if own.offset.is_some() {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.abs() / 60;
            moment.offset = format!("{sign}{:02}{:02}", minutes / 60, minutes % 60);
        }
        moment.zone.clone_from(&own.zone);
        Some(moment).filter(|moment| (1..=9999).contains(&moment.year))
    }

    fn new(unix: i64, local: i64, micros: u32) -> Self {
        let days = local.div_euclid(DAY);
        let clock = local.rem_euclid(DAY);
        let (year, month, day) = civil(days);
        Self {
            unix,
            year,
            month,
            day,
            ordinal: days - days_before(year, 1, 1) + 1,
            weekday: (days + 3).rem_euclid(7),
            hour: clock / 3600,
            minute: clock / 60 % 60,
            second: clock % 60,
            micros,
            offset: String::new(),
            zone: String::new(),
        }
    }

    fn format(&self, format: &str) -> String {
        let mut out = String::new();
        let mut rest = format;
        while let Some((text, tail)) = rest.split_once('%') {
            out.push_str(text);
            let (is_bare, directive) = match tail.strip_prefix('-') {
                Some(tail) => (true, tail),
                None => (false, tail),
            };
            let start = out.len();
            let mut chars = directive.chars();
            let is_known = chars.next().is_some_and(|c| self.directive(c, &mut out));
            if !is_known {
                out.push('%');
                rest = tail;
                continue;
            }
            if is_bare {
                let written = out.split_off(start);
                out.push_str(without_padding(&written));
            }
            rest = chars.as_str();
        }
        out.push_str(rest);
        out
    }

    /// Write what a directive stands for; false if it is none.
    fn directive(&self, c: char, out: &mut String) -> bool {
        let text = match c {
            'Y' => format!("{:04}", self.year),
            'y' => two(self.year % 100),
            'C' => two(self.year / 100),
            'm' => two(self.month),
            'd' => two(self.day),
            'e' => format!("{:2}", self.day),
            'H' => two(self.hour),
            'I' => two(self.hour12()),
            'k' => format!("{:2}", self.hour),
            'l' => format!("{:2}", self.hour12()),
            'M' => two(self.minute),
            'S' => two(self.second),
            'f' => format!("{:06}", self.micros),
            'p' => (if self.hour < 12 { "AM" } else { "PM" }).to_owned(),
            'P' => (if self.hour < 12 { "am" } else { "pm" }).to_owned(),
            'A' => name(&WEEKDAYS, self.weekday).to_owned(),
            'a' => short(name(&WEEKDAYS, self.weekday)),
            'B' => name(&MONTHS, self.month - 1).to_owned(),
            'b' | 'h' => short(name(&MONTHS, self.month - 1)),
            'j' => format!("{:03}", self.ordinal),
            'u' => (self.weekday + 1).to_string(),
            'w' => self.days_since_sunday().to_string(),
            'U' => two((self.ordinal + 6 - self.days_since_sunday()) / 7),
            'W' => two((self.ordinal + 6 - self.weekday) / 7),
            'G' => format!("{:04}", self.iso_week().0),
            'V' => two(self.iso_week().1),
            's' => self.unix.to_string(),
            'z' => self.offset.clone(),
            'Z' => self.zone.clone(),
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            '%' => "%".to_owned(),
            'F' => self.format("%Y-%m-%d"),
            'D' | 'x' => self.format("%m/%d/%y"),
            'T' | 'X' => self.format("%H:%M:%S"),
            'R' => self.format("%H:%M"),
            'r' => self.format("%I:%M:%S %p"),
            'c' => self.format("%a %b %e %H:%M:%S %Y"),
            _ => return false,
        };
        out.push_str(&text);
        true
    }

    fn hour12(&self) -> i64 {
        (self.hour + 11) % 12 + 1
    }

    fn days_since_sunday(&self) -> i64 {
        (self.weekday + 1) % 7
    }

    /// The year and number of the week that holds this day; a week belongs to
    /// the year of its Thursday.
    fn iso_week(&self) -> (i64, i64) {
        let week = (self.ordinal - 1 - self.weekday + 10) / 7;
        if week < 1 {
            (self.year - 1, weeks_of(self.year - 1))
        } else if week > weeks_of(self.year) {
            (self.year + 1, 1)
        } else {
            (self.year, week)
        }
    }
}

fn two(n: i64) -> String {
    format!("{n:02}")
}

fn name(names: &[&'static str], idx: i64) -> &'static str {
    let idx = usize::try_from(idx).unwrap_or(usize::MAX);
    names.get(idx).copied().unwrap_or("")
}

fn short(name: &str) -> String {
    name.chars().take(3).collect()
}

/// A number without leading zeros or blanks; its last digit stays.
fn without_padding(text: &str) -> &str {
    let bare = text.trim_start_matches(['0', ' ']);
    if bare.starts_with(|c: char| c.is_ascii_digit()) || text.is_empty() {
        return bare;
    }
    match text.char_indices().next_back() {
        Some((at, c)) if bare.is_empty() && c.is_ascii_digit() => &text[at..],
        _ => text,
    }
}

/// Days from 1970-01-01 to a day.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a day, by its distance from 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = (shifted + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// How many weeks a year has: 53 if it begins or ends on a Thursday.
fn weeks_of(year: i64) -> i64 {
    let weekday = |month, day| (days_before(year, month, day) + 3).rem_euclid(7);
    if weekday(1, 1) == 3 || weekday(12, 31) == 3 {
        53
    } else {
        52
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_the_host_know_their_zone() {
        let own = gravure_value::Moment {
            unix_seconds: 1_718_452_800,
            micros: 250,
            offset: Some(-12_600),
            zone: "NST".to_owned(),
        };
        let moment = Moment::of_host(&own).unwrap();
        assert_eq!(moment.format("%T.%f %z %Z"), "08:30:00.000250 -0330 NST");
        let naive = gravure_value::Moment {
            unix_seconds: -1,
            ..gravure_value::Moment::default()
        };
        let moment = Moment::of_host(&naive).unwrap();
        assert_eq!(moment.format("%F %T[%z%Z]"), "1969-12-31 23:59:59[]");
        let never = gravure_value::Moment {
            unix_seconds: i64::MAX,
            ..naive
        };
        assert!(Moment::of_host(&never).is_none());
    }

    fn show(unix: i64, format: &str) -> String {
        Moment::new(unix, unix, 0).format(format)
    }

    #[test]
    fn days_turn_into_dates_and_back() {
        let mut days = days_before(1, 1, 1);
        let mut expected = (1, 1, 1);
        while expected.0 < 2500 {
            assert_eq!(civil(days), expected);
            assert_eq!(days_before(expected.0, expected.1, expected.2), days);
            let (year, month, day) = expected;
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let len = match month {
                2 => 28 + i64::from(is_leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            expected = if day < len {
                (year, month, day + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
            days += 1;
        }
    }

    #[test]
    fn directives() {
        let noon = 1_718_452_800;
        for (format, expected) in [
            ("%c", "Sat Jun 15 12:00:00 2024"),
            ("%Y %y %C %m %d %e %j", "2024 24 20 06 15 15 167"),
            ("%A %a %B %b %h %u %w", "Saturday Sat June Jun Jun 6 6"),
            ("%I %l %p %P %R %r", "12 12 PM pm 12:00 12:00:00 PM"),
            ("%U %W %G %V %s", "23 24 2024 24 1718452800"),
            (
                "%F %D %T %%|%n%t|%z%Z|",
                "2024-06-15 06/15/24 12:00:00 %|\n\t||",
            ),
            ("%-m %-d %-H %-S %-j %-B", "6 15 12 0 167 June"),
            ("%Q %-Q 100%", "%Q %-Q 100%"),
        ] {
            assert_eq!(show(noon, format), expected, "{format}");
        }
    }

    #[test]
    fn weeks_at_the_turn_of_the_year() {
        for (date, expected) in [
            ((2021, 1, 3), "2020 53 01 00"),
            ((2021, 1, 4), "2021 01 01 01"),
            ((2024, 12, 30), "2025 01 52 53"),
            ((2027, 1, 1), "2026 53 00 00"),
        ] {
            let (year, month, day) = date;
            let unix = days_before(year, month, day) * DAY;
            assert_eq!(show(unix, "%G %V %U %W"), expected, "{date:?}");
        }
    }

    #[test]
    fn fractions_are_rounded_to_microseconds() {
        assert_eq!(split_seconds(1.5), Some((1, 500_000)));
        assert_eq!(split_seconds(-0.25), Some((-1, 750_000)));
        assert_eq!(split_seconds(0.999_999_9), Some((1, 0)));
        assert_eq!(split_seconds(f64::NAN), None);
    }
}
