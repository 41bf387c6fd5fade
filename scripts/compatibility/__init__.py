"""What a client is to its users, what changed between two, and what each change does to their code."""
