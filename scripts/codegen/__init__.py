"""From a named document to a verified package, by openapi-python-client and our templates."""
