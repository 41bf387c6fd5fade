"""The service that the measured clients talk to, inside the process or on a socket."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import httpx

KEY = "bWVhc3VyZWQ6bm90LWEtc2VjcmV0"
ID = "019cc043-aee6-7ae9-a545-d7de53430e37"
URL = "https://api.instantly.ai"
# Nothing listens there: a request is refused at once, by a client that is ready to send.
NOWHERE = "http://127.0.0.1:9"
TASKS = 50


def transport(content: bytes) -> "httpx.MockTransport":
    """A transport of httpx whose every answer is this JSON."""
    import httpx

    headers = {"content-type": "application/json"}
    return httpx.MockTransport(lambda request: httpx.Response(200, content=content, headers=headers))


def served(content: bytes) -> str:
    """The URL of a service in a process of its own whose every answer is this JSON, for as long as this one lives."""
    import subprocess
    import sys
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder, "answer.json")
        file.write_bytes(content)
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("answering.py")), str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        return f"http://127.0.0.1:{int(process.stdout.readline())}"
