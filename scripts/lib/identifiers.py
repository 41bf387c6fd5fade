"""From any text to a Python name: small pure functions, used wherever a name is derived."""

from __future__ import annotations

import keyword
import re
import unicodedata

# Written out, because the builtins differ between Python versions and the names must not. `id` is left out: as an
# argument and a field it is worth more than the builtin.
_BUILTINS = """
    abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex
    delattr dict dir divmod enumerate eval exec filter float format frozenset getattr globals hasattr hash hex input
    int isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print
    property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip

    ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError
    BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError
    ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError Exception
    ExceptionGroup FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError
    ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError
    KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplemented
    NotImplementedError OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError
    PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning
    StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError
    TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError
    UnicodeWarning UserWarning ValueError Warning ZeroDivisionError
"""
_RESERVED = frozenset({*keyword.kwlist, *_BUILTINS.split()})

# The one version of Unicode that every Python has: each knows another newest one, and the names must not differ. What
# came later counts as letters.
_UNICODE = unicodedata.ucd_3_2_0

_RUN = re.compile(r"[A-Za-z0-9]+")

# A word begins at a capital after a small letter or digit (`step|ID`), and at the last of several capitals when small
# letters follow (`DFY|Email`), unless they are only the plural of an acronym (`IDs`).
_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s(?![a-z]))[a-z])")


def words(text: str) -> list[str]:
    """Split `text` into its words, in lower case, of `a-z` and `0-9` only.

    Accented letters lose their accents; a letter of another script is spelled as its code point (`u540d`), so that
    different names stay different; everything else separates words.
    """
    spelled = "".join(map(_to_ascii, _UNICODE.normalize("NFKD", text))).replace("OAuth", "Oauth")
    return [word.lower() for run in _RUN.findall(spelled) for word in _WORD_BOUNDARY.split(run)]


def snake_case(text: str) -> str:
    """Join the words of `text` with underscores: `stepID` becomes `step_id`.

    The result may be empty, begin with a digit or be a keyword; `identifier` is what makes a usable name of it.
    """
    return "_".join(words(text))


def pascal_case(text: str) -> str:
    """Make a class name of `text`: `DFY Email Account Order` becomes `DfyEmailAccountOrder`, `Warning` `Warning_`.

    A name that would begin with a digit gets the prefix `Model`.

    Raises:
        ValueError: no letter or digit is left.
    """
    return _usable("".join(word.capitalize() for word in words(text)), text, prefix="Model")


def identifier(text: str) -> str:
    """Make a name for a variable, method or module of `text`: `firstName` becomes `first_name`, `from` `from_`.

    A name that would begin with a digit gets the prefix `field_`; keywords and builtins other than `id` get a
    trailing underscore.

    Raises:
        ValueError: no letter or digit is left.
    """
    return _usable(snake_case(text), text, prefix="field_")


def _to_ascii(character: str) -> str:
    if character.isascii():
        return character
    category = _UNICODE.category(character)
    if category.startswith("M"):  # a mark on the letter before it, such as an accent
        return ""
    return f" u{ord(character):x} " if category[0] in "LN" or category == "Cn" else " "


def _usable(name: str, text: str, *, prefix: str) -> str:
    if not name:
        raise ValueError(f"nothing of an identifier is left of {text!r}")
    if name[0].isdigit():
        name = prefix + name
    return f"{name}_" if name in _RESERVED else name
