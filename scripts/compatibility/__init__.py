"""Compatibility: the client as its users see it, the changes between two, and their effect on users' code."""
