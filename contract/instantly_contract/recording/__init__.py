"""Record answers as cassettes: from the sandbox, or from the service with everything personal scrubbed."""
