"""Which files does a command line of files, folders and globs name as root documents?"""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.documents import Named, named
from engine.errors import UsageError

ROOT = b'dataProductDescriptor: "1.0.0"\n'
PART = b"name: port\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with root documents, parts of them, hidden files and other things."""
    files = {
        "b.yaml": ROOT,
        "a.json": b'{"dataProductDescriptor": "1.0.0"}',
        "deep/er/c.yml": ROOT,
        "deep/ports/p.yaml": PART,
        "deep/.hidden/d.yaml": ROOT,
        ".e.yaml": ROOT,
        "notes.md": ROOT,
        "part.yaml": PART,
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paths(*names: str) -> tuple[Path, ...]:
    return tuple(map(Path, names))


def test_a_folder_stands_for_the_documents_below_it_in_a_stable_order(here: Path) -> None:
    assert named(["."]) == Named(paths("a.json", "b.yaml", "deep/er/c.yml"), left_out=2)


def test_a_file_named_outright_counts_whatever_it_holds_and_whatever_its_name(here: Path) -> None:
    chosen = paths("part.yaml", "notes.md", "deep/.hidden/d.yaml")
    assert named(map(str, chosen)) == Named(chosen)


def test_a_glob_is_read_as_a_folder_is(here: Path) -> None:
    assert named(["*"]) == Named(paths("a.json", "b.yaml"), left_out=1)
    assert named(["**/*.y*ml"]) == Named(paths("b.yaml", "deep/er/c.yml"), left_out=2)
    assert named(["deep/ports/*.yaml"]) == Named((), left_out=1)


def test_a_document_named_twice_is_judged_once(here: Path) -> None:
    assert named(["b.yaml", ".", "deep", "./b.yaml"]).documents == paths("b.yaml", "a.json", "deep/er/c.yml")


def test_a_name_with_the_letters_of_a_glob_is_a_name_first(here: Path) -> None:
    (here / "[a].yaml").write_bytes(PART)
    assert named(["[a].yaml"]) == Named(paths("[a].yaml"))


def test_what_cannot_be_read_counts_so_that_its_report_says_so(here: Path) -> None:
    locked = here / "locked.yaml"
    locked.write_bytes(PART)
    locked.chmod(0)
    readable = locked.stat().st_uid == 0  # root reads everything
    assert (Path("locked.yaml") in named(["."]).documents) is not readable


@pytest.mark.parametrize("argument", ["nosuch", "nosuch/*.yaml", "*.toml", ""])
def test_an_argument_that_names_nothing_is_an_error_and_an_empty_one_never_means_everything(
    here: Path, argument: str
) -> None:
    with pytest.raises(UsageError, match="is neither a file nor a folder, and no file matches it"):
        named([argument])
