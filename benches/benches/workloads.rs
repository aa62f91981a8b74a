//! The workloads under criterion: `cargo bench`, or `cargo bench -- page`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gravure_benches::check::{check_compiler, check_renderer};
use gravure_benches::engines;
use gravure_benches::workload::{CORPUS, RENDERED, Workload};

fn render(criterion: &mut Criterion) {
    for name in RENDERED {
        let workload = Workload::read(name);
        let mut group = criterion.benchmark_group(format!("render/{name}"));
        group.throughput(Throughput::Bytes(workload.expected.len() as u64));
        for renderer in engines::renderers(&workload) {
            check_renderer(&workload, &renderer).unwrap_or_else(|mismatch| panic!("{mismatch}"));
            let id = BenchmarkId::new(renderer.engine, renderer.form.word());
            group.bench_function(id, |bencher| {
                bencher.iter(|| black_box((renderer.render)()))
            });
        }
        group.finish();
    }
}

fn compile(criterion: &mut Criterion) {
    let corpus = Workload::read(CORPUS);
    let mut group = criterion.benchmark_group("compile");
    for compiler in engines::compilers(&corpus) {
        check_compiler(&corpus, &compiler).unwrap_or_else(|mismatch| panic!("{mismatch}"));
        group.throughput(Throughput::Bytes(compiler.bytes as u64));
        let id = BenchmarkId::new(compiler.engine, CORPUS);
        group.bench_function(id, |bencher| {
            bencher.iter_with_large_drop(|| (compiler.compile)())
        });
    }
    group.finish();
}

criterion_group!(benches, render, compile);
criterion_main!(benches);
