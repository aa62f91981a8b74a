//! Filters: what follows a pipe. The first parameter takes the piped value.

pub(crate) mod check;
mod date;
mod dict;
mod format;
mod json;
pub(crate) mod markup;
pub(crate) mod number;
mod pprint;
mod select;
pub(crate) mod sequence;
mod sort;
pub(crate) mod text;
pub(crate) mod total;
pub(crate) mod wrap;

use gravure_value::Registry;

/// Name every filter.
pub(crate) fn register(registry: &mut Registry) {
    let tables = [
        text::rows(),
        wrap::rows(),
        format::rows(),
        number::rows(),
        total::rows(),
        sequence::rows(),
        select::rows(),
        sort::rows(),
        dict::rows(),
        json::rows(),
        pprint::rows(),
        check::rows(),
        date::rows(),
        markup::rows(),
    ];
    for row in tables.into_iter().flatten() {
        row.add(registry, Registry::set_filter);
    }
}
