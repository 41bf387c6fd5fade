"""Names: what every class, method, argument and value of a document is called in Python."""
