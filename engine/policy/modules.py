"""Which Rego modules lie in these folders, and what is their revision?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BundleInvalid

LARGEST = 1 << 20
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
PACKAGE = re.compile(r"^package\s", re.MULTILINE)
"""Where a module says its package."""
_ENFORCED = re.compile(r"^#\s+enforcement:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """One Rego file: its path below the folder that was named, its text, and where it really lies.

    An archived one lies where the archive's maker found it: its path need not name its whole package.
    """

    path: str
    text: str
    file: Path
    archived: bool = False


def collect(folders: Sequence[Path]) -> dict[str, Source]:
    """Every `*.rego` below the folders but tests, by path. Raises BundleInvalid."""
    found = joined(source for folder in folders for source in _below(folder))
    if not found:
        raise BundleInvalid(f"no Rego module lies below {', '.join(map(str, folders)) or 'no folder'}")
    return found


def tests(folders: Sequence[Path]) -> dict[str, Source]:
    """Every `*_test.rego` below the folders, by path. Raises BundleInvalid."""
    return joined(source for folder in folders for source in _below(folder, tests=True))


def is_test(file: Path) -> bool:
    """Whether a Rego file holds tests, which no bundle carries."""
    return file.name.endswith("_test.rego")


def joined(sources: Iterable[Source]) -> dict[str, Source]:
    """All by path. Raises BundleInvalid for two of one path, but for a file that an archive holds as well."""
    found: dict[str, Source] = {}
    for source in sources:
        other = found.setdefault(source.path, source)
        if other is not source and not (other.text == source.text and (other.archived or source.archived)):
            raise BundleInvalid(f"{source.file} and {other.file} would be one module {source.path}")
    return dict(sorted(found.items()))


def revision(modules: Mapping[str, str]) -> str:
    """`sha256:…` over every path and text, in the order of the paths."""
    digest = hashlib.sha256()
    for path in sorted(modules):
        for piece in (path.encode(), modules[path].encode()):
            digest.update(len(piece).to_bytes(8, "big") + piece)
    return f"sha256:{digest.hexdigest()}"


def plain(path: str) -> bool:
    """Whether the path of a module may stand in a bundle: relative, with plain and not hidden names."""
    return _PATH.fullmatch(path) is not None


def _below(folder: Path, *, tests: bool = False) -> Iterator[Source]:
    if not folder.is_dir():
        raise BundleInvalid(f"{folder} is not a folder of policies")
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in Path(path).parts):
            continue
        if file.is_symlink() and file.is_dir():
            raise BundleInvalid(f"{file} is a link to a folder, which is not followed: name the folder it leads to")
        if file.suffix != ".rego":
            continue
        if is_test(file) is not tests:
            _refuse_a_policy_among_tests(file)
            continue
        if not plain(path):
            raise BundleInvalid(f"{file}: the path may hold only letters, digits, '_', '-' and '.'")
        yield Source(path, _text(file), file)


def _refuse_a_policy_among_tests(file: Path) -> None:
    """Refuse a policy whose file is named like a test: no bundle would carry it, and it would judge nobody."""
    if is_test(file) and _ENFORCED.search(PACKAGE.split(_text(file), maxsplit=1)[0]):
        raise BundleInvalid(f"{file} is a policy, and files named `…_test.rego` are never loaded: rename it")


def _text(file: Path) -> str:
    try:
        if file.exists() and not file.is_file():
            raise BundleInvalid(f"{file} is no plain file: a module has to be one")
        content = file.read_bytes()
        if len(content) > LARGEST:
            raise BundleInvalid(f"{file}: larger than {LARGEST >> 20} MiB")
        return content.decode()
    except UnicodeDecodeError as reason:
        raise BundleInvalid(f"{file}: byte {reason.start + 1} is not UTF-8") from None
    except OSError as reason:
        raise BundleInvalid(f"{file} cannot be read: {reason.strerror}") from None
