import pytest
from tests.support.makers import a_town, an_order, state_of

from jishi.db import Pool, Tx
from jishi.kit.ids import IdMaker

pytestmark = pytest.mark.usefixtures("sound")


async def test_smoke(pool: Pool, ids: IdMaker, tx: Tx, sound) -> None:
    town = await a_town(tx, ids)
    for until in ("unpaid", "to_ship", "shipped", "completed"):
        print(await state_of(tx, await an_order(tx, ids, town, until=until)))
    await sound(tx)
