use serde_json::{Value, json};

use crate::cluster::{Cluster, condition, key};

fn job(spec: &Value, command: &[&str], policy: &str) -> Value {
    let container = json!({"name": "task", "image": "task:1", "command": command});
    let pod = json!({"restartPolicy": policy, "containers": [container]});
    let mut job = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "task"},
        "spec": spec,
    });
    job["spec"]["template"] = json!({"spec": pod});
    job
}

#[tokio::test]
async fn a_job_completes() {
    let cluster = Cluster::start().await;
    let task = key("batch/v1", "Job", "default", "task");
    let spec = json!({"completions": 3, "parallelism": 2});
    cluster.try_create(job(&spec, &["echo", "done"], "Never")).await.unwrap();
    cluster
        .eventually("Complete", |cluster| {
            condition(&cluster.get(&task).unwrap(), "Complete") == "True CompletionsReached"
        })
        .await;
    let status = cluster.get(&task).unwrap()["status"].clone();
    assert_eq!(status["succeeded"], 3);
    assert_eq!(status.get("active"), None);
    assert!(status["startTime"].is_string() && status["completionTime"].is_string());
    let pods = cluster.list("v1", "Pod", "default");
    assert!(pods.iter().all(|pod| pod["status"]["phase"] == "Succeeded"));
    assert_eq!(pods.len(), 3);
    cluster
        .eventually("the event", |cluster| cluster.events("default", "Completed").len() == 1)
        .await;
}

#[tokio::test]
async fn a_job_fails_at_its_backoff_limit_and_waits_longer_each_time() {
    let cluster = Cluster::start().await;
    let task = key("batch/v1", "Job", "default", "task");
    let spec = json!({"backoffLimit": 2});
    cluster.try_create(job(&spec, &["sh", "-c", "exit 3"], "Never")).await.unwrap();
    for (failed, delay) in [(1, 11), (2, 21)] {
        cluster.shows(&task, "/status/failed", json!(failed)).await;
        let pods = cluster.list("v1", "Pod", "default");
        assert_eq!(pods.len(), failed, "the next one waits");
        cluster.advance(delay);
    }
    cluster
        .eventually("Failed", |cluster| {
            condition(&cluster.get(&task).unwrap(), "Failed") == "True BackoffLimitExceeded"
        })
        .await;
    assert_eq!(cluster.get(&task).unwrap()["status"]["failed"], 3);
}

#[tokio::test]
async fn restarts_in_place_count_against_the_backoff_limit() {
    let cluster = Cluster::start().await;
    let task = key("batch/v1", "Job", "default", "task");
    cluster.try_create(job(&json!({"backoffLimit": 1}), &["false"], "OnFailure")).await.unwrap();
    cluster
        .eventually("Failed", |cluster| {
            condition(&cluster.get(&task).unwrap(), "Failed") == "True BackoffLimitExceeded"
        })
        .await;
    cluster
        .eventually("no pod is left", |cluster| cluster.list("v1", "Pod", "default").is_empty())
        .await;
}

#[tokio::test]
async fn a_job_is_stopped_at_its_deadline_and_removed_after_its_ttl() {
    let cluster = Cluster::start().await;
    let task = key("batch/v1", "Job", "default", "task");
    let spec = json!({"activeDeadlineSeconds": 30, "ttlSecondsAfterFinished": 60});
    cluster.try_create(job(&spec, &["sleep", "infinity"], "Never")).await.unwrap();
    cluster.shows(&task, "/status/ready", json!(1)).await;
    cluster.advance(30);
    cluster
        .eventually("Failed", |cluster| {
            condition(&cluster.get(&task).unwrap(), "Failed") == "True DeadlineExceeded"
        })
        .await;
    assert!(cluster.get(&task).is_some(), "it stays for its time to live");
    cluster.advance(60);
    cluster.gone(&task).await;
}

#[tokio::test]
async fn a_suspended_job_waits() {
    let cluster = Cluster::start().await;
    let task = key("batch/v1", "Job", "default", "task");
    cluster.try_create(job(&json!({"suspend": true}), &["true"], "Never")).await.unwrap();
    cluster
        .eventually("Suspended", |cluster| {
            condition(&cluster.get(&task).unwrap(), "Suspended") == "True JobSuspended"
        })
        .await;
    assert!(cluster.list("v1", "Pod", "default").is_empty());
    cluster.patch(&task, json!({"spec": {"suspend": false}})).await;
    cluster
        .eventually("Complete", |cluster| {
            condition(&cluster.get(&task).unwrap(), "Complete") == "True CompletionsReached"
        })
        .await;
}

#[tokio::test]
async fn indexed_pods_each_have_their_index() {
    let cluster = Cluster::start().await;
    let task = key("batch/v1", "Job", "default", "task");
    let spec = json!({"completions": 3, "parallelism": 3, "completionMode": "Indexed"});
    cluster.try_create(job(&spec, &["true"], "Never")).await.unwrap();
    cluster.shows(&task, "/status/completedIndexes", json!("0-2")).await;
    let pods = cluster.list("v1", "Pod", "default");
    let hosts: Vec<_> = pods.iter().map(|pod| pod["spec"]["hostname"].clone()).collect();
    assert_eq!(hosts, ["task-0", "task-1", "task-2"]);
}

const CRON: &str = "
apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec:
  schedule: '* * * * *'
  successfulJobsHistoryLimit: 2
  jobTemplate:
    metadata: {labels: {app: report}}
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: report, image: 'report:1', command: ['true']}]
";

#[tokio::test]
async fn a_cron_job_starts_a_job_when_its_time_comes_and_keeps_a_history() {
    let cluster = Cluster::start().await;
    let report = key("batch/v1", "CronJob", "default", "report");
    cluster.create(CRON).await;
    let complete = |cluster: &Cluster| {
        let jobs = cluster.list("batch/v1", "Job", "default");
        jobs.iter().filter(|job| condition(job, "Complete").starts_with("True")).count()
    };
    cluster.advance(60);
    cluster.eventually("the first job is complete", |cluster| complete(cluster) == 1).await;
    let job = cluster.list("batch/v1", "Job", "default").remove(0);
    assert_eq!(job["metadata"]["labels"]["app"], "report");
    cluster
        .eventually("lastSuccessfulTime", |cluster| {
            let status = cluster.get(&report).unwrap()["status"].clone();
            status["lastScheduleTime"].is_string() && status["lastSuccessfulTime"].is_string()
        })
        .await;
    for _ in 0..3 {
        let before = cluster.get(&report).unwrap()["status"]["lastScheduleTime"].clone();
        cluster.advance(60);
        cluster
            .eventually("the next run", |cluster| {
                let status = cluster.get(&report).unwrap()["status"].clone();
                status["lastScheduleTime"] != before && status.get("active").is_none()
            })
            .await;
    }
    cluster.eventually("two are kept", |cluster| complete(cluster) == 2).await;
    assert!(job != cluster.list("batch/v1", "Job", "default")[0], "the oldest went first");
}

#[tokio::test]
async fn a_cron_job_that_forbids_concurrency_waits_for_its_job() {
    let cluster = Cluster::start().await;
    let yaml = CRON
        .replace("schedule:", "concurrencyPolicy: Forbid\n  schedule:")
        .replace("['true']", "['sleep', 'infinity']");
    cluster.create(&yaml).await;
    cluster.advance(60);
    let report = key("batch/v1", "CronJob", "default", "report");
    cluster
        .eventually("one is active", |cluster| {
            let active = cluster.get(&report).unwrap()["status"]["active"].clone();
            active.as_array().is_some_and(|active| active.len() == 1)
        })
        .await;
    cluster.advance(60);
    cluster
        .eventually("the event", |cluster| {
            !cluster.events("default", "JobAlreadyActive").is_empty()
        })
        .await;
    assert_eq!(cluster.list("batch/v1", "Job", "default").len(), 1);
}
