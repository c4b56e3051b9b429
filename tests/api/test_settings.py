"""Does each setting come from the nearest place that gives it, and does a wrong one say where it stands?"""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import Settings, read
from engine.errors import SettingsInvalid


def written(folder: Path, text: str) -> Path:
    file = folder / "meshgate.yaml"
    file.write_text(text)
    return file


def test_with_nothing_set_everything_is_a_default(tmp_path: Path) -> None:
    got = read(environ={"HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path)}, folder=tmp_path)
    cache = tmp_path / "home" / ".cache" / "meshgate"
    assert got == Settings(data_dir=tmp_path / "meshgate", origins=got.origins, cache_dir=cache)
    assert set(got.origins.values()) == {"default"}
    assert got.database == f"sqlite:///{tmp_path}/meshgate/meshgate.db"
    assert (got.host, got.port, got.on_sqlite) == ("127.0.0.1", 8471, True)


def test_flags_beat_variables_and_these_beat_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "namespace: from.file\nserver: http://file\nopa_url: http://file\n")
    environ = {"MESHGATE_SERVER": "http://variable", "MESHGATE_OPA_URL": "http://variable"}
    got = read({"opa_url": "http://flag", "server": None}, environ=environ, folder=tmp_path)
    assert (got.namespace, got.server, got.opa_url) == ("from.file", "http://variable", "http://flag")
    told = {name: got.origins[name] for name in ("namespace", "server", "opa_url", "tokens")}
    assert told == {
        "namespace": f"{file}:1:12",
        "server": "MESHGATE_SERVER",
        "opa_url": "--opa-url",
        "tokens": "default",
    }
    assert got.file == file


def test_the_nearest_file_upwards_is_taken(tmp_path: Path) -> None:
    inner = tmp_path / "team" / "product"
    inner.mkdir(parents=True)
    written(tmp_path, "namespace: far\n")
    near = written(tmp_path / "team", "namespace: near\n")
    assert (read(environ={}, folder=inner).namespace, read(environ={}, folder=inner).file) == ("near", near)


def test_a_named_file_is_taken_instead(tmp_path: Path) -> None:
    written(tmp_path, "namespace: near\n")
    (tmp_path / "other.yaml").write_text("namespace: other\n")
    assert read(config=Path("other.yaml"), environ={}, folder=tmp_path).namespace == "other"


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"other\.yaml does not exist"):
        read(config=Path("other.yaml"), environ={}, folder=tmp_path)


def test_relative_paths_start_where_they_were_written(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    written(tmp_path, "policies: [rules, http://bundles.example/b]\ngovernance: governance\n")
    got = read({"data_dir": Path("data")}, environ={"MESHGATE_TOKENS": "/etc/tokens"}, folder=inner)
    assert got.policies == (str(tmp_path / "rules"), "http://bundles.example/b")
    assert (got.governance, got.data_dir, got.tokens) == (tmp_path / "governance", inner / "data", Path("/etc/tokens"))


def test_variables_hold_lists_and_numbers(tmp_path: Path) -> None:
    environ = {
        "MESHGATE_POLICIES": "a, b",
        "MESHGATE_WORKERS": "3",
    }
    got = read(environ=environ, folder=tmp_path)
    assert got.policies == (str(tmp_path / "a"), str(tmp_path / "b"))
    assert got.workers == 3


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert read(environ={"MESHGATE_SERVER": ""}, folder=tmp_path).server is None


def test_a_variable_that_a_platform_injects_is_left_alone(tmp_path: Path) -> None:
    assert read(environ={"MESHGATE_SERVICE_HOST": "10.0.0.1"}, folder=tmp_path).server is None


def test_a_relative_xdg_folder_is_void(tmp_path: Path) -> None:
    got = read(environ={"XDG_DATA_HOME": "data"}, folder=tmp_path)
    assert got.data_dir == Path.home() / ".local/share/meshgate"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("namespace: a\ndatabse_url: x\n", "2:1: there is no configuration key `databse_url`."),
        ("workers: many\n", "1:10: `workers` must be a whole number above zero."),
        ("workers: true\n", "1:10: `workers` must be a whole number above zero."),
        ("workers: 0\n", "1:10: `workers` must be a whole number above zero."),
        ("namespace: 1.10\n", "1:12: `namespace` must be a text."),
        ("opa_policies: pull\n", "1:15: `opa_policies` must be `bundle` or `push`."),
        ("server: example.org\n", "1:9: `server` must be an address that begins with http:// or https://."),
        ("listen: '8471'\n", "1:9: `listen` must be `HOST:PORT`."),
        ("listen: 127.0.0.1:65536\n", "1:9: `listen` must be `HOST:PORT`."),
        ("policies: []\n", "1:1: `policies` must be a path or a list of paths."),
        ("governance: [a]\n", "1:1: `governance` must be a path."),
        ("- namespace\n", "1:1: the configuration must be a mapping of keys."),
        ("server: http://a\nserver: http://b\n", "2:1: "),
        ("server: [\n", "2:1: "),
    ],
)
def test_a_wrong_file_names_the_place(tmp_path: Path, text: str, told: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SettingsInvalid) as refused:
        read(environ={}, folder=tmp_path)
    assert refused.value.detail.startswith(f"{file}:{told}")


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("MESHGATE_WORKERS", "many", "MESHGATE_WORKERS: `workers` must be a whole number above zero."),
        ("MESHGATE_WORKERS", "٣", "MESHGATE_WORKERS: `workers` must be a whole number above zero."),
        ("MESHGATE_POLICIES", " , ", "MESHGATE_POLICIES: `policies` must be a path or a list of paths."),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, variable: str, value: str, told: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read(environ={variable: value}, folder=tmp_path)
    assert refused.value.detail.startswith(told)


def test_an_unknown_flag_is_an_error_of_ours_that_nobody_can_miss(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="no configuration key `colour`"):
        read({"colour": "red"}, environ={}, folder=tmp_path)


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    environ = {"MESHGATE_DATABASE_URL": "postgresql://u:hunter2@h/d", "MESHGATE_OPA_TOKEN": "hunter2"}
    got = read(environ=environ, folder=tmp_path)
    assert "hunter2" not in repr(got)
    assert [got.shown(name) for name in ("database_url", "opa_token", "server_token", "workers")] == [
        "(set)",
        "(set)",
        "",
        "1",
    ]


def test_ipv6_listens_too(tmp_path: Path) -> None:
    got = read({"listen": "[::1]:0"}, environ={}, folder=tmp_path)
    assert (got.host, got.port) == ("::1", 0)
