use serde_json::{Value, json};

use crate::engine::cluster::{condition, namespace, script};

fn spec(policy: &str, main: &str) -> Value {
    json!({
        "restartPolicy": policy,
        "terminationGracePeriodSeconds": 0,
        "initContainers": [script("init1", "true"), script("init2", "true")],
        "containers": [script("run1", main)],
    })
}

fn all_init_done(pod: &Value) -> bool {
    let statuses = pod["status"]["initContainerStatuses"].as_array().unwrap();
    statuses.len() == 2
        && statuses
            .iter()
            .all(|status| status["ready"] == true && status["state"]["terminated"]["exitCode"] == 0)
}

#[tokio::test]
async fn init_containers_are_invoked_on_a_restart_never_pod() {
    let Some(namespace) = namespace().await else { return };
    namespace.pod("never", spec("Never", "true")).await;
    let pod = namespace.phase("never", "Succeeded").await;
    assert_eq!(condition(&pod, "Initialized"), "True");
    assert!(all_init_done(&pod), "{pod:#}");
}

#[tokio::test]
async fn init_containers_are_invoked_on_a_restart_always_pod() {
    let Some(namespace) = namespace().await else { return };
    namespace.pod("always", spec("Always", "sleep 1000")).await;
    let pod = namespace.ready("always").await;
    assert_eq!(condition(&pod, "Initialized"), "True");
    assert!(all_init_done(&pod), "{pod:#}");
}
