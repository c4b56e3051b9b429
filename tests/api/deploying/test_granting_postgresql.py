"""Are those, and only those, members of the role of a port whom the catalog has granted access, in a real database?"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import psycopg
import pytest
from deploy_stage import Stage, document
from granting_mesh import Mesh, let_claims_run_out

from engine.policy.environments import Binding

DEFINITION = {
    "datastoreapi": "1.0.0",
    "schema": {"tables": [{"name": "placed", "definition": {"columns": [{"name": "id", "dataType": "TEXT"}]}}]},
}
HOSTILE = "user:o'neil\"; DROP ROLE postgres; --"
ROLES = {"user:ana": 'Ana the "great"', HOSTILE: "hostile"}


@pytest.fixture
def dsn(postgresql_url: str) -> Iterator[str]:
    plain = postgresql_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, autocommit=True) as connection:
        before = {one for (one,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
        for role in ROLES.values():
            connection.execute(psycopg.sql.SQL("CREATE ROLE {}").format(psycopg.sql.Identifier(role)))
    yield plain
    with psycopg.connect(plain, autocommit=True) as connection:  # roles outlive a database
        for (one,) in connection.execute("SELECT rolname FROM pg_roles").fetchall():
            if one not in before:
                named = psycopg.sql.Identifier(one)
                connection.execute(psycopg.sql.SQL("DROP OWNED BY {} CASCADE").format(named))
                connection.execute(psycopg.sql.SQL("DROP ROLE {}").format(named))


@pytest.fixture
def mesh(staged: Callable[..., Stage], dsn: str) -> Mesh:
    configuration = {"dsn": dsn, "roles": ROLES}
    bindings = (Binding("postgresql", type="datastoreapi", configuration=configuration), Binding("local-fs"))
    stage = staged(bindings=bindings)
    for version in ("1.0.0", "1.1.0"):
        content = copy.deepcopy(document(version))
        port = content["interfaceComponents"]["outputPorts"][0]
        port["description"] = f"as of {version}"
        port["promises"]["api"] = {"name": "a", "version": "1.0.0", "specification": "datastoreapi"}
        port["promises"]["api"]["definition"] = DEFINITION
        stage.accept(content)
    return Mesh(stage, None)


def members(dsn: str, role: str) -> list[str]:
    asked = "SELECT pg_get_userbyid(member) FROM pg_auth_members WHERE roleid = %s::regrole ORDER BY 1"
    with psycopg.connect(dsn) as connection:
        quoted = psycopg.sql.Identifier(role).as_string(connection)
        return [one for (one,) in connection.execute(asked, (quoted,)).fetchall()]


def test_grants_are_memberships_that_come_and_go(mesh: Mesh, dsn: str) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
        outputs = mesh.port(container)["outputs"]
        ana, _ = mesh.grant(), mesh.grant(HOSTILE)
        mesh.settle()
        assert members(dsn, outputs["role"]) == sorted(ROLES.values())
        assert {effect for effect, _ in mesh.effects().values()} == {"in_effect"}
        with psycopg.connect(dsn) as connection:
            connection.execute(psycopg.sql.SQL("SET ROLE {}").format(psycopg.sql.Identifier(ROLES["user:ana"])))
            view = psycopg.sql.Identifier(outputs["schema"], outputs["views"][0])
            assert connection.execute(psycopg.sql.SQL("SELECT * FROM {}").format(view)).fetchall() == []
        mesh.step("revoke", ana)
        mesh.settle()
        assert members(dsn, outputs["role"]) == ["hostile"]
        mesh.deploy("1.1.0")
        mesh.settle()
        held = mesh.stage.container(container)
        assert (held["in_sync"], members(dsn, outputs["role"])) == (True, ["hostile"])
        mesh.stage.ended(mesh.stage.retire(container).deployment_id)
        mesh.deploy("1.1.0")
        mesh.settle()
    assert members(dsn, outputs["role"]) == ["hostile"]


def test_one_without_a_role_is_told_and_does_not_keep_others_from_being_shut_out(mesh: Mesh, dsn: str) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
    role = mesh.port(container)["outputs"]["role"]
    ana, _ = mesh.grant(), mesh.grant(HOSTILE)
    mesh.settle()
    mesh.step("revoke", ana)
    mesh.grant("user:ghost")
    mesh.settle()
    assert members(dsn, role) == ["hostile"]
    effect, why = mesh.effects()["user:ghost"]
    assert (effect, "create the role user_ghost" in why) == ("failed", True)


def test_what_was_granted_by_hand_is_taken_back_when_the_set_is_given_again(mesh: Mesh, dsn: str) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
    role = mesh.port(container)["outputs"]["role"]
    mesh.grant()
    mesh.settle()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("GRANT {} TO hostile").format(psycopg.sql.Identifier(role)))
    let_claims_run_out(mesh)  # the hour is over
    mesh.settle(mesh.another())
    assert members(dsn, role) == [ROLES["user:ana"]]
