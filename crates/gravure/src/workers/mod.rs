//! How many threads a job deserves: a pure function of what is known of it.
//!
//! In: what the work is, how much there is of it, where the program runs, how
//! many cores it may use. Out: a number from 1. Ten pages do not start eight
//! threads, and a shared machine that builds and tests is not swamped.
//!
//! ```
//! use gravure::workers::{Crew, Surroundings, Work};
//! let crew = Crew {
//!     cores: 8,
//!     surroundings: Surroundings::Local,
//!     ..Crew::new(Work::Render, 1_000)
//! };
//! assert_eq!(crew.size(), 6);
//! ```

mod belt;
mod ordered;

pub(crate) use ordered::in_order;

use std::{num::NonZeroUsize, thread};

/// What there is to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// Rendering.
    Render,
    /// Compiling.
    Compile,
    /// Reading and writing files.
    Io,
}

/// Where the program runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Surroundings {
    /// Where changes are built and tested, with others beside.
    Ci,
    /// On a machine somebody works at.
    Local,
    /// Where it serves.
    Production,
}

/// What is known of a job.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Crew {
    /// What there is to do.
    pub work: Work,
    /// How many tasks.
    pub tasks: usize,
    /// How heavy a task is on average; 1 is a usual one.
    pub weight: f64,
    /// Where the program runs.
    pub surroundings: Surroundings,
    /// How many cores the process may use.
    pub cores: usize,
    /// What somebody asked for; 0 counts as nothing.
    pub wanted: Option<usize>,
}

impl Crew {
    /// So many tasks of usual weight, here and now.
    pub fn new(work: Work, tasks: usize) -> Self {
        Self {
            work,
            tasks,
            weight: 1.0,
            surroundings: Surroundings::of_process(),
            cores: thread::available_parallelism().map_or(1, NonZeroUsize::get),
            wanted: None,
        }
    }

    /// How many threads do it.
    pub fn size(&self) -> usize {
        if let Some(wanted) = self.wanted.filter(|&it| it > 0) {
            return wanted;
        }
        let (threshold, least, share) = match (self.work, self.surroundings) {
            (Work::Render, Surroundings::Ci) => (10, 2, 1.0),
            (Work::Render, _) => (10, 2, 0.75),
            (Work::Compile, Surroundings::Ci) => (20, 1, 0.5),
            (Work::Compile, _) => (20, 2, 0.5),
            (Work::Io, Surroundings::Ci) => (20, 2, 1.0),
            (Work::Io, _) => (20, 2, 0.75),
        };
        if self.tasks < threshold {
            return 1;
        }
        let cores = self.cores.max(1);
        let most = match self.surroundings {
            Surroundings::Ci => cores.min(4),
            Surroundings::Local | Surroundings::Production => cores,
        };
        // Casts of floats saturate: whatever the weight, it is a number.
        let by_cores = (cores as f64 * share) as usize;
        let by_work = (self.tasks as f64 * self.weight) as usize;
        by_cores.max(least).min(most).min(by_work.max(1))
    }
}

impl Surroundings {
    /// What the variables of this process say.
    pub fn of_process() -> Self {
        Self::guess(|name| std::env::var(name).ok())
    }

    /// What variables say: `GRAVURE_ENV` if it names one of the three, else
    /// what services that build and test set.
    pub fn guess(variable: impl Fn(&str) -> Option<String>) -> Self {
        const SERVICES: [&str; 10] = [
            "CI",
            "GITHUB_ACTIONS",
            "GITLAB_CI",
            "CIRCLECI",
            "TRAVIS",
            "JENKINS_URL",
            "BUILDKITE",
            "CODEBUILD_BUILD_ID",
            "AZURE_PIPELINES",
            "TF_BUILD",
        ];
        match variable("GRAVURE_ENV").as_deref() {
            Some("ci") => return Self::Ci,
            Some("production") => return Self::Production,
            Some("local") => return Self::Local,
            _ => {}
        }
        let is_set = |name: &&str| {
            variable(name).is_some_and(|it| {
                let it = it.trim();
                !it.is_empty() && !it.eq_ignore_ascii_case("false")
            })
        };
        match SERVICES.iter().any(is_set) {
            true => Self::Ci,
            false => Self::Local,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Surroundings::*, Work::*, *};

    #[test]
    fn the_table() {
        // Work, where, tasks, cores → threads.
        let rows = [
            (Render, Local, 9, 8, 1),
            (Render, Local, 10, 8, 6),
            (Render, Local, 1_000, 1, 1),
            (Render, Local, 1_000, 2, 2),
            (Render, Local, 1_000, 3, 2),
            (Render, Local, 1_000, 8, 6),
            (Render, Local, 1_000, 64, 48),
            (Render, Production, 1_000, 64, 48),
            (Render, Production, 12, 64, 12),
            (Render, Ci, 1_000, 1, 1),
            (Render, Ci, 1_000, 2, 2),
            (Render, Ci, 1_000, 64, 4),
            (Render, Ci, 9, 64, 1),
            (Compile, Ci, 19, 8, 1),
            (Compile, Ci, 20, 1, 1),
            (Compile, Ci, 20, 2, 1),
            (Compile, Ci, 20, 8, 4),
            (Compile, Ci, 20, 64, 4),
            (Compile, Local, 19, 8, 1),
            (Compile, Local, 20, 8, 4),
            (Compile, Production, 20, 2, 2),
            (Compile, Production, 200, 64, 32),
            (Io, Ci, 20, 3, 3),
            (Io, Local, 20, 8, 6),
            (Io, Production, 100, 64, 48),
            (Io, Local, 0, 8, 1),
            (Io, Local, 20, 0, 1),
        ];
        for (work, surroundings, tasks, cores, size) in rows {
            let crew = Crew {
                work,
                tasks,
                weight: 1.0,
                surroundings,
                cores,
                wanted: None,
            };
            assert_eq!(crew.size(), size, "{crew:?}");
        }
    }

    #[test]
    fn weight_and_wishes() {
        let crew = Crew {
            work: Render,
            tasks: 20,
            weight: 0.1,
            surroundings: Production,
            cores: 8,
            wanted: None,
        };
        let size = |weight, wanted| {
            Crew {
                weight,
                wanted,
                ..crew
            }
            .size()
        };
        assert_eq!(size(0.1, None), 2);
        assert_eq!(size(5.0, None), 6);
        for odd in [0.0, -1.0, f64::NAN] {
            assert_eq!(size(odd, None), 1);
        }
        assert_eq!(size(f64::INFINITY, None), 6);
        assert_eq!(size(1.0, Some(0)), 6);
        assert_eq!(size(1.0, Some(100)), 100);
        assert_eq!(
            Crew {
                tasks: 1,
                wanted: Some(3),
                ..crew
            }
            .size(),
            3
        );
    }

    #[test]
    fn variables_say_where_it_runs() {
        let rows: [(&[(&str, &str)], Surroundings); 9] = [
            (&[], Local),
            (&[("CI", "true")], Ci),
            (&[("CI", "")], Local),
            (&[("CI", "False")], Local),
            (&[("JENKINS_URL", "http://ci")], Ci),
            (&[("GRAVURE_ENV", "production")], Production),
            (&[("GRAVURE_ENV", "local"), ("CI", "1")], Local),
            (&[("GRAVURE_ENV", "ci")], Ci),
            (&[("GRAVURE_ENV", "other"), ("TF_BUILD", "True")], Ci),
        ];
        for (variables, expected) in rows {
            let variable = |name: &str| {
                let found = variables.iter().find(|it| it.0 == name);
                found.map(|it| it.1.to_owned())
            };
            assert_eq!(Surroundings::guess(variable), expected, "{variables:?}");
        }
    }
}
