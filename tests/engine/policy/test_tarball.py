"""Is an archive always the same bytes, and is a hostile one refused before it costs anything?"""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable

import pytest

from engine.errors import BundleInvalid
from engine.policy import tarball

FILES = {".manifest": b"{}", "mesh/a/a.rego": b"package mesh.a\n", "b.rego": b""}


def tar(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    blocks = io.BytesIO()
    with tarfile.open(fileobj=blocks, mode="w", format=form) as archive:
        for info, body in members:
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return blocks.getvalue()


def one(path: str, body: bytes = b"package a\n", *, kind: bytes = tarfile.REGTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(path)
    info.type, info.linkname = kind, "b.rego" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    return info, body if kind == tarfile.REGTYPE else b""


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    return gzip.compress(tar(*members))


def test_what_is_packed_is_read_back() -> None:
    assert tarball.unpack(tarball.pack(FILES), "a.tar.gz") == FILES


def test_the_order_in_which_files_are_given_does_not_show() -> None:
    assert tarball.pack(FILES) == tarball.pack(dict(reversed(FILES.items())))


def test_neither_time_nor_owner_nor_system_shows() -> None:
    content = tarball.pack(FILES)
    assert content[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        told = [(one.name, one.mtime, one.uid, one.gid, one.uname, one.gname, one.mode) for one in archive]
    assert told == [(path, 0, 0, 0, "", "", 0o644) for path in sorted(FILES)]


def test_a_path_that_no_archive_can_hold_is_refused_by_name() -> None:
    with pytest.raises(BundleInvalid, match="cannot stand in a bundle"):
        tarball.pack({"x" * 300 + ".rego": b""})


def test_a_leading_slash_as_opa_build_writes_it_is_let_go_of() -> None:
    assert tarball.unpack(packed(one("/a.rego")), "a.tar.gz") == {"a.rego": b"package a\n"}


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "no gzip": (lambda: b"package a", "is no gzipped archive"),
    "nothing": (lambda: b"", "is cut off"),
    "cut off": (lambda: tarball.pack(FILES)[:-20], "is cut off"),
    "wrong checksum": (lambda: tarball.pack(FILES)[:-8] + bytes(8), "is no gzipped archive"),
    "a second archive behind": (lambda: tarball.pack(FILES) * 2, "something follows the archive"),
    "a bomb": (lambda: gzip.compress(bytes(tarball.UNPACKED + 1)), "holds more than 64 MiB"),
    "too large to look at": (lambda: bytes(tarball.PACKED + 1), "larger than 16 MiB"),
    "no tar": (lambda: gzip.compress(b"package a\n" * 200), "is no tar archive"),
    "broken header": (lambda: gzip.compress(b"x" + tar(one("a.rego"))[1:]), "is no tar archive"),
    "file behind the end": (lambda: gzip.compress(tar(one("a.rego")) * 2), "something follows the last file"),
    "short file": (lambda: gzip.compress(tar(one("a.rego", b"x" * 600))[:700]), "`a.rego` is cut off"),
    "symbolic link": (lambda: packed(one("a.rego", kind=tarfile.SYMTYPE)), "`a.rego` is no plain file"),
    "hard link": (lambda: packed(one("a.rego", kind=tarfile.LNKTYPE)), "`a.rego` is no plain file"),
    "folder": (lambda: packed(one("a", kind=tarfile.DIRTYPE)), "`a.*` is no plain file"),
    "device": (lambda: packed(one("a.rego", kind=tarfile.CHRTYPE)), "`a.rego` is no plain file"),
    "block device": (lambda: packed(one("a.rego", kind=tarfile.BLKTYPE)), "`a.rego` is no plain file"),
    "pipe": (lambda: packed(one("a.rego", kind=tarfile.FIFOTYPE)), "`a.rego` is no plain file"),
    "sparse": (lambda: packed(one("a.rego", kind=tarfile.GNUTYPE_SPARSE)), "`a.rego` is no plain file"),
    "extended header": (lambda: packed(one("a.rego", kind=tarfile.XHDTYPE)), "`a.rego` is no plain file"),
    "absolute and upwards": (lambda: packed(one("/../etc/a.rego")), "no plain relative path"),
    "of another system": (lambda: packed(one("C:/a.rego")), "no plain relative path"),
    "long name": (
        lambda: gzip.compress(tar(one("x" * 300 + ".rego"), form=tarfile.GNU_FORMAT)),
        "is no plain file",
    ),
    "upwards": (lambda: packed(one("../a.rego")), "`../a.rego` is no plain relative path"),
    "upwards inside": (lambda: packed(one("a/../b.rego")), "no plain relative path"),
    "absolute twice": (lambda: packed(one("//a.rego")), "no plain relative path"),
    "backslash": (lambda: packed(one("a\\b.rego")), "no plain relative path"),
    "hidden": (lambda: packed(one(".a/b.rego")), "no plain relative path"),
    "not ascii": (lambda: gzip.compress(tar(one("ä.rego"))), "is no tar archive"),
    "twice": (lambda: packed(one("a.rego"), one("/a.rego")), "holds `a.rego` twice"),
    "large module": (lambda: packed(one("a.rego", bytes((1 << 20) + 1))), "`a.rego` is too large"),
    "large manifest": (lambda: packed(one(".manifest", bytes((8 << 20) + 1))), "`.manifest` is too large"),
    "many": (lambda: packed(*(one(f"{n}.rego", b"") for n in range(10_001))), "more than 10000 files"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_is_refused_by_name(case: str) -> None:
    made, reason = HOSTILE[case]
    with pytest.raises(BundleInvalid, match=f"^a.tar.gz: .*{reason}"):
        tarball.unpack(made(), "a.tar.gz")


def test_a_chain_of_headers_as_deep_as_it_is_long_is_refused_at_the_first() -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type = tarfile.GNUTYPE_LONGNAME
    chain = header.tobuf(tarfile.GNU_FORMAT) * 20_000
    with pytest.raises(BundleInvalid, match="is no plain file"):
        tarball.unpack(gzip.compress(chain), "a.tar.gz")


def test_a_declared_size_costs_no_memory() -> None:
    info = tarfile.TarInfo("a.rego")
    info.size = 8**11 - 1
    with pytest.raises(BundleInvalid, match="too large"):
        tarball.unpack(gzip.compress(info.tobuf(tarfile.USTAR_FORMAT) + zlib.compress(b"")), "a.tar.gz")
