//! `volumes` of a service, `tmpfs`.

use super::{check, check_with, web, wrong};

const DATA: &str = "volumes: {data: }";

#[test]
fn a_short_volume_is_split_at_its_colons() {
    check_with(
        DATA,
        &[
            web(
                "a target alone is an anonymous volume",
                "volumes: [/path, /path/foo]",
                &[(
                    "volumes",
                    "[{type: volume, target: /path}, {type: volume, target: /path/foo}]",
                )],
            ),
            web(
                "a path of Windows alone is one too",
                "volumes: ['C:\\path', 'Z:\\path\\foo']",
                &[
                    ("volumes[0]", "{type: volume, target: 'C:\\path'}"),
                    ("volumes[1]", "{type: volume, target: 'Z:\\path\\foo'}"),
                ],
            ),
            web(
                "one or two characters are a target",
                "volumes: [., /a]",
                &[("volumes", "[{type: volume, target: .}, {type: volume, target: /a}]")],
            ),
            web(
                "a name is a volume",
                "volumes: ['data:/data']",
                &[("volumes", "[{type: volume, source: data, target: /data}]")],
            ),
            web(
                "a path is a bind mount",
                "volumes: ['/foo:/target', '/home/user:/t2']",
                &[(
                    "volumes",
                    "[{type: bind, source: /foo, target: /target, bind: {create_host_path: true}},
              {type: bind, source: /home/user, target: /t2, bind: {create_host_path: true}}]",
                )],
            ),
            web(
                "relative paths are, too",
                "volumes: ['./foo:/a', '../other:/b', '.:/c']",
                &[
                    ("volumes[0].type", "bind"),
                    ("volumes[0].source", "<DIR>/foo"),
                    ("volumes[1].type", "bind"),
                    ("volumes[2].source", "<DIR>"),
                ],
            ),
            web(
                "so is the home directory",
                "volumes: ['~/thing:/a']",
                &[("volumes[0].type", "bind"), ("volumes[0].source", "/home/me/thing")],
            ),
            web(
                "the target is cleaned",
                "volumes: ['data:/a/../b/./c/', '/x//y/']",
                &[("volumes[0].target", "/b/c"), ("volumes[1].target", "/x/y")],
            ),
        ],
    );
}

#[test]
fn options_stand_behind_the_target() {
    check_with(
        DATA,
        &[
            web(
                "read only",
                "volumes: ['./foo:/a:ro', '/home/user:/b:ro']",
                &[("volumes[0].read_only", "true"), ("volumes[1].read_only", "true")],
            ),
            web(
                "read and write",
                "volumes: ['./foo:/a:rw', '/b:/b:ro,rw']",
                &[("volumes[0].read_only", ""), ("volumes[1].read_only", "")],
            ),
            web(
                "propagation",
                "volumes: ['/source:/target:slave']",
                &[("volumes[0].bind", "{create_host_path: true, propagation: slave}")],
            ),
            web(
                "the last propagation counts",
                "volumes: ['/source:/target:shared,rprivate']",
                &[("volumes[0].bind.propagation", "rprivate")],
            ),
            web(
                "every propagation",
                "volumes: ['/a:/a:private', '/b:/b:rshared', '/c:/c:rslave', '/d:/d:slave', '/e:/e:shared']",
                &[
                    ("volumes[0].bind.propagation", "private"),
                    ("volumes[1].bind.propagation", "rshared"),
                    ("volumes[2].bind.propagation", "rslave"),
                    ("volumes[3].bind.propagation", "slave"),
                    ("volumes[4].bind.propagation", "shared"),
                ],
            ),
            web(
                "labels of SELinux",
                "volumes: ['/s:/a:ro,z', '/s:/b:ro,Z']",
                &[
                    ("volumes[0].bind", "{create_host_path: true, selinux: z}"),
                    ("volumes[0].read_only", "true"),
                    ("volumes[1].bind", "{create_host_path: true, selinux: Z}"),
                ],
            ),
            web(
                "nothing is copied",
                "volumes: ['data:/target:nocopy']",
                &[(
                    "volumes[0]",
                    "{type: volume, source: data, target: /target, volume: {nocopy: true}}",
                )],
            ),
            web(
                "unknown options are left alone",
                "volumes: ['data:/target:bogus,cached,RO']",
                &[("volumes[0]", "{type: volume, source: data, target: /target}")],
            ),
        ],
    );
}

#[test]
fn paths_of_windows_keep_their_colon() {
    check_with(
        DATA,
        &[
            web(
                "source and target",
                "volumes: ['D:\\path:d:\\target']",
                &[
                    ("volumes[0].type", "bind"),
                    ("volumes[0].source", "D:\\path"),
                    ("volumes[0].target", "d:\\target"),
                ],
            ),
            web(
                "with options",
                "volumes: ['C:\\source\\foo:D:\\target:ro,rprivate']",
                &[
                    ("volumes[0].source", "C:\\source\\foo"),
                    ("volumes[0].target", "D:\\target"),
                    ("volumes[0].read_only", "true"),
                    ("volumes[0].bind.propagation", "rprivate"),
                ],
            ),
            web(
                "a target of a drive alone",
                "volumes: ['C:\\foo:d:', 'data:D::RW']",
                &[("volumes[0].target", "'d:'"), ("volumes[1].target", "'D:'")],
            ),
            web(
                "with blanks",
                "volumes: ['c:\\program files:d:\\s p a c e:RW']",
                &[
                    ("volumes[0].source", "c:\\program files"),
                    ("volumes[0].target", "d:\\s p a c e"),
                ],
            ),
            web(
                "with slashes",
                "volumes: ['c:/:d:/forward/slashes']",
                &[("volumes[0].source", "'c:/'"), ("volumes[0].target", "d:/forward/slashes")],
            ),
            web(
                "a pipe is a bind mount",
                "volumes: ['\\\\.\\pipe\\docker_engine:\\\\.\\pipe\\in']",
                &[
                    ("volumes[0].type", "bind"),
                    ("volumes[0].source", "\\\\.\\pipe\\docker_engine"),
                    ("volumes[0].target", "\\\\.\\pipe\\in"),
                ],
            ),
        ],
    );
}

#[test]
fn variables_of_the_container_keep_their_colon() {
    check_with(
        DATA,
        &[
            web(
                "in the target",
                "volumes: ['/tmp:/tmp/$${X:-DEFAULT}/path:ro']",
                &[
                    ("volumes[0].source", "/tmp"),
                    ("volumes[0].target", "'/tmp/${X:-DEFAULT}/path'"),
                    ("volumes[0].read_only", "true"),
                ],
            ),
            web(
                "in the source",
                "volumes: ['/tmp/$${X:-a:b}:/target']",
                &[("volumes[0].source", "'/tmp/${X:-a:b}'"), ("volumes[0].target", "/target")],
            ),
            web(
                "with braces in the default",
                "volumes: ['/tmp:/tmp/$${X:-{default}}/$${Y}/z']",
                &[("volumes[0].target", "'/tmp/${X:-{default}}/${Y}/z'")],
            ),
            web(
                "of a path of Windows",
                "volumes: ['C:\\s\\$${X:-a}:D:\\$${Y:-b}\\p:ro']",
                &[
                    ("volumes[0].source", "'C:\\s\\${X:-a}'"),
                    ("volumes[0].target", "'D:\\${Y:-b}\\p'"),
                ],
            ),
            web(
                "of a volume",
                "volumes: ['data:/data/$${TIME:-12:30:45}/p:nocopy']",
                &[
                    ("volumes[0].source", "data"),
                    ("volumes[0].target", "'/data/${TIME:-12:30:45}/p'"),
                    ("volumes[0].volume.nocopy", "true"),
                ],
            ),
        ],
    );
}

#[test]
fn what_is_no_volume_is_refused() {
    check(&[
        wrong(
            "too many parts",
            "volumes: ['/foo:/foo:ro:foo']",
            &["LS0205 4:15 volumes[0]: it has too many colons"],
        ),
        wrong(
            "no source",
            "volumes: [':foo']",
            &["LS0205 4:15 volumes[0]: there is nothing between two colons"],
        ),
        wrong(
            "no target",
            "volumes: ['/foo::ro']",
            &["LS0205 4:15 volumes[0]: there is nothing between two colons"],
        ),
        wrong(
            "no option",
            "volumes: ['/foo:/bar:']",
            &["LS0205 4:15 volumes[0]: there is nothing between two colons"],
        ),
        wrong(
            "an open variable",
            "volumes: ['a:/b/$${c']",
            &["LS0205 4:15 volumes[0]: `${` is not closed"],
        ),
        wrong("nothing", "volumes: ['']", &["LS0205 4:15 volumes[0]: it is empty"]),
    ]);
}

#[test]
fn long_volumes_keep_what_they_say() {
    check_with(DATA, &[
        web(
            "a volume with all options",
            "volumes: [{type: volume, source: data, target: /data/, read_only: 'yes', consistency: cached,
  volume: {nocopy: true, subpath: a/b, labels: [k=v]}}]",
            &[(
                "volumes[0]",
                "{type: volume, source: data, target: /data, read_only: true, consistency: cached,
                  volume: {nocopy: true, subpath: a/b, labels: {k: v}}}",
            )],
        )
        .with(&["LS0205 4:71 volumes[0].read_only: `yes` is not a boolean of YAML 1.2"]),
        web("no copy as a text", "volumes: [{type: volume, source: data, target: /d, volume: {nocopy: 'true'}}]", &[
            ("volumes[0].volume", "{nocopy: true}"),
        ]),
        web(
            "a bind mount with all options",
            "volumes: [{type: bind, source: /host, target: /c, bind: {propagation: rslave, selinux: z, \
             create_host_path: false, recursive: disabled}}]",
            &[(
                "volumes[0]",
                "{type: bind, source: /host, target: /c, bind: {propagation: rslave, selinux: z, \
                 create_host_path: false, recursive: disabled}}",
            )],
        ),
        web(
            "the path of the host is made by default",
            "volumes: [{type: bind, source: /host, target: /c, bind: {}}]",
            &[("volumes[0].bind.create_host_path", "true")],
        ),
        web(
            "a volume in memory",
            "volumes: [{type: tmpfs, target: /c, tmpfs: {size: 10m, mode: 0755}}]",
            &[("volumes[0]", "{type: tmpfs, target: /c, tmpfs: {size: '10485760', mode: 493}}")],
        ),
        web(
            "a size in bytes",
            "volumes: [{type: tmpfs, target: /c, tmpfs: {size: 10000}}]",
            &[("volumes[0].tmpfs.size", "'10000'")],
        ),
        web(
            "an image",
            "volumes: [{type: image, source: app/image, target: /mnt/image, image: {subpath: /foo}}]",
            &[(
                "volumes[0]",
                "{type: image, source: app/image, target: /mnt/image, image: {subpath: /foo}}",
            )],
        ),
        web(
            "a pipe",
            "volumes: [{type: npipe, source: '\\\\.\\pipe\\e', target: '\\\\.\\pipe\\e'}]",
            &[("volumes[0]", "{type: npipe, source: '\\\\.\\pipe\\e', target: '\\\\.\\pipe\\e'}")],
        ),
        wrong(
            "a mode as a text",
            "volumes: [{type: tmpfs, target: /c, tmpfs: {mode: '0755'}}]",
            &["LS0205 4:55 volumes[0].tmpfs.mode: must be a whole number without quotes"],
        ),
        wrong("without a target", "volumes: [{type: bind, source: /a}]", &[
            "LS0205 4:15 volumes[0]: the mount has no target",
        ]),
        wrong("of an unknown type", "volumes: [{type: bnd, source: /a, target: /b}]", &[
            "LS0205 4:22 volumes[0].type: must be `bind`, `volume`, `tmpfs`",
        ]),
    ]);
}

#[test]
fn the_short_tmpfs_is_a_list() {
    check(&[
        web("a text", "tmpfs: /run", &[("tmpfs", "[/run]")]),
        web("a list", "tmpfs: [/run, '/tmp:size=64m']", &[("tmpfs", "[/run, '/tmp:size=64m']")]),
    ]);
}
