"""Speed, memory and size of the client, compared with what a user would take instead: `python -m benchmarks --help`.

Each figure comes with references that were measured in the same run, interleaved with it: plain httpx, `json.loads`,
the output of the stock generator, and the package `instantlyai`.
"""
