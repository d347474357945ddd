"""What a handler may ask of its request."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar, get_origin

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile

from jishi import db
from jishi.db import Pool, Tx
from jishi.db.idempotency import Claim, hold
from jishi.kit.errors import (
    FieldInvalid,
    FieldMissing,
    KeyMissing,
    Malformed,
    NotFound,
    SignInNeeded,
)
from jishi.kit.ids import ID_MAX, IdMaker, parse_id
from jishi.settings import Settings
from jishi.web.auth import Identity

AnyRequest = Request[Any, Any, Any]
Body = TypeVar("Body", bound=msgspec.Struct)
Id = Annotated[int, msgspec.Meta(gt=0, le=ID_MAX)]  # in a JSON body: what a bigint column can hold

KEY_LENGTH_MAX: Final = 128
HASH_BYTES: Final = 16


def pool(request: AnyRequest) -> Pool:
    found: Pool = request.app.state.pool
    return found


def settings(request: AnyRequest) -> Settings:
    found: Settings = request.app.state.settings
    return found


def ids(request: AnyRequest) -> IdMaker:
    found: IdMaker = request.app.state.ids
    return found


def service(request: AnyRequest, name: str) -> Any:
    """Something the composition root hung up under ``name``, such as a flow's batcher."""
    return getattr(request.app.state, name)


@asynccontextmanager
async def transaction(request: AnyRequest) -> AsyncIterator[Tx]:
    """The request's transaction, holding its Idempotency-Key when it came with one."""
    async with db.transaction(pool(request)) as tx:
        claim: Claim | None = getattr(request.state, "claim", None)
        if claim is not None and not claim.is_held:
            await hold(tx, claim)
        yield tx


@asynccontextmanager
async def read(request: AnyRequest) -> AsyncIterator[Tx]:
    async with db.reading(pool(request)) as tx:
        yield tx


def now(request: AnyRequest) -> datetime:
    """The instant the request came in, the same throughout."""
    found: datetime | None = getattr(request.state, "now", None)
    if found is None:
        found = request.state.now = datetime.now(UTC)
    return found


def identity(request: AnyRequest) -> Identity | None:
    found: Identity | None = getattr(request.state, "identity", None)
    return found


def signed_in(request: AnyRequest) -> Identity:
    """Who is asking. Raises SignInNeeded for a visitor."""
    found = identity(request)
    if found is None:
        raise SignInNeeded
    return found


def path_id(request: AnyRequest, name: str) -> int:
    """The id in the path. Raises NotFound when it is none."""
    value = parse_id(str(request.path_params[name]))
    if value is None:
        raise NotFound
    return value


def is_htmx(request: AnyRequest) -> bool:
    return request.headers.get("hx-request") == "true"


def wants_json(request: AnyRequest) -> bool:
    return request.url.path.startswith("/api/") or "application/json" in request.headers.get(
        "accept", ""
    )


def idempotency_key(request: AnyRequest) -> str:
    """The Idempotency-Key header. Raises KeyMissing without one of 1 to 128 characters."""
    key = request.headers.get("idempotency-key", "").strip()
    if not 1 <= len(key) <= KEY_LENGTH_MAX or not key.isprintable():
        raise KeyMissing
    return key


def request_hash(raw: bytes) -> bytes:
    """16 bytes that tell one request body from another."""
    return hashlib.blake2s(raw, digest_size=HASH_BYTES).digest()


async def read_json(request: AnyRequest, body: type[Body]) -> Body:
    """The JSON body. Raises Malformed for no JSON, FieldInvalid naming the field otherwise.

    Numbers may come as strings, as ids must from JavaScript.
    """
    raw = await request.body()
    try:
        return msgspec.json.decode(raw, type=body, strict=False)
    except msgspec.ValidationError as problem:
        raise field_refusal(problem) from problem
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise Malformed(detail=str(problem)) from problem


async def read_form(request: AnyRequest, body: type[Body]) -> Body:
    """The form, url-encoded or multipart. Lists take every value of their name; unknown ones go.

    Raises FieldMissing, FieldInvalid. Empty strings stand for "not given" in optional fields.
    """
    form = await request.form()
    data: dict[str, Any] = {}
    for info in msgspec.structs.fields(body):
        values = form.getall(info.encode_name, [])
        if get_origin(info.type) in (list, tuple):
            data[info.encode_name] = values
        elif values and (values[-1] != "" or info.required):
            data[info.encode_name] = values[-1]
    try:
        return msgspec.convert(data, body, strict=False)
    except msgspec.ValidationError as problem:
        raise field_refusal(problem) from problem


def field_refusal(problem: msgspec.ValidationError) -> FieldInvalid | FieldMissing:
    """``Expected `int`, got `str` - at `$.lines[0].quantity``` → field ``lines[0].quantity``."""
    message, _, path = str(problem).partition(" - at `")
    name = path.rstrip("`").removeprefix("$").removeprefix(".") or None
    if message.startswith("Object missing required field"):
        missing = message.split("`")[1]
        return FieldMissing(field=f"{name}.{missing}" if name else missing)
    return FieldInvalid(field=name, detail=message)


async def upload(request: AnyRequest, name: str) -> UploadFile | None:
    """The file uploaded under ``name``; None when the field is empty."""
    found = (await request.form()).get(name)
    return found if isinstance(found, UploadFile) and found.filename else None
