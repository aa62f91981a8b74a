//! Entries of maps and variables of contexts, found where they were last.
//!
//! A place in the code that reads `post.title` mostly reads it from maps of one
//! shape: the key stands where it stood. Each place keeps that position, in a
//! table of fixed size that many places share and nobody clears: what stands
//! there is compared in any case, so a wrong hint costs a comparison and
//! nothing else. Absent on purpose: objects of the host, which are asked; dicts
//! that a template made, and everything else that takes a longer look.

use crate::compiled::Name;
use gravure_bytecode::Sym;
use gravure_value::{
    Cell, Context, ContextVar, Heap, Json, MapNode, Mark, Node, NodeId, Object, TemplateId, Tree,
    Value, text::Packed,
};

/// Contexts of up to this many variables are looked through here.
const FEW: usize = 16;

/// Maps of up to this many keys are scanned.
const SCAN: usize = 16;

/// Places with a hint of their own; others share.
pub(crate) const HINTS: usize = 1024;

/// Where keys stood when they were last looked for.
#[derive(Debug)]
pub(crate) struct Hints(Box<[u8; HINTS]>);

impl Default for Hints {
    fn default() -> Self {
        Self(Box::new([0; HINTS]))
    }
}

impl Hints {
    /// The hint of a place in the code.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn at(&mut self, place: u16) -> &mut u8 {
        &mut self.0[usize::from(place) % HINTS]
    }
}

/// What a look at a map gives.
pub(crate) enum Entry<'c> {
    /// Its entry in JSON of the host.
    Json(&'c Json),
    /// Its entry in a tree of the host.
    Node(&'c Tree, NodeId),
    /// It is a small map without that key.
    Missing,
    /// It is no map: this object knows.
    Object(&'c dyn Object),
    /// This needs a longer look.
    Unknown,
}

/// Put what an attribute reads from JSON into a register: none reads as
/// nothing. Each kind is written where it is recognized.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn put_json<'c>(to: &mut Value<'c>, json: &'c Json) {
    match json {
        Json::Null => *to = Value::Str(Mark::Plain, ""),
        Json::Bool(it) => *to = Value::Bool(*it),
        Json::String(text) => *to = Value::Str(Mark::Plain, text),
        Json::Number(_) => *to = Value::from_json(json),
        Json::Array(_) | Json::Object(_) => *to = Value::Json(json),
    }
}

/// The same from a tree.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn put_node<'c>(to: &mut Value<'c>, tree: &'c Tree, (id, node): (NodeId, Node)) {
    match node {
        Node::None => *to = Value::Str(Mark::Plain, ""),
        Node::Bool(it) => *to = Value::Bool(it),
        Node::Int(it) => *to = Value::Int(it),
        Node::Float(it) => *to = Value::Float(it),
        Node::Text(start, len) => *to = Value::Str(Mark::Plain, tree.text(start, len)),
        Node::Big(_) | Node::List(..) | Node::Map(..) => *to = Value::Node(tree, id),
    }
}

/// Put what is no attribute into a register: none stays none. A value is
/// written piece by piece where it belongs; if it were made elsewhere and then
/// copied, the copy would wait until all pieces have reached the cache.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn read_json<'c>(to: &mut Value<'c>, json: &'c Json) {
    match json {
        Json::Null => *to = Value::None,
        json => put_json(to, json),
    }
}

/// The same from a tree.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn read_node<'c>(to: &mut Value<'c>, tree: &'c Tree, id: NodeId) {
    match tree.node(id) {
        Node::None => *to = Value::None,
        node => put_node(to, tree, (id, node)),
    }
}

/// The entry of JSON of the host, if it is where it was last. A name of more
/// than two words is not found here.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn hinted_json(json: &Json, words: Packed, hint: u8) -> Option<&Json> {
    let Json::Object(map) = json else {
        return None;
    };
    let (key, value) = map.iter().nth(usize::from(hint))?;
    words.is(key.as_bytes()).then_some(value)
}

/// The same of a tree of the host.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn hinted_node(tree: &Tree, id: NodeId, words: Packed, hint: u8) -> Option<NodeId> {
    match tree.node(id) {
        Node::Map(map) => tree.entry_if(map, u32::from(hint), words),
        _ => None,
    }
}

/// Is it a small map of the host without an entry of this name?
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn lacks(object: Value<'_>, words: Packed) -> bool {
    match object {
        Value::Node(tree, id) => match tree.node(id) {
            Node::Map(map) => map.len as usize <= SCAN && tree.position(map, words).is_none(),
            _ => false,
        },
        Value::Json(Json::Object(map)) => {
            map.len() <= SCAN && !map.keys().any(|key| words.is(key.as_bytes()))
        }
        _ => false,
    }
}

/// The entry of a map of the host, wherever it is.
#[inline]
pub(crate) fn entry<'c>(
    object: Value<'c>,
    name: &Name,
    segment: &[u8],
    hint: &mut u8,
) -> Entry<'c> {
    match object {
        Value::Json(json) => scan_json(json, name, segment, hint),
        Value::Node(tree, id) => match tree.node(id) {
            Node::Map(map) => scan_tree(tree, map, name, segment, hint),
            _ => Entry::Unknown,
        },
        Value::Object(object) => Entry::Object(object),
        _ => Entry::Unknown,
    }
}

/// Look through all entries of a small map.
fn scan_json<'c>(json: &'c Json, name: &Name, segment: &[u8], hint: &mut u8) -> Entry<'c> {
    let Json::Object(map) = json else {
        return Entry::Unknown;
    };
    if map.len() > SCAN {
        return Entry::Unknown;
    }
    for (at, (key, value)) in map.iter().enumerate() {
        if name.is(segment, key.as_bytes()) {
            *hint = at as u8;
            return Entry::Json(value);
        }
    }
    Entry::Missing
}

/// The same for a map of a tree.
fn scan_tree<'c>(
    tree: &'c Tree,
    map: MapNode,
    name: &Name,
    segment: &[u8],
    hint: &mut u8,
) -> Entry<'c> {
    if map.len as usize > SCAN {
        return Entry::Unknown;
    }
    let at = match name.words.is_whole() {
        true => tree.position(map, name.words),
        false => {
            let spelled = name.spelled(segment);
            (0..map.len).find(|&at| tree.entry_if_long(map, at, spelled).is_some())
        }
    };
    match at.and_then(|at| Some((at, tree.entry(map, at)?))) {
        Some((at, (_, value))) => {
            *hint = at as u8;
            Entry::Node(tree, value)
        }
        None => Entry::Missing,
    }
}

/// A name as the running template spells it.
#[derive(Clone, Copy)]
pub(crate) struct Spelled<'a> {
    pub template: TemplateId,
    pub sym: Sym,
    pub name: &'a Name,
    pub segment: &'a [u8],
}

/// What a look at a context gives.
pub(crate) enum Variable<'c> {
    /// The variable, which stands where it was asked for.
    Found,
    /// This object knows.
    Object(&'c dyn Object),
    /// This needs a longer look.
    Unknown,
}

/// A variable of a context: of the scopes around an include, written by a
/// template, or what the host gave. Nothing is missing here: that takes a
/// longer look.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn variable<'c>(
    to: &mut Value<'c>,
    heap: &Heap<'c>,
    context: Value<'c>,
    wanted: Spelled<'_>,
    hint: &mut u8,
) -> Variable<'c> {
    let mut at = context;
    loop {
        let Some(context) = context_of(heap, at) else {
            return Variable::Unknown;
        };
        if let Some(overlay) = &context.overlay {
            // What is behind it is paid for too, wherever the name is found.
            let shared = context_of(heap, context.shared);
            if is_paid(context) || shared.is_some_and(is_paid) {
                return Variable::Unknown;
            }
            match written(heap, overlay, wanted) {
                Written::Here(var) => {
                    *to = var.value;
                    return Variable::Found;
                }
                Written::Nowhere => {}
                Written::Unknown => return Variable::Unknown,
            }
        }
        match written(heap, &context.vars, wanted) {
            Written::Here(var) => {
                *to = var.value;
                return Variable::Found;
            }
            Written::Nowhere => {}
            Written::Unknown => return Variable::Unknown,
        }
        if !context.shared.is_set() {
            return given(to, context.host, wanted, hint);
        }
        at = context.shared;
    }
}

/// A variable that the host gave.
#[cfg_attr(not(debug_assertions), inline(always))]
fn given<'c>(
    to: &mut Value<'c>,
    host: Value<'c>,
    wanted: Spelled<'_>,
    hint: &mut u8,
) -> Variable<'c> {
    let words = wanted.name.words;
    match host {
        Value::Node(tree, id) if let Some(id) = hinted_node(tree, id, words, *hint) => {
            read_node(to, tree, id);
        }
        Value::Json(json) if let Some(json) = hinted_json(json, words, *hint) => {
            read_json(to, json);
        }
        Value::Object(object) => return Variable::Object(object),
        host => match entry(host, wanted.name, wanted.segment, hint) {
            Entry::Json(json) => read_json(to, json),
            Entry::Node(tree, id) => read_node(to, tree, id),
            Entry::Object(object) => return Variable::Object(object),
            Entry::Missing | Entry::Unknown => return Variable::Unknown,
        },
    }
    Variable::Found
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn context_of<'a, 'c>(heap: &'a Heap<'c>, value: Value<'c>) -> Option<&'a Context<'c>> {
    let Value::Cell(_, id) = value else {
        return None;
    };
    match heap.cell(id) {
        Cell::Context(context) => Some(context),
        _ => None,
    }
}

/// Does it cost something to look through a context?
#[inline(always)]
fn is_paid(context: &Context<'_>) -> bool {
    let overlaid = context.overlay.as_ref().map_or(0, |vars| vars.len());
    context.vars.len() + overlaid > FEW
}

enum Written<'a, 'c> {
    Here(&'a ContextVar<'c>),
    Nowhere,
    Unknown,
}

/// Look through what was written, or laid over it.
#[cfg_attr(not(debug_assertions), inline(always))]
fn written<'a, 'c>(
    heap: &Heap<'c>,
    vars: &'a [ContextVar<'c>],
    wanted: Spelled<'_>,
) -> Written<'a, 'c> {
    if vars.len() > FEW {
        return Written::Unknown;
    }
    for var in vars {
        if var.name.hash == wanted.name.hash && var.value.is_set() {
            // Another template's name is compared by its spelling.
            let is_it = (var.name.template == wanted.template && var.name.symbol.0 == wanted.sym.0)
                || heap.pool(var.name.template).is_some_and(|pool| {
                    let spelled = pool.symbol(var.name.symbol);
                    wanted.name.is(wanted.segment, spelled.as_bytes())
                });
            return match is_it {
                true => Written::Here(var),
                false => Written::Unknown,
            };
        }
    }
    Written::Nowhere
}
