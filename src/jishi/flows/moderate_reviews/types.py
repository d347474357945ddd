"""What an operator's form names."""

from typing import Final

import msgspec

REVIEW_HIDDEN: Final = "review.hidden"
REVIEW_SHOWN: Final = "review.shown_again"
REVIEW_LEFT: Final = "review.left"


class HideBody(msgspec.Struct):
    """``why`` is one of the published reasons; the writer reads it with ``note``."""

    why: str = ""
    note: str = ""
