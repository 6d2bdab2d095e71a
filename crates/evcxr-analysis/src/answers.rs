//! Completion and hover, with their settings. The answer is always "nothing": cltv-kernel has its own.

use crate::files::FileId;
use crate::types::{ChangeWithProcMacros, RootDatabase};
use ra_ap_syntax::{TextRange, TextSize};
use std::convert::Infallible;

/// A source and the questions about it.
#[derive(Default)]
pub struct AnalysisHost(RootDatabase);

impl AnalysisHost {
    pub fn apply_change(&mut self, change: ChangeWithProcMacros) {
        self.0.apply(change);
    }

    pub fn raw_database(&self) -> &RootDatabase {
        &self.0
    }

    pub fn analysis(&self) -> Analysis {
        Analysis
    }
}

pub struct Analysis;

impl Analysis {
    pub fn completions(
        &self,
        _config: &CompletionConfig<'_>,
        _position: FilePosition,
        _trigger: Option<char>,
    ) -> Result<Option<Vec<CompletionItem>>, Infallible> {
        Ok(None)
    }

    pub fn hover(
        &self,
        _config: &HoverConfig,
        _range: FileRange,
    ) -> Result<Option<RangeInfo<HoverResult>>, Infallible> {
        Ok(None)
    }
}

pub struct FilePosition {
    pub file_id: FileId,
    pub offset: TextSize,
}

pub struct FileRange {
    pub file_id: FileId,
    pub range: TextRange,
}

pub struct CompletionConfig<'a> {
    pub enable_postfix_completions: bool,
    pub snippet_cap: Option<SnippetCap>,
    pub enable_imports_on_the_fly: bool,
    pub enable_self_on_the_fly: bool,
    pub enable_private_editable: bool,
    pub prefer_no_std: bool,
    pub full_function_signatures: bool,
    pub snippets: Vec<()>,
    pub insert_use: InsertUseConfig,
    pub callable: Option<CallableSnippets>,
    pub limit: Option<usize>,
    pub prefer_prelude: bool,
    pub enable_term_search: bool,
    pub term_search_fuel: u64,
    pub prefer_absolute: bool,
    pub add_semicolon_to_unit: bool,
    pub fields_to_resolve: CompletionFieldsToResolve,
    pub exclude_flyimport: Vec<()>,
    pub exclude_traits: &'a [String],
    pub enable_auto_iter: bool,
    pub enable_auto_await: bool,
    pub ra_fixture: RaFixtureConfig,
    pub add_colons_to_module: bool,
}

pub struct SnippetCap;

impl SnippetCap {
    pub fn new(allowed: bool) -> Option<SnippetCap> {
        allowed.then_some(SnippetCap)
    }
}

pub enum CallableSnippets {
    FillArguments,
}

pub struct CompletionFieldsToResolve;

impl CompletionFieldsToResolve {
    pub fn empty() -> CompletionFieldsToResolve {
        CompletionFieldsToResolve
    }
}

#[derive(Default)]
pub struct RaFixtureConfig;

pub enum PrefixKind {
    ByCrate,
}

pub enum ImportGranularity {
    Item,
}

pub struct InsertUseConfig {
    pub prefix_kind: PrefixKind,
    pub group: bool,
    pub granularity: ImportGranularity,
    pub enforce_granularity: bool,
    pub skip_glob_imports: bool,
}

pub struct CompletionItem {
    pub text_edit: Vec<Indel>,
    pub kind: CompletionItemKind,
    pub label: Label,
}

impl CompletionItem {
    pub fn lookup(&self) -> &str {
        &self.label.primary
    }
}

pub struct Label {
    pub primary: String,
}

pub struct Indel {
    pub insert: String,
    pub delete: TextRange,
}

#[derive(Clone, Copy)]
pub enum CompletionItemKind {
    SymbolKind(SymbolKind),
    Binding,
    BuiltinType,
    Expression,
    InferredType,
    Keyword,
    Snippet,
    UnresolvedReference,
    Other,
}

#[derive(Clone, Copy)]
pub enum SymbolKind {
    Attribute,
    BuiltinAttr,
    Const,
    ConstParam,
    CrateRoot,
    Derive,
    DeriveHelper,
    Enum,
    Field,
    Function,
    Label,
    Local,
    Macro,
    Method,
    Module,
    ProcMacro,
    SelfParam,
    SelfType,
    Static,
    Struct,
    ToolModule,
    Trait,
    TypeAlias,
    TypeParam,
    Union,
    ValueParam,
    Variant,
}

pub struct HoverConfig {
    pub links_in_hover: bool,
    pub memory_layout: Option<()>,
    pub documentation: bool,
    pub keywords: bool,
    pub format: HoverDocFormat,
    pub max_trait_assoc_items_count: Option<usize>,
    pub max_fields_count: Option<usize>,
    pub max_enum_variants_count: Option<usize>,
    pub max_subst_ty_len: SubstTyLen,
    pub show_drop_glue: bool,
    pub ra_fixture: RaFixtureConfig,
}

pub enum HoverDocFormat {
    Markdown,
    PlainText,
}

pub enum SubstTyLen {
    Unlimited,
}

pub struct RangeInfo<T> {
    pub range: TextRange,
    pub info: T,
}

pub struct HoverResult {
    pub markup: String,
}
