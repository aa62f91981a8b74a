//! What is made is counted, to the byte and to the step, and what nobody can
//! reach is not counted any more.

use super::*;

/// What an empty cell costs.
const CELL: usize = size_of::<Cell<'_>>();

/// A cell that owns nothing beside itself.
fn crumb() -> Cell<'static> {
    Cell::Var(Value::None)
}

fn heap(memory: usize) -> Heap<'static> {
    Heap::new(Limits {
        memory: memory as u64,
        ..Limits::default()
    })
}

#[test]
fn circles_are_reclaimed_and_roots_stay() {
    let mut heap = Heap::new(Limits::default());
    let kept = heap.new_list(vec![Value::Int(1)]).unwrap();
    let circle = heap.new_list(Vec::new()).unwrap();
    let Value::Cell(_, id) = circle else {
        panic!("a list is a cell")
    };
    *heap.cell_mut(id).unwrap() = Cell::List(Arc::new(vec![circle]));
    heap.collect([kept]);
    assert!(matches!(heap.cell(id), Cell::Free(_)));
    assert!(matches!(heap.view(kept), View::List(_)));
    let reused = heap.new_text(Mark::Plain, "x").unwrap();
    assert!(matches!(reused, Value::Text(_, at) if at == id));
}

#[test]
fn memory_is_counted() {
    let limits = Limits {
        memory: 10_000,
        ..Limits::default()
    };
    let mut heap = Heap::new(limits);
    assert!(heap.new_text(Mark::Plain, "x".repeat(5_000)).is_ok());
    let fault = heap.new_text(Mark::Plain, "x".repeat(6_000)).unwrap_err();
    assert_eq!(fault.code, gravure_source::Code::RunBudget);
    heap.collect([]);
    assert_eq!(heap.live_bytes(), 0);
    assert!(heap.new_text(Mark::Plain, "x".repeat(6_000)).is_ok());
}

#[test]
fn memory_may_be_used_up_to_the_last_byte() {
    let mut it = heap(100);
    assert!(it.grow(60).is_ok() && it.reserve(40).is_ok());
    assert!(it.reserve(41).is_err() && it.reserve(u64::MAX).is_err());
    assert!(it.grow(40).is_ok() && it.reserve(0).is_ok());
    assert_eq!(it.live_bytes(), 100);
    assert!(it.grow(1).is_err() && it.reserve(0).is_err());
    // However much there is, an allocation has a largest size.
    let mut free = heap(0);
    free.limits.memory = u64::MAX;
    assert!(free.reserve(isize::MAX as u64).is_ok());
    assert!(free.reserve(isize::MAX as u64 + 1).is_err());
}

#[test]
fn what_is_held_counts_until_it_is_released() {
    let mut it = heap(100);
    assert!(it.hold(60).is_ok() && it.reserve(40).is_ok() && it.reserve(41).is_err());
    assert!(it.hold(41).is_err());
    // What could not be held is not counted.
    assert!(it.reserve(40).is_ok() && it.hold(40).is_ok());
    assert!(it.grow(1).is_err());
    it.collect([]);
    assert!(it.reserve(1).is_err() && it.live_bytes() == 0);
    it.release(60);
    assert!(it.reserve(60).is_ok() && it.reserve(61).is_err());
    it.release(1_000);
    assert!(it.reserve(100).is_ok() && it.reserve(101).is_err());
}

#[test]
fn sizes_may_be_at_their_bounds() {
    let mut it = Heap::new(Limits {
        collection: 3,
        text: 5,
        range: 7,
        int_bits: 100,
        ..Limits::default()
    });
    let of = |made: Result<(), Fault>| made.err().map(|fault| fault.code.as_str());
    assert_eq!(of(it.check_collection(3)), None);
    assert_eq!(of(it.check_collection(4)), Some("K-RUN-019"));
    assert_eq!(of(it.check_text(5)), None);
    assert_eq!(of(it.check_text(6)), Some("K-RUN-019"));
    let range = |stop, step| Range {
        start: 0,
        stop,
        step,
    };
    for (range, wanted) in [
        (range(7, 1), None),
        (range(-14, -2), None),
        (range(8, 1), Some("K-SEC-003")),
        (range(1, 0), Some("K-RUN-007")),
    ] {
        assert_eq!(of(it.new_range(range).map(drop)), wanted, "{range:?}");
    }
    let power = |exponent| BigInt::from(1) << exponent;
    assert!(matches!(it.new_int(power(62)), Ok(Value::Int(_))));
    assert!(matches!(
        it.new_int(power(99)),
        Ok(Value::Cell(CellKind::Big, _))
    ));
    assert_eq!(of(it.new_int(power(100)).map(drop)), Some("K-RUN-019"));
    // And a collection that fits its own bound must fit the memory.
    let item = size_of::<Value<'_>>();
    let it = heap(4 * item);
    assert_eq!(of(it.check_collection(4)), None);
    assert_eq!(of(it.check_collection(5)), Some("K-RUN-019"));
    assert_eq!(of(it.check_text(4 * item as u64)), None);
    assert_eq!(of(it.check_text(4 * item as u64 + 1)), Some("K-RUN-019"));
}

/// How many cells of no content can be made.
fn n_cells(memory: usize) -> usize {
    let mut it = heap(memory);
    (0..5_000).take_while(|_| it.alloc(crumb()).is_ok()).count()
}

#[test]
fn a_table_that_doubles_is_paid_for_twice() {
    // A small one is not.
    for n in [0, 1, 2, 63, 64, 65, 100, 512, 1_000, 1_024] {
        assert_eq!(n_cells(n * CELL), n);
    }
    // From 1024 cells to 2048, both tables are there for a moment.
    assert_eq!(n_cells(1_025 * CELL), 1_024);
    assert_eq!(n_cells(2_049 * CELL - 1), 1_024);
    assert_eq!(n_cells(2_049 * CELL), 2_048);
}

#[test]
fn what_is_made_costs_steps_and_bytes() {
    let mut it = Heap::new(Limits {
        fuel: 2 * ALLOCATION,
        ..Limits::default()
    });
    it.new_text(Mark::Plain, "abc").unwrap();
    assert_eq!(it.meter.used(), ALLOCATION);
    assert_eq!(it.live_bytes(), CELL + 3);
    it.new_text(Mark::Plain, "de").unwrap();
    assert_eq!(it.live_bytes(), 2 * CELL + 5);
    assert!(it.alloc(crumb()).is_err());
    // What could not be paid for is not there.
    assert_eq!(it.live_bytes(), 2 * CELL + 5);
    assert!(it.charge(1).is_err());
}

#[test]
fn the_lowest_free_cells_are_used_first_and_once() {
    let mut it = heap(1 << 20);
    let made: Vec<Value<'_>> = (0..6)
        .map(|n| it.new_text(Mark::Plain, n.to_string()).unwrap())
        .collect();
    it.collect([made[1], made[4]]);
    assert_eq!(it.live_bytes(), 2 * (CELL + 1));
    let again = [(); 5].map(|()| it.alloc(crumb()).unwrap().0);
    assert_eq!(again, [0, 2, 3, 5, 6]);
    assert_eq!((it.text(made[1]), it.text(made[4])), (Some("1"), Some("4")));
}

#[test]
fn a_cell_that_is_put_aside_comes_back_or_holds_a_context() {
    let context = || Context {
        host: Value::Int(7),
        vars: Vec::new().into(),
        overlay: None,
        shared: Value::Unset,
    };
    let mut heap = heap(9 * CELL);
    assert!(
        heap.put_aside(CELL).is_none(),
        "there was no other cell yet"
    );
    let first = heap.new_context(context()).unwrap();
    let Value::Cell(CellKind::Context, id) = first else {
        panic!("a context is a cell")
    };
    heap.free_context(first, CELL);
    assert_eq!(heap.live_bytes(), 0);

    // What is made meanwhile stands elsewhere.
    assert_eq!(heap.put_aside(CELL + 40), Some(id));
    assert_eq!(heap.live_bytes(), CELL + 40);
    let other = heap.alloc(crumb()).unwrap();
    assert_ne!(other, id);
    heap.take_back(id, CELL + 40);
    assert_eq!((heap.live_bytes(), heap.has_free_cell()), (CELL, true));

    assert_eq!(heap.put_aside(CELL + 40), Some(id));
    let (value, bytes) = heap.put_context(id, CELL as u32 + 40, context());
    assert_eq!((bytes as usize, heap.live_bytes()), (CELL, 2 * CELL));
    assert!(matches!(value, Value::Cell(CellKind::Context, it) if it == id));
    // It cannot be taken back any more.
    heap.take_back(id, CELL);
    assert!(matches!(heap.cell(id), Cell::Context(_)));
    heap.free_context(value, CELL);
    assert_eq!((heap.live_bytes(), heap.has_free_cell()), (CELL, true));
}

#[test]
fn a_collection_is_due_when_what_lives_has_doubled() {
    // The bytes that live, the memory there is, and from how many bytes on the
    // next collection is due.
    for (live, memory, wanted) in [
        (0, 1 << 30, 8_192),
        (3_000, 1 << 30, 8_192),
        (4_097, 1 << 30, 8_194),
        (10_000, 1 << 30, 20_000),
        // Close to the bound it is due earlier, but never after every crumb.
        (10_000, 38_000, 19_000),
        (10_000, 30_000, 18_192),
        (10_000, 10_000, 18_192),
    ] {
        let mut it = heap(1 << 30);
        let kept = match live {
            0 => Value::None,
            _ => it.new_text(Mark::Plain, "x".repeat(live - CELL)).unwrap(),
        };
        it.limits.memory = memory;
        it.collect([kept]);
        assert_eq!(it.live_bytes(), live);
        it.limits.memory = 1 << 30;
        it.grow(wanted - live - 1).unwrap();
        assert!(!it.wants_collection(), "{live} of {memory}");
        it.grow(1).unwrap();
        assert!(it.wants_collection(), "{live} of {memory}");
    }
}

#[test]
fn what_is_reached_through_others_stays() {
    let mut it = heap(1 << 20);
    let mut text = |n: u32| it.new_text(Mark::Plain, format!("text {n}")).unwrap();
    let leaves = [0, 1, 2, 3, 4, 5].map(&mut text);
    let gone = text(6);
    let dict = |heap: &Heap<'static>, key, value| {
        let mut dict = Dict::new();
        dict.insert(heap, key, value).unwrap();
        dict
    };
    let list = it.new_list(vec![Value::None, leaves[0]]).unwrap();
    let tuple = it.new_tuple(vec![leaves[1], list]).unwrap();
    let entries = dict(&it, leaves[2], tuple);
    let map = it.new_dict(entries).unwrap();
    let members = dict(&it, leaves[3], Value::None);
    let set = it.new_set(members).unwrap();
    let var = |heap: &mut Heap<'static>, value| {
        Value::Cell(CellKind::Var, heap.alloc(Cell::Var(value)).unwrap())
    };
    let through = var(&mut it, map);
    let direct = var(&mut it, leaves[4]);
    it.collect([through, set, direct, leaves[5], Value::Int(1)]);
    for (n, leaf) in leaves.into_iter().enumerate() {
        assert_eq!(it.text(leaf), Some(&*format!("text {n}")));
    }
    assert_eq!(it.text(gone), None);
    for value in [list, tuple, map, set] {
        let Value::Cell(_, id) = value else {
            panic!("{value:?}");
        };
        assert!(!matches!(it.cell(id), Cell::Free(_)), "{value:?}");
    }
    // And not longer than that.
    it.collect([direct]);
    assert_eq!(it.text(leaves[4]), Some("text 4"));
    assert_eq!(it.live_bytes(), 2 * CELL + "text 4".len());
}

#[test]
fn tests_may_want_a_collection_all_the_time() {
    let mut it = heap(1 << 20);
    assert!(!it.wants_collection());
    it.collect_always(true);
    assert!(it.wants_collection());
    it.collect([]);
    assert!(it.wants_collection());
    it.collect_always(false);
    assert!(!it.wants_collection());
}

/// The heap of the next render.
fn next_of(mut heap: Heap<'_>) -> Heap<'static> {
    heap.empty();
    heap.shrink();
    let mut next = heap.hollow();
    next.begin(&Limits::default(), 0);
    next
}

#[test]
fn tables_are_left_to_the_next_render_unless_they_are_large() {
    for (n, is_kept) in [(1, true), (1 << 14, true), ((1 << 14) + 1, false)] {
        let mut it = heap(1 << 30);
        for _ in 0..n {
            it.alloc(crumb()).unwrap();
        }
        it.collect([]);
        let place = it.cells.place();
        let next = next_of(it);
        assert_eq!(next.cells.capacity() >= n, is_kept, "{n}");
        assert!(next.cells.is_empty() && next.live_bytes() == 0);
        assert_eq!(next.cells.place() == place, is_kept);
    }
}

struct Texts;

impl Pool for Texts {
    fn text(&self, _: ConstId) -> &str {
        "constant"
    }
    fn symbol(&self, _: gravure_source::Symbol) -> &str {
        "symbol"
    }
    fn template(&self) -> &str {
        "a.html"
    }
}

#[test]
fn templates_have_numbers_in_order_and_leave_their_table() {
    let mut it = heap(1 << 20);
    let ids = [(); 3].map(|()| it.add_pool(Held::Borrowed(&Texts)).0);
    assert_eq!(ids, [0, 1, 2]);
    let id = ConstId(0);
    assert_eq!(it.constant(TemplateId(2), id), "constant");
    assert_eq!(it.constant(TemplateId(3), id), "");
    assert!(it.pool(TemplateId(2)).is_some() && it.pool(TemplateId(3)).is_none());
    let place = it.pools.place();
    let next = next_of(it);
    assert!(next.pools.is_empty() && next.pools.capacity() >= 3);
    assert_eq!(next.pools.place(), place);
}

#[test]
fn objects_show_what_the_host_allows() {
    let allowed = BTreeSet::from(["name".to_owned()]);
    let mut it = Heap::new(Limits::default());
    assert!(it.check_attribute("secret").is_ok());
    it.attributes = Some(&allowed);
    assert!(it.check_attribute("name").is_ok());
    let fault = it.check_attribute("secret").unwrap_err();
    assert_eq!(fault.code.as_str(), "K-SEC-001");
}

#[test]
fn hints_of_size_are_of_the_right_order() {
    let mut it = heap(1 << 20);
    let one = Value::Int(1);
    let list = it.new_list(vec![one; 5]).unwrap();
    let tuple = it.new_tuple(vec![one; 3]).unwrap();
    let text = it.new_text(Mark::Plain, "x".repeat(83)).unwrap();
    let range = Range {
        start: 0,
        stop: 11,
        step: 1,
    };
    let range = it.new_range(range).unwrap();
    let big = it.new_int(BigInt::from(1) << 200).unwrap();
    let dict = |heap: &Heap<'static>| {
        let mut dict = Dict::new();
        for key in 0..4 {
            dict.insert(heap, Value::Int(key), one).unwrap();
        }
        dict
    };
    let (map, members) = (dict(&it), dict(&it));
    let map = it.new_dict(map).unwrap();
    let set = it.new_set(members).unwrap();
    for (value, wanted) in [
        (Value::Int(i64::MAX), 0),
        (Value::Bool(true), 0),
        (Value::None, 0),
        (Value::Undefined, 0),
        (Value::Float(1e9), 0),
        (list, 5),
        (tuple, 3),
        (text, 10),
        (range, 11),
        (big, 3),
        (map, 4),
        (set, 4),
    ] {
        assert_eq!(it.size_hint(value), wanted, "{value:?}");
    }
}
