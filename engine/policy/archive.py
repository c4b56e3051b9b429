"""How does a bundle with its governance travel as one OPA bundle, and what of it is believed on arrival?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BundleInvalid
from engine.model import Bundle
from engine.policy import dates, entries, global_policies, manifest, query, tarball
from engine.policy import governance as governing
from engine.policy.governance import Governance
from engine.policy.manifest import Snapshot
from engine.policy.modules import Source
from engine.policy.refusals import BundleSignatureStripped, BundleUnsigned
from engine.policy.sheets import Breach, Sheet, checked, refused

if TYPE_CHECKING:
    from engine.policy.keys import BundleKey


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive holds, under the revision that was found true: modules by path, the question, the governance."""

    name: str
    revision: str
    sources: Mapping[str, Source]
    question: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the private key, and the name under which OPA servers know its public half."""

    key: BundleKey
    key_id: str


def write(
    bundle: Bundle,
    governance: Governance,
    *,
    taken: datetime,
    released: datetime | None = None,
    signer: Signer | None = None,
) -> bytes:
    """The OPA bundle of these policies and this governance, the same bytes for the same values and UTC day.

    Its waivers are a snapshot of that day, at whose beginning it is `released` unless told otherwise. Of the
    environments only the names travel: how they are reached is the platform team's own. The signature of an EC key
    differs each time, that of an RSA key does not. Raises BundleInvalid where a path is too long for an archive.
    """
    texts = {**bundle.modules, query.PATH: query.module(bundle)}
    files = {path: text.encode() for path, text in texts.items()}
    day = dates.utc_day(taken)
    files[manifest.PATH] = manifest.write(
        bundle.revision,
        texts,
        governance,
        taken=day[:10],
        released=released or datetime.fromisoformat(day),
        key_id=signer.key_id if signer else "",
    )
    if signer:
        from engine.policy import signing

        files[tarball.SIGNATURES] = signing.write(files, signer.key, key_id=signer.key_id)
    return tarball.pack(files)


def read(content: bytes, name: str, *, key: BundleKey | None = None) -> Archive:
    """The archive in these bytes; raises BundleInvalid, naming the archive and what of it is wrong.

    Read strictly (sizes, paths, plain files, nothing but Rego), its revision and roots computed again. With a key the
    signature is verified before anything else is believed; each reason to refuse it has a class of its own.
    """
    files = tarball.unpack(content, name)
    signatures = files.pop(tarball.SIGNATURES, None)
    said = files.get(manifest.PATH)
    if said is None:
        raise BundleInvalid(f"{name}: holds no {manifest.PATH}: it is no OPA bundle")
    if key is not None and signatures is not None:
        _verify(signatures, files, key, name)
    revision, roots, snapshot = manifest.read(files.pop(manifest.PATH), name)
    if signatures is None:
        _refuse_unsigned(snapshot, name, wanted=key is not None)
    texts = {path: _text(path, files[path], name) for path in sorted(files)}
    question = texts.pop(query.PATH, "")
    found = query.revision(texts, question, named=revision)
    if found != revision:
        raise BundleInvalid(f"{name}: its modules are of revision {found}, and its manifest says {revision}")
    if roots != (own := manifest.roots(texts)):
        raise BundleInvalid(f"{name}: its packages need the roots {', '.join(own)}, and its manifest says others")
    sources = {path: Source(path, text, Path(name) / path, archived=True) for path, text in texts.items()}
    return Archive(name, revision, sources, question, snapshot)


def _verify(signatures: bytes, files: Mapping[str, bytes], key: BundleKey, name: str) -> None:
    from engine.policy import signing  # (only who verifies pays for the import)

    signing.verify(signatures, files, key, name)


def _refuse_unsigned(snapshot: Snapshot, name: str, *, wanted: bool) -> None:
    """Refuse a bundle whose signature was taken away, whether one is wanted here or not, and else one without."""
    if snapshot.key_id:
        raise BundleSignatureStripped(f"{name}: says that the key {snapshot.key_id} signed it, and is not signed")
    if wanted:
        raise BundleUnsigned(f"{name}: carries no signature, and `verify_key` wants one")


def confirm(archive: Archive, bundle: Bundle) -> None:
    """Raise BundleInvalid where the archive would let an OPA server answer another question than the one we ask."""
    ours = {path: text for path, text in bundle.modules.items() if path != query.PATH}
    theirs = {path: source.text for path, source in archive.sources.items()}
    if ours == theirs and archive.question != query.module(bundle):
        raise BundleInvalid(f"{archive.name}: {query.PATH} is not the question that this version of meshgate asks")


def governance(archive: Archive, bundle: Bundle) -> Governance:
    """The governance that the archive carries, checked against the bundle as a folder would be.

    Raises GovernanceInvalid that names every breach, BundleInvalid where the digests are not those of what is there.
    """
    breaches: list[Breach] = []
    sheets = {kind: _sheets(archive, kind, breaches) for kind in (*governing.KINDS, "suspensions", "global")}
    assignments, found = entries.assignments(sheets["assignments"], bundle)
    breaches += found
    waivers, found = entries.waivers(sheets["waivers"], bundle)
    breaches += found
    suspensions, found = entries.suspensions(sheets["suspensions"], bundle)
    breaches += found
    words, found = global_policies.checked(sheets["global"], bundle)
    breaches += found
    places, found = entries.environments(sheets["environments"])
    if breaches := [*breaches, *found]:
        raise refused(breaches)
    made = governing.of(
        assignments,
        waivers,
        {name: replace(one, adapters=()) for name, one in places.items()},
        suspensions=suspensions,
        words=words,
    )
    snapshot = archive.snapshot
    if (made.assignments_digest, made.waivers_digest) != (snapshot.assignments_digest, snapshot.waivers_digest):
        raise BundleInvalid(f"{archive.name}: its assignments or waivers are not those of the digests in its manifest")
    return made


def _sheets(archive: Archive, kind: str, breaches: list[Breach]) -> list[Sheet]:
    snapshot = archive.snapshot
    if (told := snapshot.entries(kind)) is None:
        return []
    # What is read from it is shown to others: where the archive lies on this machine is none of their business.
    name = Path(archive.name).name if Path(archive.name).is_absolute() else archive.name
    file = f"{name}/{manifest.PATH}"
    sheet, wrong = checked(file, told, lambda path: snapshot.line(kind, path), kind=kind)
    breaches += wrong
    return [sheet] if sheet is not None else []


def _text(path: str, content: bytes, name: str) -> str:
    if not path.endswith(".rego"):
        raise BundleInvalid(f"{name}: `{path}` is no Rego module")
    try:
        return content.decode()
    except UnicodeDecodeError as reason:
        raise BundleInvalid(f"{name}/{path}: byte {reason.start + 1} is not UTF-8") from None
