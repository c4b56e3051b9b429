"""Which columns do the messages of an AsyncAPI document hold (AsyncAPI 2.x and 3.x)?"""

from __future__ import annotations

from collections.abc import Iterator

from engine.descriptor.contracts import avro, json_schema
from engine.descriptor.contracts.node import Node
from engine.descriptor.contracts.sheet import Sheet
from engine.model import Direction


def columns(sheet: Sheet, definition: Node) -> None:
    """Note the payload of every message; what is published *to* a channel is input. Raises Full."""
    channels = definition.child("channels")
    for name, written in channels.named() if channels is not None else []:
        channel = sheet.followed(written)
        for key, operation in channel.named() if channel is not None else []:
            if key in ("subscribe", "publish", "messages"):
                sheet.direction = Direction.INPUT if key == "publish" else Direction.OUTPUT
                _messages(sheet, name, list(_written(sheet, operation, key)))
    sheet.direction = Direction.OUTPUT


def _written(sheet: Sheet, operation: Node, key: str) -> Iterator[tuple[str, Node]]:
    """The messages of an operation (2.x) or channel (3.x) with their names."""
    if key == "messages":
        yield from operation.named()
        return
    message = operation.child("message")
    if message is None or (message := sheet.followed(message)) is None:
        return
    several = message.child("oneOf")
    yield from (("", one) for one in (several.items() if several is not None else [message]))


def _messages(sheet: Sheet, channel: str, messages: list[tuple[str, Node]]) -> None:
    for number, (key, written) in enumerate(messages, start=1):
        message = sheet.followed(written)
        if message is not None:
            name = message.text("name") or message.text("messageId") or key or str(number)
            sheet.dataset = channel if len(messages) == 1 else f"{channel} {name}"
            _payload(sheet, message)


def _payload(sheet: Sheet, message: Node) -> None:
    written = message.child("payload")
    payload = sheet.followed(written) if written is not None else None
    if payload is None:
        return
    form = message.text("schemaFormat")
    if payload.text("schemaFormat") and (schema := payload.child("schema")) is not None:  # 3.x
        form, payload = payload.text("schemaFormat"), sheet.followed(schema) or payload
    if "avro" in form or avro.is_avro(payload.value):
        avro.columns(sheet, payload)
    else:
        json_schema.columns(sheet, payload)
