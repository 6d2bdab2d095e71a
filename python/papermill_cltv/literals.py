"""Values as Rust literals of a declared type: data, never code."""

import math
import re

from papermill.exceptions import PapermillException

_BITS = {"8": 8, "16": 16, "32": 32, "64": 64, "128": 128, "size": 64}
_WHOLE = re.compile(r"([iu])(8|16|32|64|128|size)")
_OPTION = re.compile(r"(?:\w+\s*::\s*)*Option\s*<(.*)>", re.DOTALL)
_TEXT = re.compile(r"&\s*(?:'static\s+)?str")
_OWNED = re.compile(r"(?:\w+\s*::\s*)*String")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


class ParameterError(PapermillException):
    """A value that a parameter cannot have, as one sentence that names both."""


def literal(name, declared, value):
    """The Rust expression of ``value`` for the parameter ``name`` of type ``declared``."""
    declared = declared.strip()
    if option := _OPTION.fullmatch(declared):
        return "None" if value is None else f"Some({literal(name, option.group(1), value)})"
    if _TEXT.fullmatch(declared):
        return _text(name, declared, value)
    if _OWNED.fullmatch(declared):
        return f"{_text(name, declared, value)}.to_string()"
    if whole := _WHOLE.fullmatch(declared):
        return _whole(name, declared, value, whole)
    if declared in ("f64", "f32"):
        return _number(name, declared, value)
    if declared == "bool":
        if isinstance(value, bool):
            return "true" if value else "false"
        raise _refused(name, declared, value, "True or False")
    if declared == "char":
        if isinstance(value, str) and len(value) == 1:
            return "'" + (_escaped(name, value) if value != "'" else "\\'") + "'"
        raise _refused(name, declared, value, "one character")
    raise ParameterError(f"The parameter `{name}` has the type {declared}, which papermill cannot set: set it in the notebook.")


def untyped_literal(name, value):
    """The expression of a value whose type nobody declared."""
    if isinstance(value, bool):
        return literal(name, "bool", value)
    if isinstance(value, int):
        small = -(2**31) <= value < 2**31
        return literal(name, "i32", value) if small else literal(name, "i64", value) + "i64"
    if isinstance(value, float):
        return literal(name, "f64", value)
    if isinstance(value, str):
        return literal(name, "&str", value)
    raise ParameterError(
        f"`{value!r}` cannot be given to `{name}`: the notebook declares no such parameter, and only strings, numbers, "
        "True and False have an obvious type in Rust."
    )


def _text(name, declared, value):
    if isinstance(value, str):
        return f'"{_escaped(name, value)}"'
    # papermill has read 12 for the text "12"; nothing is lost. 1.10 would have become 1.1.
    if isinstance(value, int) and not isinstance(value, bool):
        return f'"{value}"'
    raise ParameterError(
        f"The parameter `{name}` is a string ({declared}), and papermill read {value!r}, which may not be what was "
        f"typed: give it with -r {name} instead of -p."
    )


def _escaped(name, text):
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParameterError(f"The value of `{name}` is not UTF-8 text.") from None
    return "".join(_ESCAPES.get(c) or (c if c.isprintable() else f"\\u{{{ord(c):x}}}") for c in text)


def _whole(name, declared, value, match):
    bits = _BITS[match.group(2)]
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if match.group(1) == "i" else (0, 2**bits - 1)
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return str(value)
    raise _refused(name, declared, value, f"a whole number from {low} to {high}")


def _number(name, declared, value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number) and not (declared == "f32" and abs(number) > 3.4028235677973366e38):
            return repr(number)
    raise _refused(name, declared, value, "a finite number such as 0.1")


def _refused(name, declared, value, expected):
    return ParameterError(f"The parameter `{name}` ({declared}) cannot be {value!r}: it must be {expected}.")
