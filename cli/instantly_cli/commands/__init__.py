"""Commands: those that are methods of the client, and those written by hand."""
