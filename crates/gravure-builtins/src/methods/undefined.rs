//! Methods of the undefined value: those of an empty dict, as far as reading
//! goes.

use super::{ALONE, SELF, Table};
use gravure_value::{Kind, Param, Registry, Value};

pub(super) fn register(registry: &mut Registry) {
    let mut table = Table {
        registry,
        kinds: &[Kind::Undefined],
    };
    const GET: &[Param] = &[
        SELF,
        Param::positional("key"),
        Param::optional_positional("default"),
    ];
    table.quick("get", GET, |_, args| Ok(args.get_or(2, Value::Undefined)));
    for name in ["keys", "values", "items"] {
        table.quick(name, ALONE, |call, _| call.heap().new_list(Vec::new()));
    }
}
