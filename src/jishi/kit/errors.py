"""Expected "no"s. A refusal says the state of the world; only ``web`` knows HTTP numbers."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What sort of "no" it is."""

    INVALID = "invalid"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"


class Refusal(Exception):  # noqa: N818 — a refusal is an answer, not an error
    """One thing that may not happen, and why.

    ``code`` is stable and public. ``text`` is an English message id, translated at the edge; it
    may name facts in braces. ``field`` says which input it is about, when there is one.
    """

    kind: ClassVar[Kind] = Kind.INVALID
    code: ClassVar[str] = "refused"
    text: ClassVar[str] = "This cannot be done."

    def __init__(self, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(self.code)
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}"


class Refusals(Exception):  # noqa: N818
    """Several refusals of one request, such as every wrong field of a form. Never empty."""

    def __init__(self, items: Sequence[Refusal]) -> None:
        assert items
        super().__init__(", ".join(item.code for item in items))
        self.items = tuple(items)


class NotFound(Refusal):
    kind, code = Kind.NOT_FOUND, "not_found"
    text = "There is nothing here. It may have been removed, or the address is mistyped."


class SignInNeeded(Refusal):
    kind, code = Kind.UNAUTHORISED, "sign_in_needed"
    text = "Sign in to go on."


class Forbidden(Refusal):
    kind, code = Kind.FORBIDDEN, "forbidden"
    text = "Your role does not allow this."


class Malformed(Refusal):
    kind, code = Kind.INVALID, "malformed"
    text = "The request could not be read: {detail}"


class FieldMissing(Refusal):
    kind, code = Kind.INVALID, "field.missing"
    text = "Fill this in."


class FieldInvalid(Refusal):
    kind, code = Kind.INVALID, "field.invalid"
    text = "This is not valid: {detail}"


class KeyReused(Refusal):
    kind, code = Kind.CONFLICT, "idempotency.key_reused"
    text = "This Idempotency-Key was used before for a different request. Use a new key."


class KeyMissing(Refusal):
    kind, code = Kind.INVALID, "idempotency.key_missing"
    text = "Send an Idempotency-Key header of 1 to 128 characters."
