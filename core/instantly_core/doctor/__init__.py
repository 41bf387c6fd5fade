"""Examine a machine and a project: can the client work here, and can a stranger's package take its place?

Standard library only, so that it runs where nothing else does.
"""
