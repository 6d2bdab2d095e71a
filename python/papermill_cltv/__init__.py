"""Rust parameters for papermill.

Loaded by papermill through the entry point ``papermill.engine``; loading it registers
:class:`RustTranslator` for the kernel ``cltv`` and for the language Rust.

papermill asks a translator twice, in this order: ``inspect`` with the notebook's parameters cell, then ``codify``
with the values. The second is not told the types, so they are kept from the first. A notebook without a parameters
cell is not inspected, so they are forgotten when they have been used.
"""

from contextvars import ContextVar

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

from .declarations import declarations
from .literals import ParameterError, literal, untyped_literal

__all__ = ["CltvEngine", "ParameterError", "RustTranslator"]

_declared = ContextVar("declared", default={})


class RustTranslator(Translator):
    """Writes parameters as ``let`` statements of the types that the notebook declares."""

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".replace("\n", " ").replace("\r", " ")

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        declared = _declared.get()
        _declared.set({})
        lines = [cls.comment(comment)]
        lines += [_statement(name, value, declared.get(name)) for name, value in parameters.items()]
        return "\n".join(lines) + "\n"

    @classmethod
    def inspect(cls, parameters_cell):
        found = declarations(parameters_cell["source"])
        _declared.set({one.name: one for one in found})
        return [Parameter(one.name, one.type or "None", one.default, one.comment) for one in found]


class CltvEngine(NBClientEngine):
    """papermill's own engine under the name ``cltv``."""


def _statement(name, value, declared):
    if not name.isidentifier():
        raise ParameterError(f"`{name}` is not a name that Rust allows for a parameter.")
    if declared is None:
        return f"let {name} = {untyped_literal(name, value)};"
    mutable = "mut " if declared.mutable else ""
    if declared.type is None:
        return f"let {mutable}{name} = {untyped_literal(name, value)};"
    return f"let {mutable}{name}: {declared.type} = {literal(name, declared.type, value)};"


for _key in ("cltv", "rust", "Rust"):
    papermill_translators.register(_key, RustTranslator)
