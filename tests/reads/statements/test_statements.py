"""Random histories: statements re-add, whenever days are closed and whatever comes late."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from jishi.db import Pool, Tx
from jishi.flows import withdraw
from jishi.flows.close_statements.flow import close_batch, close_shops, cut_of
from jishi.flows.refund_orders import Goods, RefundAsked, RefundLine, refund
from jishi.flows.withdraw.types import Answered
from jishi.kit.errors import FieldInvalid, Refusal
from jishi.kit.ids import IdMaker, ShopId, cell_of
from jishi.modules import ledger
from jishi.modules.ledger import Booking, Posting, TransferKind
from jishi.modules.payouts import State
from jishi.modules.payouts.rules_statement import StatementLine, days_of
from jishi.reads.statements import files, pdf, queries
from jishi.reads.statements.asked import month_of, read_period
from jishi.reads.statements.queries import Period
from jishi.web.i18n import translator
from tests.support.makers import CONFIRM_AFTER, Town, a_town, balance_of
from tests.support.payouts import a_bank_account, asked, earned, set_days, wish

ZONE = "Asia/Shanghai"
START = datetime(2025, 9, 28, 15, 30, tzinfo=UTC)  # half an hour before midnight of the market
pytestmark = pytest.mark.usefixtures("sound")


async def live_a_day(
    tx: Tx, ids: IdMaker, town: Town, account: int, chance: Random, at: datetime
) -> None:
    """Something of what can happen to a shop's money, at ``at``."""
    shop_id = town.shops[0]
    cell = cell_of(shop_id)
    order_id = await earned(tx, ids, town, pieces=chance.randint(1, 5), at=at)
    if chance.random() < 0.5:
        await refund(
            tx,
            [RefundAsked(order_id=order_id, actor="shop", at=at + timedelta(minutes=1), why="other",
                goods=Goods.KEPT, lines=[RefundLine(line=1, quantity=0, amount_minor=chance.randint(1, 900))])],
            ids, confirm_after=CONFIRM_AFTER,
        )  # fmt: skip
    if chance.random() < 0.5:
        try:
            it = await asked(tx, ids, wish(ids, shop_id, account, chance.randint(1, 3_000), now=at))
            if chance.random() < 0.7:
                await tx.execute(
                    "UPDATE withdrawal SET state = 'sent', sent_at = $2, retry_at = NULL WHERE id = $1",
                    it.id, at,
                )  # fmt: skip
                await tx.execute(
                    "INSERT INTO withdrawal_step (cell, withdrawal_id, step, actor, occurred_at)"
                    " VALUES ($1, $2, 'sent', 'clock', $3)", cell, it.id, at,
                )  # fmt: skip
                ends = chance.choice([State.PAID, State.FAILED])
                await withdraw.record(tx, [Answered(id=it.id, state=ends)], now=at)
        except Refusal:
            pass
    if chance.random() < 0.3:
        kinds = [TransferKind.PENALTY, TransferKind.COMPENSATION, TransferKind.DEPOSIT]
        sides = {
            "penalty": "fee:penalty",
            "compensation": "clearing:refund",
            "deposit": "deposit:shop",
        }
        kind, minor = chance.choice(kinds), chance.randint(1, 400)
        where = "receivable:shop" if kind is TransferKind.PENALTY else "payable:shop"
        if sides[kind] == "clearing:refund":
            return  # nothing else may stand in clearing
        party = shop_id if kind is TransferKind.DEPOSIT else 0
        held = await balance_of(tx, "payable:shop", shop_id, cell=cell)
        if where == "payable:shop" and held < minor:
            return
        await ledger.post(tx, [Booking(cell=cell, kind=kind, subject_id=ids.make(cell), at=at, postings=[
            Posting(posting=1, kind=where, party_id=shop_id, amount_minor=minor),
            Posting(posting=2, kind=sides[kind], party_id=party, amount_minor=-minor),
        ])])  # fmt: skip
    await withdraw.offset_shops(tx, [shop_id], ids, now=at)


async def has(tx: Tx, shop_id: ShopId) -> int:
    cell = cell_of(shop_id)
    return await balance_of(tx, "payable:shop", shop_id, cell=cell) + await balance_of(
        tx, "receivable:shop", shop_id, cell=cell
    )


async def raw_lines(tx: Tx, shop_id: ShopId) -> list[StatementLine]:
    rows = await tx.fetch(
        "SELECT transfer_id, kind, occurred_at, change_minor, fee_minor"
        " FROM statement_lines($1, $2, 0, 9223372036854775807)",
        cell_of(shop_id), shop_id,
    )  # fmt: skip
    return [StatementLine(**row) for row in rows]


def whole(months: Sequence[Period]) -> Period:
    return Period(since=months[0].since, until=months[-1].until)


async def check(tx: Tx, shop_id: ShopId, *, like_rule: bool) -> None:
    """All periods add up: opening + Σ = closing = next opening; months = Σ days; the end = the ledger."""
    months = [month_of(date(2025, month, 1)) for month in (9, 10, 11)]
    everything = await queries.get_statement(tx, shop_id, whole(months), zone=ZONE)
    assert everything.opening_minor == 0
    assert everything.closing_minor == await has(tx, shop_id)
    balance = 0
    for month in months:
        found = await queries.get_statement(tx, shop_id, month, zone=ZONE)
        assert found.opening_minor == balance
        balance = found.closing_minor
    assert balance == everything.closing_minor
    for day in everything.days:
        period = Period(since=day.day, until=day.day + timedelta(days=1))
        one = await queries.get_statement(tx, shop_id, period, zone=ZONE)
        assert one.days == [day]
        assert (one.opening_minor, one.closing_minor) == (day.opening_minor, day.closing_minor)
        lines, cursor = [], None
        while True:
            page = await queries.list_lines(tx, shop_id, day.day, zone=ZONE, cursor=cursor, size=3)
            lines += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(lines) == len({it.transfer_id for it in lines}) == day.transfers
        assert sum(it.change_minor for it in lines) == day.sums.change_minor
        assert sum(it.fee_minor for it in lines) == day.sums.fees_minor
    if like_rule:
        assert days_of(await raw_lines(tx, shop_id), zone=ZONE) == everything.days


@pytest.mark.parametrize("seed", range(4))
async def test_statements_re_add_however_days_are_closed(tx: Tx, ids: IdMaker, seed: int) -> None:
    chance = Random(seed)
    town = await a_town(tx, ids, shops=1, skus=1, stock=5_000, fee_bp=250, price_minor=997)
    shop_id = town.shops[0]
    await set_days(tx, shop_id, 0, since=START)
    account = await a_bank_account(tx, ids, shop_id, now=START)
    ended: dict[date, int] = {}
    for hours in sorted(chance.sample(range(24 * 40), 14)):
        at = START + timedelta(hours=hours)
        yesterday = at.astimezone(ZoneInfo(ZONE)).date() - timedelta(days=1)
        ended.setdefault(yesterday, await has(tx, shop_id))
        await live_a_day(tx, ids, town, account, chance, at)
        if chance.random() < 0.3:
            cut = cut_of(at - timedelta(hours=chance.randint(0, 30)), ZONE)
            before = await tx.fetch("SELECT * FROM statement_day WHERE shop_id = $1", shop_id)
            await close_shops(tx, [(cell_of(shop_id), shop_id)], cut=cut, zone=ZONE)
            after = await tx.fetch("SELECT * FROM statement_day WHERE shop_id = $1", shop_id)
            assert {tuple(row) for row in before} <= {tuple(row) for row in after}
    await check(tx, shop_id, like_rule=True)
    # what an account held at the end of a day is that day's closing balance
    for day, minor in ended.items():
        found = await queries.get_statement(
            tx, shop_id, Period(since=day, until=day + timedelta(days=1)), zone=ZONE
        )
        assert found.closing_minor == minor
    await close_shops(
        tx, [(cell_of(shop_id), shop_id)], cut=cut_of(START + timedelta(days=60), ZONE), zone=ZONE
    )
    await check(tx, shop_id, like_rule=True)
    kept = await tx.fetchval("SELECT count(*) FROM statement_day WHERE shop_id = $1", shop_id)
    assert kept == len({it.day for it in days_of(await raw_lines(tx, shop_id), zone=ZONE)})


async def test_what_comes_late_changes_no_closed_day(tx: Tx, ids: IdMaker) -> None:
    town = await a_town(tx, ids, shops=1, skus=1, fee_bp=0, price_minor=1_000)
    shop_id = town.shops[0]
    shops = [(cell_of(shop_id), shop_id)]
    await earned(tx, ids, town, at=START)  # 28 September
    await close_shops(tx, shops, cut=cut_of(START + timedelta(days=3), ZONE), zone=ZONE)
    await earned(tx, ids, town, pieces=2, at=START + timedelta(days=1))  # late: 29th is closed
    await check(tx, shop_id, like_rule=False)
    await earned(tx, ids, town, pieces=3, at=START + timedelta(days=4))  # 2 October
    await close_shops(tx, shops, cut=cut_of(START + timedelta(days=9), ZONE), zone=ZONE)
    await earned(tx, ids, town, pieces=4, at=START)  # late again
    await check(tx, shop_id, like_rule=False)
    rows = await tx.fetch(
        "SELECT day, sales_minor FROM statement_day WHERE shop_id = $1 ORDER BY day", shop_id
    )
    assert [tuple(row) for row in rows] == [
        (date(2025, 9, 28), 1_000), (date(2025, 10, 1), 2_000), (date(2025, 10, 2), 3_000),
    ]  # fmt: skip


async def test_the_clock_closes_every_shop_once_a_day(pool: Pool, ids: IdMaker) -> None:
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        shops = []
        for _ in range(3):
            town = await a_town(connection, ids, shops=1)
            await earned(connection, ids, town, at=START)
            shops.append(town.shops[0])
        # half past midnight: the day before yesterday's is the newest that is closed
        for now, open_from in [
            (datetime(2031, 5, 4, 16, 30, tzinfo=UTC), date(2031, 5, 4)),
            (datetime(2031, 5, 4, 17, 0, tzinfo=UTC), date(2031, 5, 5)),
        ]:
            while await close_batch(connection, now=now, zone=ZONE, limit=2):
                pass
            marks = await connection.fetch(
                "SELECT open_from FROM statement_mark WHERE shop_id = ANY ($1)", shops
            )
            assert [row["open_from"] for row in marks] == [open_from] * 3
            assert await close_batch(connection, now=now, zone=ZONE, limit=2) == 0
        await transaction.rollback()


async def test_the_files_say_the_same(pool: Pool, ids: IdMaker) -> None:
    town = await a_town(pool, ids, shops=1, fee_bp=100, price_minor=1_000)
    shop_id = town.shops[0]
    async with pool.acquire() as tx:
        async with tx.transaction():
            for days in range(3):
                await earned(tx, ids, town, at=START + timedelta(days=days))
        period = whole([month_of(date(2025, 9, 1)), month_of(date(2025, 10, 1))])
        found = await queries.get_statement(tx, shop_id, period, zone=ZONE)
    for locale in ("en", "zh-CN"):
        writer = files.Writer(translator(locale), currency="CNY", zone=ZONE)
        text = b"".join(
            [chunk async for chunk in files.csv_file(pool, shop_id, found, writer, zone=ZONE)]
        ).decode("utf-8-sig")
        rows = text.strip().split("\r\n")
        assert len(rows) == 3 + 3
        assert len({row.count(",") for row in rows}) == 1
        assert rows[-1].endswith("29.70")
        content = pdf.pdf_file("海港茶行", found, writer)
        assert content.startswith(b"%PDF-")
        assert b"/FontFile2" in content  # the font travels with it


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-02-30", "2026-1", "26-01", "2026-01-01x"]
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(FieldInvalid):
        read_period(text, field="period")
