//! Receivers, arguments and results as data.
//!
//! A call is `[receiver, "name", [arguments], {named arguments}]`; the named
//! ones may be left out. Plain JSON is data that the template made. Objects of
//! one key make what JSON cannot write: `{"$safe": "…"}`, `{"$md": "…"}`,
//! `{"$styled": "…"}`, `{"$tuple": […]}`, `{"$set": […]}`,
//! `{"$range": [start, stop, step]}`, `{"$host": …}`, `{"$pairs": [[k, v]]}`,
//! `{"$fn": "len"}`, `{"$loop": [items, given]}`, `{"$float": "inf"}`.
//!
//! The result is shown in its nested form, followed by ` <- ` and the receiver
//! if the call changed it; a fault shows as its code.

mod containers;
mod formats;
mod limits;
mod texts;

use super::register;
use gravure_value::{
    Args, Call, Cell, CellKind, Cost, Dict, Fault, Fixed, Heap, Host, Iter, Json, Limits, LoopCell,
    Mark, Meter, Native, Param, Params, Range, Registry, Run, Surface, Value, World, bind, ops,
};

struct FakeHost<'c> {
    heap: Heap<'c>,
    registry: Registry,
    surface: Surface,
}

impl<'c> FakeHost<'c> {
    fn new(limits: Limits, surface: Surface) -> Self {
        let mut registry = Registry::default();
        register(&mut registry);
        let len = Native::builtin(
            "len",
            Params::new(const { &[Param::positional("value")] }),
            Cost::Flat(1),
            |call, args| {
                let length = ops::length(call.heap(), args.get(0)).unwrap_or(0);
                Ok(Value::Int(length as i64))
            },
        );
        let len = registry.add(len);
        registry.set_function("len".into(), len);
        Self {
            heap: Heap::new(limits),
            registry,
            surface,
        }
    }

    fn run(
        &mut self,
        id: gravure_value::NativeId,
        positional: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault> {
        let native = self.registry.native(id).expect("it is registered").clone();
        bind(
            &native.name,
            &native.params,
            positional,
            named,
            |args: Args<'_, 'c>| {
                self.heap.charge(native.price(&self.heap, args.values))?;
                match &native.run {
                    Run::Builtin(run) => run(&mut Call { host: self }, args),
                    Run::Host(run) => run.run(&mut Call { host: self }, args),
                }
            },
        )
    }
}

impl<'c> Host<'c> for FakeHost<'c> {
    fn heap(&mut self) -> &mut Heap<'c> {
        &mut self.heap
    }
    fn world(&self) -> &dyn World {
        &Fixed
    }
    fn registry(&self) -> &Registry {
        &self.registry
    }
    fn surface(&self) -> Surface {
        self.surface
    }
    fn strict(&self) -> bool {
        true
    }
    fn strict_none(&self) -> bool {
        false
    }
    fn consume(&mut self, _: &str) -> Option<Value<'c>> {
        None
    }
    fn call(
        &mut self,
        callee: Value<'c>,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault> {
        match callee {
            Value::Native(id) => self.run(id, args, named),
            _ => Err(Fault::not_callable(self.heap.kind_name(callee))),
        }
    }
    fn attr(&mut self, value: Value<'c>, name: &str) -> Result<Option<Value<'c>>, Fault> {
        match self.registry.property(self.heap.kind(value), name) {
            Some(id) => self.run(id, &[value], &[]).map(Some),
            None => Ok(None),
        }
    }
    fn next(&mut self, iter: &mut Iter<'c>) -> Result<Option<Value<'c>>, Fault> {
        Ok(iter.step(&self.heap))
    }
}

/// JSON as data that the template made. Tests only; nesting is what they write.
fn make<'c>(host: &mut FakeHost<'c>, json: &'c Json) -> Value<'c> {
    let values = |host: &mut FakeHost<'c>, items: &'c Json| -> Vec<Value<'c>> {
        let items = items.as_array().expect("a list");
        items.iter().map(|item| make(host, item)).collect()
    };
    match json {
        Json::Array(_) => {
            let items = values(host, json);
            host.heap.new_list(items).unwrap()
        }
        Json::Object(map) => {
            let special = map.iter().next().filter(|(key, _)| key.starts_with('$'));
            let Some((key, inner)) = special else {
                let mut dict = Dict::new();
                for (key, value) in map {
                    let value = make(host, value);
                    dict.insert(&host.heap, Value::Str(Mark::Plain, key), value)
                        .unwrap();
                }
                return host.heap.new_dict(dict).unwrap();
            };
            let text = inner.as_str().unwrap_or("");
            match &**key {
                "$safe" => Value::Str(Mark::Html, text),
                "$md" => Value::Str(Mark::Markdown, text),
                "$styled" => Value::Str(Mark::Styled, text),
                "$host" => Value::from_json(inner),
                "$undefined" => Value::Undefined,
                "$float" => Value::Float(text.parse().unwrap()),
                "$fn" => Value::Native(host.registry.function(text).expect("a function")),
                "$tuple" => {
                    let items = values(host, inner);
                    host.heap.new_tuple(items).unwrap()
                }
                "$set" => {
                    let mut members = Dict::new();
                    for item in values(host, inner) {
                        members.insert(&host.heap, item, Value::None).unwrap();
                    }
                    host.heap.new_set(members).unwrap()
                }
                "$pairs" => {
                    let mut dict = Dict::new();
                    for pair in inner.as_array().unwrap() {
                        let pair = values(host, pair);
                        dict.insert(&host.heap, pair[0], pair[1]).unwrap();
                    }
                    host.heap.new_dict(dict).unwrap()
                }
                "$range" => {
                    let bounds: Vec<i64> = inner
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|it| it.as_i64().unwrap())
                        .collect();
                    let [start, stop, step] = bounds[..] else {
                        panic!("a range has three numbers")
                    };
                    host.heap.new_range(Range { start, stop, step }).unwrap()
                }
                "$loop" => {
                    let source = make(host, &inner[0]);
                    let mut iter = host.heap.iter(source).unwrap();
                    for _ in 0..inner[1].as_u64().unwrap() {
                        iter.step(&host.heap);
                    }
                    let state = LoopCell {
                        iter,
                        is_async: inner[2].as_bool().unwrap_or(false),
                    };
                    let id = host.heap.alloc(Cell::Loop(Box::new(state))).unwrap();
                    Value::Cell(CellKind::Loop, id)
                }
                _ => panic!("no such kind: {key}"),
            }
        }
        _ => Value::from_json(json),
    }
}

fn show<'c>(host: &FakeHost<'c>, value: Value<'c>) -> String {
    let mut out = String::new();
    ops::repr(&host.heap, value, &mut out).unwrap();
    out
}

fn run_in(limits: Limits, surface: Surface, input: &str) -> String {
    let input: Json = input.parse().unwrap_or_else(|it| panic!("{it}: {input}"));
    let mut host = FakeHost::new(limits, surface);
    let receiver = make(&mut host, &input[0]);
    let name = input[1].as_str().unwrap();
    let before = show(&host, receiver);
    let mut positional = vec![receiver];
    for arg in input[2].as_array().unwrap() {
        let value = match arg.as_str() {
            Some("$self") => receiver,
            _ => make(&mut host, arg),
        };
        positional.push(value);
    }
    let mut named = Vec::new();
    if let Some(args) = input[3].as_object() {
        for (name, value) in args {
            named.push((&**name, make(&mut host, value)));
        }
    }
    let kind = host.heap.kind(receiver);
    let registry = &host.registry;
    let Some(id) = registry
        .method(kind, name)
        .or(registry.property(kind, name))
    else {
        return "no such method".to_owned();
    };
    let result = host.run(id, &positional, &named);
    // Showing must not fail for what the call used up.
    *host.heap.limits = Limits::default();
    host.heap.meter = Meter::new(u64::MAX);
    let result = match result {
        Ok(value) => show(&host, value),
        Err(fault) => fault.code.to_string(),
    };
    let after = show(&host, receiver);
    if before == after {
        return result;
    }
    format!("{result} <- {after}")
}

/// `call => result`, a line each.
fn check(cases: &str) {
    check_on(Surface::Html, cases);
}

fn check_on(surface: Surface, cases: &str) {
    let mut wrong = Vec::new();
    for line in cases.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (input, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("{line}"));
        let found = run_in(Limits::default(), surface, input);
        if found != expected {
            wrong.push(format!(
                "{input}\n  expected {expected}\n  found    {found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
