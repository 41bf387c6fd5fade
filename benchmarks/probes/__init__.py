"""What runs in fresh processes, some of them of other environments: it needs httpx and nothing else of the project."""
