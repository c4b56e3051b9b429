"""Does a running worker keep scores up to date by itself, and go on after a round that failed?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from doors import a_house, product, until

from api.auth.permissions import LOCAL
from api.flows.submit import submit
from api.worker.scorer import Scorer
from engine.descriptor import Parts, Submission
from engine.errors import PolicyEngineUnavailable


class Failing:
    """An engine that is gone for the first questions."""

    def __init__(self, engine: Any) -> None:
        self._engine, self.asked = engine, 0

    def evaluate(self, *asked: Any) -> Any:
        self.asked += 1
        if self.asked < 3:
            raise PolicyEngineUnavailable("it is down")
        return self._engine.evaluate(*asked)


def test_a_worker_scores_what_was_accepted_also_after_rounds_that_failed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with a_house(tmp_path) as house:
        house.prepare()
        failing = Failing(house.embedded)
        house.__dict__["embedded"] = failing
        scorer = Scorer(house, seconds=0.01)
        scorer.start()
        try:
            submit(Submission("product.yaml", Parts({"product.yaml": product()})), principal=LOCAL, house=house)
            line = house.products.find("urn:dpds:org.example:dataproducts:parcels:1", principal=LOCAL)
            assert line is not None
            found = until(lambda: house.trusts.found([line.id], principal=LOCAL).get(line.id))
        finally:
            scorer.stop()
        assert (found.version, failing.asked) == ("1.0.0", 3)
        assert [one.message for one in caplog.records if one.name == "meshgate.trust"] == [
            "a round of the scorer failed; the next one follows"
        ] * 2
        scorer.stop()
