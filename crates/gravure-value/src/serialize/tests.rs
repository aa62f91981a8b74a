//! Data of every kind taken over, and data that breaks off.

use super::*;
use crate::{Heap, Limits, Value, ops};
use std::collections::BTreeMap;

fn show<T: Serialize>(data: &T) -> String {
    let tree = match tree_of(data) {
        Ok(tree) => tree,
        Err(error) => return error.to_string(),
    };
    let heap = Heap::new(Limits::default());
    let mut out = String::new();
    ops::repr(&heap, Value::from_tree(&tree), &mut out).unwrap();
    out
}

/// As derived: one kind of everything.
#[derive(Clone)]
struct Record;

impl Serialize for Record {
    fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        use ser::SerializeStruct;
        let mut fields = out.serialize_struct("Record", 3)?;
        fields.serialize_field("name", "x")?;
        fields.serialize_field("none", &None::<i32>)?;
        fields.serialize_field("list", &[Some(1), None])?;
        fields.end()
    }
}

struct Variants;

impl Serialize for Variants {
    fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        struct Kind(u32);
        impl Serialize for Kind {
            fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                use ser::{SerializeStructVariant, SerializeTupleVariant};
                match self.0 {
                    0 => out.serialize_unit_variant("Kind", 0, "Unit"),
                    1 => out.serialize_newtype_variant("Kind", 1, "Newtype", &5),
                    2 => {
                        let mut items = out.serialize_tuple_variant("Kind", 2, "Tuple", 2)?;
                        items.serialize_field(&1)?;
                        items.serialize_field("a")?;
                        items.end()
                    }
                    3 => {
                        let mut items = out.serialize_struct_variant("Kind", 3, "Struct", 1)?;
                        items.serialize_field("a", &1)?;
                        items.end()
                    }
                    _ => out.serialize_bytes(&[1, 255]),
                }
            }
        }
        out.collect_seq((0..5).map(Kind))
    }
}

struct Doubled;

impl Serialize for Doubled {
    fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map([("b", 1), ("a", 2), ("b", 3)])
    }
}

struct Deep(u32);

impl Serialize for Deep {
    fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            0 => out.serialize_unit(),
            n => out.collect_seq([Deep(n - 1)]),
        }
    }
}

#[test]
fn everything_has_a_node() {
    assert_eq!(
        show(&(1_u8, -1_i64, 2.5_f32, 'x', "y", true, ())),
        "[1, -1, 2.5, 'x', 'y', True, None]"
    );
    assert_eq!(
        show(&(u64::MAX, i128::MIN, u128::MAX)),
        format!("[{}, {}, {}]", u64::MAX, i128::MIN, u128::MAX)
    );
    assert_eq!(show(&(f64::NAN, f64::INFINITY, -0.0)), "[nan, inf, -0.0]");
    assert_eq!(
        show(&[Record, Record]),
        "[{'name': 'x', 'none': None, 'list': [1, None]}, {'name': 'x', 'none': None, 'list': [1, None]}]"
    );
    assert_eq!(
        show(&Variants),
        "['Unit', {'Newtype': 5}, {'Tuple': [1, 'a']}, {'Struct': {'a': 1}}, [1, 255]]"
    );
    assert_eq!(show(&Doubled), "{'b': 3, 'a': 2}");
    assert_eq!(
        show(&BTreeMap::from([(2, 'a'), (-1, 'b')])),
        "{'-1': 'b', '2': 'a'}"
    );
    assert_eq!(
        show(&BTreeMap::from([(u128::MAX, 1)])),
        format!("{{'{}': 1}}", u128::MAX)
    );
    assert_eq!(show(&BTreeMap::from([(true, 1)])), "{'true': 1}");
    assert_eq!(
        show(&BTreeMap::from([((), 1)])),
        "a key of a map must be a text"
    );
    assert_eq!(
        show(&serde_json::json!({"b": [1.0, null], "a": {}})),
        "{'b': [1.0, None], 'a': {}}"
    );
}

/// Lists of maps that have some keys and lack others, nested, by a number.
fn data(seed: &mut u64, depth: u32) -> serde_json::Value {
    let mut next = |below: u64| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (*seed >> 33) % below
    };
    match next(if depth == 0 { 3 } else { 6 }) {
        0 => serde_json::Value::from(next(1000)),
        1 => serde_json::Value::from(format!("text {}", next(1000))),
        2 => serde_json::Value::Null,
        3 => {
            let n = next(5);
            (0..n).map(|_| data(seed, depth - 1)).collect()
        }
        _ => {
            let (n, others) = (next(12), next(3) * 5000);
            let keys: Vec<u64> = (0..n).map(|at| at * 3 + next(2)).collect();
            let name = |key: u64| match others {
                0 => format!("k{key}"),
                others => format!("k{}", key * 7919 % others),
            };
            let entries = keys.into_iter();
            entries
                .map(|key| (name(key), data(seed, depth - 1)))
                .collect()
        }
    }
}

#[test]
fn maps_share_their_keys_or_not_and_read_alike() {
    let mut freezer = Freezer::default();
    let heap = Heap::new(Limits::default());
    let mut seed = 7;
    for _ in 0..50 {
        let json: serde_json::Value = (0..40).map(|_| data(&mut seed, 4)).collect();
        let tree = freezer.freeze(&json).unwrap();
        let (lent, taken) = (Value::from_json(&json), Value::from_tree(&tree));
        let (mut expected, mut found) = (String::new(), String::new());
        ops::repr(&heap, lent, &mut expected).unwrap();
        ops::repr(&heap, taken, &mut found).unwrap();
        assert_eq!(found, expected);
        // By their keys, too.
        assert!(ops::eq(&heap, lent, taken).unwrap());
        assert_eq!(
            format!("{tree:?}"),
            format!("{:?}", tree_of(&json).unwrap())
        );
        freezer.reclaim(tree);
    }
}

#[test]
fn keys_of_like_maps_are_there_once() {
    let rows = |n: u32| tree_of(&vec![Record; n as usize]).unwrap();
    let sizes: Vec<usize> = [1, 2, 102].map(|n| rows(n).keys_len()).to_vec();
    assert_eq!(sizes, [3, 3, 3]);
    // A map of very many keys, and very many maps.
    let one: BTreeMap<String, u32> = (0..10_000).map(|n| (format!("k{n}"), n)).collect();
    let many: Vec<BTreeMap<String, u32>> = (0..10_000)
        .map(|n| BTreeMap::from([(format!("k{n}"), n), ("z".into(), n)]))
        .collect();
    let tree = tree_of(&(&one, &many)).unwrap();
    let mut heap = Heap::new(Limits::default());
    let mut items = heap.iter(Value::from_tree(&tree)).unwrap();
    let (ones, manys) = (items.step(&heap).unwrap(), items.step(&heap).unwrap());
    assert!(matches!(
        ops::entry(&heap, ones, "k9999"),
        Some(Value::Int(9999))
    ));
    let mut manys = heap.iter(manys).unwrap();
    for n in 0..10_000 {
        let map = manys.step(&heap).unwrap();
        for key in [&*format!("k{n}"), "z"] {
            assert!(matches!(ops::entry(&heap, map, key), Some(Value::Int(it)) if it == n));
        }
    }
}

/// Entries that are given up half way, by code that goes on without them.
struct Torn;

impl Serialize for Torn {
    fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        use ser::{SerializeMap, SerializeSeq};
        struct Bad(u32);
        impl Serialize for Bad {
            fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                let mut map = out.serialize_map(None)?;
                map.serialize_entry("inner", &[1, 2])?;
                let mut list = Vec::new();
                list.resize(self.0 as usize, 'x');
                map.serialize_entry("more", &list)?;
                Err(ser::Error::custom("torn"))
            }
        }
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("a", &1)?;
        assert!(map.serialize_entry("bad", &Bad(3)).is_err());
        assert!(map.serialize_key(&Bad(1)).is_err());
        assert!(map.serialize_value(&0).is_err());
        map.serialize_key("forgotten")?;
        map.serialize_entry("b", &Some(2))?;
        for n in 0..70 {
            map.serialize_entry(&format!("k{n}"), &n)?;
            assert!(map.serialize_entry("bad", &Bad(n)).is_err());
            map.serialize_key("forgotten")?;
        }
        struct List;
        impl Serialize for List {
            fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                let mut list = out.serialize_seq(None)?;
                list.serialize_element(&1)?;
                assert!(list.serialize_element(&Bad(0)).is_err());
                list.serialize_element(&2)?;
                list.end()
            }
        }
        map.serialize_entry("list", &List)?;
        map.serialize_key("forgotten")?;
        map.end()
    }
}

#[test]
fn what_is_given_up_leaves_nothing_behind() {
    let rest: String = (0..70).map(|n| format!("'k{n}': {n}, ")).collect();
    let one = format!("{{'a': 1, 'b': 2, {rest}'list': [1, 2]}}");
    assert_eq!(show(&(Torn, Torn)), format!("[{one}, {one}]"));
}

#[test]
fn what_shows_itself_is_text() {
    struct Shown;
    impl Serialize for Shown {
        fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            out.collect_str(&format_args!("{}-{}", 1, 'x'))
        }
    }
    struct Mapped;
    impl Serialize for Mapped {
        fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            out.collect_map([(Shown, Shown)])
        }
    }
    assert_eq!(show(&Mapped), "{'1-x': '1-x'}");
}

#[test]
fn depth_is_bounded() {
    assert!(tree_of(&Deep(512)).is_ok());
    assert_eq!(show(&Deep(100_000)), "the data is nested deeper than 512");
}
