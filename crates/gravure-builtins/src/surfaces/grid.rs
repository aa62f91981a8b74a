//! Rows and columns out of a value, for the tables of both surfaces.
//!
//! In: a list of dicts, or of anything that has items. Out: names of columns
//! and printed cells. How they are drawn is the surface's business.

use super::printed;
use gravure_value::{Call, Fault, Kind, Surface, Value, View, ops};

/// A table before it is drawn.
pub(super) struct Grid<'c> {
    /// What names the columns.
    pub names: Vec<Value<'c>>,
    /// Printed cells; a row may be shorter or longer than the names.
    pub rows: Vec<Vec<String>>,
}

/// The table of a value; `None` if it has no items.
pub(super) fn grid<'c>(
    call: &mut Call<'_, 'c>,
    surface: Surface,
    value: Value<'c>,
    headers: Value<'c>,
) -> Result<Option<Grid<'c>>, Fault> {
    if value.is_none() {
        return Err(Fault::not_iterable("none"));
    }
    let items = call.items(value)?;
    let Some(&first) = items.first() else {
        return Ok(None);
    };
    let headers = match headers.is_missing() {
        true => None,
        false => Some(call.items(headers)?),
    };
    if call.heap().kind(first) == Kind::Dict {
        return of_dicts(call, surface, &items, headers).map(Some);
    }
    let names = match headers {
        Some(names) => names,
        None => numbered(call, first)?,
    };
    let mut rows = Vec::with_capacity(items.len());
    let mut bytes = 0;
    for item in items {
        let cells = call.items(item)?;
        let mut row = new_row(call, cells.len(), &mut bytes)?;
        for cell in cells {
            row.push(cell_text(call, surface, cell, &mut bytes)?);
        }
        rows.push(row);
    }
    Ok(Some(Grid { names, rows }))
}

/// `col0`, `col1` … for each item of the first row.
fn numbered<'c>(call: &mut Call<'_, 'c>, first: Value<'c>) -> Result<Vec<Value<'c>>, Fault> {
    let heap = call.heap();
    let Some(n) = ops::length(heap, first) else {
        let kind = heap.kind_name(first);
        return Err(Fault::kind(format!("{kind} is no row of a table")));
    };
    heap.charge(n)?;
    heap.check_collection(n)?;
    (0..n)
        .map(|idx| heap.new_text(Default::default(), format!("col{idx}")))
        .collect()
}

fn of_dicts<'c>(
    call: &mut Call<'_, 'c>,
    surface: Surface,
    items: &[Value<'c>],
    headers: Option<Vec<Value<'c>>>,
) -> Result<Grid<'c>, Fault> {
    let heap = call.heap();
    let mut names = headers.clone().unwrap_or_default();
    let mut seen = gravure_value::Dict::new();
    for &item in items {
        let View::Dict(map) = heap.view(item) else {
            let kind = heap.kind_name(item);
            return Err(Fault::kind(format!("a table of dicts has {kind} as a row")));
        };
        if headers.is_some() {
            continue;
        }
        heap.charge(map.len() as u64)?;
        for (key, _) in map.iter() {
            if seen.insert(heap, key, Value::None)?.is_none() {
                names.push(key);
            }
        }
        heap.check_collection(names.len() as u64)?;
    }
    let mut rows = Vec::with_capacity(items.len());
    let mut bytes = 0;
    for &item in items {
        call.charge(names.len() as u64)?;
        let mut row = new_row(call, names.len(), &mut bytes)?;
        for &name in &names {
            let heap = call.heap();
            let found = match heap.view(item) {
                View::Dict(map) => map.get(heap, name)?,
                _ => None,
            };
            row.push(match found {
                Some(cell) => cell_text(call, surface, cell, &mut bytes)?,
                None => String::new(),
            });
        }
        rows.push(row);
    }
    Ok(Grid { names, rows })
}

/// Room for cells; `bytes` counts what all cells take until now.
fn new_row(call: &mut Call<'_, '_>, len: usize, bytes: &mut u64) -> Result<Vec<String>, Fault> {
    *bytes += (len as u64).saturating_mul(size_of::<String>() as u64);
    call.heap().reserve(*bytes)?;
    Ok(Vec::with_capacity(len))
}

/// A printed cell.
fn cell_text<'c>(
    call: &mut Call<'_, 'c>,
    surface: Surface,
    cell: Value<'c>,
    bytes: &mut u64,
) -> Result<String, Fault> {
    let heap = call.heap();
    if let Some(text) = heap.text(cell) {
        heap.charge(text.len() as u64 / 8)?;
    }
    let text = printed(heap, surface, cell)?.into_owned();
    *bytes += text.len() as u64;
    heap.reserve(*bytes)?;
    Ok(text)
}
