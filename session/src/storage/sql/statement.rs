//! Statements: templates, into which the names of the tables are put once.

use std::fmt::Write;
use std::sync::Arc;

/// A value that is bound to a statement.
#[derive(Debug, Clone)]
pub(super) enum Param {
    Int(i64),
    MaybeInt(Option<i64>),
    Flag(bool),
    Bytes(Vec<u8>),
    Text(String),
    MaybeText(Option<String>),
}

impl Param {
    /// Returns about how many bytes a statement takes for it.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Text(text) | Self::MaybeText(Some(text)) => text.len(),
            _ => 0,
        }
        .saturating_add(12)
    }
}

/// How a database writes a statement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Syntax {
    /// What names stand in.
    pub(super) quote: char,
    /// Whether parameters are numbered.
    pub(super) numbered: bool,
    /// How the column `data` is read.
    pub(super) data: &'static str,
    /// How a text becomes JSON, with `$` for the text.
    pub(super) json: &'static str,
    /// What makes a `SELECT` lock what it returns.
    pub(super) lock: &'static str,
    /// The same, but for what others have locked already.
    pub(super) skip: &'static str,
}

/// The columns that make a record.
const COLUMNS: &str = "s.id, s.tag, s.own, s.version, s.identified, s.newborn, s.rotation_due, s.created_at, \
                       s.seen_at, s.authenticated_at, s.renewed_at, s.expires_at, s.deadline, s.ttl, s.ip, s.agent";

/// The condition that a session lives. The time is the first parameter of every statement.
const ALIVE: &str = "expires_at > $1 AND epoch = {epoch}";

/// What counts how often everyone's sessions were ended.
const EPOCH: &str = "(SELECT m.value FROM {meta} m WHERE m.name = 'epoch')";

/// The names of the tables, quoted.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    pub(super) syntax: Syntax,
    schema: Option<String>,
    table: String,
}

/// A name that is no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InvalidName(pub(super) String);

impl Tables {
    /// The longest name: the longest of our own parts still fits behind it into the 63 bytes of PostgreSQL.
    const LONGEST: usize = 40;

    pub(super) fn new(syntax: Syntax, schema: Option<String>, table: String) -> Result<Self, InvalidName> {
        for name in schema.iter().chain([&table]) {
            let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
            let holds = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !begins || !holds || name.len() > Self::LONGEST {
                return Err(InvalidName(name.clone()));
            }
        }
        Ok(Self { syntax, schema, table })
    }

    /// Returns a name that begins with that of the table, quoted.
    fn local(&self, part: &str) -> String {
        let quote = self.syntax.quote;
        format!("{quote}{}{part}{quote}", self.table)
    }

    /// Returns a table, quoted, with its schema.
    pub(super) fn table(&self, part: &str) -> String {
        let quote = self.syntax.quote;
        let schema = self.schema.as_ref().map(|schema| format!("{quote}{schema}{quote}.")).unwrap_or_default();
        schema + &self.local(part)
    }

    /// Returns the name that tells these tables from others of the database.
    pub(super) fn name(&self) -> String {
        self.table("")
    }

    /// Puts the names of tables into a text.
    pub(super) fn fill(&self, template: &str) -> String {
        template
            .replace("{columns}", &format!("{COLUMNS}, {}", self.syntax.data))
            .replace("{alive}", ALIVE)
            .replace("{epoch}", EPOCH)
            .replace("{lock}", self.syntax.lock)
            .replace("{skip}", self.syntax.skip)
            .replace("{json:19}", &self.syntax.json.replace('$', "$19"))
            .replace("{json:18}", &self.syntax.json.replace('$', "$18"))
            .replace("{sessions}", &self.table(""))
            .replace("{keys}", &self.table("_keys"))
            .replace("{meta}", &self.table("_meta"))
    }

    /// Returns the statements of a shipped file, which are written for the table `sessions`.
    pub(super) fn script(&self, file: &str) -> Vec<String> {
        let quote = self.syntax.quote;
        let named = |part: &str| format!("{quote}sessions{part}{quote}");
        let mut script: String =
            file.lines().filter(|line| !line.starts_with("--")).flat_map(|line| [line, "\n"]).collect();
        for part in ["", "_keys", "_meta"] {
            script = script.replace(&named(part), &self.table(part));
        }
        for part in ["_by_owner", "_by_expiry", "_keys_by_session", "_keys_by_target", "_keys_by_end", "_keys_session"]
        {
            script = script.replace(&named(part), &self.local(part));
        }
        script.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
    }

    pub(super) fn statement(&self, template: &str) -> Statement {
        Statement::new(&self.fill(template), self.syntax.numbered)
    }
}

/// A statement, with parameters `$1`, `$2` …
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) text: Arc<str>,
    /// Where parameters are not numbered: which one each place takes.
    order: Option<Box<[usize]>>,
}

impl Statement {
    fn new(text: &str, numbered: bool) -> Self {
        if numbered {
            return Self { text: text.into(), order: None };
        }
        let (mut plain, mut order) = (String::new(), Vec::new());
        let mut parts = text.split('$');
        plain.extend(parts.next());
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            order.push(part[..digits].parse().unwrap_or_default());
            plain.push('?');
            plain.push_str(&part[digits..]);
        }
        Self { text: plain.into(), order: Some(order.into()) }
    }

    /// Returns the parameters as they are bound.
    pub(super) fn params(&self, params: Vec<Param>) -> Vec<Param> {
        match &self.order {
            None => params,
            Some(order) => order.iter().filter_map(|number| params.get(number - 1).cloned()).collect(),
        }
    }
}

/// A statement that is written for one patch. No name and no value is ever written into its text.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) params: Vec<Param>,
    numbered: bool,
}

impl Draft {
    pub(super) fn new(text: &str, syntax: Syntax) -> Self {
        let mut draft =
            Self { text: String::with_capacity(1024), params: Vec::with_capacity(24), numbered: syntax.numbered };
        draft.text.push_str(text);
        draft
    }

    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(super) fn bind(&mut self, param: Param) -> &mut Self {
        self.params.push(param);
        if self.numbered {
            // Writing to a string does not fail.
            let _ = write!(self.text, "${}", self.params.len());
        } else {
            self.text.push('?');
        }
        self
    }
}
