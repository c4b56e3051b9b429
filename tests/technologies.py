"""The technologies that adapters of ours make ports in, as a test of the whole flow sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy_stage import document
from s3_server import S3Server

from engine.policy.environments import Binding

COLUMNS: Mapping[str, list[dict[str, str]]] = {
    "1.0.0": [{"name": "id", "dataType": "VARCHAR(36)", "columnConstraint": "PRIMARY_KEY"}],
    "1.1.0": [
        {"name": "id", "dataType": "VARCHAR(36)", "columnConstraint": "PRIMARY_KEY"},
        {"name": "amount", "dataType": "INTEGER"},
    ],
}
"""The columns of the port `placed` in each version: a minor one adds a column."""


@dataclass(frozen=True, slots=True)
class Technology:
    """How its binding is configured, and how its users put rows in and look what is there."""

    adapter: str
    configuration: Mapping[str, Any]
    put: Callable[[Mapping[str, Any], str], None]
    """Puts a row with this id; given the outputs of the port."""
    shown: Callable[[Mapping[str, Any]], tuple[list[str], list[tuple[Any, ...]]]]
    """Columns and rows as a consumer sees them; given the outputs of the port."""
    kept: Callable[[Mapping[str, Any]], list[str]]
    """The ids that are still there for an operator, after consumers cannot see them any more."""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def binding(self) -> Binding:
        return Binding(self.adapter, configuration=self.configuration)


def described(version: str, name: str = "orders", *, platform: str = "eu:any") -> dict[str, Any]:
    """A product with a storage and a port of one table, of the columns of this version."""
    content = document(version, name)
    table = {"name": "orders", "definition": {"columns": COLUMNS[version]}}
    api = {"specification": "datastoreapi", "version": "1.0.0", "name": "placedApi"}
    api["definition"] = {"datastoreapi": "1.0.0", "schema": {"tables": [table]}}  # type: ignore[assignment]
    port = {"name": "placed", "version": version, "promises": {"platform": platform, "api": api}}
    content["interfaceComponents"]["outputPorts"] = [port]
    content["internalComponents"]["applicationComponents"] = []
    content["internalComponents"]["infrastructuralComponents"][0]["platform"] = platform
    content["info"]["description"] = "Orders as they were placed."
    return content


def duckdb(folder: str) -> Technology:
    import duckdb as engine

    def put(outputs: Mapping[str, Any], key: str) -> None:
        with engine.connect(outputs["file"]) as connection:
            table = f'"{outputs["schema"]}"."placed__orders__data"'
            connection.execute(f"INSERT INTO {table} (id) VALUES (?)", [key])

    def asked(outputs: Mapping[str, Any], name: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        with engine.connect(outputs["file"], read_only=True) as connection:
            told = connection.execute(f'SELECT * FROM "{outputs["schema"]}"."{name}" ORDER BY id')
            return [one[0] for one in told.description], told.fetchall()

    def kept(outputs: Mapping[str, Any]) -> list[str]:
        try:
            return [one[0] for one in asked(outputs, "placed__orders__data")[1]]
        except engine.Error:
            return []

    return Technology("duckdb", {"directory": folder}, put, lambda told: asked(told, told["views"][0]), kept)


def postgresql(dsn: str) -> Technology:
    import psycopg
    from psycopg.sql import SQL, Identifier

    def put(outputs: Mapping[str, Any], key: str) -> None:
        with psycopg.connect(dsn) as connection:
            table = Identifier(outputs["schema"], "placed__orders__data")
            connection.execute(SQL("INSERT INTO {} (id) VALUES (%s)").format(table), [key])

    def asked(outputs: Mapping[str, Any], name: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        with psycopg.connect(dsn) as connection:
            told = connection.execute(SQL("SELECT * FROM {} ORDER BY id").format(Identifier(outputs["schema"], name)))
            return [one.name for one in told.description or ()], told.fetchall()

    def kept(outputs: Mapping[str, Any]) -> list[str]:
        try:
            return [one[0] for one in asked(outputs, "placed__orders__data")[1]]
        except psycopg.errors.UndefinedTable:
            return []

    return Technology("postgresql", {"dsn": dsn}, put, lambda told: asked(told, told["views"][0]), kept)


def s3(server: S3Server, prefix: str) -> Technology:
    import json

    from engine.provision.adapters.s3_wish import LAYOUT

    client = server.client()

    def put(outputs: Mapping[str, Any], key: str) -> None:
        client.put_object(Bucket=outputs["bucket"], Key=f"{outputs['prefixes']['orders']}{key}", Body=b"x")

    def kept(outputs: Mapping[str, Any]) -> list[str]:
        try:
            told = client.list_objects_v2(Bucket=outputs["bucket"], Prefix="orders/").get("Contents", [])
        except client.exceptions.NoSuchBucket:
            return []
        return [one["Key"].partition("/")[2] for one in told]

    def shown(outputs: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
        layout = json.loads(client.get_object(Bucket=outputs["bucket"], Key=LAYOUT)["Body"].read())
        columns = [one["name"] for one in layout["tables"][0]["columns"]]
        return columns, [(one, *[None for _ in columns[1:]]) for one in kept(outputs)]

    told = server.secrets
    keys = {"AWS_ACCESS_KEY_ID": told["access_key"], "AWS_SECRET_ACCESS_KEY": told["secret_key"]}
    return Technology("s3", server.config(bucket_prefix=prefix), put, shown, kept, keys)
