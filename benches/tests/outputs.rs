//! Every engine makes the expected page of every workload.

use gravure_benches::check::{check_compiler, check_renderer};
use gravure_benches::engines;
use gravure_benches::workload::{CORPUS, RENDERED, Workload};

#[test]
fn everybody_renders_the_expected_page() {
    for name in RENDERED {
        let workload = Workload::read(name);
        let renderers = engines::renderers(&workload);
        assert_eq!(
            renderers.len(),
            if cfg!(feature = "peers") { 16 } else { 5 },
            "{name}: the floor, four forms; two structs, three times three forms"
        );
        for renderer in renderers {
            check_renderer(&workload, &renderer).unwrap_or_else(|mismatch| panic!("{mismatch}"));
        }
    }
}

#[test]
fn everybody_renders_the_corpus() {
    let corpus = Workload::read(CORPUS);
    let compilers = engines::compilers(&corpus);
    assert_eq!(compilers.len(), if cfg!(feature = "peers") { 4 } else { 1 });
    for compiler in compilers {
        check_compiler(&corpus, &compiler).unwrap_or_else(|mismatch| panic!("{mismatch}"));
    }
}
