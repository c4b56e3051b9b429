"""Which parts tell how good products are, and by which formula?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from api.part import part
from api.wiring.governing import Governing

if TYPE_CHECKING:
    from catalog.evaluation.compliance import ComplianceHistory
    from catalog.evaluation.facts import Evaluations
    from catalog.evaluation.slos import Slos
    from catalog.evaluation.trust import Trusts
    from engine.evaluation.formula import Formula


class Evaluating(Governing):
    """The parts by which consumers judge what is in the mesh."""

    @part
    def slos(self) -> Slos:
        from catalog.evaluation.slos import Slos

        return Slos(self.database)

    @part
    def evaluations(self) -> Evaluations:
        from catalog.evaluation.facts import Evaluations

        return Evaluations(self.database)

    @part
    def compliance_history(self) -> ComplianceHistory:
        from catalog.evaluation.compliance import ComplianceHistory

        return ComplianceHistory(self.database)

    @part
    def trusts(self) -> Trusts:
        from catalog.evaluation.trust import Trusts

        return Trusts(self.database)

    @property
    def formula(self) -> Formula:
        """The formula of the trust score: the configured package of the policies that hold now, else the shipped one.

        The shipped one stands in where policies of one's own are configured that hold no formula. Raises FormulaInvalid
        for a configured package that is not there.
        """
        bundle = self.rules.bundle
        known = self._formulas.get(bundle.revision)
        if known is None:
            known = _formula(self.settings.trust_formula, bundle.modules)
            self._formulas.clear()
            self._formulas[bundle.revision] = known
        return known

    @part
    def _formulas(self) -> dict[str, Formula]:
        return {}


def _formula(configured: str | None, modules: Mapping[str, str]) -> Formula:
    import policies
    from engine.evaluation import formula
    from engine.evaluation.refusals import FormulaInvalid

    try:
        return formula.of(configured or formula.SHIPPED, modules)
    except FormulaInvalid:
        if configured is not None:
            raise
    file = policies.DIRECTORY.joinpath(*formula.SHIPPED.split("."), "formula.rego")
    return formula.of(formula.SHIPPED, {file.name: file.read_text("utf-8")})
