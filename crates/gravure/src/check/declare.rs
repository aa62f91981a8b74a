//! Names that only the host's own program brings.
//!
//! A tool that looks at templates has no host around it; it is told which
//! filters, tests and functions there will be. They are known from then on,
//! and fail with a clear word if a render really calls one.

use crate::Environment;
use gravure_source::Code;
use gravure_value::{
    Args, Call, Cost, Fault, HostFn, Identity, Native, NativeId, Params, Quick, Registry, Run,
    Surface, Value,
};
use std::sync::Arc;

impl Environment {
    /// A filter that is not here. One of that name that is here stays.
    ///
    /// ```
    /// let mut environment = gravure::Environment::new();
    /// environment.declare_filter("money");
    /// let template = environment.from_string("{{ 3 | money('EUR') }}")?;
    /// let error = template.render(&gravure::context! {}).unwrap_err();
    /// assert_eq!(error.code().as_str(), "K-RUN-002");
    /// # Ok::<(), gravure::Error>(())
    /// ```
    pub fn declare_filter(&mut self, name: &str) {
        self.shared.update(|edition| {
            let registry = std::sync::Arc::make_mut(&mut edition.registry);
            if registry.filter(name).is_none() {
                let id = registry.add(absent(name, "filter", Code::RunFilter));
                // Some filters are there for one kind of document only.
                let own = own_filters(registry, name);
                registry.set_filter(name.to_owned().into(), id);
                for (surface, id) in own {
                    registry.set_surface_filter(surface, name.to_owned().into(), id);
                }
            }
        });
    }

    /// A test that is not here. One of that name that is here stays.
    pub fn declare_test(&mut self, name: &str) {
        self.shared.update(|edition| {
            let registry = std::sync::Arc::make_mut(&mut edition.registry);
            if registry.predicate(name).is_none() {
                let id = registry.add(absent(name, "test", Code::RunTest));
                registry.set_predicate(name.to_owned().into(), id);
            }
        });
    }

    /// A function that is not here. One of that name that is here stays.
    pub fn declare_function(&mut self, name: &str) {
        self.shared.update(|edition| {
            let registry = std::sync::Arc::make_mut(&mut edition.registry);
            let is_here = SURFACES.iter().any(|&surface| {
                registry.function_on(surface, name).is_some()
                    || registry.global_on(surface, name).is_some()
            });
            if !is_here {
                let id = registry.add(absent(name, "function", Code::RunValue));
                registry.set_function(name.to_owned().into(), id);
            }
        });
    }
}

const SURFACES: [Surface; 4] = [
    Surface::Text,
    Surface::Html,
    Surface::Markdown,
    Surface::Terminal,
];

/// Filters of a name that single surfaces have.
fn own_filters(registry: &Registry, name: &str) -> Vec<(Surface, NativeId)> {
    let own = SURFACES
        .iter()
        .map(|&surface| (surface, registry.filter_on(surface, name)));
    own.filter_map(|(surface, id)| Some((surface, id?)))
        .collect()
}

struct Absent {
    name: Box<str>,
    word: &'static str,
    code: Code,
}

fn absent(name: &str, word: &'static str, code: Code) -> Native {
    Native {
        name: name.to_owned().into(),
        identity: Identity::Unversioned,
        params: Params::new(&[]).with_rest().with_named_rest(),
        cost: Cost::Flat(1),
        run: Run::Host(Arc::new(Absent {
            name: name.into(),
            word,
            code,
        })),
        write: None,
        quick: Quick::None,
    }
}

impl HostFn for Absent {
    fn run<'c>(&self, _: &mut Call<'_, 'c>, _: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
        let message = format!(
            "the {} `{}` is declared, but it is not here",
            self.word, self.name
        );
        Err(Fault::new(self.code, message).help("render with the program that brings it"))
    }
}
