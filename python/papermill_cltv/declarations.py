"""What a Rust parameters cell declares: ``let name: type = default;  // comment``."""

import re
from dataclasses import dataclass

# Comments and literals are taken whole, so that what stands in them is never read as code.
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      |(?P<literal>b?r(?P<hashes>\#*)".*?"(?P=hashes)|b?"(?:\\.|[^"\\])*"|'(?:\\.[^']*|[^'\\])')
      |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_LET = re.compile(r"\s*let\s+(mut\s+)?([^\W\d]\w*)\s*(?::\s*([^=]+?))?\s*=\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Declaration:
    """One parameter."""

    name: str
    type: str | None
    default: str
    comment: str
    mutable: bool


def declarations(source):
    """The parameters that a cell declares, in its order; statements of other kinds are passed over."""
    found = []
    for statement, comment in _statements(source):
        if match := _LET.fullmatch(statement):
            mutable, name, declared, default = match.groups()
            found.append(Declaration(name, declared, default.strip(), comment, bool(mutable)))
    return found


def _statements(source):
    """Each statement without its semicolon, with the comment that follows it on its line."""
    statement, end = "", None
    result = []
    for token in _TOKEN.finditer(source):
        text = token.group()
        if token.group("comment") is not None:
            behind = end is not None and not statement.strip() and "\n" not in source[end : token.start()]
            if behind and result and not result[-1][1]:
                result[-1] = (result[-1][0], text.strip("/* \n"))
        elif text == ";":
            result.append((statement, ""))
            statement, end = "", token.end()
        else:
            statement += text
    return result
