use super::findings::Site;
use super::label::settings;
use super::setting::{Setting, Settings};

/// The signals of Linux that Kubernetes knows, with their numbers, but those for real-time.
const SIGNALS: &[(&str, u8)] = &[
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("STKFLT", 16),
    ("CHLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("VTALRM", 26),
    ("PROF", 27),
    ("WINCH", 28),
    ("IO", 29),
    ("PWR", 30),
    ("SYS", 31),
];

/// `stop_signal` as Kubernetes has it, where a label says that the cluster can: its API server drops the field while the
/// gate `ContainerStopSignals` is off, and those before 1.33 do not know it.
pub fn translate_stop_signal(
    signal: Option<&str>,
    settings: &Settings,
    site: &Site,
) -> Option<String> {
    let wanted = settings.get(settings::STOP_SIGNAL).as_ref().is_some_and(Setting::flag);
    let signal = signal.filter(|signal| !signal.is_empty())?;
    let site = site.child("stop_signal");
    let Some(name) = signal_name(signal) else {
        site.not_translated(
            format!("`{signal}` is not a signal that Kubernetes knows"),
            format!("build the image with `STOPSIGNAL {signal}`"),
        );
        return None;
    };
    if wanted {
        site.approximated_closely(
            "Kubernetes 1.33 and later set the signal where the gate `ContainerStopSignals` is on, and the image's where not",
            "build the image with `STOPSIGNAL` for all other clusters",
        );
        return Some(name);
    }
    if name != "SIGTERM" {
        site.not_translated(
            "a pod is stopped with the signal that its image names",
            format!("build the image with `STOPSIGNAL {signal}`, or set the label `longshore.stop-signal: \"true\"` for a cluster whose gate `ContainerStopSignals` is on"),
        );
    }
    None
}

/// The name of a signal, however it is written.
fn signal_name(signal: &str) -> Option<String> {
    if let Ok(number) = signal.parse::<u8>() {
        let known = SIGNALS.iter().find(|(_, known)| *known == number);
        return known.map(|(name, _)| format!("SIG{name}"));
    }
    let name = signal.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let real_time = |start: &str, sign: char, last: u8| {
        let offset = name.strip_prefix(start)?;
        let offset = offset.strip_prefix(sign).and_then(|it| it.parse::<u8>().ok());
        offset.filter(|offset| (1..=last).contains(offset))
    };
    let is_known = SIGNALS.iter().any(|(known, _)| *known == name)
        || ["RTMIN", "RTMAX"].contains(&name)
        || real_time("RTMIN", '+', 15).or(real_time("RTMAX", '-', 14)).is_some();
    is_known.then(|| format!("SIG{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_one_name() {
        for (signal, name) in [
            ("SIGUSR1", Some("SIGUSR1")),
            ("usr1", Some("SIGUSR1")),
            ("10", Some("SIGUSR1")),
            ("SIGRTMIN+3", Some("SIGRTMIN+3")),
            ("RTMAX", Some("SIGRTMAX")),
            ("SIGRTMIN+16", None),
            ("RTMIN+", None),
            ("99", None),
            ("SIG", None),
            ("stop it", None),
        ] {
            assert_eq!(signal_name(signal).as_deref(), name, "{signal}");
        }
    }
}
