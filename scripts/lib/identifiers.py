"""From any text to a Python name: small pure functions, used wherever a name is derived."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256

MAX_LENGTH = 40

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
    return [*_words(text)]


@lru_cache(maxsize=65_536)  # Every step asks for the same names.
def _words(text: str) -> tuple[str, ...]:
    spelled = "".join(map(_to_ascii, _UNICODE.normalize("NFKD", text))).replace("OAuth", "Oauth")
    return tuple(word.lower() for run in _RUN.findall(spelled) for word in _WORD_BOUNDARY.split(run))


def snake_case(text: str) -> str:
    """Join the words of `text` with underscores: `stepID` becomes `step_id`.

    The result may be empty, begin with a digit or be a keyword; `identifier` is what makes a usable name of it.
    """
    return "_".join(words(text))


def pascal_case(text: str) -> str:
    """Join the words of `text` as those of a class: `DFY Email Account Order` becomes `DfyEmailAccountOrder`.

    A name that would begin with a digit gets the prefix `Model`. It may be a part of a class name, so that a builtin
    such as `Warning` comes out as it is; `usable` is for the finished name.

    Raises:
        ValueError: no letter or digit is left.
    """
    return _begun("".join(word.capitalize() for word in words(text)), text, prefix="Model")


def identifier(text: str) -> str:
    """Make a name for a variable, method or module of `text`: `firstName` becomes `first_name`, `from` `from_`.

    A name that would begin with a digit gets the prefix `field_`; keywords and builtins other than `id` get a
    trailing underscore.

    Raises:
        ValueError: no letter or digit is left.
    """
    return usable(_begun(snake_case(text), text, prefix="field_"))


UNCOUNTABLE = ("ics", "news", "ss", "us", "is")


def singular(word: str) -> str:
    """The singular of a word, or of several in snake case."""
    if not word.endswith("s") or word.endswith(UNCOUNTABLE):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("xes", "ches", "shes", "sses")) else word[:-1]


def usable(name: str, taken: Collection[str] = ()) -> str:
    """The name, with an underscore at its end if it is a keyword, a builtin other than `id`, or `taken`."""
    return f"{name}_" if name in _RESERVED or name in taken else name


FORMS: dict[str, Callable[[list[str]], str]] = {
    "snake": "_".join,
    "camel": lambda parts: "".join(parts[:1] + [part.capitalize() for part in parts[1:]]),
    "pascal": lambda parts: "".join(part.capitalize() for part in parts),
    "kebab": "-".join,
    "upper": lambda parts: "_".join(parts).upper(),
    "dotted": ".".join,
    "spaced": " ".join,
    "title": lambda parts: " ".join(part.capitalize() for part in parts),
}
"""The forms of spelling: form -> how it spells words. Of two that fit a text the first counts."""


def form(text: str) -> str:
    """The form of `FORMS` that `text` is spelled in; "" if it has another."""
    parts = words(text)
    return next((name for name, spelled in FORMS.items() if spelled(parts) == text), "")


def tell_apart(
    names: Mapping[str, str], taken: Collection[str] = (), *, plain: Sequence[str] = ("snake",)
) -> dict[str, str]:
    """A name of its own for each spelling in `names`, which has the name that it would get alone; none is `taken`.

    Of several spellings of one name that in a `plain` form keeps it, or else the first by the order of the forms;
    another is called after its own form: `lookAlike` next to `look_alike` becomes `look_alike_camel`. The order of
    `names` makes no difference.
    """
    found: dict[str, str] = {}
    order = [*plain, *FORMS, ""]
    used = {*taken, *names.values()}
    free = {*names.values()}.difference(taken)
    for text in sorted(names, key=lambda text: (order.index(form(text)), text)):
        name = names[text]
        if name not in free:
            name = next(other for other in _alternatives(name, text) if other not in used)
        free.discard(name)
        used.add(name)
        found[text] = name
    return {text: found[text] for text in names}


def _alternatives(name: str, text: str) -> Iterator[str]:
    """Names like `name` for a spelling of it: by its form, by its signs, and by letters that are a digest of it."""
    signs = "_".join(f"u{ord(sign):x}" for sign in text if not (sign.isascii() and sign.isalnum()))
    for suffix in filter(None, (form(text), signs[: MAX_LENGTH // 2], letters(text))):
        stem = name.rstrip("_")[: MAX_LENGTH - len(suffix) - 1]
        yield f"{stem}_{suffix.upper() if name.isupper() else suffix}"


def letters(text: str) -> str:
    """A few letters that another text does not give: the last resort for a name of its own, which is never a number."""
    digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest[:8])


def _to_ascii(character: str) -> str:
    if character.isascii():
        return character
    category = _UNICODE.category(character)
    if category.startswith("M"):  # a mark on the letter before it, such as an accent
        return ""
    return f" u{ord(character):x} " if category[0] in "LN" or category == "Cn" else " "


def _begun(name: str, text: str, *, prefix: str) -> str:
    if not name:
        raise ValueError(f"nothing of an identifier is left of {text!r}")
    return prefix + name if name[0].isdigit() else name
