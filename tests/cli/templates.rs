//! The templates: exported, changed, and broken.

use super::place::Place;

const WEB: &str = "services:\n  web:\n    image: nginx:1.29\n";

#[test]
fn exported_templates_give_the_same_manifests() {
    let place = Place::with(WEB);
    let said = format!("{} templates written to mine\n", templates().len());
    place.run(&["templates", "export", "mine"]).gives(0, "", &said);
    let own = place.run(&["convert", "--templates", "mine"]);
    assert_eq!(own.stdout, place.run(&["convert"]).stdout);
}

#[test]
fn an_export_overwrites_only_when_told() {
    let place = Place::with(WEB);
    place.file("mine/service.yaml.hbs", "mine");
    place.run(&["templates", "export", "mine"]).gives(
        2,
        "",
        r"error: `mine/service.yaml.hbs` is there already
help: choose another directory, or overwrite with `--force`
",
    );
    assert_eq!(place.files("mine"), ["service.yaml.hbs"]);
    assert_eq!(place.read("mine/service.yaml.hbs"), "mine");
    assert_eq!(place.run(&["templates", "export", "mine", "--force"]).code, Some(0));
}

#[test]
fn one_template_is_replaced_and_the_rest_is_kept() {
    let place = Place::with(WEB);
    place.file("mine/service.yaml.hbs", "{{!-- no Services --}}\n");
    place.file(
        "mine/partials/metadata.yaml.hbs",
        "name: {{yaml name}}\nlabels:\n  {{yaml labels}}\n  team: shop\n",
    );
    let ran = place.run(&["convert", "--templates", "mine"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("apiVersion: apps/v1\nkind: Deployment\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("\n    team: shop\n"), "{}", ran.stdout);
}

#[test]
fn a_file_that_is_no_template() {
    let place = Place::with(WEB);
    place.file("mine/pod.yaml.hbs", "");
    let said = format!(
        "error: `mine/pod.yaml.hbs` is not one of the templates\nhelp: the templates are {}\n",
        templates().join(", ")
    );
    place.run(&["convert", "--templates", "mine"]).gives(2, "", &said);
}

#[test]
fn a_directory_that_is_not_there() {
    Place::with(WEB).run(&["convert", "--templates", "mine"]).gives(
        2,
        "",
        r"error: cannot read templates from `mine`: No such file or directory (os error 2)
",
    );
}

#[test]
fn a_field_that_kubernetes_does_not_know() {
    let place = Place::with(WEB);
    place.file(
        "mine/service.yaml.hbs",
        "apiVersion: v1\nkind: Service\nmetadata:\n  {{> partials/metadata metadata}}\nspec:\n  {{#if selector}}\n  selectors:\n    {{yaml selector}}\n  {{/if}}\n",
    );
    place.run(&["convert", "--templates", "mine", "-o", "out/"]).gives(2, "", r"error[LS2002 rendered-object]: `spec.selectors`: unknown field `selectors`; did you mean `selector`?
  --> mine/service.yaml.hbs:7:3
   |
 7 |   selectors:
   |   ^^^^^^^^^^
   |
  ::: service of services.web, as printed:11:3
   |
11 |   selectors:
   |   ---------- printed as this
   |
   = help: correct the template; `longshore templates export` gives the built-in ones

");
    assert_eq!(place.files(""), ["compose.yaml", "mine"]);
}

#[test]
fn a_name_that_the_context_does_not_have() {
    let place = Place::with(WEB);
    place.file("mine/partials/metadata.yaml.hbs", "name: {{yaml nmae}}\n");
    place.run(&["convert", "--templates", "mine"]).gives(
        2,
        "",
        r"error[LS2001 template]: the context has no `nmae`
 --> mine/partials/metadata.yaml.hbs:1:7
  |
1 | name: {{yaml nmae}}
  |       ^^^^^^^^^^^^^
  |
  = help: correct the template; `longshore templates export` gives the built-in ones

",
    );
}

#[test]
fn a_template_that_is_not_well_formed() {
    let place = Place::with(WEB);
    place.file("mine/service.yaml.hbs", "kind: Service\n{{#if ports}}\n");
    place.run(&["convert", "--templates", "mine"]).gives(
        2,
        "",
        r"error[LS2001 template]: this is not a template: a tag or block is not closed, or not well-formed
 --> mine/service.yaml.hbs:3:1
  |
3 |
  | ^
  |
  = help: correct the template; `longshore templates export` gives the built-in ones

",
    );
}

/// A copy from before `--env-configmaps` lost the variables of an `env_file`.
#[test]
fn what_an_old_copy_does_not_print_is_told() {
    let place = Place::with(&format!("{WEB}    env_file: [web.env]\n"));
    place.file("web.env", "A=1\n");
    assert_eq!(place.run(&["templates", "export", "all"]).code, Some(0));
    let copy = place.read("all/partials/container.yaml.hbs");
    let (before, rest) = copy.split_once("  {{#if envFrom}}\n").unwrap();
    let (_, after) = rest.split_once("  {{/if}}\n").unwrap();
    place.file("mine/partials/container.yaml.hbs", &format!("{before}{after}"));
    let args = ["convert", "--templates", "mine", "--env-configmaps"];
    let ran = place.run(&args);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let said = "warning[LS2005 unprinted]: the template does not print `envFrom`, which is lost\n";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let without = ["convert", "--templates", "mine"];
    assert!(!place.run(&without).stderr.contains("LS2005"));
    place.file("mine/partials/container.yaml.hbs", &copy);
    assert!(!place.run(&args).stderr.contains("LS2005"));
}

/// A template that is replaced by itself changes nothing, whichever it is.
#[test]
fn each_template_in_the_place_of_itself_changes_nothing() {
    let sample = everything();
    let plain = Place::new().run(&convert(&sample, &[])).stdout;
    let exported = Place::new();
    assert_eq!(exported.run(&["templates", "export", "all"]).code, Some(0));
    for name in templates() {
        let place = Place::new();
        place.file(&format!("mine/{name}"), &exported.read(&format!("all/{name}")));
        let own = place.run(&convert(&sample, &["--templates", "mine"]));
        assert_eq!(own.stdout, plain, "{name}");
        assert!(!own.stderr.contains("LS2005"), "{name}: {}", own.stderr);
    }
}

/// One partial changes what is printed with it, and nothing else.
#[test]
fn one_partial_changes_only_what_it_prints() {
    let sample = everything();
    let place = Place::new();
    assert_eq!(place.run(&["templates", "export", "all"]).code, Some(0));
    let container = place.read("all/partials/container.yaml.hbs");
    let added = "  terminationMessagePolicy: FallbackToLogsOnError\n";
    place.file("mine/partials/container.yaml.hbs", &format!("{}\n{added}", container.trim_end()));
    let plain = place.run(&convert(&sample, &[])).stdout;
    let own = place.run(&convert(&sample, &["--templates", "mine"])).stdout;
    let is_added = |line: &&str| line.trim() == added.trim();
    assert_eq!(own.lines().filter(is_added).count(), own.matches("imagePullPolicy:").count());
    let rest: Vec<&str> = own.lines().filter(|line| !is_added(line)).collect();
    similar_asserts::assert_eq!(plain.lines().collect::<Vec<_>>(), rest);
}

/// The files of all templates, sorted by their paths.
fn templates() -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut names = Vec::new();
    for (folder, prefix) in [(root.clone(), ""), (root.join("partials"), "partials/")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                names.push(format!("{prefix}{}", entry.file_name().to_str().unwrap()));
            }
        }
    }
    names.sort();
    names
}

fn everything() -> String {
    format!("{}/samples/everything/compose.yaml", env!("CARGO_MANIFEST_DIR"))
}

fn convert<'a>(sample: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["-f", sample, "convert"], arguments].concat()
}
