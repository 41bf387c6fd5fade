"""The HTTP library, connections, JSON."""
