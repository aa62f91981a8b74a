//! `sort`, `unique`, `groupby` and `dictsort`.
//!
//! Keys are read first, all of them, while nothing is borrowed; then positions
//! are sorted by keys, which may borrow the texts that they stand for.

use crate::{
    registry::{Row, params},
    support::{
        Answer, attribute, attribute_or_empty, expect_text, is_number, less, lowered,
        sorted_positions,
    },
};
use gravure_source::Code;
use gravure_value::{
    ALLOCATION, Args, Call, Dict, Fault, Heap, Kind, Mark, Value, View, ops, text,
};
use std::{borrow::Cow, cmp::Ordering, collections::HashSet};

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::naming(
            &["sort"],
            params!("value, /, reverse=, case_sensitive=, attribute="),
            sort,
        ),
        Row::naming(
            &["unique"],
            params!("value, /, case_sensitive=, attribute="),
            unique,
        ),
        Row::naming(&["groupby"], params!("value, /, attribute"), groupby),
        Row::new(
            &["dictsort"],
            params!("value, /, case_sensitive=, by=, reverse="),
            dictsort,
        ),
    ]
}

fn is_set<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, idx: usize) -> bool {
    args.given(idx)
        .is_some_and(|it| ops::is_truthy(call.heap(), it))
}

/// What a value is sorted by: numbers, then texts, then what is missing.
enum Key<'h, 'c> {
    Number(Value<'c>),
    Text(Cow<'h, str>),
    Missing,
}

/// A text in small letters is made, lies elsewhere than its neighbors, and is
/// released.
const LOWERED: u64 = 2 * ALLOCATION;

impl<'h, 'c> Key<'h, 'c> {
    fn new(heap: &'h Heap<'c>, value: Value<'c>, is_exact: bool) -> Result<Self, Fault> {
        if value.is_missing() {
            return Ok(Key::Missing);
        }
        if is_number(heap, value) {
            return Ok(Key::Number(value));
        }
        let text = ops::to_text(heap, value)?;
        heap.charge(text.len() as u64 / 8)?;
        if text.is_empty() && heap.kind(value) == Kind::Str {
            return Ok(Key::Missing);
        }
        let text = if is_exact { text } else { lowered(text) };
        if let Cow::Owned(_) = text {
            heap.charge(LOWERED)?;
        }
        Ok(Key::Text(text))
    }

    fn order(&self, heap: &Heap<'c>, other: &Self) -> Result<Ordering, Fault> {
        Ok(match (self, other) {
            (Key::Number(lhs), Key::Number(rhs)) if less(heap, *lhs, *rhs)? => Ordering::Less,
            (Key::Number(lhs), Key::Number(rhs)) if less(heap, *rhs, *lhs)? => Ordering::Greater,
            (Key::Text(lhs), Key::Text(rhs)) => {
                // Two texts, which lie wherever they were made.
                heap.charge(1 + lhs.len().min(rhs.len()) as u64 / 64)?;
                lhs.cmp(rhs)
            }
            _ => self.rank().cmp(&other.rank()),
        })
    }

    fn rank(&self) -> u8 {
        match self {
            Key::Number(_) => 0,
            Key::Text(_) => 1,
            Key::Missing => 2,
        }
    }

    /// Bytes that the key holds itself.
    fn bytes(&self) -> u64 {
        let own = match self {
            Key::Text(Cow::Owned(text)) => text.len(),
            _ => 0,
        };
        (own + size_of::<Self>()) as u64
    }
}

/// Keys of values, counted as memory while they are made.
fn keys<'h, 'c>(
    heap: &'h Heap<'c>,
    values: &[Value<'c>],
    is_exact: bool,
) -> Result<Vec<Key<'h, 'c>>, Fault> {
    let mut bytes = 0;
    let mut keys = Vec::with_capacity(values.len());
    for &value in values {
        let key = Key::new(heap, value, is_exact)?;
        bytes += key.bytes();
        heap.reserve(bytes)?;
        keys.push(key);
    }
    Ok(keys)
}

fn sort<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    if !ops::is_truthy(call.heap(), args.get(0)) {
        return call.heap().new_list(Vec::new());
    }
    let is_reverse = is_set(call, args, 1);
    let is_exact = is_set(call, args, 2);
    let attrs = match args.given(3).filter(|it| !it.is_none()) {
        Some(attrs) => Some(expect_text(call.heap(), attrs, "attribute")?.to_owned()),
        None => None,
    };
    let items = call.items(args.get(0))?;
    let (values, width) = match attrs {
        None => (None, 1),
        Some(attrs) => {
            let names: Vec<&str> = attrs
                .split(',')
                .map(|it| it.trim_matches(text::is_space))
                .collect();
            call.charge((items.len() as u64).saturating_mul(names.len() as u64))?;
            let n_values = (items.len() as u64).saturating_mul(names.len() as u64);
            call.heap().check_collection(n_values)?;
            let mut values = Vec::with_capacity(items.len() * names.len());
            for &item in &items {
                for name in &names {
                    values.push(match call.host.strict_none() {
                        true => attribute(call, item, name)?.unwrap_or(Value::Undefined),
                        false => attribute_or_empty(call, item, name)?,
                    });
                }
            }
            (Some(values), names.len())
        }
    };
    let values = values.as_deref().unwrap_or(&items);
    if call.host.strict_none() && values.iter().any(|it| it.is_none()) {
        return Err(Fault::none_order("none", "other values"));
    }
    let heap = call.heap();
    let order = {
        let keys = keys(heap, values, is_exact)?;
        let rows: Vec<&[Key<'_, '_>]> = keys.chunks(width).collect();
        sorted_positions(heap, &rows, |lhs, rhs| {
            let (lhs, rhs) = if is_reverse { (rhs, lhs) } else { (lhs, rhs) };
            for (lhs, rhs) in lhs.iter().zip(*rhs) {
                match lhs.order(heap, rhs)? {
                    Ordering::Equal => {}
                    unequal => return Ok(unequal.is_lt()),
                }
            }
            Ok(false)
        })?
    };
    let sorted = order.into_iter().filter_map(|at| items.get(at).copied());
    let sorted = sorted.collect();
    heap.new_list(sorted)
}

fn unique<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let is_exact = is_set(call, args, 1);
    let attr = match args.given(2).filter(|it| !it.is_none()) {
        Some(attr) => Some(expect_text(call.heap(), attr, "attribute")?.to_owned()),
        None => None,
    };
    let items = call.items(args.get(0))?;
    let mut values = None;
    if let Some(name) = attr {
        let mut read = Vec::with_capacity(items.len());
        for &item in &items {
            read.push(attribute(call, item, &name)?.unwrap_or(Value::None));
        }
        values = Some(read);
    }
    let heap = call.heap();
    // Each is looked for among the others, wherever those lie by now.
    heap.charge(items.len() as u64)?;
    let mut kept = Vec::new();
    {
        let mut texts: HashSet<Cow<'_, str>> = HashSet::new();
        let mut others = Dict::new();
        let mut bytes = 0;
        for (&item, &value) in items.iter().zip(values.as_deref().unwrap_or(&items)) {
            let is_new = match heap.text(value) {
                Some(text) => {
                    bytes += text.len() as u64 + 32;
                    heap.charge(ALLOCATION + text.len() as u64 / 8)?;
                    heap.reserve(bytes)?;
                    let mut text = Cow::Borrowed(text);
                    if !is_exact {
                        text = lowered(text);
                    }
                    if let Cow::Owned(_) = text {
                        heap.charge(LOWERED)?;
                    }
                    texts.insert(text)
                }
                None => {
                    let n_known = others.len();
                    others.insert(heap, value, Value::None)?;
                    others.len() > n_known
                }
            };
            if is_new {
                kept.push(item);
            }
        }
    }
    heap.new_list(kept)
}

fn groupby<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let name = expect_text(call.heap(), args.get(1), "attribute")?.to_owned();
    let items = call.items(args.get(0))?;
    // Each item has its key read, told apart, and sorted.
    call.charge((items.len() as u64).saturating_mul(2 * ALLOCATION))?;
    let mut values = Vec::with_capacity(items.len());
    for &item in &items {
        values.push(attribute(call, item, &name)?.unwrap_or(Value::Undefined));
    }
    let heap = call.heap();
    let groups = grouped(heap, &values)?;
    let mut made = Vec::with_capacity(groups.len());
    for (key, members) in groups {
        let members = members.into_iter().filter_map(|at| items.get(at).copied());
        let list = members.collect();
        let list = heap.new_list(list)?;
        let key = if key.is_undefined() { Value::None } else { key };
        let mut group = Dict::new();
        group.insert(heap, Value::Str(Mark::Plain, "grouper"), key)?;
        group.insert(heap, Value::Str(Mark::Plain, "list"), list)?;
        made.push(heap.new_dict(group)?);
    }
    heap.new_list(made)
}

/// Keys in sorted order, each once, with the positions of their items.
/// What is missing is a key of its own, apart from none.
fn grouped<'c>(
    heap: &Heap<'c>,
    values: &[Value<'c>],
) -> Result<Vec<(Value<'c>, Vec<usize>)>, Fault> {
    let keys = keys(heap, values, false)?;
    let order = sorted_positions(heap, &keys, |lhs, rhs| match (lhs, rhs) {
        (Key::Number(_), Key::Text(_)) => Err(Fault::order("numbers", "other values")),
        (Key::Text(_), Key::Number(_)) => Err(Fault::order("numbers", "other values")),
        _ => Ok(lhs.order(heap, rhs)?.is_lt()),
    })?;
    let mut groups = Groups::default();
    for at in order {
        if let Some(&value) = values.get(at) {
            groups.add(heap, value, at)?;
        }
    }
    Ok(groups.list)
}

/// Groups in order, and where they are.
#[derive(Default)]
struct Groups<'c> {
    list: Vec<(Value<'c>, Vec<usize>)>,
    /// Groups by key, for keys that can be hashed.
    hashed: Dict<'c>,
    /// Groups whose keys cannot.
    others: Vec<usize>,
    /// The group of what has no key.
    missing: Option<usize>,
}

impl<'c> Groups<'c> {
    fn add(&mut self, heap: &Heap<'c>, key: Value<'c>, at: usize) -> Result<(), Fault> {
        match self.find(heap, key)?.and_then(|idx| self.list.get_mut(idx)) {
            Some((_, members)) => members.push(at),
            None => {
                heap.charge(ALLOCATION)?;
                self.list.push((key, vec![at]));
            }
        }
        Ok(())
    }

    /// The group of a key; a key that is new is known afterwards, by the
    /// number of the group that will be added.
    fn find(&mut self, heap: &Heap<'c>, key: Value<'c>) -> Result<Option<usize>, Fault> {
        let next = self.list.len();
        if key.is_undefined() {
            let found = self.missing;
            self.missing.get_or_insert(next);
            return Ok(found);
        }
        match self.hashed.get(heap, key) {
            Ok(Some(Value::Int(idx))) => return Ok(usize::try_from(idx).ok()),
            Ok(_) => {
                self.hashed.insert(heap, key, Value::Int(next as i64))?;
                return Ok(None);
            }
            Err(fault) if fault.code == Code::RunKind => {}
            Err(fault) => return Err(fault),
        }
        for &idx in &self.others {
            heap.charge(1)?;
            if let Some((known, _)) = self.list.get(idx)
                && ops::eq(heap, *known, key)?
            {
                return Ok(Some(idx));
            }
        }
        self.others.push(next);
        Ok(None)
    }
}

fn dictsort<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let is_exact = is_set(call, args, 1);
    let is_reverse = is_set(call, args, 3);
    let heap = call.heap();
    let by_value = args.given(2).and_then(|by| heap.text(by)) == Some("value");
    let entries = match heap.view(args.get(0)) {
        View::Dict(map) => {
            heap.charge((map.len() as u64).saturating_mul(ALLOCATION))?;
            heap.check_collection(map.len() as u64)?;
            map.entries(heap)
        }
        View::Undefined => Vec::new(),
        _ => {
            let kind = heap.kind_name(args.get(0));
            return Err(Fault::kind(format!("`dictsort` takes a dict, not {kind}")));
        }
    };
    let order = {
        let mut texts = Vec::with_capacity(entries.len());
        for &(key, value) in &entries {
            let by = if by_value { value } else { key };
            let text = match heap.text(by) {
                Some(text) => {
                    heap.charge(text.len() as u64 / 8)?;
                    let mut text = Cow::Borrowed(text);
                    if !is_exact {
                        text = lowered(text);
                    }
                    if let Cow::Owned(_) = text {
                        heap.charge(LOWERED)?;
                    }
                    Some(text)
                }
                None => None,
            };
            texts.push((by, text));
        }
        sorted_positions(heap, &texts, |lhs, rhs| {
            let (lhs, rhs) = if is_reverse { (rhs, lhs) } else { (lhs, rhs) };
            match (lhs, rhs) {
                ((_, Some(lhs)), (_, Some(rhs))) => Ok(lhs < rhs),
                _ => less(heap, lhs.0, rhs.0),
            }
        })?
    };
    let mut pairs = Vec::with_capacity(entries.len());
    for at in order {
        if let Some(&(key, value)) = entries.get(at) {
            pairs.push(heap.new_tuple(vec![key, value])?);
        }
    }
    heap.new_list(pairs)
}
