//! Ops and labels to words: the last step of a proto, and of the chunk.

use crate::unit::Unit;
use gravure_bytecode::{Draft, Op, Proto, Region};

/// A proto with its code, before it knows where in the chunk it lies.
pub(crate) struct Assembled {
    proto: Proto,
    code: Vec<u64>,
}

/// Does an op need a context that is the call's own?
fn needs_context(op: &Op) -> bool {
    matches!(
        op,
        Op::StoreName { .. }
            | Op::StoreBinding { .. }
            | Op::Bind { .. }
            | Op::Include { .. }
            | Op::Embed { .. }
            | Op::Block { .. }
            | Op::Slot { .. }
            | Op::MakeDef { .. }
            | Op::MakeContent { .. }
            | Op::CallContent { .. }
            | Op::Import { .. }
            | Op::Provide { .. }
    )
}

/// Could an op call a region? That sees the context of its caller, in which
/// parameters must then stand.
fn calls(op: &Op) -> bool {
    matches!(
        op,
        Op::Call { .. } | Op::CallOptional { .. } | Op::CallEmit { .. } | Op::CallMethod { .. }
    )
}

/// The words of a finished unit. The lists of a proto are copied, not taken:
/// a chunk lives long and should have no room that it does not need.
pub(crate) fn assemble(unit: &Unit<'_>) -> Assembled {
    let own_context = unit.own_context
        || unit.code.iter().any(needs_context)
        || (!unit.params.is_empty() && unit.code.iter().any(calls));
    let labels = &unit.labels;
    let code: Vec<u64> = unit
        .code
        .iter()
        .map(|&op| labels.patch(op).encode())
        .collect();
    let regions = unit.regions.iter().filter(|it| it.start < it.end);
    let regions = regions.map(|it| Region {
        start: it.start,
        end: it.end,
        handler: it.handler.map_or(0, |label| labels.pc(label)),
        kind: it.kind,
    });
    let mut regions: Vec<Region> = regions.collect();
    regions.shrink_to_fit();
    let proto = Proto {
        kind: unit.kind,
        name: unit.name,
        code_start: 0,
        code_len: code.len() as u32,
        registers: unit.registers.most(),
        iters: unit.iters.most(),
        caps: unit.caps.most(),
        params: unit.params.clone(),
        captures: unit.captures.clone(),
        own_context,
        regions,
        spans: unit.spans.clone(),
    };
    Assembled { proto, code }
}

/// Lay the protos one behind the other; `false` if they are too long.
pub(crate) fn link(protos: Vec<Option<Assembled>>, draft: &mut Draft) -> bool {
    let n_words = protos.iter().flatten().map(|it| it.code.len()).sum();
    draft.code = Vec::with_capacity(n_words);
    draft.protos = Vec::with_capacity(protos.len());
    for assembled in protos.into_iter().flatten() {
        let Assembled { mut proto, code } = assembled;
        let Ok(start) = u32::try_from(draft.code.len()) else {
            return false;
        };
        proto.code_start = start;
        draft.code.extend(code);
        draft.protos.push(proto);
    }
    u32::try_from(draft.code.len()).is_ok()
}
