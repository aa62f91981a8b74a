//! Chunks that ship: many compiled templates in one file.
