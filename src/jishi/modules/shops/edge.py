"""What pages about one shop need of their request."""

from dataclasses import dataclass

from jishi import web
from jishi.kit.ids import ShopId


@dataclass(frozen=True, slots=True)
class ShopHere:
    """The shop in the address, as the frame shows it, and the asker's role in it."""

    id: ShopId
    name: str
    role: str

    @property
    def base(self) -> str:
        return f"/merchant/{self.id}"


def shop_here(request: web.AnyRequest) -> ShopHere:
    """The guard has let the asker in as staff of this shop."""
    shop_id = ShopId(web.path_id(request, "shop_id"))
    me = web.signed_in(request)
    return ShopHere(shop_id, me.shop_names.get(shop_id, ""), str(me.shops[shop_id]))


class Errors(dict[str, str]):
    """Texts by field for a template: a field without one reads as empty."""

    def __missing__(self, key: str) -> str:
        return ""
