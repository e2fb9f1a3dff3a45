use serde_json::json;

use super::*;

fn templates(name: &str, text: &str) -> Result<Templates, Report> {
    let source = Source::new(format!("{name}.yaml.hbs"), text);
    Templates::new(vec![Override { name: name.to_owned(), source }])
}

fn print(context: &Value) -> Print {
    let subject = "services.web".to_owned();
    Print { template: "service", subject, context: context.clone() }
}

/// Renders `service` with a template and gives what is found: where, and the message.
fn findings(text: &str, context: &Value) -> Vec<String> {
    let result = templates("service", text).and_then(|templates| templates.render(print(context)));
    let report = result.err().unwrap_or_default();
    report
        .iter()
        .map(|it| {
            let place = it.span.as_ref().map_or_else(String::new, ToString::to_string);
            let related: Vec<_> =
                it.related.iter().map(|(span, _)| span.text().to_owned()).collect();
            format!("{place} {}{}", it.message, related.concat())
        })
        .collect()
}

const HEAD: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";

#[test]
fn the_built_in_templates_are_valid() {
    let templates = Templates::new(Vec::new()).unwrap();
    for (name, _) in BUILTIN {
        let registry = templates.parsed(name);
        assert!(registry.has_template(name), "{name}");
        // What a template calls is there with it.
        for (partial, _) in BUILTIN {
            let source = templates.source(name).unwrap();
            let is_called = source.text.contains(&format!("> {partial}"));
            assert!(!is_called || registry.has_template(partial), "{name} calls {partial}");
        }
    }
}

#[test]
fn an_unknown_field_names_the_template_line() {
    let text =
        format!("{HEAD}spec:\n  {{{{#if on}}}}\n  clusterIp: {{{{yaml ip}}}}\n  {{{{/if}}}}\n");
    let found = findings(&text, &json!({"on": true, "ip": "None"}));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("service.yaml.hbs:7:3 `spec.clusterIp`"), "{found:?}");
    assert!(found[0].ends_with("clusterIp: None"), "{found:?}");
}

#[test]
fn a_mistyped_field_inside_a_printed_value_names_the_line_that_printed_it() {
    let text = format!("{HEAD}spec:\n  ports:\n    {{{{yaml ports}}}}\n");
    let found = findings(&text, &json!({"ports": [{"port": 80}, {"port": "x"}]}));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("service.yaml.hbs:7:5 `spec.ports[1].port`"), "{found:?}");
}

#[test]
fn a_misspelt_name_is_an_error_also_in_a_condition() {
    for tag in ["{{nam}}", "{{yaml nam}}", "{{#if nam}}x{{/if}}", "{{#each nam}}x{{/each}}"] {
        let found = findings(&format!("a: 1\nb: {tag}\n"), &json!({"name": 1}));
        assert_eq!(found.len(), 1, "{tag}");
        assert!(found[0].starts_with("service.yaml.hbs:2:"), "{tag} {found:?}");
        assert!(found[0].contains("nam"), "{tag} {found:?}");
    }
}

#[test]
fn a_template_that_cannot_be_parsed_says_where() {
    let found = findings("a: 1\nb: {{#if x}}\n", &json!({}));
    assert!(found[0].starts_with("service.yaml.hbs:"), "{found:?}");
}

#[test]
fn what_is_not_yaml_names_the_template_line() {
    let found = findings(&format!("{HEAD}spec: {{}}\n  : [\n"), &json!({}));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("service.yaml.hbs:"), "{found:?}");
}

#[test]
fn a_key_that_stands_twice_is_an_error() {
    let found =
        findings(&format!("{HEAD}spec:\n  type: ClusterIP\n  type: NodePort\n"), &json!({}));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_template_may_print_several_documents_or_none() {
    let render =
        |text: &str| templates("service", text).unwrap().render(print(&json!({}))).unwrap().len();
    assert_eq!(render(&format!("{HEAD}---\n{HEAD}")), 2);
    assert_eq!(render("{{!-- nothing --}}\n"), 0);
}
