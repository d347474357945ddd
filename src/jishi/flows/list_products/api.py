"""Goods as JSON: products whole, prices and stock in lists with a verdict per row."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post, put

from jishi import web
from jishi.flows.list_products import flow, guard
from jishi.flows.list_products.types import (
    PriceRow,
    ProductDraft,
    RowRefused,
    RowVerdict,
    RowWaiting,
    SkuDraft,
)
from jishi.kit.errors import FieldMissing, Refusal
from jishi.kit.ids import ID_MAX, ProductId, ShopId, SkuId
from jishi.modules import catalogue, stock
from jishi.modules.catalogue import (
    BULK_MAX,
    Attribute,
    ChangeVerdict,
    InAudit,
    Product,
    TooManyRows,
)
from jishi.web.answer import json

PRODUCTS: Final = "/api/v1/shops/{shop_id:str}/products"
SKUS: Final = "/api/v1/shops/{shop_id:str}/skus"


Id = Annotated[int, msgspec.Meta(ge=1, le=ID_MAX)]


class AttributeBody(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    values: list[str]


class SkuBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``options``: one value per attribute. ``on_hand``: pieces on the shelf; absent: as it is."""

    price_minor: int
    options: list[str] = []
    list_price_minor: int | None = None
    code: str = ""
    weight_grams: int = 0
    enabled: bool = True
    on_hand: int | None = None


class ProductBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A whole product. ``version``: the one it was read with; only asked when it is rewritten."""

    title: str
    category_id: Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
    skus: list[SkuBody]
    title_en: str = ""
    brand: str = ""
    description: str = ""
    attributes: list[AttributeBody] = []
    pictures: list[dict[str, str]] = []
    condition: str | None = None
    version: int | None = None

    def draft(self) -> ProductDraft:
        return ProductDraft(
            title=self.title,
            title_en=self.title_en,
            brand=self.brand,
            description=self.description,
            category_id=self.category_id,
            attributes=[Attribute(name=it.name, values=it.values) for it in self.attributes],
            pictures=self.pictures,
            condition=self.condition,
            skus=[_sku_draft(sku) for sku in self.skus],
        )


class PriceBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    sku_id: Id
    price_minor: int
    list_price_minor: int | None = None


class PricesBody(msgspec.Struct, forbid_unknown_fields=True):
    items: list[PriceBody]


class CountBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``seen``: what the caller believes to be there; refused when it is otherwise."""

    sku_id: Id
    on_hand: int
    seen: int | None = None


class CountsBody(msgspec.Struct, forbid_unknown_fields=True):
    items: list[CountBody]


class SwitchBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    sku_id: Id
    enabled: bool


class SwitchesBody(msgspec.Struct, forbid_unknown_fields=True):
    items: list[SwitchBody]


class IdsBody(msgspec.Struct, forbid_unknown_fields=True):
    product_ids: list[Id]


@post(PRODUCTS)
async def api_add(request: web.AnyRequest) -> Response[bytes]:
    """POST …/products: 201 the product, a draft; 422 by field."""
    body = await web.read_json(request, ProductBody)
    product = await _save(request, body, None, version=0)
    return json(await _shown(request, product), status=201)


@get(PRODUCTS + "/{product_id:str}")
async def api_get(request: web.AnyRequest) -> Response[bytes]:
    """GET …/products/{product_id}: 200, 404."""
    async with web.read(request) as tx:
        product = await catalogue.get_product(tx, _shop(request), _product(request))
    return json(await _shown(request, product))


@put(PRODUCTS + "/{product_id:str}")
async def api_put(request: web.AnyRequest) -> Response[bytes]:
    """PUT …/products/{product_id}: 200; 404; 409 another version; 422 by field.

    SKUs are known by their options; a combination that is left out is retired.
    """
    body = await web.read_json(request, ProductBody)
    if body.version is None:
        raise FieldMissing(field="version")
    product = await _save(request, body, _product(request), version=body.version)
    return json(await _shown(request, product))


@post(PRODUCTS + "/list")
async def api_list(request: web.AnyRequest) -> Response[bytes]:
    """POST …/products/list {"product_ids"}: 200 {"items": verdicts}, at most 500."""
    return await _move(request, listing=True)


@post(PRODUCTS + "/delist")
async def api_delist(request: web.AnyRequest) -> Response[bytes]:
    """POST …/products/delist {"product_ids"}: 200 {"items": verdicts}, at most 500."""
    return await _move(request, listing=False)


@put(SKUS + "/prices")
async def api_prices(request: web.AnyRequest) -> Response[bytes]:
    """PUT …/skus/prices {"items"}: 200 {"items": verdicts}, same order; at most 500."""
    body = await web.read_json(request, PricesBody)
    rows = [
        PriceRow(
            sku_id=SkuId(it.sku_id),
            price_minor=it.price_minor,
            list_price_minor=it.list_price_minor,
        )
        for it in body.items
    ]
    return await _apply(request, rows)


@put(SKUS + "/stock")
async def api_stock(request: web.AnyRequest) -> Response[bytes]:
    """PUT …/skus/stock {"items"}: 200 {"items": verdicts}, same order; at most 500."""
    body = await web.read_json(request, CountsBody)
    rows = [
        PriceRow(sku_id=SkuId(it.sku_id), on_hand=it.on_hand, seen=it.seen) for it in body.items
    ]
    return await _apply(request, rows)


@put(SKUS + "/on-sale")
async def api_on_sale(request: web.AnyRequest) -> Response[bytes]:
    """PUT …/skus/on-sale {"items"}: 200 {"items": verdicts}, same order; at most 500."""
    body = await web.read_json(request, SwitchesBody)
    rows = [PriceRow(sku_id=SkuId(it.sku_id), enabled=it.enabled) for it in body.items]
    return await _apply(request, rows)


async def _save(
    request: web.AnyRequest, body: ProductBody, product_id: ProductId | None, *, version: int
) -> Product:
    async with web.transaction(request) as tx:
        kept = await flow.save_product(
            tx,
            body.draft(),
            shop_id=_shop(request),
            product_id=product_id,
            version=version,
            ids=web.ids(request),
            actor_id=web.signed_in(request).account_id,
            now=web.now(request),
        )
        return await catalogue.get_product(tx, _shop(request), kept)


async def _move(request: web.AnyRequest, *, listing: bool) -> Response[bytes]:
    body = await web.read_json(request, IdsBody)
    _check_size(len(body.product_ids))
    ids = [ProductId(it) for it in body.product_ids]
    by, at = web.signed_in(request).account_id, web.now(request)
    async with web.transaction(request) as tx:
        verdicts = (
            await guard.list_products(
                tx, _shop(request), ids, maker=web.ids(request), by=by, now=at
            )
            if listing
            else await catalogue.delist(tx, _shop(request), ids, by=by, now=at)
        )
    items = [
        {"product_id": str(product_id), **_verdict(request, verdict)}
        for product_id, verdict in zip(ids, verdicts, strict=True)
    ]
    return json({"items": items})


async def _apply(request: web.AnyRequest, rows: Sequence[PriceRow]) -> Response[bytes]:
    _check_size(len(rows))
    async with web.transaction(request) as tx:
        verdicts = await flow.apply_rows(
            tx,
            _shop(request),
            rows,
            actor_id=web.signed_in(request).account_id,
            ids=web.ids(request),
            now=web.now(request),
        )
    items = [
        {"sku_id": str(row.sku_id), **_verdict(request, verdict)}
        for row, verdict in zip(rows, verdicts, strict=True)
    ]
    return json({"items": items})


def _check_size(count: int) -> None:
    if count > BULK_MAX:
        raise TooManyRows(limit=BULK_MAX, count=count)


def _verdict(request: web.AnyRequest, verdict: RowVerdict | ChangeVerdict) -> dict[str, Any]:
    if isinstance(verdict, RowWaiting | InAudit):
        return {"ok": True, "in_audit": True}
    if not isinstance(verdict, RowRefused | catalogue.Refused):
        return {"ok": True}
    return {"ok": False, "errors": [_problem(request, it) for it in verdict.problems]}


def _problem(request: web.AnyRequest, it: Refusal) -> Mapping[str, Any]:
    return {"code": it.code, "field": it.field, "detail": web.words(request, it)}


def _sku_draft(sku: SkuBody) -> SkuDraft:
    values = msgspec.structs.asdict(sku)
    return SkuDraft(**{**values, "options": tuple(sku.options)})


async def _shown(request: web.AnyRequest, product: Product) -> dict[str, Any]:
    async with web.read(request) as tx:
        standing = await stock.quantities_of(tx, [sku.id for sku in product.skus])
    on_hand: dict[int, int] = {}
    for (sku_id, _place), quantities in standing.items():
        on_hand[sku_id] = on_hand.get(sku_id, 0) + quantities.on_hand
    return {
        "id": str(product.id),
        "state": product.state,
        "title": product.title,
        "title_en": product.title_en,
        "brand": product.brand,
        "description": product.description,
        "category_id": product.category_id,
        "attributes": product.attributes,
        "pictures": product.pictures,
        "condition": product.condition,
        "version": product.version,
        "updated_at": product.updated_at,
        "skus": [
            {
                "id": str(sku.id),
                "options": sku.options,
                "price_minor": sku.price_minor,
                "list_price_minor": sku.list_price_minor,
                "code": sku.code,
                "weight_grams": sku.weight_grams,
                "enabled": sku.enabled,
                "on_sale": sku.on_sale,
                "on_hand": on_hand.get(sku.id, 0),
            }
            for sku in product.skus
        ],
    }


def _shop(request: web.AnyRequest) -> ShopId:
    return ShopId(web.path_id(request, "shop_id"))


def _product(request: web.AnyRequest) -> ProductId:
    return ProductId(web.path_id(request, "product_id"))


routes = [
    api_add,
    api_get,
    api_put,
    api_list,
    api_delist,
    api_prices,
    api_stock,
    api_on_sale,
]
