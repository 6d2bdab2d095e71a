//! The types of variables, as far as their `let` shows them. Others are unknown to evcxr; cltv-kernel has
//! the compiler infer them before evcxr is asked.

use crate::files::{CrateGraph, FileId, SourceRoot};
use ra_ap_syntax::ast::{self, AstNode, LiteralKind};
use ra_ap_syntax::{Edition, SourceFile, SyntaxNode};

/// The source that was set last.
#[derive(Default)]
pub struct RootDatabase(String);

impl RootDatabase {
    pub(crate) fn apply(&mut self, change: ChangeWithProcMacros) {
        self.0 = change.0.unwrap_or_else(|| std::mem::take(&mut self.0));
    }
}

#[derive(Default)]
pub struct ChangeWithProcMacros(Option<String>);

impl ChangeWithProcMacros {
    pub fn change_file(&mut self, _file: FileId, text: Option<String>) {
        self.0 = text;
    }

    pub fn set_roots(&mut self, _roots: Vec<SourceRoot>) {}

    pub fn set_crate_graph(&mut self, _graph: CrateGraph) {}
}

pub struct EditionedFileId(Edition);

impl EditionedFileId {
    pub fn new(_db: &RootDatabase, _file: FileId, edition: Edition) -> EditionedFileId {
        EditionedFileId(edition)
    }
}

pub fn attach_db(_db: &RootDatabase, then: impl FnOnce()) {
    then();
}

/// What is known of a source.
pub struct Semantics<'db, DB> {
    pub db: &'db DB,
}

impl<'db> Semantics<'db, RootDatabase> {
    pub fn new(db: &'db RootDatabase) -> Self {
        Semantics { db }
    }

    pub fn parse(&self, file: EditionedFileId) -> SourceFile {
        SourceFile::parse(&self.db.0, file.0).tree()
    }

    pub fn scope(&self, _node: &SyntaxNode) -> Option<Scope> {
        Some(Scope)
    }

    /// The type of a pattern that is all that a `let` binds, if the value is a closure or a literal that has
    /// one type wherever it stands.
    pub fn type_of_pat(&self, pattern: &ast::Pat) -> Option<TypeInfo> {
        let binding = ast::LetStmt::cast(pattern.syntax().parent()?)?;
        of_value(&binding.initializer()?).map(TypeInfo)
    }
}

pub struct Scope;

impl Scope {
    pub fn module(&self) -> Module {
        Module
    }
}

#[derive(Clone, Copy)]
pub struct Module;

pub struct TypeInfo(Type);

impl TypeInfo {
    pub fn original(self) -> Type {
        self.0
    }
}

#[derive(Debug, PartialEq)]
pub enum Type {
    Closure,
    Named(String),
}

impl Type {
    pub fn is_closure(&self) -> bool {
        *self == Type::Closure
    }
}

pub trait HirDisplay {
    /// The type as it can be written.
    fn display_source_code(
        &self,
        db: &RootDatabase,
        module: Module,
        opaque: bool,
    ) -> Result<String, &'static str>;
}

impl HirDisplay for Type {
    fn display_source_code(&self, _: &RootDatabase, _: Module, _: bool) -> Result<String, &'static str> {
        match self {
            Type::Closure => Err("a closure has no name"),
            Type::Named(name) => Ok(name.clone()),
        }
    }
}

fn of_value(value: &ast::Expr) -> Option<Type> {
    let named = |name: &str| Some(Type::Named(name.to_owned()));
    match value {
        ast::Expr::ClosureExpr(_) => Some(Type::Closure),
        ast::Expr::ParenExpr(inner) => of_value(&inner.expr()?),
        ast::Expr::Literal(literal) => match literal.kind() {
            LiteralKind::String(_) => named("&'static str"),
            LiteralKind::Bool(_) => named("bool"),
            LiteralKind::Char(_) => named("char"),
            LiteralKind::IntNumber(number) => named(number.suffix()?),
            LiteralKind::FloatNumber(number) => named(number.suffix()?),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_of(statement: &str) -> Option<Type> {
        let db = RootDatabase(format!("fn f() {{ {statement} }}"));
        let semantics = Semantics::new(&db);
        let file = semantics.parse(EditionedFileId(Edition::Edition2024));
        let pattern = file.syntax().descendants().find_map(ast::IdentPat::cast).unwrap();
        semantics.type_of_pat(&pattern.into()).map(TypeInfo::original)
    }

    #[test]
    fn a_closure_is_known_and_has_no_name() {
        for closure in ["let f = |x: u8| x;", "let mut f = (move || ());"] {
            let found = type_of(closure).unwrap();
            assert!(found.is_closure(), "{closure}");
            assert!(found.display_source_code(&RootDatabase::default(), Module, true).is_err());
        }
    }

    #[test]
    fn a_literal_of_one_type_is_known_and_others_are_not() {
        let known = [
            ("\"x\"", "&'static str"),
            ("true", "bool"),
            ("'c'", "char"),
            ("1u8", "u8"),
            ("2.5f32", "f32"),
            ("1f64", "f64"),
        ];
        for (literal, name) in known {
            assert_eq!(type_of(&format!("let x = {literal};")), Some(Type::Named(name.to_owned())));
        }
        for unknown in ["let x = 1;", "let x = f();", "let (x, y) = (1u8, 2u8);", "let x;", "let x = c\"x\";"]
        {
            assert_eq!(type_of(unknown), None, "{unknown}");
        }
    }
}
