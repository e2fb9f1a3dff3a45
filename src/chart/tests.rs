use std::collections::BTreeMap;

use serde_json::{Value, json};
use similar_asserts::assert_eq;

use super::*;

fn object(value: Value) -> Object {
    let Value::Object(fields) = value else { unreachable!() };
    Object::new(fields).unwrap()
}

/// A Deployment, its Service and its volume, with variables in several places.
fn objects(variables: &BTreeMap<String, String>) -> Option<Vec<Object>> {
    let get = |name: &str, default: &str| {
        variables.get(name).cloned().unwrap_or_else(|| default.to_owned())
    };
    let port: u16 = get("PORT", "80").parse().ok()?;
    let memory: u32 = get("MEMORY", "512").parse().ok()?;
    Some(vec![
        object(json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "my-data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
            },
        })),
        object(json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "labels": {"app.kubernetes.io/name": "web"}},
            "spec": {"type": "LoadBalancer", "ports": [{"name": format!("tcp-{port}"), "port": port}]},
        })),
        object(json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "labels": {"app.kubernetes.io/name": "web"}},
            "spec": {
                "replicas": 2,
                "template": {"spec": {
                    "containers": [{
                        "name": "web",
                        "image": format!("nginx:{}", get("TAG", "1.29")),
                        "imagePullPolicy": "IfNotPresent",
                        "env": [
                            {"name": "PLAIN", "value": "{{ not mine }}"},
                            {"name": "URL", "value": format!("http://{}:100%/", get("HOST", "db"))},
                        ],
                        "resources": {"limits": {"memory": (memory * 2).to_string()}},
                        "volumeMounts": [{"name": "data", "mountPath": "/{{x}}"}],
                    }],
                    "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "my-data"}}],
                }},
            },
        })),
        object(json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "web-env", "labels": {"app.kubernetes.io/name": "web"}},
            "data": {"PASSWORD": base64(&get("PASSWORD", "")), "TOKEN": base64("abc")},
        })),
    ])
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn variables() -> Vec<Variable> {
    ["HOST", "MEMORY", "NOTHING", "PASSWORD", "PORT", "TAG"]
        .map(|name| Variable {
            name: name.to_owned(),
            required: (name == "PASSWORD").then(|| "give a \"password\"".to_owned()),
            default: None,
            is_number: false,
        })
        .into()
}

fn files() -> BTreeMap<String, String> {
    let trial = try_variables(variables(), &BTreeMap::new(), objects).unwrap();
    assert_eq!(trial.fixed, ["MEMORY"]);
    let Chart { files, starters } = chart("app", &trial);
    assert_eq!(starters.keys().collect::<Vec<_>>(), ["Chart.yaml"]);
    files
}

#[test]
fn a_workload_with_holes() {
    assert_eq!(
        files()["templates/deployment-web.yaml"],
        r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
spec:
  replicas: {{ .Values.services.web.replicas | int64 }}
  template:
    spec:
      containers:
      - name: web
        image: {{ include "app.image" (dict "repository" .Values.services.web.image.repository "tag" (.Values.services.web.image.tag | default (include "app.text" .Values.variables.TAG)) "digest" .Values.services.web.image.digest) | quote }}
        imagePullPolicy: {{ .Values.services.web.imagePullPolicy }}
        env:
        - name: PLAIN
          value: {{ include "app.text" .Values.services.web.env.PLAIN | quote }}
        - name: URL
          value: {{ printf "http://%s:100%%/" (include "app.text" .Values.variables.HOST) | quote }}
        {{- with .Values.services.web.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- with .Values.services.web.resources }}
        resources:
          {{- toYaml . | nindent 10 }}
        {{- end }}
        volumeMounts:
        - name: data
          mountPath: /{{ "{{" }}x}}
      volumes:
      - name: data
        {{- if .Values.persistence.my-data.enabled }}
        persistentVolumeClaim:
          claimName: {{ .Values.persistence.my-data.existingClaim | default "my-data" | quote }}
        {{- else }}
        emptyDir: {}
        {{- end }}
      {{- with .Values.services.web.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.services.web.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.services.web.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
"#
        .replace(".Values.persistence.my-data.enabled", "(index .Values \"persistence\" \"my-data\" \"enabled\")")
        .replace(".Values.persistence.my-data.existingClaim", "(index .Values \"persistence\" \"my-data\" \"existingClaim\")")
    );
}

#[test]
fn a_secret_and_a_service_with_holes() {
    let files = files();
    assert_eq!(
        files["templates/secret-web-env.yaml"],
        r#"apiVersion: v1
kind: Secret
metadata:
  name: web-env
  labels:
    app.kubernetes.io/name: web
data:
  PASSWORD: {{ include "app.text" (required "give a \"password\"" .Values.variables.PASSWORD) | b64enc | quote }}
  TOKEN: {{ include "app.text" .Values.services.web.secretEnv.TOKEN | b64enc | quote }}
"#
    );
    assert_eq!(
        files["templates/service-web.yaml"],
        r#"apiVersion: v1
kind: Service
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
  {{- with .Values.services.web.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .Values.services.web.service.type }}
  ports:
  - name: {{ printf "tcp-%s" (include "app.text" .Values.variables.PORT) | quote }}
    port: {{ .Values.variables.PORT | int64 }}
"#
    );
}

#[test]
fn variables_and_fields_become_values() {
    assert_eq!(
        files()["values.yaml"],
        r#"# The defaults. Give your own in another file: helm install NAME DIR -f FILE

# The variables of the compose files.
variables:
  HOST: db
  PASSWORD: ""
  PORT: "80"
  TAG: "1.29"

# The services, by name.
services:
  web:
    image:
      repository: nginx
      tag: ""
      digest: ""
    imagePullPolicy: IfNotPresent
    replicas: 2
    env:
      PLAIN: "{{ not mine }}"
    secretEnv:
      TOKEN: abc
    extraEnv: []
    resources:
      limits:
        memory: "1024"
    nodeSelector: {}
    tolerations: []
    affinity: {}
    service:
      type: LoadBalancer
      annotations: {}

# The volumes, by claim. One that is not enabled is empty for each pod.
persistence:
  my-data:
    enabled: true
    existingClaim: ""
    size: 1Gi
    storageClass: ""
    accessModes:
    - ReadWriteOnce

# Secrets with what registries ask for, e.g. `- name: my-registry`.
imagePullSecrets: []
"#
    );
}

#[test]
fn a_required_variable_without_a_value_is_asked_for() {
    let asked = BTreeMap::from([("PASSWORD".to_owned(), "asked0".to_owned())]);
    let trial = try_variables(variables(), &asked, objects).unwrap();
    let Chart { files, .. } = chart("app", &trial);
    assert!(files["values.yaml"].contains("To be set: PASSWORD\nvariables:\n"));
    let schema: Value = serde_json::from_str(&files["values.schema.json"]).unwrap();
    let password = &schema["properties"]["variables"]["properties"]["PASSWORD"];
    assert_eq!(password["description"], "give a \"password\"");
    for (name, text) in files {
        assert!(!text.contains("asked0") && !text.contains("standin"), "{name}\n{text}");
    }
}
