"""Does the adapter `postgresql` keep every promise, and does it let in exactly those who were let in?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from engine.provision.adapters.postgresql import PostgreSql
from engine.provision.kit.adopting import PROMISES as OF_ADOPTING
from engine.provision.kit.building import PROMISES as OF_BUILDING
from engine.provision.kit.case import Case, Trial
from engine.provision.kit.trying import Kept, tried

CREATING = {"create_principals": True}
ID = {"name": "id", "dataType": "VARCHAR(36)", "columnConstraint": "PRIMARY_KEY"}
AMOUNT = {"name": "amount", "dataType": "NUMBER(10,2)"}
PORT = {"kind": "outputport", "name": "orders", "platform": "local:postgresql", "type": "datastoreapi"}
STORE = {"kind": "infrastructure", "name": "store", "platform": "local:postgresql", "type": "storage-resource"}


def port(*columns: dict[str, Any]) -> dict[str, Any]:
    table = {"name": "orders", "definition": {"columns": list(columns)}}
    return {"promises": {"api": {"definition": {"datastoreapi": "1.0.0", "schema": {"tables": [table]}}}}}


@pytest.fixture
def dsn(postgresql_url: str) -> Iterator[str]:
    plain = postgresql_url.replace("postgresql+psycopg", "postgresql")
    before = {one[0] for one in ran(plain, "SELECT rolname FROM pg_roles")}
    yield plain
    with psycopg.connect(plain, autocommit=True) as connection:  # roles outlive a database
        for (one,) in connection.execute("SELECT rolname FROM pg_roles").fetchall():
            if one not in before:
                named = psycopg.sql.Identifier(one)
                connection.execute(psycopg.sql.SQL("DROP OWNED BY {} CASCADE").format(named))
                connection.execute(psycopg.sql.SQL("DROP ROLE {}").format(named))


def ran(dsn: str, statement: str) -> list[Any]:
    with psycopg.connect(dsn) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def tamper(dsn: str, statement: str) -> tuple[str, ...]:
    script = (
        "import json, sys, psycopg\n"
        "out = json.load(sys.stdin)['outputs']\n"
        f"with psycopg.connect({dsn!r}) as c:\n"
        "    view = (out.get('views') or [''])[0]\n"
        f"    c.execute({statement!r}.replace('@schema', out['schema']).replace('@view', view))\n"
    )
    return (sys.executable, "-c", script)


def of_port(dsn: str, by_hand: str = 'ALTER TABLE "@schema"."@view__data" ADD COLUMN by_hand text') -> Case:
    made = lambda: PostgreSql({"dsn": dsn, **CREATING})  # noqa: E731
    return Case("postgresql", made, PORT, (port(ID), port(ID, AMOUNT)), tamper=tamper(dsn, by_hand))


def broken(case: Case) -> list[Any]:
    """The promises that are not kept, but for those of adapters that adopt or build, which this one does not."""
    others = {**OF_ADOPTING, **OF_BUILDING}
    return [one for one in tried(case) if one.kept is not Kept.KEPT and one.promise not in others]


def test_it_keeps_every_promise_for_an_output_port_and_leaves_nothing(dsn: str) -> None:
    assert broken(of_port(dsn)) == []
    left = ran(dsn, "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|public|meshgate)'")
    assert left == []
    assert ran(dsn, "SELECT rolname FROM pg_roles WHERE rolname ~ '^kit'") == []


def test_it_keeps_every_promise_for_a_storage(dsn: str) -> None:
    made = lambda: PostgreSql({"dsn": dsn})  # noqa: E731
    case = Case("postgresql", made, STORE, ({"size": 1}, {"size": 2}),
                tamper=tamper(dsn, 'GRANT CREATE ON SCHEMA "@schema" TO PUBLIC'))  # fmt: skip
    told = {one.promise: one.reason for one in broken(case)}
    assert [one for one in told if "access" not in one] == []
    assert all("UNSUPPORTED" in reason for reason in told.values()), "only a port can be let into"


BY_HAND = {
    "an extra grant on the table": 'GRANT SELECT ON "@schema"."@view__data" TO PUBLIC',
    "an extra grant on a column": 'GRANT SELECT (id) ON "@schema"."@view__data" TO PUBLIC',
    "an extra grant on the view": 'GRANT SELECT ON "@schema"."@view" TO PUBLIC',
    "another view": 'CREATE OR REPLACE VIEW "@schema"."@view" AS SELECT \'x\'::varchar(36) AS id',
    "no view": 'DROP VIEW "@schema"."@view"',
    "no table": 'DROP TABLE "@schema"."@view__data" CASCADE',
    "no label": 'COMMENT ON VIEW "@schema"."@view" IS NULL',
    "a damaged label": 'COMMENT ON TABLE "@schema"."@view__data" IS \'{"managed-by": 7\'',
    "another owner": 'ALTER TABLE "@schema"."@view__data" OWNER TO CURRENT_USER',
    "a column that may be empty": 'ALTER TABLE "@schema"."@view__data" ALTER COLUMN id DROP NOT NULL',
}


def changed_by_hand(dsn: str, statement: str, trial: Trial) -> None:
    outputs = trial.observe()["outputs"]
    ran(dsn, statement.replace("@schema", outputs["schema"]).replace("@view", outputs["views"][0])
        .replace("@role", outputs["role"]))  # fmt: skip


@pytest.mark.parametrize("by_hand", [*BY_HAND.values(), 'ALTER ROLE "@role" LOGIN', 'GRANT "@role" TO pg_monitor'],
                         ids=[*BY_HAND, "a role with login", "a member"])  # fmt: skip
def test_what_was_changed_by_hand_is_drift_and_apply_mends_it(dsn: str, by_hand: str) -> None:
    trial = of_port(dsn).trial()
    first = trial.apply(1)
    changed_by_hand(dsn, by_hand, trial)
    assert trial.observe()["fingerprint"] != first["fingerprint"]
    assert trial.case.adapter().plan(trial.request(), trial.observe())["action"] == "update"
    assert trial.apply(1) == first
    trial.destroy(9)


def test_a_consumer_reads_the_view_and_not_the_table_and_only_as_long_as_it_is_let_in(dsn: str) -> None:
    trial = of_port(dsn).trial()
    outputs = trial.apply(1)["outputs"]
    view, table = (f'"{outputs["schema"]}"."{outputs["views"][0]}{more}"' for more in ("", "__data"))
    ran(dsn, f"INSERT INTO {table} VALUES ('first')")
    ran(dsn, "CREATE ROLE user_consumer LOGIN")
    adapter = PostgreSql({"dsn": dsn})
    assert denied(dsn, f"SELECT * FROM {view}")
    told = adapter.set_access(trial.request(), [{"principal": "user:consumer", "privilege": "read"}])
    assert (told["state"], told["changed"]) == ("done", True)
    assert as_consumer(dsn, f"SELECT * FROM {view}") == [("first",)]
    forbidden = [f"SELECT * FROM {table}", f"INSERT INTO {view} VALUES ('mine')", f"DELETE FROM {view}"]
    forbidden += [f'CREATE TABLE "{outputs["schema"]}".mine (a text)', "SELECT * FROM meshgate.meshgate_upp"]
    for statement in forbidden:
        assert denied(dsn, statement), statement
    trial.apply(2, second=True)
    assert as_consumer(dsn, f"SELECT id FROM {view}") == [("first",)], "a new definition keeps who was let in"
    adapter.set_access(trial.request(2), [])
    assert denied(dsn, f"SELECT * FROM {view}")
    trial.destroy(9)


def as_consumer(dsn: str, statement: str) -> list[Any]:
    with psycopg.connect(dsn, user="user_consumer") as connection:
        return connection.execute(statement.encode()).fetchall()


def denied(dsn: str, statement: str) -> bool:
    try:
        as_consumer(dsn, statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_a_principal_without_a_role_is_refused_and_so_are_rights_that_a_port_cannot_give(dsn: str) -> None:
    trial, adapter = of_port(dsn).trial(), PostgreSql({"dsn": dsn, "principals": {"user": "pg_{name}"}})
    first = trial.apply(1)
    wanted = {"group:nobody": "INVALID", "user:monitor": "INVALID", "group:a\0b": "INVALID"}
    for principal, error_class in wanted.items():
        told = adapter.set_access(trial.request(), [{"principal": principal, "privilege": "read"}])
        assert told["error"]["class"] == error_class, told
    told = adapter.set_access(trial.request(), [{"principal": "user:x", "privilege": "write"}])
    assert told["error"]["class"] == "UNSUPPORTED"
    own = PostgreSql({"dsn": dsn, "principals": {"user": "{name}"}})
    told = own.set_access(trial.request(), [{"principal": f"user:{first['outputs']['role']}", "privilege": "read"}])
    assert told["error"]["class"] == "INVALID", "a role of ours is nobody's"
    assert trial.observe() == first
    trial.destroy(2)
    told = adapter.set_access(trial.request(3), [])
    assert told["error"]["class"] == "CONFLICT", "nobody is let into what is not there"


@pytest.mark.parametrize(
    ("config", "says"),
    [({"dsn": "postgresql://a:hidden-word@b/c"}, "holds a password"), ({"dsn": 7}, "no text"),
     ({"principals": {"user": "all"}}, r"\{name\}"), ({"principals": {"robot": "{name}"}}, "robot"),
     ({"principals": {"user": "{name}", "group": "{name}"}}, "one pattern")],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_refused(config: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        PostgreSql(config)
    assert "hidden-word" not in str(refused.value)


def test_data_outlives_a_new_definition_and_a_removal_with_retain(dsn: str) -> None:
    trial = of_port(dsn).trial()
    outputs = trial.apply(1, second=True)["outputs"]
    table = f'"{outputs["schema"]}"."{outputs["views"][0]}__data"'
    ran(dsn, f"INSERT INTO {table} VALUES ('a', 1.5)")
    trial.apply(2)
    kept = trial.destroy(3, "retain")
    assert (kept["state"], kept["retained"], kept["outputs"]["views"]) == ("present", True, [])
    assert trial.observe() == kept
    assert ran(dsn, f"SELECT rolname FROM pg_roles WHERE rolname = '{outputs['role']}'") == []
    told = json.loads(ran(dsn, f"SELECT obj_description('{table}'::regclass)")[0][0])
    assert (told["retained"], told["managed-by"], told["generation"]) == (True, "meshgate", 3)
    trial.apply(4, second=True)
    view = f'"{outputs["schema"]}"."{outputs["views"][0]}"'
    assert [(one[0], float(one[1])) for one in ran(dsn, f"SELECT * FROM {view}")] == [("a", 1.5)]
    assert trial.destroy(5)["state"] == "absent"


def test_what_does_not_fit_the_data_is_a_conflict_and_changes_nothing(dsn: str) -> None:
    trial = of_port(dsn).trial()
    first = trial.apply(1)
    changed_by_hand(dsn, 'INSERT INTO "@schema"."@view__data" VALUES (\'no number\')', trial)
    adapter = PostgreSql({"dsn": dsn})
    told = adapter.apply({**trial.request(2), "definition": port({"name": "id", "type": "integer"})})
    assert (told["state"], told["error"]["class"]) == ("failed", "CONFLICT")
    assert (trial.observe(), trial.apply(1)) == (first, first), "nor was the generation remembered"
    trial.destroy(9)


def test_what_others_made_under_the_same_name_is_left_alone(dsn: str) -> None:
    trial = of_port(dsn).trial()
    schema = trial.apply(1)["outputs"]["schema"]
    trial.destroy(2)
    ran(dsn, f'DELETE FROM meshgate.meshgate_upp; CREATE SCHEMA "{schema}"')
    told = PostgreSql({"dsn": dsn}).apply(trial.request(3))
    assert (told["error"]["class"], schema in told["error"]["message"]) == ("CONFLICT", True)
    assert ran(dsn, f"SELECT nspowner = (SELECT oid FROM pg_roles WHERE rolname = current_user) FROM pg_namespace "
                    f"WHERE nspname = '{schema}'") == [(True,)]  # fmt: skip


def test_tables_and_columns_may_be_called_anything(dsn: str) -> None:
    names = ['"; DROP TABLE x; --', "a'b", "select", "ä ö\u202e", "%s{0}", "é" * 31]
    trial = of_port(dsn).trial()
    columns = [{"name": one, "type": "text"} for one in names]
    tables = [{"name": one, "columns": columns} for one in [*names, "x" * 200, "x" * 201]]
    asked = {**trial.request(), "definition": {"schema": {"tables": tables}}}
    told = PostgreSql({"dsn": dsn}).apply(asked)
    assert told["state"] == "done", told
    seen = told["observation"]["outputs"]
    assert len(seen["views"]) == len(tables), "names that are too long are not one"
    view = psycopg.sql.Identifier(seen["schema"], seen["views"][0])
    with psycopg.connect(dsn) as connection:
        cursor = connection.execute(psycopg.sql.SQL("SELECT * FROM {}").format(view))
        assert [one.name for one in cursor.description or ()] == names
    trial.destroy(9)


@pytest.mark.parametrize(
    "definition",
    [{}, {"schema": {"tables": []}}, {"schema": {"tables": "none"}}, {"columns": [{"name": "a\0"}]},
     {"columns": ["a", "A"]}, {"columns": [{"name": "\ud800"}]}, {"columns": [{"name": "n", "type": "numeric(99)"}]},
     {"promises": {"api": {"definition": {"$ref": "elsewhere.yaml"}}}}, {"promises": {"api": {"definition": "text"}}}],
)  # fmt: skip
def test_a_port_that_does_not_say_what_to_make_is_invalid_before_and_when_it_is_made(
    dsn: str, definition: dict[str, Any]
) -> None:
    trial, adapter = of_port(dsn).trial(), PostgreSql({"dsn": dsn})
    asked = {**trial.request(), "definition": definition}
    assert [one["severity"] for one in adapter.validate(asked)["issues"]] == ["error"]
    assert adapter.apply(asked)["error"]["class"] == "INVALID"
    assert adapter.observe(asked) == {"state": "absent"}


def test_a_type_that_nobody_knows_becomes_text_with_a_warning(dsn: str) -> None:
    trial, adapter = of_port(dsn).trial(), PostgreSql({"dsn": dsn})
    asked = {**trial.request(), "definition": port({"name": "place", "type": "geography); DROP TABLE x"})}
    assert "becomes text" in adapter.validate(asked)["issues"][0]["message"]
    assert adapter.apply(asked)["state"] == "done"
    trial.destroy(9)


def test_a_password_is_in_no_answer_and_what_cannot_be_reached_is_told_as_such(dsn: str) -> None:
    trial = of_port(dsn).trial()
    secret = "very-secret-5512"
    nowhere = PostgreSql({"dsn": "host=127.0.0.1 port=1 user=x dbname=x"})
    asked = {**trial.request(), "secrets": {"password": secret}}
    told = [nowhere.apply(asked), nowhere.destroy(asked, "delete"), nowhere.observe(asked),
            PostgreSql({}).apply({**asked, "secrets": {"dsn": f"host=127.0.0.1 port=1 password={secret}"}}),
            PostgreSql({}).apply({**asked, "secrets": {"dsn": f"{secret} is no dsn"}})]  # fmt: skip
    assert [one.get("error", {}).get("class") for one in told][:2] == ["TRANSIENT", "TRANSIENT"]
    assert told[2]["state"] == "unknown"
    assert told[4]["error"]["class"] == "INVALID"
    assert secret not in json.dumps(told)
    made = PostgreSql({"dsn": dsn}).apply(asked)
    assert secret not in json.dumps(made)
    with psycopg.connect(dsn) as connection:
        assert secret not in str(connection.execute("SELECT * FROM meshgate.meshgate_upp").fetchall())
    trial.destroy(9)


def test_a_maker_that_is_no_superuser_can_do_all_of_it(dsn: str) -> None:
    ran(dsn, "CREATE ROLE kitmaker LOGIN CREATEROLE")
    ran(dsn, f'GRANT CREATE ON DATABASE "{psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]}" TO kitmaker')
    mine = psycopg.conninfo.make_conninfo(dsn, user="kitmaker")
    trial, adapter = of_port(mine).trial(), PostgreSql({"dsn": mine, **CREATING})
    first = trial.apply(1)
    told = adapter.set_access(trial.request(), [{"principal": "user:made-here", "privilege": "read"}])
    assert told["state"] == "done", told
    assert adapter.set_access(trial.request(), [])["observation"] == first
    assert trial.apply(2, second=True)["generation"] == 2
    assert trial.destroy(3)["state"] == "absent"
