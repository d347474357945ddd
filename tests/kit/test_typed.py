import pytest

from jishi.kit.typed import WRONG, read_minor, read_whole


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), (" 1,200 ", 1200), ("", WRONG), ("-3", WRONG), ("1.5", WRONG), ("²", WRONG),
     ("9" * 13, WRONG)],
)  # fmt: skip
def test_a_whole_number_or_one_that_is_refused(text: str, value: int) -> None:
    assert read_whole(text) == value


@pytest.mark.parametrize(("text", "value"), [("12.50", 1250), ("", WRONG), ("abc", WRONG)])
def test_an_amount_or_one_that_is_refused(text: str, value: int) -> None:
    assert read_minor(text, "CNY") == value
