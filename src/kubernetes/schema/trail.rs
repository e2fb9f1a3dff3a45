use std::fmt;

/// The way from an object to a value in it. It is written out only where there is a problem: most
/// objects have none, and the paths of all fields would cost more than the check.
#[derive(Clone, Copy)]
pub struct Trail<'a> {
    above: Option<&'a Trail<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Object,
    Field(&'a str),
    Key(&'a str),
    Item(usize),
}

impl<'a> Trail<'a> {
    /// The object itself.
    pub const OBJECT: Self = Self { above: None, step: Step::Object };

    /// A field of a struct.
    pub fn field(&'a self, name: &'a str) -> Self {
        Self { above: Some(self), step: Step::Field(name) }
    }

    /// A value of a map.
    pub fn key(&'a self, key: &'a str) -> Self {
        Self { above: Some(self), step: Step::Key(key) }
    }

    /// An item of a list.
    pub fn item(&'a self, index: usize) -> Self {
        Self { above: Some(self), step: Step::Item(index) }
    }
}

/// `spec.containers[0].resources.limits[cpu]`.
impl fmt::Display for Trail<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { above, step } = self;
        if let Some(above) = above {
            above.fmt(formatter)?;
        }
        let is_first = above.is_none_or(|above| above.above.is_none());
        match step {
            Step::Object => Ok(()),
            Step::Field(name) if is_first => formatter.write_str(name),
            Step::Field(name) => write!(formatter, ".{name}"),
            Step::Key(key) => write!(formatter, "[{key}]"),
            Step::Item(index) => write!(formatter, "[{index}]"),
        }
    }
}
