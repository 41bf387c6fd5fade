"""Engine of a sandbox: turns a request into an answer by the document. It knows no operation."""
