"""What do commands make of a reference to an address: here, through a server, and where there is something to fix?"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from commands import Ended, Terminal
from doors import a_server, behind
from remote_files import RemoteFiles, serving

from api.cli.starting import product as starting

Run = Callable[..., Ended]
GOOD = starting.files(starting.Answers("orders", "sales", "jo@example.org", "org.example"), Path())[
    Path(starting.DESCRIPTOR)
]


def parted(url: str, content: str = GOOD) -> tuple[str, bytes]:
    """The document with its first output port at `url`, and what has to lie there."""
    head, found, ports = content.partition("  outputPorts:\n    - ")
    assert found
    port, rest = [], []
    for line in ports.splitlines():
        (rest if rest or (line and port and not line.startswith("      ")) else port).append(line)
    remote = "\n".join([port[0], *(line.removeprefix("      ") for line in port[1:])]) + "\n"
    return f"{head}{found}$ref: {url}\n" + "\n".join(rest) + "\n", remote.encode()


@pytest.fixture
def remote() -> Iterator[RemoteFiles]:
    with serving(RemoteFiles()) as served:
        yield served


def written(terminal: Terminal, remote: RemoteFiles, content: str = GOOD) -> None:
    document, port = parted(remote.url("/port.yaml"), content)
    terminal.write("orders.yaml", document)
    remote.files["/port.yaml"] = port


def test_no_host_is_asked_unless_the_configuration_lists_it(run: Run, terminal: Terminal, remote: RemoteFiles) -> None:
    written(terminal, remote)
    got = run("check", "orders.yaml", "-f", "json")
    (told,) = got.json["documents"][0]["problems"]
    assert (got.code, told["code"], "reference_hosts" in told["hint"]) == (2, "DP201", True)
    assert remote.asked == []
    terminal.write("meshgate.yaml", f'reference_hosts: ["{remote.host}"]\n')
    got = run("check", "orders.yaml", "-f", "json")
    assert (got.code, got.json["documents"][0]["decision"]["outcome"]) == (0, "accepted"), got.out
    assert remote.asked == ["/port.yaml"]


def test_a_host_that_gives_nothing_leaves_the_document_undecided(
    run: Run, terminal: Terminal, remote: RemoteFiles
) -> None:
    written(terminal, remote)
    remote.files.clear()
    terminal.write("meshgate.yaml", f'reference_hosts: ["{remote.host}"]\n')
    got = run("check", "orders.yaml", "-f", "json")
    (entry,) = got.json["documents"]
    assert [one["code"] for one in entry["problems"]] == ["DP208"]
    assert entry["decision"]["outcome"] != "accepted"
    assert got.code == 2


def test_a_fix_in_a_fetched_file_is_told_and_not_written(run: Run, terminal: Terminal, remote: RemoteFiles) -> None:
    short = GOOD.replace('row stands for.\n      version: "1.0.0"', 'row stands for.\n      version: "1.2"')
    assert short != GOOD
    written(terminal, remote, short)
    terminal.write("meshgate.yaml", f'reference_hosts: ["{remote.host}"]\n')
    before = sorted(terminal.folder.rglob("*"))
    got = run("check", "--fix", "orders.yaml", "-f", "json")
    (finding,) = [one for one in got.json["documents"][0]["decision"]["findings"] if one["fix"]]
    assert (got.code, finding["file"]) == (1, remote.name("/port.yaml"))
    assert f"not fixed: {remote.name('/port.yaml')}:" in got.err
    assert "in a file that was fetched, which is not written" in got.err
    assert sorted(terminal.folder.rglob("*")) == before


def test_a_folder_that_poses_as_fetched_is_not_believed(run: Run, terminal: Terminal, remote: RemoteFiles) -> None:
    written(terminal, remote)
    terminal.write(remote.name("/port.yaml"), remote.files["/port.yaml"].decode())
    got = run("check", "orders.yaml", "-f", "json")
    assert [one["code"] for one in got.json["documents"][0]["problems"]] == ["DP201"]


def test_export_prints_what_was_fetched(run: Run, terminal: Terminal, remote: RemoteFiles) -> None:
    written(terminal, remote)
    terminal.write("meshgate.yaml", f'reference_hosts: ["{remote.host}"]\n')
    port = run("export", "orders.yaml").json["interfaceComponents"]["outputPorts"][0]
    assert "$ref" not in port
    assert port["version"] == "1.0.0"


def test_no_client_is_imported_before_there_is_something_to_fetch() -> None:
    program = (
        "import sys, api.fetching\n"
        "from api.reference_hosts import ReferenceHosts\n"
        "api.fetching.Fetching(ReferenceHosts.of(['a.example']))\n"
        "from api.settings import read\nfrom api.wiring import House\n"
        "House(read()).remote()\n"
        "print([name for name in ('httpx2', 'asyncio', 'ssl') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "httpx2" not in done.stdout


def test_a_server_fetches_what_the_client_may_not_and_gets_all_local_files(
    run: Run, terminal: Terminal, remote: RemoteFiles, tmp_path: Path
) -> None:
    """The file that only a definition refers to is sent, too, although the client cannot read the whole document."""
    files = behind()
    first, _, ports = files["product.yaml"].decode().partition("  - name: moved\n")
    remote.files["/port.yaml"] = ("name: kept\n" + textwrap.dedent(ports)).encode()
    root = f"{first}  - $ref: {remote.url('/port.yaml')}\n  - name: moved\n{ports}"
    terminal.write("mesh/product.yaml", root)
    terminal.write("mesh/tables/moves.yaml", files["tables/moves.yaml"].decode())
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meshgate.yaml").write_text(f'reference_hosts: ["{remote.host}"]\n')
    with a_server(tmp_path / "data") as (address, _):
        checked = run("check", "--server", address, "mesh/product.yaml", "-f", "json")
        assert remote.asked == ["/port.yaml"]
        sent = run("submit", "--server", address, "mesh/product.yaml", "-f", "json")
        kept = httpx.get(
            f"{address}/v1/products/urn:dpds:org.example:dataproducts:parcels:1/versions/1.0.0",
            params={"part": "tables/moves.yaml"},
        )
    assert (checked.code, sent.code) == (0, 0), checked.out + sent.err
    assert remote.asked == ["/port.yaml"] * 2
    assert kept.content == files["tables/moves.yaml"]
