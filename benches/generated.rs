//! Projects to measure with.

use std::fmt::Write;

/// A project of `services` services with ports, variables, a health check and a volume each.
pub fn generated(services: usize) -> tempfile::TempDir {
    let mut text = String::from("services:\n");
    let mut volumes = String::from("volumes:\n");
    for index in 0..services {
        write!(
            text,
            "  service-{index}:\n    image: registry.example/service-{index}:1\n    \
             ports: [\"{port}:8080\"]\n    environment:\n      NAME: service-{index}\n      \
             MODE: ${{MODE:-production}}\n    healthcheck:\n      \
             test: [CMD, curl, -f, http://localhost:8080]\n      interval: 10s\n    \
             volumes: [data-{index}:/data]\n    deploy:\n      replicas: 2\n",
            port = 10_000 + index,
        )
        .unwrap();
        writeln!(volumes, "  data-{index}: {{}}").unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("compose.yaml"), text + &volumes).unwrap();
    directory
}
