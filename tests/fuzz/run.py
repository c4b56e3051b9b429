"""Which bytes break a promise of ingestion? Lets atheris look: `python tests/fuzz/run.py loader -max_total_time=60`.

Atheris is not part of the locks; install it where you want to fuzz. Every option of libFuzzer may follow the name of
the target, a folder for the corpus too.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

with atheris.instrument_imports(include=["engine"]):
    import fuzz_targets
    from hostile_documents import HOSTILE
    from sample_descriptors import full


def corpus(folder: Path, chosen: str) -> None:
    """The small hostile documents and a whole descriptor, from which the fuzzer starts."""
    whole = json.dumps(full()).encode()
    submissions = [list(case.files.values()) for case in HOSTILE] + [[whole]]
    for number, contents in enumerate(submissions):
        data = fuzz_targets.SEPARATOR.join(contents)
        if len(data) < 8192:
            (folder / str(number)).write_bytes(b"\1" + data if chosen == "loader" else data)


if __name__ == "__main__":
    chosen, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        corpus(Path(folder), chosen)
        atheris.Setup([sys.argv[0], *options, folder], fuzz_targets.TARGETS[chosen])
        atheris.Fuzz()
