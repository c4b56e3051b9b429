"""Bad input that the loader, the command line and the HTTP doors owe the same answer: one table for all of them.

Each case names the files of a submission, its root document, and the code, file, line and column of the first problem.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = 'dataProductDescriptor: "1.0.0"\n'


@dataclass(frozen=True)
class Hostile:
    """One submission that must be refused in layers 1 or 2, at this place."""

    id: str
    code: str
    line: int
    column: int
    files: dict[str, bytes]
    #: the file in which the problem stands; "" means the root document
    in_file: str = ""

    @property
    def root(self) -> str:
        return next(iter(self.files))


def _yaml(id: str, code: str, line: int, column: int, text: str | bytes) -> Hostile:
    return Hostile(id, code, line, column, {"dp.yaml": text.encode() if isinstance(text, str) else text})


def _json(id: str, code: str, line: int, column: int, text: str | bytes) -> Hostile:
    return Hostile(id, code, line, column, {"dp.json": text.encode() if isinstance(text, str) else text})


def _port(ref: str) -> bytes:
    """A descriptor whose only output port, on line 4, is a reference."""
    return f'{HEAD}interfaceComponents:\n  outputPorts:\n    - $ref: "{ref}"\n'.encode()


def _refers(id: str, code: str, ref: str, **files: bytes) -> Hostile:
    return Hostile(id, code, 4, 13, {"dp.yaml": _port(ref), **{name.replace("__", "."): files[name] for name in files}})


def _alias_bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 9)]
    return "\n".join(lines) + "\n"


def _text_bomb() -> str:
    return f"a: &a {'x' * 200_000}\nb: [{', '.join(['*a'] * 100)}]\n"


def _deep_alias() -> str:
    return f"a: &a {'[' * 40}{']' * 40}\nb: {'[' * 30}*a{']' * 30}\n"


def _merge_bomb() -> str:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{at}: &a{at} {{<<: [{', '.join([f'*a{at - 1}'] * 9)}]}}" for at in range(1, 9)]
    return "\n".join(lines) + "\n"


def _many_references() -> bytes:
    apis = "".join(f"    a{at}: {{$ref: '#/components/apis/end'}}\n" for at in range(1001))
    return f"{HEAD}components:\n  apis:\n    end: {{specification: s, definition: d}}\n{apis}".encode()


def _long_chain() -> bytes:
    apis = "".join(f"    a{at}: {{$ref: '#/components/apis/a{at + 1}'}}\n" for at in range(200))
    return f"{HEAD}components:\n  apis:\n{apis}    a200: {{specification: s, definition: d}}\n".encode()


def _multiplying_references() -> bytes:
    apis = "".join(f"    a{at}: {{$ref: '#/components/apis/large'}}\n" for at in range(100))
    large = f"{{specification: s, definition: {'x' * 20_000}}}"
    return f"{HEAD}components:\n  apis:\n    large: {large}\n{apis}".encode()


def _deep_aliases() -> str:
    """Four thousand aliases of a deep value: two hundred thousand nodes in eight kilobytes."""
    return f"a: &a {'[' * 50}{']' * 50}\nb: [{', '.join(['*a'] * 3_980)}, *a, *a, *a]\nc: {'[' * 30}*a\n"


def _crowd(item: str, count: int, field: str = "outputPorts") -> str:
    return f'{{"interfaceComponents": {{"{field}": [{", ".join([item] * count)}]}}}}'


def _contacts(count: int) -> str:
    return f'{{"info": {{"contactPoints": [{", ".join(["null"] * count)}]}}}}'


def _tasks(count: int) -> str:
    return "internalComponents:\n  lifecycleInfo:\n   dev:\n" + "    - {}\n" * count


def _crowded_by_references() -> bytes:
    """A thousand ports that are written once, with eleven tags each."""
    port = "{name: a, version: 1.0.0, tags: [a, b, c, d, e, f, g, h, i, j, k]}"
    ports = "    - $ref: '#/components/outputPorts/a'\n" * 999
    return f"{HEAD}components:\n  outputPorts:\n    a: {port}\ninterfaceComponents:\n  outputPorts:\n{ports}".encode()


HOSTILE: tuple[Hostile, ...] = (
    # bytes and characters
    _yaml("bytes that are no text", "DP101", 1, 7, b"name: \xff\xfe\n"),
    _json("bytes that are no text in JSON", "DP101", 1, 10, b'{"name": \xc3("}'),
    _json("a lone surrogate in UTF-16", "DP103", 1, 3, b"\xff\xfe{\0\x22\0\x00\xd8\x22\0"),
    _yaml("NUL in YAML", "DP103", 2, 8, b"a: 1\nname: x\0y\n"),
    _yaml("an escaped NUL in YAML", "DP103", 1, 4, 'a: "x\\0y"\n'),
    _yaml("a lone surrogate in YAML", "DP103", 1, 7, 'a: "\\ud800"\n'),
    _yaml("a control character in YAML", "DP103", 1, 4, "a: \x07\n"),
    _json("NUL in JSON", "DP103", 1, 8, b'{"a": "\0"}'),
    _json("an escaped NUL in JSON", "DP103", 2, 8, '{"a": 1,\n  "b": "x\\u0000"}'),
    _json("a lone surrogate in JSON", "DP103", 1, 7, '{"a": "\\ud800"}'),
    _json("a lone surrogate in a JSON key", "DP103", 1, 2, '{"\\udfff": 1}'),
    # limits
    _yaml("a megabyte and more", "DP102", 1, 1, b"a: " + b"x " * 600_000),
    _yaml("aliases that multiply text", "DP102", 2, 21, _text_bomb()),
    _yaml("a hundred thousand open brackets", "DP105", 1, 65, "[" * 100_000),
    _yaml("a hundred thousand nested lists", "DP105", 1, 129, "- " * 100_000),
    _yaml("a hundred thousand nested mappings", "DP105", 1, 257, "{a: " * 100_000),
    _json("a hundred thousand open brackets in JSON", "DP105", 1, 65, "[" * 100_000),
    _json("a hundred thousand open braces in JSON", "DP105", 1, 321, '{"a":' * 100_000),
    _json("a hundred thousand open brackets, each after an open string", "DP104", 1, 7, '["\\"' * 100_000),
    _yaml("nesting that an alias adds", "DP105", 2, 34, _deep_alias()),
    _yaml("an alias bomb", "DP106", 6, 10, _alias_bomb()),
    _json("too many nodes in JSON", "DP106", 1, 400_000, "[" + "1," * 250_000 + "1]"),
    _yaml("a string of a quarter million characters", "DP107", 1, 4, "a: " + "x" * 262_145),
    _json("a string of a quarter million characters in JSON", "DP107", 1, 7, '{"a": "' + "x" * 262_145 + '"}'),
    _yaml("nesting behind four thousand aliases", "DP105", 3, 34, _deep_aliases()),
    # entities
    _json("190,000 empty ports", "DP207", 1, 8042, _crowd("{}", 190_000)),
    _yaml("90,000 empty ports in YAML", "DP207", 1, 8042, _crowd("{}", 90_000)),
    _json("190,000 ports that are none", "DP207", 1, 6042, _crowd("1", 190_000)),
    _json("90,000 nulls for contact points", "DP207", 1, 60_029, _contacts(90_000)),
    _json("90,000 tags", "DP207", 1, 50_011, '{"tags": [' + '"a", ' * 90_000 + '"a"]}'),
    _yaml("50,000 tasks", "DP207", 2004, 7, _tasks(50_000)),
    Hostile("tags that references multiply", "DP207", 4, 44, {"dp.yaml": _crowded_by_references()}),
    # what YAML has and JSON has not
    _yaml("a duplicate key", "DP108", 3, 1, "a: 1\nb: {a: 1}\na: 2\n"),
    _yaml("a nested duplicate key", "DP108", 3, 3, "info:\n  name: a\n  name: b\n"),
    _json("a duplicate key in JSON", "DP108", 3, 2, '{"a": 1,\n "b": [{"a": 2}],\n "a": 3}'),
    _json("a duplicate key spelt differently", "DP108", 1, 10, '{"a": 1, "\\u0061": 2}'),
    _yaml("an integer key", "DP109", 2, 1, "a: 1\n200: ok\n"),
    _yaml("a boolean key", "DP109", 1, 1, "true: ok\n"),
    _yaml("an empty key", "DP109", 1, 2, "? \n: ok\n"),
    _yaml("a list as key", "DP109", 1, 3, "? [a]\n: b\n"),
    _yaml("a merge key", "DP110", 2, 5, "a: &a {x: 1}\nb: {<<: *a}\n"),
    _yaml("a merge bomb", "DP110", 2, 10, _merge_bomb()),
    _yaml("a python object", "DP111", 1, 4, 'a: !!python/object/apply:os.system ["true"]\n'),
    _yaml("binary", "DP111", 1, 4, "a: !!binary aGVsbG8=\n"),
    _yaml("a set", "DP111", 1, 4, "a: !!set {x}\n"),
    _yaml("a tag of one's own", "DP111", 2, 4, "a: 1\nb: !secret x\n"),
    _yaml("an alias inside its own anchor", "DP112", 1, 8, "a: &a [*a]\n"),
    _yaml("an alias without anchor", "DP112", 1, 4, "a: *b\n"),
    _yaml("two documents", "DP113", 2, 1, "a: 1\n---\nb: 2\n"),
    _json("two documents in JSON", "DP113", 2, 1, '{"a": 1}\n{"b": 2}'),
    _yaml("an empty file", "DP114", 1, 1, ""),
    _yaml("only a comment", "DP114", 1, 1, "# nothing\n"),
    _json("an empty file in JSON", "DP114", 1, 1, " \n"),
    # numbers
    _yaml("not a number", "DP115", 1, 4, "a: .nan\n"),
    _yaml("infinity", "DP115", 1, 4, "a: -.inf\n"),
    _yaml("five thousand digits", "DP115", 1, 4, "a: " + "9" * 5_000),
    _yaml("a decimal beyond doubles", "DP115", 1, 4, "a: 1e999\n"),
    _yaml("an integer beyond 64 bits", "DP115", 1, 4, "a: 9223372036854775808\n"),
    _json("NaN", "DP115", 1, 7, '{"a": NaN}'),
    _json("minus infinity", "DP115", 1, 11, '{"a": [1, -Infinity]}'),
    _json("five thousand digits in JSON", "DP115", 2, 6, '{"b": 1,\n"a": ' + "9" * 5_000 + "}"),
    _json("a decimal beyond doubles in JSON", "DP115", 1, 7, '{"a": 1e999}'),
    # syntax and shape
    _yaml("a tab as indentation", "DP104", 2, 1, "a:\n\tb: 1\n"),
    _yaml("an unclosed list", "DP104", 2, 2, "a: [1,\nb"),
    _json("a missing colon", "DP104", 1, 6, '{"a" 1}'),
    _json("a trailing comma", "DP104", 1, 9, '{"a": 1,}'),
    _yaml("a list as document", "DP116", 1, 1, "- a\n"),
    _json("a string as document", "DP116", 1, 1, '"descriptor"'),
    # references
    _refers("an address", "DP201", "http://169.254.169.254/latest/meta-data"),
    _refers("a file address", "DP201", "file:///etc/passwd"),
    _refers("an address without scheme", "DP201", "//host/port.yaml"),
    _refers("an absolute path", "DP201", "/etc/passwd"),
    _refers("a path out of the folder", "DP201", "../port.yaml"),
    _refers("a path out of the folder and back", "DP201", "../../x/port.yaml"),
    _refers("an encoded path out of the folder", "DP201", "%2e%2e/port.yaml"),
    _refers("a Windows path", "DP201", "C:\\\\port.yaml"),
    _refers("NUL in a path", "DP201", "a%00b.yaml"),
    _refers("a missing file", "DP202", "port.yaml"),
    _refers("a pointer to nothing", "DP202", "#/components/outputPorts/a"),
    _refers("a pointer into a text", "DP202", "#/dataProductDescriptor/0"),
    _refers("a reference to itself", "DP203", "#/interfaceComponents/outputPorts/0"),
    _refers("a query", "DP205", "port.yaml?version=1"),
    _refers("a file that poses as a fetched one", "DP201", "@https/example.org/port.yaml"),
    _refers("an address that names a user", "DP205", "https://a:b@example.org/port.yaml"),
    _refers("an address with a hidden slash", "DP205", "https://example.org/a%2fport.yaml"),
    _refers("an address of no file", "DP205", "https://example.org"),
    _refers("an address that is none", "DP205", "//[port"),
    Hostile(
        "a reference that is no string",
        "DP205",
        1,
        51,
        {"dp.json": b'{"interfaceComponents": {"outputPorts": [{"$ref": 1}]}}'},
    ),
    Hostile(
        "a circle through two files",
        "DP203",
        1,
        7,
        {"dp.yaml": _port("a.yaml"), "a.yaml": b"$ref: b.yaml\n", "b.yaml": b"$ref: a.yaml\n"},
        "b.yaml",
    ),
    Hostile("too many references", "DP204", 1005, 19, {"dp.yaml": _many_references()}),
    Hostile("a long chain of references", "DP204", 68, 17, {"dp.yaml": _long_chain()}),
    Hostile("references that multiply", "DP206", 4, 43, {"dp.yaml": _multiplying_references()}),
    Hostile(
        "a broken file behind a reference",
        "DP108",
        2,
        1,
        {"dp.yaml": _port("ports/a.yaml"), "ports/a.yaml": b"name: a\nname: b\n"},
        "ports/a.yaml",
    ),
)


@dataclass(frozen=True)
class Tamed:
    """One document in which a careless reader sees something else than was written; it is read, or told what to do."""

    id: str
    file: str
    content: bytes
    #: what stands at `x-a`
    value: object
    #: code, line, column and hint of every problem
    problems: tuple[tuple[str, int, int, str], ...] = ()


def _tame(id: str, written: str, value: object, *problems: tuple[str, int, int, str]) -> Tamed:
    return Tamed(id, "dp.yaml", f"{_GOOD}x-a: {written}\n".encode(), value, problems)


def _encoded(id: str, encoding: str) -> Tamed:
    return Tamed(id, "dp.yaml", f"{_GOOD}x-a: é\n".encode(encoding), "é")


_GOOD = (
    f"{HEAD}info: {{name: orders, domain: sales, owner: {{id: jo}}, version: 1.0.0}}\n"
    "interfaceComponents: {outputPorts: []}\n"
)
_AS_JSON = (
    b'{"dataProductDescriptor": "1.0.0", "info": {"name": "orders", "domain": "sales", "owner": {"id": "jo"}, '
    b'"version": "1.0.0"}, "interfaceComponents": {"outputPorts": []}, "x-a": "on"}'
)

TAMED: tuple[Tamed, ...] = (
    _tame("NO is a country", "NO", "NO"),
    _tame("on, off, yes and no are words", "[on, off, yes, no, y, n]", ["on", "off", "yes", "no", "y", "n"]),
    _tame("on is a key", "{on: push}", {"on": "push"}),
    _tame("22:22 is a time", "22:22", "22:22"),
    _tame("0777 has no base but ten", "0777", 777),
    _tame("a date is a string", "2024-01-01", "2024-01-01"),
    _tame("a moment is a string", "2024-01-01T10:00:00+25:00", "2024-01-01T10:00:00+25:00"),
    _tame("a date that is none is a string", "2024-13-45", "2024-13-45"),
    _tame("an equals sign is a string", "=", "="),
    _tame("an integer beyond doubles", str(2**53), 2**53, ("DP356", 4, 6, f"write '{2**53}' quoted")),
    _encoded("a byte order mark", "utf-8-sig"),
    _encoded("UTF-16 with a byte order mark", "utf-16"),
    _encoded("UTF-16 without a byte order mark", "utf-16-be"),
    Tamed("JSON with a byte order mark", "dp.json", b"\xef\xbb\xbf" + _AS_JSON, "on"),
    Tamed(
        "a version without quotes",
        "dp.yaml",
        _GOOD.replace("1.0.0}", "1.10}").encode(),
        None,
        (("DP302", 2, 63, "write version: '1.10' quoted"),),
    ),
    Tamed(
        "a version of two numbers",
        "dp.yaml",
        _GOOD.replace("1.0.0}", '"1.10"}').encode(),
        None,
        (("DP401", 2, 63, 'write version: "1.10.0"'),),
    ),
)
