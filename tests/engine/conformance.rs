//! What the official conformance suite promises of containers and their network, each by a test of ours.
//!
//! `conformance.txt` lists the promises that are kept, each with its test: it only grows.

mod containers;
mod environment;
mod init_containers;
mod network;
mod probes;
mod streams;
mod volumes;

const LEDGER: &str = include_str!("conformance.txt");
const SOURCES: &[&str] = &[
    include_str!("conformance/containers.rs"),
    include_str!("conformance/environment.rs"),
    include_str!("conformance/init_containers.rs"),
    include_str!("conformance/network.rs"),
    include_str!("conformance/probes.rs"),
    include_str!("conformance/streams.rs"),
    include_str!("conformance/volumes.rs"),
];

#[test]
fn the_ledger_names_the_tests_that_there_are() {
    let mut listed: Vec<&str> =
        LEDGER.lines().map(|line| line.split_once('\t').expect("test and promise").0).collect();
    let mut tests: Vec<&str> = SOURCES
        .iter()
        .flat_map(|source| source.split("#[tokio::test]\nasync fn ").skip(1))
        .map(|rest| rest.split('(').next().unwrap())
        .collect();
    listed.sort_unstable();
    tests.sort_unstable();
    assert_eq!(listed, tests);
}
