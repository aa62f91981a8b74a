# What a person does here. CI runs `.ci/run`, which is these recipes in order.

# Everything that CI checks
ci:
    .ci/run

# Types, taste and form
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# All tests
test:
    cargo test --workspace

# The cases that say what the language does
conformance *ARGS:
    cargo run --release -q -p gravure-cli -- test conformance/*.jsonl {{ARGS}}

# Write expectations and generated pages anew; look at the difference
update:
    UPDATE=1 UPDATE_EXPECT=1 UPDATE_LOWER=1 cargo test --workspace

# The documentation of the crates
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# The example page
example:
    cargo run --release -q -p gravure-cli -- render index.html --root examples/blog --data examples/blog/index.json

# Compare with other engines on the workloads
bench *ARGS:
    cd benches && cargo build --release -q --bins && cargo run --release -q -- {{ARGS}}

# The same with Gravure and the floor alone, which is quick to build
own *ARGS:
    cd benches && cargo build --release -q --bins --no-default-features && cargo run --release -q --no-default-features -- {{ARGS}}

# From the start of a process to the first byte of a page, against minimal peers; `--update-docs`
cold *ARGS:
    cargo build --release -q -p gravure-cli
    cd benches && cargo build --release -q -p gravure-cold --bins && cargo run --release -q -p gravure-cold --bin cold -- "${CARGO_TARGET_DIR:-../target}/release/gravure" {{ARGS}}

# Hold the instructions of renders and compilations to their table; `--update` writes it (needs valgrind)
instructions *ARGS:
    cargo run --release -q --manifest-path benches/instructions/Cargo.toml --target-dir "${CARGO_TARGET_DIR:-target}" -- {{ARGS}}

# What threads cost each other
scaling:
    cd benches && cargo run --release -q --no-default-features --bin scaling

# Two million actions on eight threads, each page compared; renders of the whole corpus with too little
stress ACTIONS="2000000":
    GRAVURE_STRESS={{ACTIONS}} cargo test --release -p gravure --test it stress -- --nocapture
    GRAVURE_STRESS=1 cargo test --release -p gravure-testkit --test it starved
    GRAVURE_STRESS=1 cargo test --release -p gravure-testkit --test peak
    GRAVURE_STRESS=1000000 cargo test --release -p gravure --test memory leave

# Run what threads share in every order in which they may run
models *ARGS:
    cd models && cargo run --release -q -- {{ARGS}}

# Break what threads share on purpose; the models must tell (some minutes)
mutations:
    models/mutations.sh

# Throw changed templates and chunks at the engine for some seconds a target
smoke SECONDS="20":
    cd fuzz && cargo run --release -q --bin smoke all {{SECONDS}}

# Bundles with changed bytes and right hashes: how far do so many of them come?
forged N="1000000":
    cd fuzz && cargo run --release -q --bin mutants {{N}}

# Fuzz one target with libFuzzer (needs `cargo install cargo-fuzz`)
fuzz TARGET SECONDS="60":
    cd fuzz && cargo run --release -q --bin seeds && cargo fuzz run -s none --fuzz-dir . --features libfuzzer {{TARGET}} -- -dict=gravure.dict -max_total_time={{SECONDS}}

# Licenses, advisories and doubles of other packages (needs `cargo install cargo-deny`; all but `advisories` works without a network)
deny *ARGS:
    cargo deny check {{ARGS}}

# Which lines the tests and the conformance cases run, a room each; `--html` (needs `cargo install cargo-llvm-cov`)
coverage *ARGS:
    .ci/coverage {{ARGS}}

# Which changes no test would notice, in a row of the table in the script (needs `cargo install cargo-mutants`)
mutants ROW="all" *ARGS:
    .ci/mutants {{ROW}} {{ARGS}}

# The whole corpus, and what kills engines, on stacks of 128 KiB, as users build it
stacks:
    cargo test --release -p gravure-testkit --test it modes
    cargo test --release -p gravure --test it -- torture unruly nesting regressions
    cargo test --release -p gravure-syntax --test it limits
    cargo test --release -p gravure-compiler --test depth
