use serde_json::Value;

use crate::control_plane::schema::names;

/// What labels must be: all requirements must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelSelector {
    requirements: Vec<Requirement>,
    /// The selector of a workload without one: it matches nothing.
    nothing: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Exists,
    DoesNotExist,
    In,
    NotIn,
    GreaterThan,
    LessThan,
}

impl LabelSelector {
    /// Parses the text form: `a=b,c!=d,e in (f,g),h,!i`. The error is upstream's sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        Parser { tokens: tokens(text), at: 0 }.selector()
    }

    /// Reads the `LabelSelector` of an object's spec; one that is missing matches nothing, an empty one everything.
    pub fn from_value(selector: Option<&Value>) -> Self {
        let Some(selector) = selector.filter(|selector| !selector.is_null()) else {
            return Self { requirements: Vec::new(), nothing: true };
        };
        let labels = selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten();
        let mut requirements: Vec<_> = labels
            .map(|(key, value)| Requirement {
                key: key.clone(),
                operator: Operator::In,
                values: vec![value.as_str().unwrap_or_default().to_owned()],
            })
            .collect();
        let expressions =
            selector.get("matchExpressions").and_then(Value::as_array).into_iter().flatten();
        let mut nothing = false;
        for expression in expressions {
            match Requirement::from_value(expression) {
                Some(requirement) => requirements.push(requirement),
                None => nothing = true,
            }
        }
        Self { requirements, nothing }
    }

    /// Whether everything matches.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty() && !self.nothing
    }

    /// Whether the labels that `label` looks up match.
    pub fn matches<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        !self.nothing && self.requirements.iter().all(|each| each.matches(label(&each.key)))
    }

    /// Whether the labels of an object (or of a pod template) match.
    pub fn matches_object(&self, object: &Value) -> bool {
        let labels = object.get("metadata").and_then(|metadata| metadata.get("labels"));
        self.matches(|key| labels?.get(key)?.as_str())
    }
}

impl Requirement {
    fn from_value(expression: &Value) -> Option<Self> {
        let operator = match expression.get("operator")?.as_str()? {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            _ => return None,
        };
        let values = expression.get("values").and_then(Value::as_array).into_iter().flatten();
        Some(Self {
            key: expression.get("key")?.as_str()?.to_owned(),
            operator,
            values: values.filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }

    fn matches(&self, label: Option<&str>) -> bool {
        let is_listed = |label: &str| self.values.iter().any(|value| value == label);
        let limit = || self.values.first().and_then(|value| value.parse::<i64>().ok());
        let compares = |compare: fn(&i64, &i64) -> bool| {
            let number = label.and_then(|label| label.parse::<i64>().ok());
            number.zip(limit()).is_some_and(|(number, limit)| compare(&number, &limit))
        };
        match self.operator {
            Operator::Exists => label.is_some(),
            Operator::DoesNotExist => label.is_none(),
            Operator::In => label.is_some_and(is_listed),
            Operator::NotIn => !label.is_some_and(is_listed),
            Operator::GreaterThan => compares(i64::gt),
            Operator::LessThan => compares(i64::lt),
        }
    }
}

/// The words and signs of a selector.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = match ["==", "!=", "=", "!", "(", ")", ",", ">", "<"]
            .iter()
            .find(|sign| rest.starts_with(**sign))
        {
            Some(sign) => sign.len(),
            None => rest
                .find(|c: char| "=!(),><".contains(c) || c.is_ascii_whitespace())
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

/// The grammar of k8s.io/apimachinery/pkg/labels.
struct Parser<'a> {
    tokens: Vec<&'a str>,
    at: usize,
}

impl<'a> Parser<'a> {
    /// The next token; empty at the end.
    fn peek(&self) -> &'a str {
        self.tokens.get(self.at).copied().unwrap_or_default()
    }

    fn take(&mut self) -> &'a str {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn selector(mut self) -> Result<LabelSelector, String> {
        let mut selector = LabelSelector::default();
        if self.peek().is_empty() {
            return Ok(selector);
        }
        loop {
            let next = self.peek();
            if next != "!" && !is_identifier(next) {
                return Err(format!("found '{next}', expected: !, identifier, or 'end of string'"));
            }
            let requirement = self
                .requirement()
                .map_err(|error| format!("unable to parse requirement: {error}"))?;
            selector.requirements.push(requirement);
            match self.take() {
                "" => return Ok(selector),
                "," => {
                    let next = self.peek();
                    if next != "!" && !is_identifier(next) {
                        return Err(format!("found '{next}', expected: identifier after ','"));
                    }
                }
                other => return Err(format!("found '{other}', expected: ',' or 'end of string'")),
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.peek() == "!";
        if negated {
            self.take();
        }
        let key = self.identifier()?;
        names::check_label_key(key)
            .map_err(|error| format!("<nil>: Invalid value: \"{key}\": {error}"))?;
        let key = key.to_owned();
        if negated {
            return Ok(Requirement { key, operator: Operator::DoesNotExist, values: Vec::new() });
        }
        if matches!(self.peek(), "" | ",") {
            return Ok(Requirement { key, operator: Operator::Exists, values: Vec::new() });
        }
        let (operator, values) = match self.take() {
            "=" | "==" => (Operator::In, vec![self.exact_value()?]),
            "!=" => (Operator::NotIn, vec![self.exact_value()?]),
            ">" => (Operator::GreaterThan, vec![self.integer()?]),
            "<" => (Operator::LessThan, vec![self.integer()?]),
            "in" => (Operator::In, self.values()?),
            "notin" => (Operator::NotIn, self.values()?),
            other => {
                return Err(format!("found '{other}', expected: in, notin, =, ==, !=, gt, lt"));
            }
        };
        for value in &values {
            names::check_label_value(value).map_err(|error| {
                format!("values[0][{key}]: Invalid value: \"{value}\": {error}")
            })?;
        }
        Ok(Requirement { key, operator, values })
    }

    fn identifier(&mut self) -> Result<&'a str, String> {
        match self.take() {
            token if is_identifier(token) => Ok(token),
            other => Err(format!("found '{other}', expected: identifier")),
        }
    }

    /// `a=` compares with the empty string.
    fn exact_value(&mut self) -> Result<String, String> {
        if matches!(self.peek(), "" | ",") {
            return Ok(String::new());
        }
        self.identifier().map(str::to_owned)
    }

    fn integer(&mut self) -> Result<String, String> {
        let value = self.exact_value()?;
        match value.parse::<i64>() {
            Ok(_) => Ok(value),
            Err(_) => Err(format!(
                "values[0]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer"
            )),
        }
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        match self.take() {
            "(" => {}
            other => return Err(format!("found '{other}' expected: '('")),
        }
        let mut values = Vec::new();
        loop {
            match self.peek() {
                // An empty place between commas is the empty string.
                "," | ")" => values.push(String::new()),
                _ => values.push(self.identifier()?.to_owned()),
            }
            match self.take() {
                "," => {}
                ")" => return Ok(values),
                other => return Err(format!("found '{other}', expected: ',' or ')'")),
            }
        }
    }
}

fn is_identifier(token: &str) -> bool {
    !matches!(token, "" | "=" | "==" | "!=" | "!" | "(" | ")" | "," | ">" | "<")
}
