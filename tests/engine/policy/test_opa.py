"""Is anything but a whole, honest answer of an OPA server taken for an answer?"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import outside_parts
import pytest
import rego
from opa_client.opa import OpaClient

from engine.errors import PolicyEngineUnavailable, SettingsInvalid
from engine.model import Bundle, Finding, PolicyFailure
from engine.policy import answers, query
from engine.policy import bundle as bundles
from engine.policy.breaker import CircuitBreaker
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer

POLICY = "trial.opa"
ASKED = [POLICY]
DOCUMENT = {"_context": {"policies": ASKED}}
DEADLINE = 0.4
PATIENCE = 10.0

Script = Callable[[BaseHTTPRequestHandler], None]


class Scripted:
    """A server that answers every question after `script`, and keeps the paths that were asked."""

    def __init__(self, script: Script) -> None:
        self.asked: list[str] = []
        self.script = script
        self.told = answer(200, {"result": {"version": "9.9.9"}})
        self.done = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append(self.path)
                with contextlib.suppress(OSError):
                    outer.script(self)

            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    outer.told(self)

            def log_message(self, *told: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.done.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


def answer(status: int, body: object, *, location: str = "") -> Script:
    """Answer with this body: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def script(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        if location:
            request.send_header("Location", location)
        request.end_headers()
        request.wfile.write(content)

    return script


def good(**changes: object) -> dict[str, object]:
    return {"result": {"revision": "REVISION", "evaluated": ASKED, "results": {POLICY: []}, **changes}}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    found = bundles.load([rego.write(tmp_path_factory.mktemp("policies"), {POLICY: rego.violation("input.bad")})])
    return Bundle("REVISION", found.policies, found.modules)


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], Scripted]]:
    started: list[Scripted] = []

    def start(script: Script) -> Scripted:
        started.append(Scripted(script))
        return started[-1]

    yield start
    for one in started:
        one.close()


@contextlib.contextmanager
def asking(url: str, *, deadline: float = PATIENCE, **told: Any) -> Iterator[OpaServer]:
    with closing(OpaServer(url, push=False, deadline=deadline, **told)) as engine:
        yield engine


def hang(request: BaseHTTPRequestHandler) -> None:
    """Say nothing until the other side is gone."""
    request.connection.settimeout(PATIENCE)
    request.connection.recv(1)
    request.close_connection = True


def drip(request: BaseHTTPRequestHandler) -> None:
    """Start to answer, and never come to an end."""
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    for _ in range(1000):
        request.wfile.write(b" ")
        request.wfile.flush()
        threading.Event().wait(0.01)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


TWICE = (
    b'{"result": {"revision": "REVISION", "evaluated": ["trial.opa"], "results": {"trial.opa": [{}], "trial.opa": []}}}'
)
FAULTS: dict[str, tuple[Script, str]] = {
    "500": (answer(500, {"code": "internal_error", "message": "out of order"}), "HTTP 500: out of order"),
    "500 of a proxy": (answer(500, b"<html>"), "not readable JSON"),
    "503": (answer(503, {"code": "unavailable", "message": "later"}), "HTTP 503: later"),
    "401": (answer(401, {"code": "unauthorized", "message": "who?"}), "HTTP 401: who?"),
    "hang": (hang, "no whole answer within 0.4 s"),
    "drip": (drip, "no whole answer within 0.4 s"),
    "hang up": (hang_up, "Disconnected"),
    "garbage": (answer(200, b"\xff\x00 what"), "not readable JSON"),
    "nothing": (answer(200, b""), "not readable JSON"),
    "undefined": (answer(200, {}), "it holds no bundle of policies, but REVISION is expected"),
    "list": (answer(200, []), "not an object"),
    "result is a list": (answer(200, {"result": []}), "not {revision, evaluated, results}"),
    "huge": (answer(200, good(results={POLICY: ["x" * 100_000]})), "larger than 65536 bytes"),
    "redirect": (answer(307, b"", location="/elsewhere"), "redirects are not followed"),
    "a key twice": (answer(200, TWICE), "an object repeats a key"),
    "NaN": (answer(200, b'{"result": NaN}'), "NaN is no JSON"),
    "another revision": (answer(200, good(revision="OTHER")), "it holds bundle OTHER, but REVISION is expected"),
    "another policy": (
        answer(200, good(evaluated=["x.y"], results={"x.y": []})),
        "evaluated policies that were not asked: x.y",
    ),
    "evaluated is a lie": (answer(200, good(evaluated=[])), "contradicts itself"),
    "results are a list": (answer(200, good(results=[])), "contradicts itself"),
    "more than agreed": (answer(200, good(allow=True)), "not {revision, evaluated, results}"),
    "deep": (answer(200, b'{"result":' + b"[" * 30_000 + b"]" * 30_000 + b"}"), "not readable JSON"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_server_is_no_answer(fault: str, bundle: Bundle, scripted: Callable[[Script], Scripted]) -> None:
    script, said = FAULTS[fault]
    server = scripted(script)
    deadline = DEADLINE if fault in ("hang", "drip") else PATIENCE
    with asking(server.url, cap=65536, deadline=deadline) as engine, pytest.raises(PolicyEngineUnavailable) as caught:
        engine.evaluate(bundle, ASKED, DOCUMENT)
    assert said in caught.value.detail
    assert caught.value.detail.startswith(f"OPA at {server.url}: ")
    assert server.asked == ["/v1/data/meshgate/query/answer?strict-builtin-errors=true"]


@pytest.mark.parametrize("fault", ["hang", "drip", "huge"])
def test_a_server_that_answers_for_no_policy_is_no_answer_and_none_is_blamed(
    fault: str, tmp_path: Path, scripted: Callable[[Script], Scripted]
) -> None:
    rules = {f"trial.p{n}": rego.violation("input.bad") for n in range(3)}
    found = bundles.load([rego.write(tmp_path, rules)])
    script, said = FAULTS[fault]
    server, breaker = scripted(script), CircuitBreaker(limit=1)
    deadline = DEADLINE if fault != "huge" else PATIENCE
    with asking(server.url, cap=65536, deadline=deadline, breaker=breaker) as engine:
        with pytest.raises(PolicyEngineUnavailable, match=said):
            engine.evaluate(found, list(rules), DOCUMENT)
        with pytest.raises(PolicyEngineUnavailable, match="not asked"):
            engine.evaluate(found, list(rules), DOCUMENT)
    assert len(server.asked) > len(rules)


def test_a_server_that_answers_nothing_at_all_is_asked_no_policy_alone(
    tmp_path: Path, scripted: Callable[[Script], Scripted]
) -> None:
    rules = {f"trial.p{n}": rego.violation("input.bad") for n in range(3)}
    found = bundles.load([rego.write(tmp_path, rules)])
    server = scripted(answer(200, {}))
    with asking(server.url, deadline=DEADLINE) as engine:
        server.script = server.told = hang
        with pytest.raises(PolicyEngineUnavailable, match=r"no whole answer within 0\.4 s"):
            engine.evaluate(found, list(rules), DOCUMENT)
    assert len(server.asked) <= 1


def test_a_server_that_is_not_there_is_no_answer(bundle: Bundle) -> None:
    url = f"http://127.0.0.1:{outside_parts.free_port()}"
    with asking(url) as engine, pytest.raises(PolicyEngineUnavailable, match="Cannot connect"):
        engine.evaluate(bundle, ASKED, DOCUMENT)


def test_a_policy_without_an_answer_has_failed(bundle: Bundle, scripted: Callable[[Script], Scripted]) -> None:
    server = scripted(answer(200, good(evaluated=[], results={})))
    with asking(server.url) as engine:
        told = engine.evaluate(bundle, ASKED, DOCUMENT)[POLICY]
    assert isinstance(told, PolicyFailure)
    assert "undefined" in told.reason


def test_the_server_is_asked_again_once_it_answers(bundle: Bundle, scripted: Callable[[Script], Scripted]) -> None:
    server = scripted(answer(503, {}))
    with asking(server.url) as engine:
        with pytest.raises(PolicyEngineUnavailable):
            engine.evaluate(bundle, ASKED, DOCUMENT)
        server.script = answer(200, good())
        assert engine.evaluate(bundle, ASKED, DOCUMENT) == {POLICY: ()}
        assert engine.version == "9.9.9"


def test_the_token_goes_to_the_server_and_no_proxy_comes_between(
    bundle: Bundle, scripted: Callable[[Script], Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{outside_parts.free_port()}")
    sent: list[str | None] = []

    def script(request: BaseHTTPRequestHandler) -> None:
        sent.append(request.headers["Authorization"])
        answer(200, good())(request)

    with asking(scripted(script).url, token="t0ken") as engine:
        assert engine.evaluate(bundle, ASKED, DOCUMENT) == {POLICY: ()}
    assert sent == ["Bearer t0ken"]


def test_a_document_larger_than_a_megabyte_is_sent_whole(
    bundle: Bundle, scripted: Callable[[Script], Scripted]
) -> None:
    server = scripted(answer(200, good()))
    with asking(server.url) as engine:
        assert engine.evaluate(bundle, ASKED, {**DOCUMENT, "text": "x" * 3_000_000}) == {POLICY: ()}


def test_after_five_failures_the_server_is_left_alone_and_then_probed_once(
    bundle: Bundle, scripted: Callable[[Script], Scripted]
) -> None:
    now = [0.0]
    server = scripted(answer(503, {}))
    with asking(server.url, breaker=CircuitBreaker(clock=lambda: now[0])) as engine:
        for _ in range(8):
            with pytest.raises(PolicyEngineUnavailable):
                engine.evaluate(bundle, ASKED, DOCUMENT)
        assert len(server.asked) == 5
        now[0] = 5.0
        for _ in range(3):
            with pytest.raises(PolicyEngineUnavailable):
                engine.evaluate(bundle, ASKED, DOCUMENT)
        assert len(server.asked) == 6
        now[0] = 10.0
        server.script = answer(200, good())
        assert engine.evaluate(bundle, ASKED, DOCUMENT) == {POLICY: ()}
        assert engine.evaluate(bundle, ASKED, DOCUMENT) == {POLICY: ()}


def test_a_server_that_has_not_heard_of_the_bundle_yet_is_asked_on(
    bundle: Bundle, scripted: Callable[[Script], Scripted]
) -> None:
    server = scripted(answer(200, good(revision="OTHER")))
    with asking(server.url, breaker=CircuitBreaker(limit=1)) as engine:
        for _ in range(3):
            with pytest.raises(PolicyEngineUnavailable, match="it holds bundle OTHER, but REVISION is expected"):
                engine.evaluate(bundle, ASKED, DOCUMENT)
        server.script = answer(200, good())
        assert engine.evaluate(bundle, ASKED, DOCUMENT) == {POLICY: ()}


def test_while_one_call_probes_the_others_are_refused() -> None:
    now = [0.0]
    breaker = CircuitBreaker(limit=1, clock=lambda: now[0])
    with pytest.raises(PolicyEngineUnavailable), breaker.watching():
        raise PolicyEngineUnavailable("down")
    now[0] = 5.0
    with breaker.watching(), pytest.raises(PolicyEngineUnavailable, match="not asked"), breaker.watching():
        pass


def test_closing_ends_the_private_thread_even_with_a_question_under_way(
    bundle: Bundle, scripted: Callable[[Script], Scripted]
) -> None:
    before = set(threading.enumerate())
    server = scripted(hang)
    engine = OpaServer(server.url, push=False, deadline=60)
    failures: list[PolicyEngineUnavailable] = []

    def ask() -> None:
        try:
            engine.evaluate(bundle, ASKED, DOCUMENT)
        except PolicyEngineUnavailable as error:
            failures.append(error)

    caller = threading.Thread(target=ask)
    caller.start()
    give_up = threading.Event()
    for _ in range(1000):
        if server.asked:
            break
        give_up.wait(0.01)
    engine.close()
    caller.join(PATIENCE)
    assert len(failures) == 1
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "meshgate-opa"]


@pytest.mark.parametrize(
    "url", ["localhost:8181", "ftp://opa", "http://opa/prefix", "http://user:secret@opa", "http://opa:99999", ""]
)
def test_an_address_that_the_client_cannot_take_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid):
        OpaServer(url, push=False)


@pytest.mark.parametrize("url", ["http://opa", "https://opa.example.org", "http://[::1]:8181/"])
def test_an_address_is_scheme_host_and_port(url: str) -> None:
    OpaServer(url, push=False).close()


# --- a real server ----------------------------------------------------------------------------------------------------


@pytest.fixture
def real(opa_url: str) -> Iterator[OpaClient]:
    host, _, port = opa_url.removeprefix("http://").partition(":")
    with OpaClient(host=host, port=int(port)) as client:
        yield client


def load(folder: Path, rules: str, *, libraries: dict[str, str] | None = None) -> Bundle:
    return bundles.load([rego.write(folder, {POLICY: rules}, libraries=libraries)])


LOOP = rego.violation("input.loop; many := numbers.range(1, 100000); count([1 | some a in many; a in many]) < 0")
LARGE = 'violation contains sprintf("%0999999d", [n]) if { input.large; some n in numbers.range(1, 3) }'


@pytest.mark.parametrize(("word", "said"), [("loop", "it did not finish within"), ("large", "larger than 1048576")])
def test_a_policy_that_spoils_it_for_all_fails_alone_and_the_breaker_stays_closed(
    tmp_path: Path, opa_url: str, word: str, said: str
) -> None:
    rules = {"trial.a": LOOP, "trial.b": LARGE, "trial.c": rego.violation("input.bad")}
    found = bundles.load([rego.write(tmp_path, rules)])
    asked, breaker = list(rules), CircuitBreaker(limit=1)
    with closing(OpaServer(opa_url, push=True, deadline=1.5, cap=1 << 20, breaker=breaker)) as engine:
        told = engine.evaluate(found, asked, {word: True, "bad": True, "_context": {"policies": asked}})
        again = engine.evaluate(found, asked, {"_context": {"policies": asked}})
    assert told.pop("trial.c") == (Finding("trial.c", "wrong", "it is wrong", ("info",)),)
    [failure] = [one for one in told.values() if one]
    assert isinstance(failure, PolicyFailure)
    assert failure.policy == ("trial.a" if word == "loop" else "trial.b")
    assert said in failure.reason
    assert again == dict.fromkeys(asked, ())


def test_a_push_leaves_modules_of_others_alone_and_takes_ours_of_before_away(
    tmp_path: Path, opa_url: str, real: OpaClient
) -> None:
    calling = rego.violation("data.lib.a.yes(input)")
    libraries = {
        "lib/a.rego": "package lib.a\n\nimport rego.v1\n\nyes(x) if data.lib.b.yes(x)\n",
        "lib/b.rego": "package lib.b\n\nimport rego.v1\n\nyes(x) if x.bad\n",
    }
    first = load(tmp_path / "first", calling, libraries=libraries)
    second = load(tmp_path / "second", rego.violation("input.worse"))
    real.update_policy_from_string("package others\n\nvalue := 1\n", "others/value", rego_compat=False)
    bad = {**DOCUMENT, "bad": True}
    with closing(OpaServer(opa_url, push=True)) as engine:
        assert engine.evaluate(first, ASKED, bad) == {POLICY: (Finding(POLICY, "wrong", "it is wrong", ("info",)),)}
        assert engine.evaluate(second, ASKED, bad) == {POLICY: ()}
    ids = real.get_policies_list()
    assert sorted(id for id in ids if id.startswith("meshgate/")) == [
        "meshgate/meshgate/query.rego",
        "meshgate/trial/opa/opa.rego",
    ]
    assert "others/value" in ids
    real.delete_policy("others/value")


def test_without_push_another_bundle_is_an_error_that_names_both(tmp_path: Path, opa_url: str) -> None:
    here = load(tmp_path / "here", rego.violation("input.bad"))
    there = load(tmp_path / "there", rego.violation("input.worse"))
    with closing(OpaServer(opa_url, push=True)) as pushing, closing(OpaServer(opa_url, push=False)) as pulling:
        pushing.evaluate(there, ASKED, DOCUMENT)
        with pytest.raises(PolicyEngineUnavailable) as caught:
            pulling.evaluate(here, ASKED, DOCUMENT)
        assert pulling.evaluate(there, ASKED, DOCUMENT) == {POLICY: ()}
    assert there.revision in caught.value.detail
    assert here.revision in caught.value.detail


ERRING = rego.violation("to_number(input.word) > 0")


@pytest.mark.parametrize("faulty", [ERRING, LOOP, LARGE], ids=["err", "loop", "large"])
@pytest.mark.parametrize("others", [(), ("trial.b",)], ids=["alone", "among others"])
def test_what_an_older_bundle_does_wrong_is_no_fault_of_the_new_one(
    tmp_path: Path, opa_url: str, faulty: str, others: tuple[str, ...]
) -> None:
    """Else a policy that was mended could never reach a server that holds it unmended."""
    more = {name: rego.violation("input.bad") for name in others}
    old = bundles.load([rego.write(tmp_path / "old", {POLICY: faulty, **more})])
    new = bundles.load([rego.write(tmp_path / "new", {POLICY: rego.violation("input.bad"), **more})])
    asked = [POLICY, *others]
    document = {"word": "x", "loop": True, "large": True, "_context": {"policies": asked}}
    same: dict[str, Any] = {"deadline": 1.5, "cap": 1 << 20}
    with (
        closing(OpaServer(opa_url, push=True, **same)) as pushing,
        closing(OpaServer(opa_url, push=False, **same)) as it,
    ):
        pushing.evaluate(old, asked, {"_context": {"policies": asked}})
        with pytest.raises(PolicyEngineUnavailable, match=new.revision):
            it.evaluate(new, asked, document)
        assert pushing.evaluate(new, asked, document) == dict.fromkeys(asked, ())


def test_a_question_that_an_upgrade_of_meshgate_changes_reaches_a_server_that_runs_on(
    tmp_path: Path, opa_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = "default allow := false\n\ndeny contains 1 if input.bad"
    with monkeypatch.context() as before:
        before.setattr(query, "_allowed", lambda result, quoted, *_: f"\n{result} := set() if {quoted} in selected\n")
        old = load(tmp_path / "old", rules)
    new = load(tmp_path / "new", rules)
    with closing(OpaServer(opa_url, push=True)) as engine:
        assert engine.evaluate(old, ASKED, DOCUMENT) == {POLICY: ()}
        found = engine.evaluate(new, ASKED, DOCUMENT)
    assert found == {POLICY: (Finding(POLICY, "not_allowed", "the rule allow is not true", ()),)}


def test_an_allow_of_another_type_is_a_failure_and_no_refused_bundle(tmp_path: Path, opa_url: str) -> None:
    found = load(tmp_path, "allow := count(input.a)")
    with closing(OpaServer(opa_url, push=True)) as server, closing(EmbeddedEngine()) as embedded:
        told = [engine.evaluate(found, ASKED, {**DOCUMENT, "a": [1]}) for engine in (server, embedded)]
    assert told == [{POLICY: PolicyFailure(POLICY, f"{answers.UNDEFINED}: null")}] * 2


def test_a_bundle_that_opa_does_not_take_is_an_error_and_answers_nothing(tmp_path: Path, opa_url: str) -> None:
    found = load(tmp_path, rego.violation("input.bad"))
    text = "package lib.x\n\nx := undefined_thing\n"
    broken = Bundle("REVISION", found.policies, {**found.modules, "lib/x.rego": text})
    with closing(OpaServer(opa_url, push=True)) as engine:
        for _ in range(2):
            with pytest.raises(PolicyEngineUnavailable, match=r"does not take our module meshgate/lib/x\.rego"):
                engine.evaluate(broken, ASKED, DOCUMENT)
        assert engine.evaluate(found, ASKED, DOCUMENT) == {POLICY: ()}


def test_the_generated_module_says_which_bundle_the_server_holds(tmp_path: Path, opa_url: str, real: OpaClient) -> None:
    found = load(tmp_path, rego.violation("input.bad"))
    with closing(OpaServer(opa_url, push=True)) as engine:
        engine.evaluate(found, ASKED, DOCUMENT)
    assert real.query_rule({}, query.PACKAGE, "revision") == {"result": found.revision}
    assert engine.version == outside_parts.OPA_VERSION
