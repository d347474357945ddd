import pytest

from jishi.kit.errors import KeyReused, Kind, NotFound, Refusal, Refusals


class TooTall(Refusal):
    kind, code = Kind.CONFLICT, "doors.too_tall"
    text = "You are {by} cm too tall."


def test_a_refusal_carries_its_facts_and_its_field() -> None:
    refused = TooTall(field="height", by=7)
    assert (refused.code, refused.kind, refused.field) == (
        "doors.too_tall",
        Kind.CONFLICT,
        "height",
    )
    assert refused.text.format(**refused.facts) == "You are 7 cm too tall."
    assert str(refused) == "doors.too_tall {'by': 7}"


def test_several_refusals_keep_their_order() -> None:
    assert [each.code for each in Refusals([NotFound(), KeyReused()]).items] == [
        "not_found",
        "idempotency.key_reused",
    ]


def test_no_refusals_at_all_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        Refusals([])
