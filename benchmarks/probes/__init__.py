"""Programs for fresh processes, some in other environments: each needs httpx and nothing else of the project."""
