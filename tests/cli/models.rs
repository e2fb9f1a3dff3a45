//! `models`: the variables that Compose sets, and where their addresses come from.

use super::place::Place;

const PROJECT: &str = "\
services:
  app:
    image: x
    environment: { CHAT_URL: http://localhost:12434, LEVEL: info }
    models: { llm: {}, chat: {}, big-one: { endpoint_var: BIG, model_var: BIG_NAME } }
  short:
    image: x
    models: [llm]
models:
  llm: { model: ai/llm, x-longshore: { endpoint: http://file/v1 } }
  chat: { model: ai/chat }
  big-one: { model: ai/big, name: big, context_size: 4096, runtime_flags: [--fast] }
";

/// `NAME=VALUE` of the variables of `app` and of `short`, and the findings about models.
fn converted(options: &[&str]) -> (Vec<String>, Vec<String>) {
    let place = Place::with(PROJECT);
    let ran = place.run(&[&["convert"], options].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let objects = longshore::yaml::read(&ran.stdout).unwrap();
    let pods = objects.iter().filter_map(|it| it.pointer("/spec/template/spec/containers/0/env"));
    let variables = pods.flat_map(|env| env.as_array().unwrap()).map(|it| {
        format!("{}={}", it["name"].as_str().unwrap(), it["value"].as_str().unwrap_or_default())
    });
    let lines: Vec<&str> = ran.stderr.lines().collect();
    let findings = lines.windows(2).filter(|pair| pair[0].contains("models]"));
    (
        variables.collect(),
        findings.map(|pair| format!("{} at {}", pair[0], pair[1].trim())).collect(),
    )
}

#[test]
fn variables_are_those_of_compose() {
    let (variables, findings) = converted(&[]);
    assert_eq!(
        variables,
        [
            // What `environment` says stays where nothing is known that is better.
            "CHAT_URL=http://localhost:12434",
            "LEVEL=info",
            "LLM_MODEL=ai/llm",
            "LLM_URL=http://file/v1",
            "CHAT_MODEL=ai/chat",
            "BIG_NAME=ai/big",
            "LLM_MODEL=ai/llm",
            "LLM_URL=http://file/v1",
        ]
    );
    assert_eq!(findings.len(), 5, "{findings:#?}");
    assert!(findings.iter().any(|it| it.contains("`BIG` is not set")), "{findings:#?}");
}

#[test]
fn the_nearest_endpoint_counts() {
    let (variables, findings) = converted(&["--model-endpoint", "http://all"]);
    for expected in ["LLM_URL=http://file/v1", "CHAT_URL=http://all", "BIG=http://all"] {
        assert!(variables.iter().any(|it| it == expected), "{expected} in {variables:?}");
    }
    assert_eq!(findings.len(), 3, "{findings:#?}");
    let options = ["--model-endpoint=http://all", "--model-endpoint", "llm=http://option"];
    let (variables, _) = converted(&options);
    for expected in ["LLM_URL=http://option", "CHAT_URL=http://all", "BIG=http://all"] {
        assert!(variables.iter().any(|it| it == expected), "{expected} in {variables:?}");
    }
}

#[test]
fn what_is_no_endpoint_is_told() {
    let place = Place::with(&PROJECT.replace("http://file/v1", "nowhere"));
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("`nowhere` is not a URL"), "{}", ran.stderr);
    let place = Place::with(&PROJECT.replace("endpoint:", "endpiont:"));
    let ran = place.run(&["convert", "--model-endpoint", "lmm=http://a"]);
    assert!(ran.stderr.contains("did you mean `endpoint`?"), "{}", ran.stderr);
    assert!(ran.stderr.contains("no service uses a model `lmm`"), "{}", ran.stderr);
    let ran = place.run(&["convert", "--model-endpoint", "llm=b:80"]);
    assert_eq!(ran.code, Some(2));
}

/// A model that no service uses takes its settings with it.
#[test]
fn settings_of_an_unused_model_are_no_settings_elsewhere() {
    let unused = PROJECT.replace("llm: {}, ", "").replace("models: [llm]", "tty: true");
    let ran = Place::with(&unused).run(&["convert"]);
    assert!(!ran.stderr.contains("means nothing here"), "{}", ran.stderr);
}
