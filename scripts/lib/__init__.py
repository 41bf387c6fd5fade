"""Tools of every room: places, reports, progress, names in Python, changes of files that happen whole or not at all."""
