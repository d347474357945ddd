"""How a request for reviews is understood."""

from jishi import web
from jishi.kit.ids import SkuId, parse_id
from jishi.reads.reviews.types import FILTERS, SORTS, Asked


def asked_of(request: web.AnyRequest) -> Asked:
    """The list asked for; what makes no sense is left out, as if not said."""
    params = request.query_params
    sort, wanted = params.get("sort", ""), params.get("filter", "")
    sort = sort if sort in SORTS else "best"
    sku_id = parse_id(params.get("sku", ""))
    if wanted == "sku" and sku_id is not None:
        return Asked(sort=sort, filter="sku", sku_id=SkuId(sku_id))
    return Asked(sort=sort, filter=wanted if wanted in FILTERS else "all")
