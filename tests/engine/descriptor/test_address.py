"""Does the name of a fetched file lead back to its address, and to no other?"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.descriptor import Directory
from engine.descriptor.address import below, home_of, is_address, name_of, url_of


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://Example.ORG:443/a/./b/../c.yaml", "@https/example.org/a/c.yaml"),
        ("http://example.org:80/a", "@http/example.org/a"),
        ("https://example.org:8443/a%20b", "@https/example.org:8443/a b"),
        ("https://[2001:DB8::1]/a", "@https/[2001:db8::1]/a"),
        ("https://example.org/a%3Fb%23c", "@https/example.org/a?b#c"),
    ],
)
def test_an_address_has_one_name(url: str, name: str) -> None:
    assert name_of(urlsplit(url)) == name
    assert name_of(urlsplit(url_of(name))) == name


@pytest.mark.parametrize(
    "url",
    [
        "https://u@example.org/a",
        "https://exämple.org/a",
        "https://exa mple.org/a",
        "https://example.org/",
        "https://example.org/..",
        "https://example.org/a%2Fb",
        "https://example.org/a%5cb",
        "https://example.org/a%0ab",
        "https://example.org/%ff",
        "https://example.org/\u202ea",
        "https://example.org:99999/a",
        "https:///a",
        "https://[fe80::1%25eth0]/a",
        "https://example.org/" + "a" * 2048,
    ],
)
def test_what_would_not_come_back_the_same_has_no_name(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        name_of(urlsplit(url))


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_path_leads_away_from_its_host(first: str, second: str) -> None:
    home = "@https/example.org"
    try:
        one = below(home, first)
        other = below(home_of(one), second, one.rpartition("/")[0])
    except ValueError:
        return
    for name in (one, other):
        assert is_address(name)
        assert home_of(name) == home
        assert urlsplit(url_of(name)).netloc == "example.org"
        assert name_of(urlsplit(url_of(name))) == name


def test_a_folder_holds_fetched_files_only_where_it_keeps_a_whole_submission(tmp_path: Path) -> None:
    file = tmp_path / "@https" / "example.org" / "a.yaml"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a: 1\n")
    with pytest.raises(FileNotFoundError):
        Directory(tmp_path).read("@https/example.org/a.yaml")
    assert Directory(tmp_path, kept=True).read("@https/example.org/a.yaml") == b"a: 1\n"
