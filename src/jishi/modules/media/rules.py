"""How the files of a picture are called. Pure."""

import re

from jishi.kit.pictures import SIZES

FILE = re.compile(r"([0-9]{2,4})\.webp")


def read_file_name(name: str) -> int | None:
    """The size in ``480.webp``; None for anything that is not kept."""
    found = FILE.fullmatch(name)
    size = int(found[1]) if found else 0
    return size if size in SIZES else None
