//! The format mini-language: `{fields}` of a template, and one value by a spec.
