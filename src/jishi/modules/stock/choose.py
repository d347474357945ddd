"""Which warehouse sends what. Pure, bounded and always the same for the same facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from jishi.kit.ids import ShopId, SkuId, WarehouseId
from jishi.kit.regions import Destination, closeness
from jishi.modules.stock.types import Place, Warehouse

CANDIDATES_MAX: Final = 20  # warehouses whose combinations are gone through
TOGETHER_MAX: Final = 3  # parcels looked for exactly; beyond, the best next warehouse is added


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One line of an order; each SKU once."""

    shop_id: ShopId
    sku_id: SkuId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Who sends a line. ``warehouse_id`` None: nobody has enough of it; ``on_hand`` is then the most
    any warehouse that may send there has."""

    warehouse_id: WarehouseId | None
    on_hand: int


def choose_warehouses(
    lines: Sequence[Wanted],
    warehouses: Sequence[Warehouse],
    on_shelf: Mapping[Place, int],
    destination: Destination,
) -> list[Chosen]:
    """Who sends each line of one shop's order, same order as ``lines``.

    One warehouse for all lines when one has them all, else as few as possible (exactly up to three,
    then adding the one that helps most). Among equals: the one that names the destination most
    closely, then the lower priority number, then the one with more of the goods, then the older.
    A line nobody can send whole is short and does not bind the others. Closed warehouses, and those
    that send only to regions they name, are left out.
    """
    ranked = _ranked(lines, warehouses, on_shelf, destination)
    able = [
        sum(
            1 << at
            for at, line in enumerate(lines)
            if on_shelf.get((line.sku_id, warehouse.id), 0) >= line.quantity
        )
        for warehouse in ranked
    ]
    picked = _fewest(able)
    return [_chosen(at, line, ranked, able, picked, on_shelf) for at, line in enumerate(lines)]


def may_send(warehouse: Warehouse, destination: Destination) -> bool:
    """Whether a warehouse sends there at all. Abroad counts as outside every region."""
    if warehouse.is_closed:
        return False
    if not warehouse.only_there or not destination.is_known:
        return True
    return closeness(destination, warehouse.regions) > 0


def _ranked(
    lines: Sequence[Wanted],
    warehouses: Sequence[Warehouse],
    on_shelf: Mapping[Place, int],
    destination: Destination,
) -> list[Warehouse]:
    def rank(warehouse: Warehouse) -> tuple[int, int, int, int, int]:
        close = closeness(destination, warehouse.regions)
        serves = 3 - close if close else (3 if not warehouse.regions else 4)
        goods = sum(on_shelf.get((line.sku_id, warehouse.id), 0) for line in lines)
        return serves, warehouse.priority, -goods, int(not warehouse.is_default), warehouse.id

    return sorted((it for it in warehouses if may_send(it, destination)), key=rank)


def _fewest(able: Sequence[int]) -> list[int]:
    """Positions of the fewest warehouses that together send all that can be sent, best first."""
    wanted = 0
    for lines in able:
        wanted |= lines
    near = [at for at, lines in enumerate(able) if lines][:CANDIDATES_MAX]
    for size in range(1, TOGETHER_MAX + 1):
        for group in combinations(near, size):
            together = 0
            for at in group:
                together |= able[at]
            if together == wanted:
                return list(group)
    return _greedy(able, wanted)


def _greedy(able: Sequence[int], wanted: int) -> list[int]:
    picked: list[int] = []
    left = wanted
    while left:
        best = max(range(len(able)), key=lambda at: ((able[at] & left).bit_count(), -at))
        picked.append(best)
        left &= ~able[best]
    return sorted(picked)


def _chosen(
    at: int,
    line: Wanted,
    ranked: Sequence[Warehouse],
    able: Sequence[int],
    picked: Sequence[int],
    on_shelf: Mapping[Place, int],
) -> Chosen:
    for place in picked:
        if able[place] >> at & 1:
            warehouse = ranked[place].id
            return Chosen(warehouse_id=warehouse, on_hand=on_shelf[(line.sku_id, warehouse)])
    most = max((on_shelf.get((line.sku_id, it.id), 0) for it in ranked), default=0)
    return Chosen(warehouse_id=None, on_hand=most)
