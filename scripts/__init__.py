"""The pipeline that turns the published OpenAPI document into the client, one small module a step."""
