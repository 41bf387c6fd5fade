"""The verbs of the project, and below them, room by room, what they are made of."""
