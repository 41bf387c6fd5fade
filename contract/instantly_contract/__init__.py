"""Check recorded answers of the service against the client that is installed and the document behind it."""

try:
    import jsonschema_rs  # noqa: F401
    import rich  # noqa: F401
    import yaml  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"the contract checker needs {error.name}, which is not installed: pip install 'instantly-client[contract]'",
        name=error.name,
    ) from None
