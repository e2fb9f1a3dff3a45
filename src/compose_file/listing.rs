use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::model::Project;

/// The names of the services by name, but each behind those that it depends on.
pub fn services(project: &Project) -> Vec<&str> {
    let names: BTreeSet<&str> = project.services.keys().map(String::as_str).collect();
    let mut listed = Vec::new();
    let mut seen = BTreeSet::new();
    // a stack of our own: a chain of dependencies may be as long as the file
    for &name in &names {
        let mut open = vec![(name, false)];
        while let Some((name, is_ready)) = open.pop() {
            if is_ready {
                listed.push(name);
            } else if names.contains(name) && seen.insert(name) {
                open.push((name, true));
                let dependencies: BTreeSet<&str> = project
                    .services
                    .get(name)
                    .into_iter()
                    .flat_map(|service| service.depends_on.keys().map(String::as_str))
                    .collect();
                open.extend(dependencies.into_iter().rev().map(|name| (name, false)));
            }
        }
    }
    listed
}

/// The images of the services by the names of these, each with those of its `pre_start` hooks, and of
/// the jobs. One that is only built is called `PROJECT-SERVICE`.
pub fn images(project: &Project) -> Vec<String> {
    let named = |name: &str, image: &Option<String>| {
        image.clone().unwrap_or_else(|| format!("{}-{name}", project.name))
    };
    let mut images = Vec::new();
    for (name, service) in sorted(&project.services) {
        let own = named(name, &service.container.image);
        let hooks = service.pre_start.iter().filter_map(|hook| hook.container.image.clone());
        let hooks: Vec<String> = hooks.filter(|image| *image != own).collect();
        images.push(own);
        images.extend(hooks);
    }
    images.extend(sorted(&project.jobs).map(|(name, job)| named(name, &job.container.image)));
    images
}

/// The models that the services use, by their keys.
pub fn models(project: &Project) -> Vec<String> {
    sorted(&project.models).map(|(_, model)| model.model.clone()).collect()
}

fn sorted<T>(members: &IndexMap<String, T>) -> impl Iterator<Item = (&String, &T)> {
    let mut members: Vec<(&String, &T)> = members.iter().collect();
    members.sort_by_key(|(name, _)| *name);
    members.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Condition, Dependency, Extensions, Service};

    #[test]
    fn services_come_behind_what_they_depend_on() {
        let check = |services: &[(&str, &[&str])], expected: &[&str]| {
            let mut project = Project::default();
            for (name, dependencies) in services {
                let dependency = Dependency {
                    condition: Condition::Started,
                    required: true,
                    restart: false,
                    extensions: Extensions::default(),
                };
                let depends_on =
                    dependencies.iter().map(|name| ((*name).to_owned(), dependency.clone()));
                let service = Service { depends_on: depends_on.collect(), ..Service::default() };
                project.services.insert((*name).to_owned(), service);
            }
            assert_eq!(super::services(&project), expected);
        };
        check(&[("b", &[]), ("a", &[])], &["a", "b"]);
        check(&[("a", &["z", "b"]), ("b", &["z"]), ("z", &[])], &["z", "b", "a"]);
        check(&[("a", &["gone"]), ("b", &["c"]), ("c", &["b"])], &["a", "c", "b"]);
    }
}
