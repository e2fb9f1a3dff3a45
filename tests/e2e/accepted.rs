//! What `convert` writes is accepted by the API server, with admission and validation, before anything is created.

use std::path::Path;

use super::site::Site;

#[test]
fn every_sample_is_accepted_by_a_dry_run() {
    let Some(site) = Site::of_sample("hello") else { return };
    site.succeed(&["cluster", "start"]);
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    for sample in std::fs::read_dir(samples).unwrap() {
        let sample = sample.unwrap().path();
        let compose = sample.join("compose.yaml");
        site.succeed(&["-f", compose.to_str().unwrap(), "convert", "-o", "all.yaml", "--force"]);
        let said = site.kubectl(&["apply", "--dry-run=server", "-f", "all.yaml"]);
        let lines = said.lines().filter(|line| line.ends_with("(server dry run)"));
        assert_eq!(lines.count(), said.lines().count(), "{said}");
    }
    let left = site.get(&["deployments", "-A"]);
    assert_eq!(left["items"].as_array().unwrap().len(), 0, "a dry run creates nothing");
}
