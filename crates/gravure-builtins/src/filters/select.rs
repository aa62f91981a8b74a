//! `map`, `select`, `reject` and their relatives by attribute: filters that
//! ask a method or a predicate about each item.

use crate::{
    registry::{Row, params},
    support::{
        Answer, attribute, attribute_or_empty, expect_text, is_number, items_if_any, wrong_argument,
    },
};
use gravure_source::Code;
use gravure_value::{Args, Call, Fault, Kind, Native, NativeId, Params, Run, Value, ops};

pub(super) fn rows() -> Vec<Row> {
    const TESTED: Params = params!("value, /, test=, *rest, **named");
    const TESTED_ATTRIBUTE: Params = params!("value, /, attr, test=, *rest, **named");
    vec![
        Row::naming(
            &["map"],
            params!("value, method=, /, *rest, attribute=, **named"),
            map,
        ),
        Row::naming(&["select"], TESTED, select),
        Row::naming(&["reject"], TESTED, reject),
        Row::naming(&["selectattr"], TESTED_ATTRIBUTE, selectattr),
        Row::naming(&["rejectattr"], TESTED_ATTRIBUTE, rejectattr),
    ]
}

fn map<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    if args.given(1).is_none()
        && let Some((name, _)) = args.named.first()
    {
        return Err(Fault::kind(format!("`map` has no parameter `{name}`")));
    }
    let mapped = match mapped(call, args) {
        Ok(items) => items,
        // A method that does not take the item is answered like a value
        // without items.
        Err(fault) if matches!(fault.code, Code::RunKind | Code::RunValue) => Vec::new(),
        Err(fault) => return Err(fault),
    };
    call.heap().new_list(mapped)
}

fn mapped<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Vec<Value<'c>>, Fault> {
    let Some(mut items) = items_if_any(call, args.get(0))? else {
        return Ok(Vec::new());
    };
    if let Some(name) = args.given(2) {
        let name = expect_text(call.heap(), name, "attribute")?.to_owned();
        for item in &mut items {
            *item = attribute_or_empty(call, *item, &name)?;
        }
    } else if let Some(name) = args.given(1) {
        let name = expect_text(call.heap(), name, "method")?.to_owned();
        for item in &mut items {
            *item = call_method(call, *item, &name, args)?;
        }
    }
    Ok(items)
}

/// `item.name(…)`. Entries of dicts are no methods.
fn call_method<'c>(
    call: &mut Call<'_, 'c>,
    item: Value<'c>,
    name: &str,
    args: Args<'_, 'c>,
) -> Answer<'c> {
    let kind = call.heap().kind(item);
    if let Some(method) = call.host.registry().method(kind, name) {
        let mut values = Vec::with_capacity(args.rest.len() + 1);
        values.push(item);
        values.extend_from_slice(args.rest);
        return call.host.call(Value::Native(method), &values, args.named);
    }
    let bound = match kind {
        Kind::Object | Kind::Loop => call.host.attr(item, name)?,
        _ => None,
    };
    match bound {
        Some(bound) if call.heap().kind(bound) == Kind::Function => {
            call.host.call(bound, args.rest, args.named)
        }
        _ => Err(Fault::attribute(name, kind.name())),
    }
}

fn select<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    chosen(call, args, None, args.get(1), true)
}

fn reject<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    chosen(call, args, None, args.get(1), false)
}

fn selectattr<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    chosen(call, args, Some(args.get(1)), args.get(2), true)
}

fn rejectattr<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    chosen(call, args, Some(args.get(1)), args.get(2), false)
}

/// The items of which the test says `wanted`.
fn chosen<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    attr: Option<Value<'c>>,
    test: Value<'c>,
    wanted: bool,
) -> Answer<'c> {
    let attr = match attr {
        Some(name) => Some(expect_text(call.heap(), name, "attr")?.to_owned()),
        None => None,
    };
    let mut test = Test::find(call, args, test)?;
    let items = call.items(args.get(0))?;
    let mut kept = Vec::new();
    for item in items {
        let tested = match &attr {
            Some(name) => attribute(call, item, name)?.unwrap_or(Value::None),
            None => item,
        };
        if test.passes(call, tested)? == wanted {
            kept.push(item);
        }
    }
    call.heap().new_list(kept)
}

/// A predicate with its arguments, or truth.
struct Test<'a, 'c> {
    predicate: Option<NativeId>,
    /// Does it ask about numbers? Then other kinds simply do not pass.
    only_numbers: bool,
    /// Does it lack the argument that it needs? Then nothing passes.
    is_incomplete: bool,
    /// The item and the arguments: one allocation for all items.
    values: Vec<Value<'c>>,
    named: &'a [(&'a str, Value<'c>)],
}

impl<'a, 'c> Test<'a, 'c> {
    fn find(call: &mut Call<'_, 'c>, args: Args<'a, 'c>, test: Value<'c>) -> Result<Self, Fault> {
        let mut found = Self {
            predicate: None,
            only_numbers: false,
            is_incomplete: false,
            values: Vec::new(),
            named: args.named,
        };
        if test.is_missing() {
            if let Some((name, _)) = args.named.first() {
                return Err(Fault::kind(format!("there is no parameter `{name}`")));
            }
            return Ok(found);
        }
        let heap = call.heap();
        let Some(name) = heap.text(test).map(str::to_owned) else {
            return Err(wrong_argument(heap, test, "test", "the name of a test"));
        };
        let Some(id) = call.host.registry().predicate(&name) else {
            return Err(unknown_test(call, &name));
        };
        let is_ours = matches!(
            call.host.registry().native(id).map(|native| &**native),
            Some(Native {
                run: Run::Builtin(_),
                ..
            })
        );
        found.predicate = Some(id);
        found.only_numbers = is_ours && matches!(&*name, "odd" | "even" | "divisibleby");
        found.is_incomplete =
            is_ours && name == "divisibleby" && args.rest.is_empty() && args.named.is_empty();
        found.values.push(Value::None);
        found.values.extend_from_slice(args.rest);
        Ok(found)
    }

    fn passes(&mut self, call: &mut Call<'_, 'c>, item: Value<'c>) -> Result<bool, Fault> {
        let Some(id) = self.predicate else {
            return Ok(ops::is_truthy(call.heap(), item));
        };
        if self.is_incomplete || self.only_numbers && !is_number(call.heap(), item) {
            return Ok(false);
        }
        if let Some(first) = self.values.first_mut() {
            *first = item;
        }
        let answer = call
            .host
            .call(Value::Native(id), &self.values, self.named)?;
        Ok(ops::is_truthy(call.heap(), answer))
    }
}

fn unknown_test(call: &mut Call<'_, '_>, name: &str) -> Fault {
    let name = gravure_value::excerpt(name);
    let mut fault = Fault::new(Code::ParTest, format!("unknown test `{name}`"));
    let known = call.host.registry().predicate_names();
    fault.subject = Some(gravure_value::Subject {
        name: name.into_owned(),
        known: known.into_iter().map(str::to_owned).collect(),
    });
    fault
}
