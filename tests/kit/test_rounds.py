from hypothesis import given
from hypothesis import strategies as st

from jishi.kit.rounds import rounds


def test_a_key_stands_once_in_each_round() -> None:
    assert rounds(["a", "b", "a", None, "a", "c"]) == [[0, 1, 5], [2], [4]]
    assert rounds([]) == []


@given(st.lists(st.none() | st.integers(0, 4), max_size=40))
def test_nothing_is_lost_and_turns_are_kept(keys: list[int | None]) -> None:
    made = rounds(keys)
    assert sorted(at for each in made for at in each) == [
        at for at, key in enumerate(keys) if key is not None
    ]
    for each in made:
        held = [keys[at] for at in each]
        assert len(held) == len(set(held))
        assert each == sorted(each)
    for key in set(keys) - {None}:
        turns = [at for each in made for at in each if keys[at] == key]
        assert turns == sorted(turns)
        assert len(made) >= len(turns)
