"""Rate limits: sliding windows of one process, Redis for many, and a fallback."""
