"""State of a sandbox: workspaces and their objects, keys, time and ids."""
