"""Small bundles to release: one folder of policies each, with a moment and maybe a signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import rego

from engine.policy import archive, governance
from engine.policy import bundle as bundles
from engine.policy.archive import Signer

DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
OWNED = rego.violation("not input.info.owner", msg='"nobody owns it"')
DESCRIBED = rego.violation("not input.info.description", msg='"nobody says what it is"')
ERRING = rego.violation("to_number(input.info.name) == 1")
SILENT = rego.violation("false")
STRICT = {"mesh.trial.owned": OWNED, "mesh.trial.described": DESCRIBED}


def bundle(
    folder: Path, policies: Mapping[str, str], *, hours: int = 0, signer: Signer | None = None, assigned: str = ""
) -> bytes:
    """The bundle of these policies, released so many hours after `DAY`."""
    place = folder / f"source-{abs(hash((tuple(policies.items()), hours, assigned)))}"
    loaded = bundles.load([rego.write(place / "policies", policies)])
    if assigned:
        (place / "assignments.yaml").write_text(assigned)
    held = governance.load(place, loaded) if assigned else governance.of()
    moment = DAY + timedelta(hours=hours)
    return archive.write(loaded, held, taken=moment, released=moment, signer=signer)
