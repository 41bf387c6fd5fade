"""Programs for fresh processes, some in other environments: `peer`, `plain` and `stock` need httpx alone."""
