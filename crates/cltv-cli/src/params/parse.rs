//! Reads the parameters cell.

use syn::spanned::Spanned;
use syn::{Expr, ExprLit, GenericArgument, Lit, Local, Pat, PathArguments, Stmt, Type, UnOp};

use super::{Kind, ParamError, Parameter, Value, Whole, depth};

/// The parameters that a cell declares, in its order.
///
/// Statements that are not `let name = value` (a `use`, say) are passed over: they declare nothing
/// that a value could be given to.
///
/// # Errors
/// [`ParamError::Cell`] when the cell is not Rust.
pub fn parameters_of(source: &str, notebook: &str) -> Result<Vec<Parameter>, ParamError> {
    depth::check(source).map_err(|(message, line)| ParamError::Cell {
        notebook: notebook.to_owned(),
        message,
        line,
    })?;
    depth::with_room(|| parsed(source, notebook)).unwrap_or_else(|error| {
        Err(ParamError::Cell { notebook: notebook.to_owned(), message: error.to_string(), line: 1 })
    })
}

fn parsed(source: &str, notebook: &str) -> Result<Vec<Parameter>, ParamError> {
    // The brace stands on a line of its own, so that columns and comments keep their place.
    let block: syn::Block =
        syn::parse_str(&format!("{{\n{source}\n}}")).map_err(|error| ParamError::Cell {
            notebook: notebook.to_owned(),
            message: error.to_string(),
            line: error.span().start().line.saturating_sub(1).max(1),
        })?;
    Ok(block
        .stmts
        .iter()
        .filter_map(|statement| match statement {
            Stmt::Local(local) => declaration(local, source),
            _ => None,
        })
        .collect())
}

fn declaration(local: &Local, source: &str) -> Option<Parameter> {
    let (pattern, declared) = match &local.pat {
        Pat::Type(typed) => (typed.pat.as_ref(), Some(typed.ty.as_ref())),
        pattern => (pattern, None),
    };
    let Pat::Ident(ident) = pattern else {
        return None;
    };
    let default = &local.init.as_ref()?.expr;
    Some(Parameter {
        name: ident.ident.to_string(),
        declared: declared.map(|ty| written(&ty)),
        kind: declared.map_or_else(|| kind_of_value(default), kind_of_type),
        default: written(default),
        default_value: value_of(default),
        comment: comment_behind(local, source),
        mutable: ident.mutability.is_some(),
    })
}

fn written(node: &impl Spanned) -> String {
    node.span().source_text().unwrap_or_default()
}

fn kind_of_type(ty: &Type) -> Kind {
    match ty {
        Type::Reference(reference) if reference.mutability.is_none() => {
            match last_name(&reference.elem).as_deref() {
                Some("str") => Kind::Text,
                _ => Kind::Other,
            }
        }
        Type::Path(_) => named_kind(ty),
        _ => Kind::Other,
    }
}

fn named_kind(ty: &Type) -> Kind {
    let Some(name) = last_name(ty) else {
        return Kind::Other;
    };
    match name.as_str() {
        "String" => Kind::OwnedText,
        "f64" => Kind::Double,
        "f32" => Kind::Single,
        "bool" => Kind::Truth,
        "char" => Kind::Letter,
        "Option" => match inner_kind(ty) {
            // None of an Option<Option<T>> could mean either.
            Kind::Optional(_) | Kind::List(_) | Kind::Other => Kind::Other,
            kind => Kind::Optional(Box::new(kind)),
        },
        "Vec" => match inner_kind(ty) {
            Kind::List(_) | Kind::Other => Kind::Other,
            kind => Kind::List(Box::new(kind)),
        },
        name => Whole::from_name(name).map_or(Kind::Other, Kind::Whole),
    }
}

fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        _ => None,
    }
}

/// The kind of the type between the angle brackets.
fn inner_kind(ty: &Type) -> Kind {
    let Type::Path(path) = ty else {
        return Kind::Other;
    };
    let inner = match path.path.segments.last().map(|segment| &segment.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => arguments.args.first(),
        _ => None,
    };
    match inner {
        Some(GenericArgument::Type(inner)) => kind_of_type(inner),
        _ => Kind::Other,
    }
}

/// The kind that the compiler would infer from a plain default.
fn kind_of_value(expr: &Expr) -> Kind {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => kind_of_literal(lit),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => kind_of_value(&unary.expr),
        _ if matches!(value_of(expr), Some(Value::Text(_))) => Kind::OwnedText,
        _ => Kind::Other,
    }
}

fn kind_of_literal(literal: &Lit) -> Kind {
    match literal {
        Lit::Str(_) => Kind::Text,
        Lit::Bool(_) => Kind::Truth,
        Lit::Char(_) => Kind::Letter,
        Lit::Int(int) => match int.suffix() {
            "" => Kind::Whole(Whole::I32),
            "f64" => Kind::Double,
            "f32" => Kind::Single,
            suffix => Whole::from_name(suffix).map_or(Kind::Other, Kind::Whole),
        },
        Lit::Float(float) if float.suffix() == "f32" => Kind::Single,
        Lit::Float(_) => Kind::Double,
        _ => Kind::Other,
    }
}

/// The value of a plain default: a literal, a negative one, a String made from one, an Option.
fn value_of(expr: &Expr) -> Option<Value> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => literal_value(lit),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match value_of(&unary.expr)? {
            Value::Whole(value) => value.checked_neg().map(Value::Whole),
            // The smallest i128 has a digit sequence that is beyond the largest.
            Value::Huge(value) if value == i128::MIN.unsigned_abs() => Some(Value::Whole(i128::MIN)),
            Value::Number(value) => Some(Value::Number(-value)),
            _ => None,
        },
        Expr::MethodCall(call) => match call.method.to_string().as_str() {
            "to_string" | "to_owned" | "into" => text_only(value_of(&call.receiver)?),
            _ => None,
        },
        Expr::Call(call) => called_value(&written(&call.func), call.args.first()),
        Expr::Path(path) if path.path.is_ident("None") => Some(Value::Absent),
        _ => None,
    }
}

fn called_value(function: &str, argument: Option<&Expr>) -> Option<Value> {
    match (function, argument) {
        ("String::new", None) => Some(Value::Text(String::new())),
        ("String::from", Some(text)) => text_only(value_of(text)?),
        ("Some", Some(inner)) => value_of(inner).map(|value| Value::Present(Box::new(value))),
        _ => None,
    }
}

fn text_only(value: Value) -> Option<Value> {
    matches!(value, Value::Text(_)).then_some(value)
}

fn literal_value(literal: &Lit) -> Option<Value> {
    match literal {
        Lit::Str(text) => Some(Value::Text(text.value())),
        Lit::Bool(truth) => Some(Value::Truth(truth.value)),
        Lit::Char(letter) => Some(Value::Letter(letter.value())),
        Lit::Float(float) => {
            float.base10_parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Number)
        }
        Lit::Int(int) => {
            int.base10_parse().map(Value::Whole).or_else(|_| int.base10_parse().map(Value::Huge)).ok()
        }
        _ => None,
    }
}

/// The `// comment` on the line where the declaration ends.
fn comment_behind(local: &Local, source: &str) -> Option<String> {
    let end = local.semi_token.span().end();
    // One line is the opening brace's; span lines count from 1, columns from 0.
    let line = source.lines().nth(end.line.checked_sub(2)?)?;
    let rest: String = line.chars().skip(end.column).collect();
    let comment = rest.trim().strip_prefix("//")?.trim();
    (!comment.is_empty()).then(|| comment.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: &str = r#"// What the analysis reads and assumes.
let transactions: &str = "cdnow";        // named data set, or a csv, parquet or xlsx file
let currency: &str = "€";                // é and "quotes" before; // twice
let horizon_months: u32 = 6;
let discount_annual: f64 = 0.10;
let shift: i64 = -3; // may be negative
let owned: String = "a".to_string();
let empty = String::new();
let top: Option<u32> = None;
let top_text: Option<&str> = Some("x");
let mut verbose: bool = false;
let rate = 1.5;
let lists: Vec<f64> = vec![1.0];
use std::fs;
let (a, b) = (1, 2);
let outputs: &str = "outputs";"#;

    fn find(name: &str) -> Parameter {
        parameters_of(CELL, "test").expect("valid").into_iter().find(|p| p.name == name).expect("declared")
    }

    #[test]
    fn names_types_defaults_and_comments_are_read_in_order() {
        let parameters = parameters_of(CELL, "test").expect("valid");
        let names: Vec<&str> = parameters.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "transactions",
                "currency",
                "horizon_months",
                "discount_annual",
                "shift",
                "owned",
                "empty",
                "top",
                "top_text",
                "verbose",
                "rate",
                "lists",
                "outputs"
            ]
        );
        let transactions = find("transactions");
        assert_eq!(transactions.declared.as_deref(), Some("&str"));
        assert_eq!(transactions.default, "\"cdnow\"");
        assert_eq!(transactions.comment.as_deref(), Some("named data set, or a csv, parquet or xlsx file"));
        assert_eq!(find("currency").comment.as_deref(), Some("é and \"quotes\" before; // twice"));
        assert_eq!(find("discount_annual").default, "0.10");
        assert_eq!(find("outputs").comment, None);
    }

    #[test]
    fn kinds_and_default_values() {
        assert_eq!(find("horizon_months").kind, Kind::Whole(Whole::U32));
        assert_eq!(find("shift").default_value, Some(Value::Whole(-3)));
        assert_eq!(find("owned").default_value, Some(Value::Text("a".into())));
        assert_eq!(find("empty").kind, Kind::OwnedText);
        assert_eq!(find("top").default_value, Some(Value::Absent));
        assert_eq!(find("top_text").kind, Kind::Optional(Box::new(Kind::Text)));
        assert_eq!(find("rate").kind, Kind::Double);
        assert_eq!(find("lists").kind, Kind::List(Box::new(Kind::Double)));
        assert!(find("verbose").mutable);
    }

    #[test]
    fn numbers_at_the_ends_of_their_types_are_values_and_others_are_none() {
        let value = |text: &str| {
            let parameters = parameters_of(&format!("let a = {text};"), "test").expect("valid");
            parameters.into_iter().next().and_then(|parameter| parameter.default_value)
        };
        assert_eq!(value(&i128::MIN.to_string()), Some(Value::Whole(i128::MIN)));
        assert_eq!(value(&format!("-{}", i128::MIN)), None, "beyond the largest");
        assert_eq!(value(&u128::MAX.to_string()), Some(Value::Huge(u128::MAX)));
        assert_eq!(
            (value("1e308"), value("1e309"), value("-1e309")),
            (Some(Value::Number(1e308)), None, None)
        );
    }

    #[test]
    fn statements_keep_the_declared_type() {
        let set = |name: &str, text: &str| {
            let parameter = find(name);
            parameter.statement(&parameter.kind.parse(text).expect("a value"))
        };
        assert_eq!(set("horizon_months", "12"), "let horizon_months: u32 = 12;");
        assert_eq!(set("discount_annual", "1"), "let discount_annual: f64 = 1.0;");
        assert_eq!(set("owned", "b"), "let owned: String = \"b\".to_string();");
        assert_eq!(set("top_text", "y"), "let top_text: Option<&str> = Some(\"y\");");
        assert_eq!(set("verbose", "true"), "let mut verbose: bool = true;");
        assert_eq!(set("rate", "-2"), "let rate = -2.0;");
    }

    #[test]
    fn a_cell_that_is_no_rust_names_its_line() {
        let error = parameters_of("let a: u32 = 1;\nlet b = ;\n", "01_eda").unwrap_err();
        let message = error.to_string();
        assert!(message.contains("01_eda") && message.contains("line 2"), "{message}");
    }
}
