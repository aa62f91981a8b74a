//! Integers as decimal digits: up to three from a table, more of them eight at
//! a time and without a branch a digit.

/// Bytes of the longest integer.
pub(crate) const MOST_DIGITS: usize = 20;

/// The digits of a number that is not negative and below 10⁸, in a word, the
/// first one lowest, and how many: at least one, at most eight.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn few_digits(int: i64) -> Option<(u64, usize)> {
    let small = u32::try_from(int).ok().filter(|&it| it < 100_000_000)?;
    let digits = digits(small);
    let zeros = (digits | 1 << 56).trailing_zeros() & 0x38;
    Some(((digits | ZEROS) >> zeros, 8 - zeros as usize / 8))
}

/// Write an integer at `at`; gives where it ends. What has no room is not
/// written: [`MOST_DIGITS`] bytes and four more are enough for any.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn int_into(int: i64, out: &mut [u8], at: usize) -> usize {
    match u32::try_from(int) {
        Ok(small) if small < 100_000_000 => first_into(small, out, at),
        _ => long_into(int, out, at),
    }
}

/// The same for numbers as pages are full of, which are small: up to four
/// digits are looked up.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn short_into(int: i64, out: &mut [u8], at: usize) -> usize {
    let (word, len) = match u32::try_from(int) {
        Ok(few @ 0..1_000) => {
            let word = SHORT[few as usize];
            (word, (word >> 24) as usize)
        }
        Ok(four @ 1_000..10_000) => {
            let (most, last) = (four / 10, four % 10);
            let three = SHORT[most as usize] & 0x00ff_ffff;
            (three | (last | 0x30) << 24, 4)
        }
        _ => return int_into(int, out, at),
    };
    if let Some(to) = out.get_mut(at..at + 4) {
        to.copy_from_slice(&word.to_le_bytes());
    }
    at + len
}

/// The digits of each number below a thousand, a byte each, the first one
/// lowest, and how many in the highest byte.
static SHORT: [u32; 1_000] = {
    let mut words = [0; 1_000];
    let mut number = 0;
    while number < 1_000 {
        let digits = (digits(number as u32) | ZEROS) >> 40;
        let zeros = match number {
            0..10 => 2,
            10..100 => 1,
            _ => 0,
        };
        words[number] = (digits >> (8 * zeros)) as u32 | (3 - zeros) << 24;
        number += 1;
    }
    words
};

/// Bytes of the longest decimal fraction that [`decimals_into`] writes, with
/// what it writes behind it.
pub(crate) const MOST_DECIMALS: usize = MOST_DIGITS + 16;

/// Write a float that is a decimal fraction of up to four digits behind the
/// point and fifteen in all; gives where it ends. Such a fraction is the
/// shortest that reads back to it: no two of fifteen digits are one float.
pub(crate) fn decimals_into(float: f64, out: &mut [u8], at: usize) -> Option<usize> {
    const SCALE: f64 = 10_000.0;
    const MOST: u64 = 1_000_000_000_000_000;
    // What the cast makes of other floats is not what they are, either.
    let number = (float.abs() * SCALE + 0.5) as u64;
    if number == 0 || number >= MOST || number as f64 / SCALE != float.abs() {
        return None;
    }
    let mut at = at;
    if float < 0.0 {
        put(out, at, u64::from(b'-'));
        at += 1;
    }
    // Four digits stand in the upper half; zeros at the end go, but one.
    let digits = match u32::try_from(number) {
        Ok(number) if number < 100_000_000 => {
            let all = digits(number);
            let zeros = (all as u32 | 1 << 24).trailing_zeros() & 0x18;
            put(out, at, (all & 0xffff_ffff | ZEROS) >> zeros);
            at += 4 - zeros as usize / 8;
            all >> 32
        }
        _ => {
            at = int_into((number / 10_000) as i64, out, at);
            digits((number % 10_000) as u32) >> 32
        }
    };
    let kept = (4 - (digits as u32).leading_zeros() / 8).max(1);
    put(out, at, (digits | ZEROS) << 8 | u64::from(b'.'));
    Some(at + 1 + kept as usize)
}

#[inline(never)]
fn long_into(int: i64, out: &mut [u8], mut at: usize) -> usize {
    const EIGHT: u64 = 100_000_000;
    let mut rest = int.unsigned_abs();
    if int < 0 {
        put(out, at, u64::from(b'-'));
        at += 1;
    }
    if rest >= EIGHT * EIGHT {
        at = first_into((rest / (EIGHT * EIGHT)) as u32, out, at);
        rest %= EIGHT * EIGHT;
        at = all_into((rest / EIGHT) as u32, out, at);
        return all_into((rest % EIGHT) as u32, out, at);
    }
    if rest >= EIGHT {
        at = first_into((rest / EIGHT) as u32, out, at);
        return all_into((rest % EIGHT) as u32, out, at);
    }
    first_into(rest as u32, out, at)
}

/// A number below 10⁸ without leading zeros.
#[cfg_attr(not(debug_assertions), inline(always))]
fn first_into(number: u32, out: &mut [u8], at: usize) -> usize {
    let digits = digits(number);
    // The last digit stays, whatever it is.
    let zeros = (digits | 1 << 56).trailing_zeros() & !7;
    put(out, at, (digits | ZEROS) >> zeros);
    at + 8 - zeros as usize / 8
}

/// Eight digits of a number below 10⁸.
#[cfg_attr(not(debug_assertions), inline(always))]
fn all_into(number: u32, out: &mut [u8], at: usize) -> usize {
    put(out, at, digits(number) | ZEROS);
    at + 8
}

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The eight digits of a number below 10⁸, a byte each, the first one lowest:
/// halves, quarters and digits are split off side by side in one word.
#[cfg_attr(not(debug_assertions), inline(always))]
const fn digits(number: u32) -> u64 {
    let (high, low) = ((number / 10_000) as u64, (number % 10_000) as u64);
    let halves = high | low << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let quarters = hundreds | (halves - hundreds * 100) << 16;
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (quarters - tens * 10) << 8
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn put(out: &mut [u8], at: usize, word: u64) {
    if let Some(to) = out.get_mut(at..at + 8) {
        to.copy_from_slice(&word.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(int: i64, into: fn(i64, &mut [u8], usize) -> usize) -> String {
        let mut out = [0; 1 + MOST_DIGITS + 8];
        let end = into(int, &mut out, 1);
        String::from_utf8(out[1..end].to_vec()).unwrap()
    }

    #[test]
    fn integers_print_their_digits() {
        let mut around: Vec<i64> = vec![0, i64::MAX, i64::MIN, i64::MIN + 1];
        let mut power = 1i64;
        while let Some(next) = power.checked_mul(10) {
            for near in -2..=2 {
                around.extend([power + near, -(power + near), power * 9 + near]);
            }
            power = next;
        }
        for int in around.into_iter().chain(0..20_000) {
            assert_eq!(shown(int, int_into), int.to_string());
            assert_eq!(shown(int, short_into), int.to_string());
        }
    }

    #[test]
    fn decimal_fractions_print_as_floats_do() {
        let mut tried = 0;
        for whole in [0_i64, 1, 9, 10, 4_096, 99_999_999, 99_999_999_999] {
            for part in 0..10_000_i64 {
                for sign in [1.0, -1.0] {
                    let float = sign * (whole * 10_000 + part) as f64 / 10_000.0;
                    let mut out = [0; 1 + MOST_DECIMALS];
                    let Some(end) = decimals_into(float, &mut out, 1) else {
                        continue;
                    };
                    let mut plain = String::new();
                    gravure_value::text::float_text(float, &mut plain);
                    assert_eq!(std::str::from_utf8(&out[1..end]), Ok(&*plain));
                    tried += 1;
                }
            }
        }
        // All but the zeros are done here.
        assert_eq!(tried, 7 * 20_000 - 2);
    }

    #[test]
    fn other_floats_are_left() {
        for float in [
            0.0,
            -0.0,
            0.1 + 0.2,
            1e-5,
            1e15,
            1e300,
            f64::NAN,
            f64::INFINITY,
            -1e-300,
        ] {
            assert_eq!(
                decimals_into(float, &mut [0; MOST_DECIMALS], 0),
                None,
                "{float}"
            );
        }
    }

    #[test]
    fn every_number_of_four_digits_is_right_in_both_halves() {
        for low in 0..10_000u32 {
            assert_eq!(shown(i64::from(low), int_into), low.to_string());
            let high = low * 10_000 + 4_071;
            assert_eq!(shown(i64::from(high), int_into), high.to_string());
        }
    }
}
