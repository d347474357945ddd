"""``jishi reindex`` over a market of its own goods."""

from rich.console import Console

from jishi.commands.reindex import reindex
from jishi.db import Pool, transaction
from jishi.kit.ids import IdMaker
from jishi.modules.catalogue import ProductState
from tests.support.goods import a_product, a_shop, add


async def test_everything_is_written_anew(pool: Pool, ids: IdMaker) -> None:
    async with transaction(pool) as tx:
        shop = await a_shop(tx, ids)
        listed = a_product(shop, ids, title="reindexed", state=ProductState.LISTED)
        draft = a_product(shop, ids, title="not listed")
        await add(tx, listed, draft)
    for _ in range(2):
        done = await reindex(pool, anew=True, console=Console(quiet=True))
        assert 1 <= done["listed"] < done["products"]
    found = await pool.fetch(
        "SELECT product_id FROM search_entry WHERE product_id = ANY ($1)", [listed.id, draft.id]
    )
    assert [row["product_id"] for row in found] == [listed.id]
