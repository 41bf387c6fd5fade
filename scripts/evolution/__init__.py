"""From the pinned document to the next: renames found, removals retained, everything replaced together."""
