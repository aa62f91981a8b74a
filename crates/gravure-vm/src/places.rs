//! Places of lists, filled in with what was pushed.
//!
//! A pushed text may hold places itself, so filling is a walk; it keeps its
//! own stack. A place within its own list's texts gives nothing, and what is
//! written is bounded as any output is: pushes that print other lists can
//! double with each of them.

use crate::{exec::Exec, machine::Machine};
use gravure_source::{Code, RandomState};
use gravure_value::{Fault, Placed, Value};
use std::collections::HashMap;

/// One text on its way: the text, how far it is written, its next place, and
/// which push of which list it is.
struct Open<'a> {
    placed: &'a Placed,
    from: usize,
    next: usize,
    list: &'a str,
    /// The next push of the same list.
    following: usize,
}

/// Text with its places filled, at most `limit` bytes of it.
///
/// # Errors
/// `K-SEC-005` if it would be longer, what `charge` says.
pub(crate) fn fill(
    placed: &Placed,
    pushes: &[(Box<str>, Placed)],
    limit: usize,
    charge: impl Fn(u64) -> Result<(), Fault>,
) -> Result<String, Fault> {
    charge((pushes.len() + placed.places.len()) as u64)?;
    let mut lists: HashMap<&str, Vec<&Placed>, RandomState> = HashMap::default();
    for (list, text) in pushes {
        lists.entry(list).or_default().push(text);
    }
    let mut filled = String::with_capacity(placed.text.len());
    let mut open = vec![Open {
        placed,
        from: 0,
        next: 0,
        list: "",
        following: usize::MAX,
    }];
    loop {
        // Whether a list is open already is asked of all of them.
        charge(1 + open.len() as u64 / 8)?;
        let Some(top) = open.last_mut() else {
            break;
        };
        let place = top.placed.places.get(top.next);
        let end = place.map_or(top.placed.text.len(), |(at, _)| *at);
        filled.push_str(top.placed.text.get(top.from..end).unwrap_or(""));
        if filled.len() > limit {
            return Err(Fault::new(
                Code::SecOutput,
                format!("pushed texts make more than {limit} bytes"),
            ));
        }
        top.from = end;
        top.next += 1;
        let wanted = match place {
            Some((_, list)) => Some((&**list, 0)),
            // Behind the end of a push stands the next one of its list.
            None => open.pop().map(|done| (done.list, done.following)),
        };
        let Some((list, first)) = wanted else {
            continue;
        };
        if open.iter().any(|other| other.list == list) || list.is_empty() {
            continue;
        }
        let texts = lists.get(list).map_or(&[][..], |texts| texts);
        if let Some(placed) = texts.get(first) {
            open.push(Open {
                placed,
                from: 0,
                next: 0,
                list,
                following: first + 1,
            });
        }
    }
    Ok(filled)
}

impl<'c> Machine<'c> {
    /// Text with its places filled with what is there now.
    pub(crate) fn filled(&self, placed: &Placed) -> Result<String, Fault> {
        let most = self.most_output().min(self.heap.limits.memory);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        fill(placed, &self.pushes, most, |steps| self.heap.charge(steps))
    }
}

impl<'c> Exec<'_, 'c> {
    /// A value that somebody is going to look into: a text's places are filled
    /// with what is there now.
    #[inline]
    pub(crate) fn settled(&mut self, value: Value<'c>) -> Result<Value<'c>, Fault> {
        match value {
            Value::Text(..) if !self.m.heap.places(value).is_empty() => self.settle(value),
            _ => Ok(value),
        }
    }

    #[cold]
    fn settle(&mut self, value: Value<'c>) -> Result<Value<'c>, Fault> {
        let shown = self.m.heap.text(value).unwrap_or("");
        let places = self.m.heap.places(value);
        self.m.heap.charge(shown.len() as u64 / 8)?;
        self.m.heap.charge_places(places, shown.len())?;
        let placed = Placed {
            text: shown.into(),
            places: places.to_vec(),
        };
        let text = self.m.filled(&placed)?;
        let mark = self.m.heap.mark(value);
        self.m.heap.new_text(mark, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(text: &str, places: &[(usize, &str)]) -> Placed {
        Placed {
            text: text.into(),
            places: places.iter().map(|&(at, list)| (at, list.into())).collect(),
        }
    }

    fn check(page: Placed, pushes: &[(&str, Placed)], expected: &str) {
        let pushes: Vec<_> = pushes
            .iter()
            .map(|(list, text)| ((*list).into(), text.clone()))
            .collect();
        assert_eq!(fill(&page, &pushes, 1_000, |_| Ok(())).unwrap(), expected);
    }

    #[test]
    fn lists_appear_in_the_order_of_their_pushes() {
        let pushes = [
            ("s", placed("1", &[])),
            ("t", placed("x", &[])),
            ("s", placed("2", &[])),
        ];
        check(placed("<>-<>", &[(1, "s"), (4, "s")]), &pushes, "<12>-<12>");
        check(placed("ab", &[(0, "t"), (2, "none")]), &pushes, "xab");
    }

    #[test]
    fn pushes_may_print_other_lists_but_not_themselves() {
        let pushes = [
            ("s", placed("(ab)", &[(2, "t")])),
            ("t", placed("T", &[])),
            ("s", placed("!", &[(0, "s")])),
        ];
        check(placed("", &[(0, "s")]), &pushes, "(aTb)!");
    }

    #[test]
    fn what_doubles_is_bounded() {
        let names: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let pushes: Vec<_> = (0..39)
            .map(|n| {
                let next = &*names[n + 1];
                (&*names[n], placed("xx", &[(0, next), (1, next)]))
            })
            .map(|(list, text)| (Box::<str>::from(list), text))
            .collect();
        assert!(fill(&placed("", &[(0, "0")]), &pushes, 100_000, |_| Ok(())).is_err());
    }
}
