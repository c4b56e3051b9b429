"""Does a reference give its secret, and an error never the secret?"""

from __future__ import annotations

from pathlib import Path

import pytest

from api.secret_references import resolved


def test_a_variable_and_a_file_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://swordfish\n")
    assert resolved(f"file:{tmp_path / 'url'}") == "postgresql://swordfish"
    assert resolved("env:LAKE", {"LAKE": "postgresql://swordfish"}) == "postgresql://swordfish"


@pytest.mark.parametrize("reference", ["env:NONE", "env:EMPTY", "file:/nowhere/at/all", "file:/", "file:a\0b", "env:"])
def test_what_is_not_there_is_named_by_its_reference(reference: str) -> None:
    with pytest.raises(LookupError) as missing:
        resolved(reference, {"EMPTY": "", "OTHER": "swordfish"})
    assert (reference in str(missing.value.args[0]), "swordfish" in str(missing.value)) == (True, False)
