"""Calls: clients, attempts, retries, pages, raw answers and the mapping of errors."""
