//! What is refused before it is made, and what is counted.

use super::{FakeHost, run_in};
use gravure_value::{Kind, Limits, Surface, Value};

#[test]
fn sizes_are_checked_before_work() {
    let small = Limits {
        memory: 1 << 20,
        ..Limits::default()
    };
    for (limits, input) in [
        (Limits::default(), r#"["x", "ljust", [1000000000]]"#),
        (
            Limits::default(),
            r#"["x", "zfill", [9000000000000000000]]"#,
        ),
        (
            Limits::default(),
            r#"["x", "center", [18446744073709551615]]"#,
        ),
        (Limits::default(), r#"["a\tb", "expandtabs", [1000000000]]"#),
        (Limits::default(), r#"["{:1000000000}", "format", [1]]"#),
        (
            Limits::default(),
            r#"["{:.99999999999999999999f}", "format", [1]]"#,
        ),
        (small.clone(), r#"["x", "ljust", [10000, "日"]]"#),
    ] {
        let limits = Limits {
            text: limits.text.min(20_000),
            ..limits
        };
        assert_eq!(run_in(limits, Surface::Html, input), "K-RUN-019", "{input}");
    }
    let long = "b".repeat(100_000);
    let replace = format!(r#"["aaaaaaaaaaaaaaaaaaaa", "replace", ["", "{long}"]]"#);
    assert_eq!(run_in(small.clone(), Surface::Html, &replace), "K-RUN-019");
    let poor = Limits {
        fuel: 1_000,
        ..Limits::default()
    };
    assert_eq!(run_in(poor, Surface::Html, &replace), "K-RUN-019");
}

#[test]
fn growing_a_list_is_counted_and_cheap() {
    let mut host = FakeHost::new(
        Limits {
            memory: 4 << 20,
            ..Limits::default()
        },
        Surface::Html,
    );
    let list = host.heap.new_list(Vec::new()).unwrap();
    let id = host.registry.method(Kind::List, "append").unwrap();
    let mut n = 0_u64;
    let fault = loop {
        match host.run(id, &[list, Value::Int(1)], &[]) {
            Ok(_) => n += 1,
            Err(fault) => break fault,
        }
    };
    assert_eq!(fault.code.as_str(), "K-RUN-019");
    assert!(n > 30_000, "{n}");
    assert!(
        host.heap.meter.used() < 10 * n,
        "{}",
        host.heap.meter.used()
    );
}
