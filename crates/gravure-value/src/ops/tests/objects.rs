//! Operators on what a host lends or hands out: members, lengths, truth,
//! identity. The values are made by hand; no operand here has a text form.

use super::*;
use crate::{CellKind, Data, Json, NativeId, Object, SharedObject, tree_of};
use gravure_source::Code;
use std::{borrow::Cow, sync::Arc};

/// Has items, or has none.
struct Lent(Vec<Data<'static>>, bool);

impl Object for Lent {
    fn attr<'a>(&'a self, _: &str) -> Option<Data<'a>> {
        None
    }
    fn items<'a>(&'a self) -> Option<Vec<Data<'a>>> {
        self.1.then(|| self.0.clone())
    }
    fn is_truthy(&self) -> bool {
        !self.0.is_empty()
    }
}

#[derive(Debug)]
struct Counted(bool);

impl SharedObject for Counted {
    fn attr(&self, _: &str) -> Option<Data<'static>> {
        None
    }
    fn items(&self) -> Option<Vec<Data<'static>>> {
        self.0.then(|| vec![Data::Int(3), Data::Str("c".into())])
    }
}

fn mixed() -> Vec<Data<'static>> {
    static JSON: Json = Json::Array(Vec::new());
    vec![
        Data::Int(3),
        Data::Str(Cow::Borrowed("plain")),
        Data::Safe("<b>".into()),
        Data::Marked(Mark::Markdown, "*m*".into()),
        Data::Float(2.5),
        Data::Bool(false),
        Data::None,
        Data::Undefined,
        Data::Json(&JSON),
        Data::List(vec![Data::Int(9)]),
    ]
}

#[test]
fn members_of_objects() {
    let lent = Lent(mixed(), true);
    let heap = &mut Heap::new(Limits::default());
    let shared = heap.import(Data::Shared(Arc::new(Counted(true)))).unwrap();
    let empty = heap.new_list(Vec::new()).unwrap();
    let nine = heap.new_list(vec![Value::Int(9)]).unwrap();
    let made = heap.new_text(Mark::Plain, "plain").unwrap();
    let lent = Value::Object(&lent);
    let plain = |text| Value::Str(Mark::Plain, text);
    for (item, container, wanted) in [
        (Value::Int(3), lent, true),
        (Value::Float(3.0), lent, true),
        (Value::Int(4), lent, false),
        (plain("plain"), lent, true),
        (made, lent, true),
        (plain("<b>"), lent, true),
        (plain("*m*"), lent, true),
        (plain("other"), lent, false),
        (Value::Float(2.5), lent, true),
        // Two is neither; zero is false.
        (Value::Int(2), lent, false),
        (Value::Int(0), lent, true),
        (Value::Bool(true), lent, false),
        (Value::None, lent, true),
        (empty, lent, true),
        // What is owned is new each time it is asked for.
        (nine, lent, false),
        (Value::Int(3), shared, true),
        (plain("c"), shared, true),
        (plain("d"), shared, false),
    ] {
        let found = contains(heap, item, container).unwrap();
        assert_eq!(found, wanted, "{item:?} in {container:?}");
    }
}

#[test]
fn objects_without_items_have_no_members_and_no_length() {
    let (with, without, bare) = (
        Lent(mixed(), true),
        Lent(mixed(), false),
        Lent(vec![], true),
    );
    let mut heap = Heap::new(Limits::default());
    let mut shared = |has_items| {
        let object: Arc<dyn SharedObject> = Arc::new(Counted(has_items));
        heap.import(Data::Shared(object)).unwrap()
    };
    let (full, none) = (shared(true), shared(false));
    for (value, n, truth) in [
        (Value::Object(&with), Some(10), true),
        (Value::Object(&without), None, true),
        (Value::Object(&bare), Some(0), false),
        (full, Some(2), true),
        (none, None, true),
    ] {
        assert_eq!(length(&heap, value), n, "{value:?}");
        assert_eq!(is_truthy(&heap, value), truth, "{value:?}");
        let asked = contains(&heap, Value::Int(77), value);
        match n {
            Some(_) => assert!(!asked.unwrap()),
            None => assert_eq!(asked.unwrap_err().code, Code::RunKind),
        }
    }
}

#[test]
fn members_of_objects_are_paid_for() {
    let lent = Lent(mixed(), true);
    let limits = Limits {
        fuel: 5,
        ..Limits::default()
    };
    let heap = Heap::new(limits);
    let fault = contains(&heap, Value::Int(77), Value::Object(&lent)).unwrap_err();
    assert_eq!(fault.code, Code::RunBudget);
}

#[test]
fn one_thing_is_itself_and_nothing_else() {
    let (one, other) = (Lent(mixed(), true), Lent(mixed(), true));
    let (first, second) = (vec![1_i64, 2], vec![1_i64, 2]);
    let json = [serde_json::json!([1]), serde_json::json!([1])];
    let trees = [tree_of(&json[0]).unwrap(), tree_of(&json[0]).unwrap()];
    let mut heap = Heap::new(Limits::default());
    let big = || BigInt::from(1) << 80;
    let bigs = [heap.new_int(big()).unwrap(), heap.new_int(big()).unwrap()];
    let lists = [(); 2].map(|()| heap.new_list(vec![Value::Int(1)]).unwrap());
    for (name, same_one, other_one) in [
        ("objects", Value::Object(&one), Value::Object(&other)),
        ("lent lists", Value::Seq(&first), Value::Seq(&second)),
        ("JSON", Value::Json(&json[0]), Value::Json(&json[1])),
        (
            "nodes",
            Value::from_tree(&trees[0]),
            Value::from_tree(&trees[1]),
        ),
        (
            "natives",
            Value::Native(NativeId(4)),
            Value::Native(NativeId(5)),
        ),
        ("lists", lists[0], lists[1]),
        ("floats", Value::Float(0.0), Value::Float(-0.0)),
    ] {
        assert!(same(&heap, same_one, same_one), "{name}");
        assert!(!same(&heap, same_one, other_one), "{name}");
        assert!(!same(&heap, same_one, Value::None), "{name}");
    }
    // Long integers and texts are what they say.
    assert!(same(&heap, bigs[0], bigs[1]));
    let method = |heap: &mut Heap<'static>, on| {
        let id = heap.alloc(crate::Cell::Bound(NativeId(7), on)).unwrap();
        Value::Cell(CellKind::Bound, id)
    };
    let mut heap = Heap::new(Limits::default());
    let on = heap.new_list(Vec::new()).unwrap();
    let apart = heap.new_list(Vec::new()).unwrap();
    let (a, b, c) = (
        method(&mut heap, on),
        method(&mut heap, on),
        method(&mut heap, apart),
    );
    assert!(same(&heap, a, b) && !same(&heap, a, c));
    // A method of a method is none of data.
    let (twice, again) = (method(&mut heap, a), method(&mut heap, a));
    assert!(same(&heap, twice, twice) && !same(&heap, twice, again));
}
