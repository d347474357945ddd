"""``jishi verify``: every check is asked, finds what it is there for, and says so to people and programs."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest

from jishi import cli, verify
from jishi.db import Tx
from jishi.exits import Exit
from jishi.kit.ids import IdMaker
from tests.support.aftersale import an_open_case
from tests.support.book import a_book
from tests.support.database import TestServer, worker_name
from tests.support.makers import NOON, a_town, an_order
from tests.support.payouts import a_bank_account, asked, earned, set_days, wish

# How each invariant is broken, by one statement past all functions.
BREAKS = {
    "transfers_sum_to_zero": "UPDATE ledger_posting SET amount_minor = amount_minor + 1 WHERE amount_minor > 0",
    "accounts_equal_postings": "UPDATE ledger_account SET credit_minor = credit_minor + 1",
    "accounts_above_floor": "UPDATE ledger_account SET debit_minor = credit_minor + 1 WHERE kind = 'escrow'",
    "money_held_adds_up": "UPDATE ledger_account SET debit_minor = debit_minor + 1 WHERE kind = 'fee'",
    "escrow_equals_open_orders": "UPDATE ledger_account SET credit_minor = credit_minor + 1 WHERE kind = 'escrow'",
    "clearing_equals_open_refunds": "UPDATE refund SET state = 'confirmed'",
    "stock_adds_up": "UPDATE stock SET on_hand = on_hand + 1, received = received + 1",
    "holds_equal_unpaid_orders": "DELETE FROM stock_hold",
    "orders_equal_lines": "UPDATE sale_order_line SET refunded_minor = refunded_minor + 1 WHERE refunded_minor = 0",
    "rules_equal_lines": """INSERT INTO sale_order_offer (cell, order_id, line, position, offer_id, kind, payer, amount_minor, title)
        SELECT cell, order_id, line, 9, 1, 'coupon', 'shop', 1, '' FROM sale_order_line""",
    "offers_equal_orders": "INSERT INTO offer_taken (cell, offer_id, sku_id, buyer_id, quantity) VALUES (0, 1, 1, 1, 1)",
    "refunds_within_paid": "UPDATE payment_part SET refunded_minor = refunded_minor + 1 WHERE refunded_minor < amount_minor",
    "settled_equals_ledger": "UPDATE sale_order SET fee_minor = fee_minor + 1 WHERE state = 100",
    "payments_reach_orders": "DELETE FROM payment_part",
    "doubles_go_back": "UPDATE payment SET double_of = id WHERE state = 'paid'",
    "steps_follow_moves": "UPDATE sale_order SET version = version + 1",
    "cases_equal_refunds": "UPDATE refund SET case_id = 1",
    "cases_follow_moves": "UPDATE aftersale_case SET version = version + 1",
    "keys_have_one_effect": "DELETE FROM checkout",
    "listeners_lose_nothing": """INSERT INTO outbox_parked
        (cell, listener, position, topic, subject_id, payload, occurred_at, last_error, parked_at)
        VALUES (0, 'tests', 1, 'tests.happened', 1, '{}', now(), 'KeyError', now())""",
    "deposits_equal_ledger": """INSERT INTO deposit (cell, shop_id, held_minor, updated_at)
        SELECT cell, id, 5, now() FROM shop ON CONFLICT (cell, shop_id) DO UPDATE SET held_minor = deposit.held_minor + 5""",
    "penalties_equal_ledger": """INSERT INTO ledger_account (cell, kind, credit_minor) VALUES (0, 'fee:penalty', 5)
        ON CONFLICT (cell, kind, party_id) DO UPDATE SET credit_minor = ledger_account.credit_minor + 5""",
    "reviews_counted": """INSERT INTO review_summary (cell, product_id, shop_id, five, bought, bought_stars)
        VALUES (0, 1, 1, 1, 1, 5)""",
    "payouts_equal_clearing": "UPDATE ledger_account SET credit_minor = credit_minor + 1 WHERE kind = 'clearing:payout'",
    "payouts_equal_paid": """INSERT INTO ledger_account (cell, kind, credit_minor) VALUES (0, 'payout:tests', 5)""",
    "payouts_follow_moves": "DELETE FROM withdrawal_step",
    "statements_re_add": """INSERT INTO statement_mark
        (cell, shop_id, open_from, open_from_at, balance_minor, first_open_id, last_id)
        SELECT cell, id, current_date, now(), 5, 0, 0 FROM shop
        ON CONFLICT (cell, shop_id) DO UPDATE SET balance_minor = statement_mark.balance_minor + 5""",
    "invoices_within_paid": """INSERT INTO invoice (cell, id, order_id, shop_id, buyer_id, kind, state, title_kind, title,
            amount_minor, form, file_sha256, issued_by, asked_at, due_at, ended_at)
        SELECT cell, id, id, shop_id, buyer_id, 'blue', 'issued', 'person', 'A Buyer', amount_minor + 1, 'receipt',
            '\\x00', 1, now(), now(), now() FROM sale_order ON CONFLICT DO NOTHING""",
}


def test_every_query_is_asked() -> None:
    folder = Path(verify.__file__).parent / "sql" / "verify"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(verify.NAMES)
    assert sorted(BREAKS) == sorted(verify.NAMES)


async def test_every_check_finds_what_breaks_it(tx: Tx, ids: IdMaker) -> None:
    await a_book(tx, ids, Random(1), each=2)
    town = await a_town(tx, ids)
    await an_open_case(tx, ids, town, await an_order(tx, ids, town, until="shipped"))
    await set_days(tx, town.shops[0], 0)
    await earned(tx, ids, town)
    account_id = await a_bank_account(tx, ids, town.shops[0])
    await asked(tx, ids, wish(ids, town.shops[0], account_id, 100, now=NOON))
    await tx.execute("SET LOCAL enable_nestloop = off")
    blind = []
    for name, statement in BREAKS.items():
        before = len(await tx.fetch(verify.text_of(name)))
        broken = tx.transaction()
        await broken.start()
        await tx.execute(statement)
        if len(await tx.fetch(verify.text_of(name))) <= before:
            blind.append(name)
        await broken.rollback()
    assert blind == []


@pytest.fixture
def database(server: TestServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setenv("JISHI_HOME", str(tmp_path))
    with server.copy(f"verify_{worker_name()}") as dsn:
        monkeypatch.setenv("JISHI_DATABASE_URL", dsn)
        yield dsn


def test_sound_books_are_said_to_be_sound(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify"]) == Exit.OK
    assert capsys.readouterr().out.endswith("The books are sound.\n")
    assert cli.main(["verify", "--json"]) == Exit.OK
    said = json.loads(capsys.readouterr().out)
    assert said["ok"]
    assert [check["name"] for check in said["checks"]] == list(verify.NAMES)


def test_a_breach_is_shown_and_ends_with_its_code(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(database) as link:
        link.execute(BREAKS["offers_equal_orders"])
    assert cli.main(["verify"]) == Exit.CHECK_FAILED
    said = capsys.readouterr().out
    assert "BROKEN in 1 rows" in said
    assert "'offer_id': 1" in said
    assert cli.main(["verify", "--json"]) == Exit.CHECK_FAILED
    (broken,) = [it for it in json.loads(capsys.readouterr().out)["checks"] if not it["ok"]]
    assert (broken["name"], broken["rows"], len(broken["sample"])) == ("offers_equal_orders", 1, 1)
