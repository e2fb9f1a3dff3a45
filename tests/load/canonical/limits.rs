//! `ulimits`, sizes, shares of processors, `blkio_config`, `umask`.

use super::{check, web, wrong};

#[test]
fn limits_are_a_number_or_two() {
    check(&[
        web(
            "both forms",
            "ulimits: {nproc: 65535, nofile: {soft: 20000, hard: 40000}}",
            &[("ulimits", "{nproc: 65535, nofile: {soft: 20000, hard: 40000}}")],
        ),
        web(
            "texts",
            "ulimits: {nproc: '65535', nofile: {soft: '20000', hard: 40000}}",
            &[("ulimits", "{nproc: 65535, nofile: {soft: 20000, hard: 40000}}")],
        ),
        web(
            "no limit, and nothing",
            "ulimits: {nproc: -1, nofile: 0}",
            &[("ulimits.nproc", "-1"), ("ulimits.nofile", "0")],
        ),
        wrong(
            "no number",
            "ulimits: {nofile: unlimited}",
            &["LS0205 4:23 ulimits.nofile: must be a whole number, but is `unlimited`"],
        ),
        wrong(
            "a fraction",
            "ulimits: {nofile: 5.0}",
            &["LS0205 4:23 ulimits.nofile: must be a whole number, but is `5`"],
        ),
        wrong(
            "one side",
            "ulimits: {nofile: {soft: 1}}",
            &["LS0204 4:23 ulimits.nofile: needs the attribute `hard`"],
        ),
        wrong(
            "a third side",
            "ulimits: {nofile: {single: 5, soft: 1, hard: 2}}",
            &["LS0202 4:24 ulimits.nofile.single: unknown attribute `single`"],
        ),
    ]);
}

#[test]
fn sizes_are_bytes() {
    check(&[
        web(
            "with units",
            "mem_limit: 512m\nmem_reservation: 256M\nmemswap_limit: 1g\nshm_size: 64 mib\nmem_swappiness: 60",
            &[
                ("mem_limit", "'536870912'"),
                ("mem_reservation", "'268435456'"),
                ("memswap_limit", "'1073741824'"),
                ("shm_size", "'67108864'"),
                ("mem_swappiness", "'60'"),
            ],
        ),
        web(
            "without",
            "mem_limit: 655360\nmemswap_limit: -1\nshm_size: '655360'",
            &[("mem_limit", "'655360'"), ("memswap_limit", "'-1'"), ("shm_size", "'655360'")],
        ),
        web("no limit as a text", "mem_limit: '-1'", &[("mem_limit", "'-1'")]),
        wrong("no size", "mem_limit: many", &["LS0205 4:16 mem_limit: must be a size"]),
        wrong("no unit", "shm_size: 64x", &["LS0205 4:15 shm_size: must be a size"]),
    ]);
}

#[test]
fn durations_have_units() {
    check(&[
        web("seconds", "stop_grace_period: 20s", &[("stop_grace_period", "20s")]),
        web(
            "several units",
            "stop_grace_period: 1h5m30s20ms",
            &[("stop_grace_period", "1h5m30.02s")],
        ),
        web("days and weeks", "stop_grace_period: 1w2d", &[("stop_grace_period", "216h0m0s")]),
        web("nothing", "stop_grace_period: '0'", &[("stop_grace_period", "0s")]),
        wrong(
            "no unit",
            "stop_grace_period: '30'",
            &["LS0205 4:24 stop_grace_period: must be a duration such as `90s`"],
        ),
        wrong(
            "no text",
            "stop_grace_period: 30",
            &["LS0203 4:24 stop_grace_period: must be a string, but is a number"],
        ),
    ]);
}

#[test]
fn shares_of_processors_are_numbers() {
    check(&[
        web(
            "numbers",
            "cpu_count: 4\ncpu_percent: 50\ncpu_shares: 1024\ncpu_quota: 50000\ncpu_period: 100000
cpu_rt_period: 1000000\ncpu_rt_runtime: 950000\ncpus: 1.5\ncpuset: '0,1'",
            &[
                ("cpu_count", "4"),
                ("cpu_percent", "50"),
                ("cpu_shares", "1024"),
                ("cpu_quota", "50000"),
                ("cpu_period", "100000"),
                ("cpu_rt_period", "1000000"),
                ("cpu_rt_runtime", "950000"),
                ("cpus", "1.5"),
                ("cpuset", "'0,1'"),
            ],
        ),
        web(
            "texts",
            "cpu_count: '4'\ncpu_percent: '50'\ncpu_shares: '1024'\ncpu_quota: '50000'\ncpu_period: '+100000'
cpu_rt_period: '1000000'\ncpu_rt_runtime: '950000'\ncpus: '0.5'",
            &[
                ("cpu_count", "4"),
                ("cpu_percent", "50"),
                ("cpu_shares", "1024"),
                ("cpu_quota", "50000"),
                ("cpu_period", "100000"),
                ("cpu_rt_period", "1000000"),
                ("cpu_rt_runtime", "950000"),
                ("cpus", "0.5"),
            ],
        ),
        // The specification shows these, but nothing of Compose has ever read them.
        web("separators, but no fraction", "cpus: '1_0.5'\ncpu_shares: 1.5", &[
            ("cpus", "10.5"),
            ("cpu_shares", "1"),
        ])
        .with(&["LS0205 5:17 cpu_shares: is a whole number: `1.5` is read as `1`"]),
        wrong("not durations", "cpu_rt_period: 1400us\ncpu_rt_runtime: 95ms", &[
            "LS0205 4:20 cpu_rt_period: must be a whole number, but is `1400us`",
            "LS0205 5:21 cpu_rt_runtime: must be a whole number, but is `95ms`",
        ]),
        wrong("in their range", "cpu_count: -1\ncpu_percent: '101'\noom_score_adj: 2000", &[
            "LS0205 4:16 cpu_count: must be at least 0, but is -1",
            "LS0205 5:18 cpu_percent: must be between 0 and 100, but is 101",
            "LS0205 6:20 oom_score_adj: must be between -1000 and 1000, but is 2000",
        ]),
        wrong("a percentage is whole", "cpu_percent: 50.5", &[
            "LS0203 4:18 cpu_percent: must be a string or a whole number",
        ]),
        wrong("no number at all", "cpus: two\npids_limit: 1_0", &[
            "LS0205 4:11 cpus: must be a number, but is `two`",
        ]),
    ]);
}

#[test]
fn rates_of_disks_are_sizes() {
    check(&[
        web(
            "all of them",
            "
blkio_config:
  weight: 300
  weight_device: [{path: /dev/sda, weight: 400}]
  device_read_bps: [{path: /dev/sda, rate: 1024k}]
  device_write_bps: [{path: /dev/sda, rate: 1024}]
  device_read_iops: [{path: /dev/sda, rate: '120'}]
  device_write_iops: [{path: /dev/sda, rate: 200}]",
            &[(
                "blkio_config",
                "{weight: 300, weight_device: [{path: /dev/sda, weight: 400}],
                  device_read_bps: [{path: /dev/sda, rate: '1048576'}],
                  device_write_bps: [{path: /dev/sda, rate: '1024'}],
                  device_read_iops: [{path: /dev/sda, rate: '120'}],
                  device_write_iops: [{path: /dev/sda, rate: '200'}]}",
            )],
        ),
        wrong(
            "a weight is no text",
            "blkio_config: {weight: '300'}",
            &[
                "LS0205 4:28 blkio_config.weight: must be a whole number without quotes, but is `300`",
            ],
        ),
        wrong(
            "no rate",
            "blkio_config: {device_read_bps: [{path: /dev/sda, rate: fast}]}",
            &["LS0205 4:61 blkio_config.device_read_bps[0].rate: must be a size"],
        ),
    ]);
}

#[test]
fn a_mask_is_octal_with_a_leading_zero() {
    check(&[
        web("a number", "umask: 077", &[("umask", "63")]),
        web("a text", "umask: '0o77'", &[("umask", "63")]),
        web("decimal", "umask: 63", &[("umask", "63")]),
        web("no bit is not no mask", "umask: 0", &[("umask", "0")]),
        web("nothing", "umask:", &[("umask", "")]),
        wrong("negative", "umask: -1", &["LS0205 4:12 umask: must be between 0 and 4294967295"]),
        wrong("too large", "umask: '4294967296'", &["LS0205 4:12 umask: must be a file mode mask"]),
        wrong("a word", "umask: abc", &["LS0205 4:12 umask: must be a file mode mask"]),
        wrong("an empty text", "umask: ''", &["LS0205 4:12 umask: must be a file mode mask"]),
        wrong("a boolean", "umask: true", &["LS0203 4:12 umask: but is a boolean"]),
        wrong("a list", "umask: [077]", &["LS0203 4:12 umask: but is a list"]),
        wrong("a fraction", "umask: 0.5", &["LS0203 4:12 umask: but is a number"]),
    ]);
}
