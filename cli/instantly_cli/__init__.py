"""Command line of the client: `instantly campaigns list --status active`.

Its commands are the methods of the installed client, read from their signatures and docstrings when one is called.
"""
