#!/usr/bin/env bash
# Break the cores on purpose, one way at a time, and expect the models to tell.
#
# Each line of the table: a file of crates/gravure/src, a text in it, what it
# becomes, and the models that must fail. A text that is not there any more is
# an error, so the table cannot rot.
set -euo pipefail
cd "$(dirname "$0")/.."
target="$(realpath -m "${CARGO_TARGET_DIR:-models/target}/mutations")"
copy="$(mktemp -d)"
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/crates/gravure"

table() {
    cat <<'TABLE'
swap.rs § let turn = self.take_turn(); § let turn = (); § swap/no_change_is_lost
swap.rs § self.0.turn_over.notify_all(); § § swap/no_change_is_lost
swap.rs § *self.0.writer.lock() = None; § if !std::thread::panicking() { *self.0.writer.lock() = None } § swap/a_failed_change
swap.rs § let is_settled = version.is_multiple_of(2); § let is_settled = true; § swap/what_is_kept
swap.rs § self.version.get() == version § true § swap/what_is_kept
swap.rs § while let Some(other) = *writer { § if let Some(other) = *writer { § swap/no_change
cache/mod.rs § && !stale.is_some_and(|stale| Arc::ptr_eq(stale, kept)) § && stale.is_none() && false § cache/one_makes
cache/mod.rs § && !stale.is_some_and(|stale| Arc::ptr_eq(stale, kept)) § && false § cache/a_stale
cache/mod.rs § state.flights.insert(name.into(), flight.clone()); § § cache/one_makes
cache/mod.rs § self.flight.landed.notify_all(); § § cache/one_makes
cache/mod.rs § *outcome = Outcome::Lost; § § cache/who_waits_for_a_panic
cache/mod.rs § state.flights.remove(self.name); § § cache/a_failure
cache/mod.rs § Ok(value) if is_mine => § Ok(value) => § cache/what_is_cleared
cache/mod.rs § if maker == me { § if false { § cache/makers_that
cache/mod.rs § state.waiting.insert(me, flight.maker); § § cache/makers_that
cache/mod.rs § Some(capacity) => LruCache::with_hasher(capacity, hasher), § Some(_) => LruCache::unbounded_with_hasher(hasher), § cache/the_bound
cache/mod.rs § self.misses.add_one(); § § cache/counters
workers/belt.rs § if let Some(Some(_)) = state.waiting.front() { § if !state.waiting.is_empty() { § belt/results
workers/belt.rs § >= self.window { § > self.window + 9 { § belt/nobody
workers/belt.rs § self.moved.notify_all(); § § belt/results
workers/belt.rs § while !state.is_stopped && number § while number § belt/who_stops
TABLE
}

failed=0
while IFS= read -r line; do
    IFS='§' read -r file from to models <<<"$line"
    trim() { sed 's/^ *//; s/ *$//' <<<"$1"; }
    file="$(trim "$file")" from="$(trim "$from")" to="$(trim "$to")" models="$(trim "$models")"
    rm -rf "$copy/crates/gravure/src" "$copy/models"
    cp -r crates/gravure/src "$copy/crates/gravure/src"
    mkdir "$copy/models"
    cp -r models/src models/Cargo.toml models/Cargo.lock "$copy/models/"
    text="$(cat "$copy/crates/gravure/src/$file")"
    changed="${text/"$from"/"$to"}"
    if [ "$text" = "$changed" ]; then
        echo "not in $file: $from"
        exit 1
    fi
    printf '%s\n' "$changed" > "$copy/crates/gravure/src/$file"
    (cd "$copy/models" && CARGO_TARGET_DIR="$target" cargo build -q --release 2> "$copy/errors") || {
        cat "$copy/errors"
        exit 1
    }
    if timeout 60 "$target/release/gravure-models" "$models" > "$copy/out" 2>&1; then
        echo "NOT SEEN by $models: $file: $from"
        failed=1
    else
        echo "seen by $models: $file: $from → ${to:-(nothing)}"
    fi
done < <(table)
exit "$failed"
