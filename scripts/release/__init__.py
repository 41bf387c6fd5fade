"""From a commit to an index: build, checks, version and upload."""
