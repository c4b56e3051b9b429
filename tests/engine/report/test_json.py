"""Is a JSON report the report itself, readable by everyone?"""

from __future__ import annotations

import json

import make

from engine.report import json as as_json
from engine.report import record


def test_json_is_the_report_itself_in_plain_unicode() -> None:
    report = record.report([record.document(make.decision(product=make.identity("aufträge")), file="x.yaml")])
    told = "".join(as_json.render(report))
    assert json.loads(told) == report
    assert '"name": "aufträge"' in told
    assert told.endswith("}\n")


def test_a_file_name_that_is_not_unicode_can_still_be_written() -> None:
    told = "".join(as_json.render(record.report([record.document(make.decision(), file="\udcff.yaml")])))
    assert json.loads(told.encode("utf-8"))["documents"][0]["file"] == "\udcff.yaml"
