"""What pip, uv, Poetry and PDM would take the client from, by the settings of a project and its machine."""
