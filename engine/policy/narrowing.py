"""Which part of a bundle do a few of its policies need?

An engine that is asked one policy passes all others on the way to it, and its cost grows with every module it holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.model import Bundle, InputShape
from engine.policy import query
from engine.policy.reading import Reading

FEW = 4
"""A part is worth loading where it has at most one of so many modules."""


def narrowed(bundle: Bundle, policies: Collection[str], readings: Mapping[str, Reading]) -> Bundle:
    """These policies of the bundle with the modules that they use and a question about them alone.

    It is a bundle of its own, with its own revision, so that what one engine holds is never taken for the other. The
    bundle itself is given back where their modules are not few, or where one of them is not known.
    """
    if any(one not in readings or one not in bundle.policies for one in policies):
        return bundle
    used = {path for one in policies for path in readings[one].modules}
    if len(used) * FEW > len(bundle.modules):
        return bundle
    texts = {path: text for path, text in bundle.modules.items() if path in used}
    entries = {one: readings[one].rules for one in sorted(policies)}
    odm = [one for one in entries if bundle.policies[one].input is InputShape.ODM]
    revision = query.revision(texts, query.write("", entries, odm))
    texts[query.PATH] = query.write(revision, entries, odm)
    return Bundle(revision, {one: bundle.policies[one] for one in entries}, texts)
