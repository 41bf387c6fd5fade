"""A package index: where it is, as whom we go there, what it lists, how files get in and out again."""
