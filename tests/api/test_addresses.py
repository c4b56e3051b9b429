"""Is what lies at an address fetched from listed hosts alone, bounded in every way, and kept as it came?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from remote_files import PORT, RemoteFiles, serving

from api.fetching import Fetching
from api.reference_hosts import ReferenceHosts
from engine.descriptor import Limits, NotFetched, Parts, ReferenceRefused, Submission, ingest
from engine.errors import SettingsInvalid
from engine.model import Descriptor


@pytest.fixture
def remote() -> Iterator[RemoteFiles]:
    with serving(RemoteFiles({"/ports/a.yaml": PORT})) as served:
        yield served


def document(*refs: str) -> bytes:
    """A product with these output ports."""
    ports = "".join(f'    - $ref: "{ref}"\n' for ref in refs)
    head = 'dataProductDescriptor: "1.0.0"\ninfo: {name: p, version: "1.0.0", domain: d, owner: {id: a}}\n'
    return f"{head}interfaceComponents:\n  outputPorts:\n{ports}".encode()


def fetching(remote: RemoteFiles, **options: object) -> Fetching:
    return Fetching(ReferenceHosts.of([remote.host]), **{"seconds": 2.0, **options})  # type: ignore[arg-type]


def read(remote: RemoteFiles, *refs: str, **options: object) -> Descriptor:
    there = Submission("dp.yaml", Parts({"dp.yaml": document(*refs)}), fetching(remote, **options))
    return ingest(there, namespace="org.example")


def stops(found: Descriptor) -> list[tuple[str, str, int, str]]:
    return [(one.code, one.place.file, one.place.line, one.msg) for one in found.problems if one.stops_the_road]


def test_a_file_is_fetched_once_kept_as_it_came_and_read_from_there_ever_after(remote: RemoteFiles) -> None:
    found = read(remote, remote.url("/ports/a.yaml"), remote.url("/ports/a.yaml#"))
    assert stops(found) == []
    assert remote.asked == ["/ports/a.yaml"]
    assert [(one.path, one.content) for one in found.parts[1:]] == [(remote.name("/ports/a.yaml"), PORT)]
    place = found.locate(("interfaceComponents", "outputPorts", 0, "version"))
    assert (place.file, place.line) == (remote.name("/ports/a.yaml"), 2)
    assert place.via == ("dp.yaml#/interfaceComponents/outputPorts/0",)
    kept = Parts({one.path: one.content for one in found.parts})
    again = ingest(Submission("dp.yaml", kept), namespace="org.example")
    assert (again.effective, again.digest, again.parts) == (found.effective, found.digest, found.parts)
    assert len(remote.asked) == 1


def test_nothing_but_the_request_is_told_to_the_host(remote: RemoteFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    fetching(remote).fetch(remote.url("/ports/a.yaml"))
    (headers,) = remote.sent
    assert headers.keys() <= {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert (headers["host"], headers["accept-encoding"]) == (remote.host, "identity")


def test_a_reference_in_a_fetched_file_is_seen_from_there(remote: RemoteFiles) -> None:
    remote.files |= {
        "/deep/x.yaml": b"$ref: ../ports/b%20c.yaml#/one\n",
        "/ports/b%20c.yaml": b"one: {$ref: /ports/a.yaml}\n",
    }
    found = read(remote, remote.url("/deep/x.yaml"))
    assert stops(found) == []
    assert remote.asked == ["/deep/x.yaml", "/ports/b%20c.yaml", "/ports/a.yaml"]
    place = found.locate(("interfaceComponents", "outputPorts", 0, "name"))
    assert place.via == (
        "dp.yaml#/interfaceComponents/outputPorts/0",
        f"{remote.name('/deep/x.yaml')}#",
        f"{remote.name('/ports/b c.yaml')}#/one",
    )


@pytest.mark.parametrize(
    ("ref", "code"),
    [
        ("../../x.yaml", "DP201"),
        ("../../127.0.0.2/x.yaml", "DP201"),
        ("//example.org/x.yaml", "DP201"),
        ("https://example.org/x.yaml", "DP201"),
        ("http://example.org/x.yaml", "DP201"),
        ("file:///etc/passwd", "DP201"),
        ("..%2f..%2f@https/example.org/x.yaml", "DP201"),
        ("a%00.yaml", "DP201"),
        ("b.yaml?token=1", "DP205"),
        ("dp.yaml", "DP208"),
    ],
)
def test_a_reference_in_a_fetched_file_does_not_leave_its_host(remote: RemoteFiles, ref: str, code: str) -> None:
    """`dp.yaml` lies beside the root document here, and is asked for there."""
    remote.files["/ports/leaves.yaml"] = f'$ref: "{ref}"\n'.encode()
    found = read(remote, remote.url("/ports/leaves.yaml"))
    assert [one[:3] for one in stops(found)] == [(code, remote.name("/ports/leaves.yaml"), 1)]
    assert found.effective is None
    assert remote.asked[1:] == (["/ports/dp.yaml"] if code == "DP208" else [])


def test_a_circle_between_fetched_files_is_told(remote: RemoteFiles) -> None:
    remote.files |= {"/a.yaml": b"$ref: b.yaml\n", "/b.yaml": b"$ref: a.yaml\n"}
    ((code, file, line, msg),) = stops(read(remote, remote.url("/a.yaml")))
    assert (code, file, line) == ("DP203", remote.name("/b.yaml"), 1)
    assert remote.name("/a.yaml") in msg
    assert remote.asked == ["/a.yaml", "/b.yaml"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/missing.yaml", "answered with status 404"),
        ("/redirect.yaml", "answered with a redirect (302)"),
        ("/zipped.yaml", "compressed"),
        ("/hangs.yaml", "not there within 0.5 s"),
        ("/drips.yaml", "not there within 0.5 s"),
        ("/cut.yaml", "not reached"),
        ("/noise.yaml", "not reached"),
        ("/huge.yaml", "larger than the 1,048,576 bytes"),
    ],
)
def test_a_host_that_is_no_help_leaves_the_document_unread(remote: RemoteFiles, path: str, why: str) -> None:
    found = read(remote, remote.url(path), remote.url(path), seconds=5.0 if path == "/huge.yaml" else 0.5)
    first, second = stops(found)
    assert (first[:3], why in first[3]) == (("DP208", "dp.yaml", 5), True), first
    assert second[0] == "DP208"
    assert remote.asked == [path]
    assert (found.effective, found.digest) == (None, None)


def test_what_is_no_document_is_told_at_its_place(remote: RemoteFiles) -> None:
    remote.files["/garbage.yaml"] = b"a: [1,\nb: }"
    ((code, file, _, _),) = stops(read(remote, remote.url("/garbage.yaml")))
    assert (code, file) == ("DP104", remote.name("/garbage.yaml"))


def test_a_host_that_is_gone_leaves_the_document_unread() -> None:
    with serving(RemoteFiles()) as gone:
        pass
    ((code, *_, msg),) = stops(read(gone, gone.url("/a.yaml")))
    assert (code, "not reached" in msg) == ("DP208", True)


def test_all_addresses_of_a_submission_share_their_time_and_their_room(remote: RemoteFiles) -> None:
    late = fetching(remote, seconds=0.3)
    for why in ("not there", "no time is left"):
        with pytest.raises(NotFetched, match=why):
            late.fetch(remote.url("/hangs.yaml" if why == "not there" else "/ports/a.yaml"))
    full = fetching(remote, room=len(PORT) + 1)
    full.fetch(remote.url("/ports/a.yaml"))
    remote.files["/b.yaml"] = b"ab"
    with pytest.raises(NotFetched, match="larger than the 1 bytes"):
        full.fetch(remote.url("/b.yaml"))


def test_files_that_are_fetched_count_in_all_limits(remote: RemoteFiles) -> None:
    remote.files["/long.yaml"] = b"name: " + b"x" * 300
    limits = Limits(size=400, string=350)
    there = Submission("dp.yaml", Parts({"dp.yaml": document(*[remote.url("/long.yaml")] * 2)}), fetching(remote))
    assert [one[0] for one in stops(ingest(there, namespace="org.example", limits=limits))] == ["DP206"]


def leads_to(*found: str) -> object:
    async def resolve(_host: str, _port: int) -> list[str]:
        return list(found)

    return resolve


def test_a_name_server_that_does_not_answer_holds_nobody_beyond_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(20) and [])
    try:
        with pytest.raises(NotFetched, match=r"not there within 0\.2 s"):
            Fetching(ReferenceHosts.of(["schemas.example.org"]), seconds=0.2).fetch("https://schemas.example.org/a")
        assert not answered.is_set()
        assert any(one.name.endswith("(ask)") and one.is_alive() for one in threading.enumerate())
    finally:
        answered.set()


def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotFetched, match=r"not reached \(.*not known"):
        Fetching(ReferenceHosts.of(["schemas.example.org"])).fetch("https://schemas.example.org/a")


@pytest.mark.parametrize("found", [("10.0.0.1",), ("93.184.216.34", "127.0.0.1"), ("169.254.169.254",), ("::1",), ()])
def test_a_listed_name_that_leads_inside_is_not_asked(found: tuple[str, ...]) -> None:
    fetch = Fetching(ReferenceHosts.of(["schemas.example.org"]), resolve=leads_to(*found))  # type: ignore[arg-type]
    with pytest.raises(NotFetched, match=r"the name schemas\.example\.org leads"):
        fetch.fetch("https://schemas.example.org/a.yaml")


def test_a_listed_name_may_lead_into_a_listed_network_and_no_other() -> None:
    hosts = ReferenceHosts.of(["schemas.inside", "10.1.0.0/16", "192.0.2.7:8443", "[::1]:80", "localhost"])
    assert hosts.allow("10.1.2.3", "schemas.inside")
    assert not hosts.allow("10.2.2.3", "schemas.inside")
    assert not hosts.allow("127.0.0.1", "schemas.inside")
    assert hosts.allow("192.0.2.7", "192.0.2.7")
    assert hosts.allow("127.0.0.1", "localhost")
    for good in ("https://schemas.inside/a", "https://192.0.2.7:8443/a", "http://[::1]/a", "http://localhost/a"):
        hosts.refuse(good)


@pytest.mark.parametrize(
    "url",
    [
        "https://other.inside/a",
        "https://schemas.inside:8443/a",
        "https://10.1.2.3/a",
        "http://schemas.inside/a",
        "https://schemas.inside.example.org/a",
    ],
)
def test_what_the_list_does_not_name_is_refused(url: str) -> None:
    with pytest.raises(ReferenceRefused):
        ReferenceHosts.of(["schemas.inside", "10.1.0.0/16"]).refuse(url)


@pytest.mark.parametrize(
    "wrong", ["https://a.example", "a b", "a@b", "a:0", "a:b", "10.1.0.1/16", ":1", "a:", "ä.example"]
)
def test_what_is_no_host_is_no_setting(wrong: str) -> None:
    with pytest.raises(SettingsInvalid, match="reference_hosts"):
        ReferenceHosts.of([wrong])
