//! Paths of Windows, as a loader reads them that does not run on Windows (sections 10 and 11).

use longshore::load::load_project;
use serde_json::Value;

use crate::case::{Case, check};
use crate::directory::Directory;

/// What mounts become, each as `TYPE SOURCE -> TARGET`, with `<DIR>` for the project directory.
fn mounts(text: &str, conversion: Option<&str>) -> Vec<String> {
    let file = format!("services:\n  a:\n    image: x\n    volumes:\n{text}");
    let directory = Directory::new(&[("compose.yaml", &file)]);
    let mut input = directory.input();
    let variable = "COMPOSE_CONVERT_WINDOWS_PATHS".to_owned();
    input.environment.extend(conversion.map(|value| (variable, value.to_owned())));
    let (project, report) = load_project(&input);
    let project = project.unwrap_or_else(|| panic!("{text}: {report:?}"));
    let project = serde_json::to_value(&project).unwrap();
    let shown = |mount: &Value| {
        let word = |key: &str| mount[key].as_str().unwrap_or("-").to_owned();
        let read_only = if mount["read_only"] == true { " ro" } else { "" };
        let line = format!("{} {} -> {}{read_only}", word("type"), word("source"), word("target"));
        line.replace(&directory.path().display().to_string(), "<DIR>")
    };
    project.pointer("/services/a/volumes").unwrap().as_array().unwrap().iter().map(shown).collect()
}

fn short(text: &str) -> String {
    let item = serde_json::to_string(text).unwrap();
    mounts(&format!("      - {item}\n"), None).concat()
}

#[test]
fn the_colon_of_a_drive_separates_nothing() {
    let cases = [
        (r"C:\path", r"volume - -> C:\path"),
        (r"Z:\path\foo", r"volume - -> Z:\path\foo"),
        (r"d:\", r"volume - -> d:\"),
        ("d:", "volume - -> d:"),
        (r"d:\path with space", r"volume - -> d:\path with space"),
        (r"c:\Program Files (x86)", r"volume - -> c:\Program Files (x86)"),
        (r"C:\foo:d:", r"bind C:\foo -> d:"),
        (r"C:\foo\:/foo", r"bind C:\foo\ -> /foo"),
        (r"d:\path:rw", r"bind d:\path -> rw"),
        (r"c:\:d:\", r"bind c:\ -> d:\"),
        (r"c:\windows\:d:", r"bind c:\windows\ -> d:"),
        (r"c:\windows:d:\s p a c e", r"bind c:\windows -> d:\s p a c e"),
        (r"c:\windows:d:\s p a c e:RW", r"bind c:\windows -> d:\s p a c e"),
        (r"c:\program files:d:\a b", r"bind c:\program files -> d:\a b"),
        ("c:/:d:/forward/slashes", "bind c:/ -> d:/forward/slashes"),
        (r"c:\:..\", r"bind c:\ -> ..\"),
        (r"c:\:d:\:xyzzy", r"bind c:\ -> d:\"),
        (r"C:\src:D:\dst:ro,rprivate", r"bind C:\src -> D:\dst ro"),
        (r"D:\path:d:\target", r"bind D:\path -> d:\target"),
        ("./foo:d:\\target", r"bind <DIR>/foo -> d:\target"),
        ("/home/user:d:\\target", r"bind /home/user -> d:\target"),
        (r"é:\x:/x", "bind <DIR>/é:\\x -> /x"),
    ];
    for (text, expected) in cases {
        assert_eq!(short(text), expected, "{text}");
    }
}

#[test]
fn names_are_no_drives() {
    let cases = [
        ("0123456789name:d:", "volume 0123456789name -> d:"),
        ("MiXeDcAsEnAmE:d:", "volume MiXeDcAsEnAmE -> d:"),
        ("name:D:", "volume name -> D:"),
        ("name:D::ro", "volume name -> D: ro"),
    ];
    let volumes = "volumes: { 0123456789name: {}, MiXeDcAsEnAmE: {}, name: {} }";
    for (text, expected) in cases {
        let item = serde_json::to_string(text).unwrap();
        let text = format!("      - {item}\n{volumes}\n");
        assert_eq!(mounts(&text, None), [expected]);
    }
}

#[test]
fn pipes_and_shares_are_binds() {
    let cases = [
        (r"\\.\pipe\engine:\\.\pipe\inside", r"bind \\.\pipe\engine -> \\.\pipe\inside"),
        (r"\\host\share:/x", r"bind \\host\share -> /x"),
        (r"\\host\share\dir:/x:ro", r"bind \\host\share\dir -> /x ro"),
        ("//host/share:/x", "bind //host/share -> /x"),
    ];
    for (text, expected) in cases {
        assert_eq!(short(text), expected, "{text}");
    }
}

#[test]
fn absolute_sources_stay_as_they_are() {
    let absolute = [
        r"z:\",
        r"Z:\",
        r"Z:\some-dir",
        r"c:\a\b",
        "c:/a/b",
        "c:/",
        "c:/usr/bin",
        "c:/a/../bb",
        r"\\host\share\foo",
        "//host/share/foo/bar",
        r"\\.\pipe\x",
        r"\??\C:\x",
        "/z/some-dir",
        "/a/../bb",
        r"C:\a\.\b\..\c",
    ];
    for source in absolute {
        let text = format!("      - {{ type: bind, source: '{source}', target: 'c:\\data' }}\n");
        assert_eq!(mounts(&text, None), [format!(r"bind {source} -> c:\data")]);
    }
}

#[test]
fn all_other_sources_start_from_the_project_directory() {
    let relative = [
        r"c\",
        "c::",
        "c:",
        r"\",
        r"\Windows",
        r"c:a\b",
        "lala",
        "c:lala",
        "c:..",
        "c:.",
        r"\??\C:",
    ];
    for source in relative {
        let text = format!("      - {{ type: bind, source: '{source}', target: /x }}\n");
        assert_eq!(mounts(&text, None), [format!("bind <DIR>/{source} -> /x")]);
    }
}

#[test]
fn named_pipes_are_mounts_of_their_own_in_the_long_form() {
    let text = r"      - { type: npipe, source: '\\.\pipe\x', target: '\\.\pipe\y' }";
    assert_eq!(mounts(text, None), [r"npipe \\.\pipe\x -> \\.\pipe\y"]);
}

#[test]
fn a_variable_asks_for_the_paths_of_a_virtual_machine() {
    let text = r"
      - { type: bind, source: 'C:\docker\project', target: /a }
      - { type: bind, source: ./relative, target: /b }
      - './relative2:/c'
      - 'c:\hello\docker:/d'
      - 'd:\compose:/e'
      - 'e:\path with spaces\compose:/f'
      - '\\host\share:/g'
      - 'F:\data:D:\data:ro'
";
    let converted = [
        "bind /c/docker/project -> /a",
        "bind <DIR>/relative -> /b",
        "bind <DIR>/relative2 -> /c",
        "bind /c/hello/docker -> /d",
        "bind /d/compose -> /e",
        "bind /e/path with spaces/compose -> /f",
        r"bind \\host\share -> /g",
        r"bind /f/data -> D:\data ro",
    ];
    for yes in ["1", "true", "TRUE", "tRue", " t "] {
        assert_eq!(mounts(text, Some(yes)), converted, "{yes}");
    }
    for no in [None, Some(""), Some("0"), Some("false"), Some("yes")] {
        assert!(mounts(text, no)[0].starts_with(r"bind C:\docker\project"), "{no:?}");
    }
}

#[test]
fn other_paths_are_those_of_this_machine_or_of_the_engine() {
    check(&[Case {
        name: "only what the engine opens may be a path of Windows",
        files: &[(
            "compose.yaml",
            r"
services:
  a:
    image: x
    build: { context: 'C:\ctx', ssh: ['k=C:\k', 'm=D:/m'], additional_contexts: { d: 'D:\x' } }
    env_file: [{ path: 'C:\a.env', required: false }]
    configs: [c]
    secrets: [s]
    volumes: ['vol:/v']
configs: { c: { file: 'C:\c.txt' } }
secrets: { s: { file: '\\host\s\s.txt' } }
volumes: { vol: { driver: local, driver_opts: { o: bind, device: 'C:\dev', type: none } } }
",
        )],
        values: &[
            ("services.a.build.context", r"<DIR>/C:\ctx"),
            ("services.a.build.additional_contexts.d", r"<DIR>/D:\x"),
            ("configs.c.file", r"C:\c.txt"),
            ("volumes.vol.driver_opts.device", r"C:\dev"),
            ("secrets.s.file", r"\\host\s\s.txt"),
        ],
        ..Case::default()
    }]);
}
