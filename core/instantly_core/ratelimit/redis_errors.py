"""Errors of Redis that do not pass by waiting, and the advice for each."""

from __future__ import annotations

from ssl import SSLCertVerificationError

from redis.exceptions import AuthenticationError, MovedError, ResponseError

from ..error_tree import ConfigurationError

# The beginning of a reply, or a part of that of a script on an older Redis.
_ADVICE = {
    "NOAUTH": "it wants a password: put it into the url",
    "WRONGPASS": "it refuses the password: correct that in the url",
    "NOPERM": "the user of the url may not run scripts, or not on these keys: permit EVAL and the keys of `name`",
    "READONLY": "it is a read-only replica: give the url of the master, or one of its sentinels",
    "WRONGTYPE": "something else uses a key of this name: give another `name`",
    "DB index": "there is no database of this number: correct the url",
    "unknown command": "it does not run scripts, which it has to (EVALSHA and EVAL)",
}


def configuration_error(error: BaseException) -> ConfigurationError | None:
    """Return the error for a Redis that will not answer before somebody changes the configuration, or None."""
    advice = None
    if isinstance(error, MovedError):
        advice = "it is a node of a cluster that does not lead to the node with our keys: give the url of another"
    elif isinstance(error, AuthenticationError):
        advice = "it refuses the user or password, or wants one: correct that in the url"
    elif isinstance(error, ResponseError):
        text = str(error)
        if any(mark in text for mark in ("READONLY", "read only replica")):
            text = f"READONLY {text}"
        elif any(mark in text for mark in ("no permissions", "can't run this command", "can't access")):
            text = f"NOPERM {text}"
        advice = next((advice for mark, advice in _ADVICE.items() if mark in text), None)
    elif _has_cause(error, SSLCertVerificationError):
        advice = "its certificate is not trusted: name its authority in the url (`?ssl_ca_certs=FILE`)"
    return None if advice is None else ConfigurationError(f"The Redis of the rate limiter cannot be used: {advice}")


def _has_cause(error: BaseException, kind: type[BaseException]) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, kind):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
