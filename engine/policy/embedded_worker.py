"""What does the child process do that evaluates Rego for the embedded engine?

It is run as a file with `python -I` and an empty environment, and imports nothing but the standard library and
regorus. Everything that touches regorus happens here: it can hang, eat memory, panic or crash, and the parent kills
and replaces the process. One message is a list of byte strings; a request gives one reply.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

try:
    import resource
except ImportError:  # not on Windows, where only the parent's watch is left
    resource = None  # type: ignore[assignment]

TYPE_CHECKING = False  # what a type checker takes for true; importing typing would cost every start
if TYPE_CHECKING:
    from typing import Any

KEPT = 4
"""How many bundles a worker keeps loaded; the one used longest ago goes first."""


def read(size: int) -> bytes:
    """Exactly `size` bytes of the request; the end of the pipe ends the process."""
    parts = []
    while size:
        part = os.read(0, min(size, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def receive() -> list[bytes]:
    """The next message: its length, then each part with its own length in front."""
    message = read(_number(read(4)))
    parts = []
    at = 0
    while at < len(message):
        start = at + 4
        at = start + _number(message[at:start])
        parts.append(message[start:at])
    return parts


def _number(four: bytes) -> int:
    return int.from_bytes(four, "big")


def send(*parts: bytes) -> None:
    """Reply with one message."""
    pieces = [piece for part in parts for piece in (len(part).to_bytes(4, "big"), part)]
    view = memoryview(b"".join([sum(map(len, pieces)).to_bytes(4, "big"), *pieces]))
    while view:
        view = view[os.write(1, view) :]


def limit(memory_mib: int) -> None:
    """Ask the system to refuse memory beyond the limit, where it can (the parent watches too)."""
    if resource is not None:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20, memory_mib << 20))


def limit_seconds(seconds: int) -> None:
    """Let the system end this process soon after the deadline, should the parent be gone by then."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + seconds + 2
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


class NotLoaded(Exception):
    """This process does not hold the bundle (any more)."""


class Evaluator:
    """The bundles that this process has loaded, by revision."""

    def __init__(self, regorus: Any) -> None:
        self.regorus = regorus
        self.engines: dict[bytes, Any] = {}

    def load(self, revision: bytes, *modules: bytes) -> bytes:
        """Read the modules (path, text, path, text, …) and let regorus look at them all once."""
        engine = self._engine(modules)
        engine.eval_query_as_json("true")
        self.engines[revision] = engine
        while len(self.engines) > KEPT:
            del self.engines[next(iter(self.engines))]
        return b""

    def syntax(self, *modules: bytes) -> bytes:
        """The syntax trees of the modules, as JSON."""
        trees: str = self._engine(modules).get_ast_as_json()
        return trees.encode()

    def syntax_v0(self, *modules: bytes) -> bytes:
        """The syntax trees of modules that are written in Rego v0, as JSON."""
        trees: str = self._engine(modules, v0=True).get_ast_as_json()
        return trees.encode()

    def evaluate(self, revision: bytes, query: bytes, document: bytes) -> bytes:
        """What the query gives for the document, as regorus writes it. Raises NotLoaded."""
        engine = self.engines.pop(revision, None)
        if engine is None:
            raise NotLoaded
        self.engines[revision] = engine
        engine.set_input_json(document.decode())
        result: str = engine.eval_query_as_json(query.decode())
        return result.encode()

    def evaluate_each(self, revision: bytes, query: bytes, *documents: bytes) -> bytes:
        """What the query gives for each document: a reply for each as soon as it is known. Raises NotLoaded.

        An error of one document is the reply to it, and the next one is evaluated.
        """
        for document in documents:
            try:
                answer = self.evaluate(revision, query, document)
            except NotLoaded:
                raise
            except Exception as error:
                send(b"error", reason(error))
            else:
                send(b"ok", answer)
        return b""

    def trial(self, revision: bytes, query: bytes, document: bytes, covering: bytes) -> bytes:
        """What the query gives on a fresh copy of the bundle's engine, as JSON: `{result | error, printed, files}`.

        No document means no input at all, as `opa test` has it; `files` only where coverage is asked. Raises NotLoaded.
        """
        import json

        held = self.engines.pop(revision, None)
        if held is None:
            raise NotLoaded
        self.engines[revision] = held
        engine = held.clone()
        engine.set_gather_prints(True)
        engine.set_enable_coverage(bool(covering))
        told: dict[str, Any] = {}
        try:
            if document:
                engine.set_input_json(document.decode())
            told["result"] = json.loads(engine.eval_query_as_json(query.decode()))
        except Exception as error:
            told["error"] = reason(error).decode()
        told["printed"] = engine.take_prints()
        if covering:
            files = json.loads(engine.get_coverage_report_as_json())["files"]
            told["files"] = {one["path"]: [one["covered"], one["not_covered"]] for one in files}
        return json.dumps(told).encode()

    def _engine(self, modules: tuple[bytes, ...], *, v0: bool = False) -> Any:
        engine = self.regorus.Engine()
        engine.set_rego_v0(v0)
        for path, text in zip(modules[::2], modules[1::2], strict=True):
            engine.add_policy(path.decode(), text.decode())
        return engine


def reason(error: BaseException) -> bytes:
    """What went wrong, without the machine's own call stack."""
    text = str(error) or type(error).__name__
    return text.partition("Stack backtrace")[0].strip().encode(errors="replace")


def serve(evaluator: Evaluator) -> None:
    """Answer until the pipe closes: `ok`, `absent` (the bundle), `error` (of policies) or `broken` (then it ends)."""
    verbs: dict[bytes, Any] = {
        b"load": evaluator.load,
        b"syntax": evaluator.syntax,
        b"syntax-v0": evaluator.syntax_v0,
        b"evaluate": evaluator.evaluate,
        b"evaluate-each": evaluator.evaluate_each,
        b"trial": evaluator.trial,
    }
    while True:
        verb, seconds, *parts = receive()
        limit_seconds(int(seconds))
        try:
            reply = verbs[verb](*parts)
        except NotLoaded:
            send(b"absent", b"")
        except Exception as error:
            send(b"error", reason(error))
        except BaseException as error:  # regorus panics as pyo3's PanicException, which is no Exception
            send(b"broken", reason(error))
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            os._exit(1)
        else:
            send(b"ok", reply)


def main() -> None:
    """Say that the engine is there (and its version), then serve."""
    limit(int(sys.argv[1]))
    try:
        import regorus
    except BaseException as error:
        send(b"broken", b"the package regorus cannot be imported: " + reason(error))
        return
    send(b"ok", b"")
    serve(Evaluator(regorus))


if __name__ == "__main__":
    main()
