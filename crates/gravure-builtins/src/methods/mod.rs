//! Methods and properties of values.

/// Give every kind its methods and properties.
pub(crate) fn register(registry: &mut gravure_value::Registry) {
    let _ = registry;
}
