use super::findings::Site;

/// The period of the scheduler where `cpu_period` names none, in microseconds.
const DEFAULT_PERIOD: i64 = 100_000;
/// The shares of one core.
const SHARES_OF_A_CORE: f64 = 1024.0;

/// What a service says of processor time, beside `deploy`.
#[derive(Debug, Default, Clone, Copy)]
pub struct ProcessorTime {
    /// `cpus`.
    pub cpus: Option<f64>,
    /// `cpu_count`.
    pub count: Option<i64>,
    /// `cpu_period`, in microseconds.
    pub period: Option<i64>,
    /// `cpu_quota`, in microseconds.
    pub quota: Option<i64>,
    /// `cpu_shares`.
    pub shares: Option<i64>,
}

impl ProcessorTime {
    /// The limit in thousandths of a core: `cpus`, the quota by the period, or the processors of Windows.
    pub fn limit(&self, site: &Site) -> Option<i64> {
        let Self { cpus, count, period, quota, shares: _ } = self;
        let quota = quota.filter(|quota| *quota > 0);
        let period = period.filter(|period| *period > 0);
        if quota.is_none() && period.is_some() {
            site.child("cpu_period").not_translated(
                "the period of the scheduler is a setting of the kubelet",
                "set `cpuCFSQuotaPeriod` in its configuration",
            );
        }
        let by_quota = || milli(Some(ratio(quota?, period.unwrap_or(DEFAULT_PERIOD))));
        let by_count = || {
            let count = count.filter(|count| *count > 0)?;
            site.child("cpu_count").approximated_closely(
                "so many cores are a limit of processor time, not of processors",
                "nothing to do, unless the program counts the processors",
            );
            Some(count.saturating_mul(1000))
        };
        milli(*cpus).or_else(by_quota).or_else(by_count)
    }

    /// The request in thousandths of a core: the kubelet makes the same shares of it.
    pub fn request(&self, site: &Site) -> Option<i64> {
        let shares = self.shares.filter(|shares| *shares > 0)?;
        site.child("cpu_shares").approximated_closely(
            "the shares are a request, which the scheduler also reserves on the node",
            "nothing to do, unless the node is too small for all requests",
        );
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 shares")]
        milli(Some(shares as f64 / SHARES_OF_A_CORE))
    }
}

/// Thousandths of a core, rounded up; none where Compose means no limit.
pub fn milli(cpus: Option<f64>) -> Option<i64> {
    // First to millionths: 0.07 cores are 70.00000000000001 thousandths in floating point.
    #[expect(clippy::cast_possible_truncation, reason = "a float that is too large saturates")]
    let milli = ((cpus? * 1e6).round() / 1e3).ceil() as i64;
    (milli > 0).then_some(milli)
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of less than 142 years")]
fn ratio(quota: i64, period: i64) -> f64 {
    quota as f64 / period as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    #[test]
    fn thousandths() {
        assert_eq!(milli(Some(0.0001)), Some(1));
        assert_eq!(milli(Some(0.07)), Some(70));
        assert_eq!(milli(Some(0.0)), None);
    }

    #[test]
    fn each_notation_has_its_core() {
        let none = ProcessorTime::default();
        for (time, limit, request, findings_expected) in [
            (none, None, None, 0),
            (ProcessorTime { quota: Some(50_000), ..none }, Some(500), None, 0),
            (
                ProcessorTime { quota: Some(30_000), period: Some(20_000), ..none },
                Some(1500),
                None,
                0,
            ),
            (ProcessorTime { quota: Some(-1), period: Some(20_000), ..none }, None, None, 1),
            (ProcessorTime { cpus: Some(2.0), quota: Some(50_000), ..none }, Some(2000), None, 0),
            (ProcessorTime { count: Some(2), ..none }, Some(2000), None, 1),
            (ProcessorTime { shares: Some(512), ..none }, None, Some(500), 1),
            (ProcessorTime { shares: Some(0), ..none }, None, None, 0),
        ] {
            let origins = Origins::default();
            let findings = Findings::new(&origins);
            let site = findings.site("services.a");
            assert_eq!((time.limit(&site), time.request(&site)), (limit, request), "{time:?}");
            drop(site);
            assert_eq!(findings.into_report().iter().count(), findings_expected, "{time:?}");
        }
    }
}
