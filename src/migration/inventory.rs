use std::collections::BTreeMap;

use crate::model::Project;
use crate::translate::SecretVariables;

/// What the services need: images and variables, each with who uses it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The images.
    pub images: Vec<Item>,
    /// The variables; their values are not told.
    pub variables: Vec<Item>,
}

/// One thing that services need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// The services that use it.
    pub services: Vec<String>,
    /// What there is to know about it; mostly empty.
    pub remark: &'static str,
}

impl Inventory {
    /// The inventory of a project, by name; the rules are those of the command line.
    pub fn of(project: &Project, by_option: &SecretVariables) -> Self {
        let mut images: BTreeMap<String, (Vec<String>, &'static str)> = BTreeMap::new();
        let mut variables: BTreeMap<String, (Vec<String>, &'static str)> = BTreeMap::new();
        for (key, service) in &project.services {
            let rules = SecretVariables::of(service, project, by_option);
            let image = service.container.image.as_deref();
            let remark = match image {
                _ if service.build.is_some() => "built here",
                Some(image) if has_fixed_tag(image) => "",
                Some(_) => "without a fixed tag",
                None => continue,
            };
            let name = image.map_or_else(|| format!("{}-{key}", project.name), str::to_owned);
            let (services, told) = images.entry(name).or_default();
            services.push(key.clone());
            *told = remark;
            for (name, value) in &service.container.environment {
                let Some(value) = value else { continue };
                let (services, told) = variables.entry(name.clone()).or_default();
                services.push(key.clone());
                if rules.hold_secret(name, value) {
                    *told = "in a Secret";
                }
            }
        }
        let items = |named: BTreeMap<String, (Vec<String>, &'static str)>| {
            let item = |(name, (services, remark))| Item { name, services, remark };
            named.into_iter().map(item).collect()
        };
        Self { images: items(images), variables: items(variables) }
    }

    /// Both lists with their headings.
    pub fn lists(&self) -> [(&'static str, &[Item]); 2] {
        [("Images", &self.images), ("Variables", &self.variables)]
    }
}

/// Whether an image is the same tomorrow, as far as its name tells.
fn has_fixed_tag(image: &str) -> bool {
    if image.contains('@') {
        return true;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').is_some_and(|(_, tag)| tag != "latest")
}

#[cfg(test)]
mod tests {
    use super::has_fixed_tag;

    #[test]
    fn a_tag_is_fixed_unless_it_is_latest() {
        let cases = [
            ("nginx", false),
            ("nginx:latest", false),
            ("nginx:1.29", true),
            ("localhost:5000/nginx", false),
            ("localhost:5000/nginx:1", true),
            ("nginx@sha256:00", true),
        ];
        for (image, expected) in cases {
            assert_eq!(has_fixed_tag(image), expected, "{image}");
        }
    }
}
