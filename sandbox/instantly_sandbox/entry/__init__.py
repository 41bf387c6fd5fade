"""Ways into a sandbox: sockets, clients of this process, and its own API."""
