"""Check recorded answers of the service against the client that is installed and the document behind it."""
