"""A picture for goods whose own could not be fetched: the drawing of their kind."""

from jishi.modules.catalogue import Picture

# First part of a category's code → code point of a drawing in static/art.txt.
_ART = {
    "aa": "1f455",  # t-shirt
    "ae": "1f3a8",  # paint-palette
    "ap": "1fab4",  # potted-plant
    "bi": "1f9f0",  # toolbox
    "bt": "1f37c",  # baby-bottle
    "co": "1f4f7",  # camera
    "el": "1f3a7",  # headphones
    "fb": "1f9fa",  # basket
    "fr": "1f6cb-fe0f",  # sofa
    "gc": "1f9e7",  # red-envelope
    "ha": "1f528",  # hammer
    "hb": "1f9f4",  # lotion
    "hg": "1f4a1",  # light-bulb
    "lb": "1f392",  # backpack
    "me": "1f4da",  # books
    "os": "1f4d3",  # notebook
    "rc": "1f56f-fe0f",  # candle
    "sg": "26bd",  # football
    "tg": "1f9f8",  # teddy-bear
    "vp": "1f697",  # toy-car
}
BASKET = "1f9fa"
TINTS = "abcdef"


def placeholder(category_code: str, seed: str) -> Picture:
    """The drawing for a category; ``seed`` picks its ground, always the same for the same text."""
    tint = TINTS[sum(seed.encode()) % len(TINTS)]
    return {"art": _ART.get(category_code.partition("-")[0], BASKET), "tint": tint}
