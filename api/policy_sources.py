"""Where do the policies come from: folders, bundle files, or bundles at addresses?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from api.settings import Settings
from engine.errors import BundleInvalid, SettingsInvalid

if TYPE_CHECKING:
    from engine.model import Bundle
    from engine.policy.archive import Archive
    from engine.policy.governance import Governance
    from engine.policy.keys import BundleKey
    from engine.policy.modules import Source


@dataclass(frozen=True, slots=True)
class PolicySources:
    """What was found where the settings point; `notes` is what the user should know of it."""

    folders: tuple[Path, ...]
    archives: tuple[Archive, ...] = ()
    notes: tuple[str, ...] = ()

    def modules(self) -> Mapping[str, Source]:
        """Every module by path. Raises BundleInvalid."""
        from engine.policy import modules

        if not self.archives:
            return modules.collect(self.folders)
        found = modules.collect(self.folders) if self.folders else {}
        archived = [source for one in self.archives for source in one.sources.values()]
        return modules.joined([*archived, *found.values()])

    def confirm(self, bundle: Bundle) -> None:
        """Raise BundleInvalid where an archive is not what this bundle is."""
        for one in self.archives:
            from engine.policy import archive

            archive.confirm(one, bundle)

    def governance(self, bundle: Bundle) -> Governance | None:
        """What the one archive carries; None where there is none. Raises SettingsInvalid for several."""
        if not self.archives:
            return None
        if len(self.archives) > 1:
            names = ", ".join(one.name for one in self.archives)
            raise SettingsInvalid(f"{names} each carry assignments and waivers; say with `governance` what holds.")
        from engine.policy import archive

        return archive.governance(self.archives[0], bundle)


def gathered(settings: Settings, *, now: datetime) -> PolicySources:
    """The configured policies, else the starter policies.

    The policies of the governance folder always belong to them: left out, they would silently not run. Raises
    SettingsInvalid for what is not there, BundleInvalid for a bundle that is not to be believed or had.
    """
    files = _files(settings)
    folders = folders_of(settings)
    notes: list[str] = []
    key = verify_key(settings) if files else None
    archives = [
        _pulled(source, settings, now, notes, key)
        if "://" in source
        else _read(Path(source), settings, now, notes, key)
        for source in files
    ]
    return PolicySources(folders, tuple(archives), tuple(notes))


def folders_of(settings: Settings) -> tuple[Path, ...]:
    """The folders that policies are read from, without looking at bundles. Raises SettingsInvalid."""
    files = _files(settings)
    named = tuple(_folder(source) for source in settings.policies if source not in files)
    return _with_own(named or (() if files else (_starter_policies(),)), settings.governance)


def _files(settings: Settings) -> list[str]:
    """The bundles among the configured policies."""
    return [source for source in settings.policies if "://" in source or Path(source).is_file()]


def verify_key(settings: Settings) -> BundleKey | None:
    """The key that every bundle must be signed with; None where none is set. Raises KeyInvalid."""
    if settings.verify_key is None:
        return None
    from engine.policy import keys

    return keys.verifying(settings.verify_key)


def age(since: datetime, now: datetime) -> str:
    """How long ago that was, as people say it."""
    past = max(now - since, timedelta())
    count, unit = next((past // length, unit) for length, unit in _UNITS if past >= length or unit == _UNITS[-1][1])
    return f"{count} {unit}{'' if count == 1 else 's'}"


_UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


def _read(path: Path, settings: Settings, now: datetime, notes: list[str], key: BundleKey | None) -> Archive:
    from engine.policy import archive, tarball

    try:
        with path.open("rb") as file:
            content = file.read(tarball.PACKED + 1)
    except OSError as reason:
        raise BundleInvalid(f"{path} cannot be read: {reason.strerror}") from None
    found = archive.read(content, str(path), key=key)
    if settings.governance is None:
        notes.append(f"{path} carries the assignments and waivers of {_dated(found, now)}")
    return found


def _dated(archive: Archive, now: datetime) -> str:
    taken = datetime.fromisoformat(archive.snapshot.taken).replace(tzinfo=UTC)
    days = max((now - taken).days, 0)
    return f"{archive.snapshot.taken} ({'today' if days == 0 else '1 day ago' if days == 1 else f'{days} days ago'})"


def _pulled(url: str, settings: Settings, now: datetime, notes: list[str], key: BundleKey | None) -> Archive:
    from api import pulling

    pulled = pulling.pull(
        url,
        folder=settings.data_dir / "bundles",
        token=settings.server_token if pulling.same_server(url, settings.server) else None,
        now=now,
        key=key,
    )
    if pulled.doubt:
        told = f"{pulled.archive.name} is used as it was {age(pulled.confirmed, now)} ago"
        notes.append(f"{told} ({pulled.confirmed:%Y-%m-%dT%H:%MZ}): {pulled.doubt}")
    return pulled.archive


def _folder(source: str) -> Path:
    if not Path(source).exists():
        raise SettingsInvalid(f"`policies`: {source} does not exist.", key="policies")
    return Path(source)


def _with_own(named: tuple[Path, ...], governance: Path | None) -> tuple[Path, ...]:
    own = governance / "policies" if governance else None
    if own is None or not own.is_dir() or any(_holds(folder, own) for folder in named):
        return named
    return (*named, own)


def _holds(folder: Path, other: Path) -> bool:
    return other.resolve().is_relative_to(folder.resolve())


def _starter_policies() -> Path:
    import policies

    return policies.DIRECTORY
