"""Does a server own its data, say where it is, and refuse what it cannot do?"""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Callable

import pytest
from commands import MESH, Ended, Terminal
from doors import product

Run = Callable[..., Ended]


def test_a_command_that_writes_is_told_which_server_holds_the_data(terminal: Terminal, run: Run) -> None:
    terminal.write("parcels.yaml", product())
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        refused = run("submit", "parcels.yaml")
        assert (refused.code, refused.out) == (2, "")
        assert refused.err == (
            f"meshgate: {terminal.data_dir} is in use by the meshgate server at {address}. [data-directory-busy]\n"
            "  Point `server` at the named address, or stop that server.\n"
        )
        assert run("deploy", "parcels").code == 2
        assert run("submit", "-q", "--server", address, "parcels.yaml").code == 0
        # Reading needs no ownership.
        assert run("search", "parcels").out.startswith("parcels 1.0.0  active  domain logistics")
    assert run("submit", "-q", "parcels.yaml").err.startswith("unchanged: parcels.yaml")


def test_a_server_with_tokens_knows_who_asks(terminal: Terminal, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = {role: hashlib.sha256(f"secret of a {role}".encode()).hexdigest() for role in ("reader", "submitter")}
    entries = [{"id": f"{role}@example.org", "sha256": digest, "roles": [role]} for role, digest in digests.items()]
    terminal.write("tokens.yaml", json.dumps({"tokens": entries}))
    terminal.write("parcels.yaml", product())
    terminal.environment["MESHGATE_TOKENS"] = "tokens.yaml"
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        monkeypatch.setenv("MESHGATE_SERVER", address)
        stranger = run("search")
        assert (stranger.code, "[unauthenticated]" in stranger.err) == (2, True)
        monkeypatch.setenv("MESHGATE_SERVER_TOKEN", "secret of a reader")
        assert run("search").out == "0 products\n"
        reader = run("submit", "parcels.yaml")
        assert reader.err.startswith("forbidden: parcels.yaml: `reader@example.org` may not submit")
        assert reader.code == 2
        monkeypatch.setenv("MESHGATE_SERVER_TOKEN", "secret of a submitter")
        assert run("submit", "parcels.yaml").code == 0
        assert " by submitter@example.org  decision " in run("show", "parcels").out


def test_a_taken_port_is_named(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = run("serve", "--listen", address)
    assert (ended.code, ended.out) == (2, "")
    assert f"meshgate: {address} cannot be listened on: Address already in use" in ended.err


def test_without_tokens_a_server_answers_only_this_machine(run: Run) -> None:
    ended = run("serve", "--listen", "0.0.0.0:0")
    assert ended.code == 2
    assert "[settings-invalid]" in ended.err


def test_what_answers_but_is_no_meshgate_server_is_named_so(run: Run, opa_url: str) -> None:
    ended = run("search", "--server", opa_url, "x")
    assert (ended.code, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    assert "[no-meshgate-server]" in ended.err


def test_the_configuration_file_is_found_upwards_and_beaten_by_variables_and_flags(terminal: Terminal) -> None:
    terminal.write("meshgate.yaml", "namespace: org.file\ndata_dir: kept\n")
    document = json.loads((MESH / "sales" / "store-sales.json").read_text())
    del document["info"]["fullyQualifiedName"]
    terminal.write("deep/store.json", json.dumps(document))
    terminal.folder = terminal.folder / "deep"

    def namespace(*flags: str, **variables: str) -> str:
        report = terminal.run("check", "-f", "json", *flags, "store.json", **variables).json
        return str(report["documents"][0]["product"]["namespace"])

    assert namespace() == "org.file"
    assert namespace(MESHGATE_NAMESPACE="org.variable") == "org.variable"
    assert namespace("--namespace", "org.flag", MESHGATE_NAMESPACE="org.variable") == "org.flag"
