import httpx
import pytest

from jishi.sandbox import words
from tests.sandbox.harness import Api, Merchant, SandboxProcess


@pytest.fixture
async def page(api: Api, merchant: Merchant, number: str) -> str:
    """The address of a fresh pay page."""
    created = await api.create(number, merchant)
    return str(created.json()["pay_url"])


def browser(**headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, verify=False, headers=headers)


async def test_the_page_speaks_the_payers_language(page: str, number: str) -> None:
    async with browser() as client:
        chinese = await client.get(page, headers={"accept-language": "zh-CN,en;q=0.5"})
        english = await client.get(page, headers={"accept-language": "en-GB"})
        chosen = await client.get(page, params={"lang": "en"})
        kept = await client.get(page, headers={"accept-language": "zh"})
    assert "付款 ¥250.00" in chinese.text
    assert 'lang="zh-CN"' in chinese.text
    assert "Pay ¥250.00" in english.text
    assert "Pay ¥250.00" in chosen.text
    assert "Pay ¥250.00" in kept.text
    assert number in chinese.text
    assert "山里来信" in chinese.text


async def test_paying_leads_back_to_the_shop_and_tells_it(
    page: str, merchant: Merchant, number: str
) -> None:
    async with browser() as client:
        paid = await client.post(page, data={"action": "pay", "method": "bank"})
        assert paid.status_code == 303
        assert paid.headers["location"] == (
            f"{merchant.return_url}&out_trade_no={number}&result=paid"
        )
        await merchant.hears(lambda: merchant.events(number) == ["payment.paid"])
        again = await client.post(page, data={"action": "pay"})
        assert (again.status_code, "已付 ¥250.00" in again.text) == (200, True)


async def test_cancelling_takes_nothing_and_leaves_it_open(
    page: str, merchant: Merchant, number: str
) -> None:
    async with browser() as client:
        left = await client.post(page, data={"action": "cancel"})
        assert left.headers["location"].endswith("&result=cancelled")
        assert "付款 ¥250.00" in (await client.get(page)).text


async def test_a_declined_payment_says_where_the_money_is(page: str, merchant: Merchant) -> None:
    async with browser() as client:
        declined = await client.post(page, data={"action": "pay", "behaviour": "fail"})
    assert declined.status_code == 422
    assert "没付成功，钱没有扣" in declined.text
    assert merchant.heard == []


@pytest.mark.parametrize(
    "form",
    [
        {"seconds": "-1"},
        {"seconds": "86401"},
        {"seconds": "soon"},
        {"behaviour": "nicely"},
        {"method": "gold"},
        {"action": "steal"},
        {"refunds": ""},
        {f"f{n}": "x" for n in range(30)},
    ],
)
async def test_a_form_that_does_not_read_takes_nothing(
    page: str, api: Api, number: str, form: dict[str, str]
) -> None:
    async with browser() as client:
        answer = await client.post(page, data=form)
        broken = await client.post(page, content=b"\xff\xfe=%zz")
    assert answer.status_code == 422
    assert broken.status_code in (303, 422)
    if broken.status_code == 422:
        assert (await api.call("GET", f"/v1/payments/{number}")).json()["state"] == "open"


async def test_another_site_cannot_pay_in_someones_name(page: str, api: Api, number: str) -> None:
    async with browser(origin="https://evil.example") as client:
        assert (await client.post(page, data={"action": "pay"})).status_code == 403
    async with browser(**{"sec-fetch-site": "cross-site"}) as client:
        assert (await client.post(page, data={"action": "pay"})).status_code == 403
    assert (await api.call("GET", f"/v1/payments/{number}")).json()["state"] == "open"


async def test_a_closed_payment_says_so(page: str, api: Api, number: str) -> None:
    await api.call("POST", f"/v1/payments/{number}/close")
    async with browser() as client:
        assert "这笔付款已关闭" in (await client.get(page)).text
        assert "这笔付款已关闭" in (await client.post(page, data={"action": "pay"})).text


async def test_pages_forbid_frames_foreign_scripts_and_caches(
    page: str, merchant: Merchant
) -> None:
    async with browser() as client:
        headers = (await client.get(page)).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self'" in policy
    assert f"form-action 'self' http://127.0.0.1:{merchant.port}" in policy
    assert headers["cache-control"] == "no-store"


async def test_an_unknown_page_is_a_page(sandbox: SandboxProcess) -> None:
    async with browser() as client:
        unknown = await client.get(f"{sandbox.url}/pay/SB0")
        assert (unknown.status_code, "没有这笔付款" in unknown.text) == (404, True)
        assert (await client.get(f"{sandbox.url}/assets/../types.py")).status_code == 404
        assert (await client.get(f"{sandbox.url}/assets/schema.sql")).status_code == 404
        assert (await client.get(f"{sandbox.url}/assets/sandbox.css")).status_code == 200


async def test_what_a_shop_calls_itself_is_not_markup(
    api: Api, merchant: Merchant, number: str
) -> None:
    made = await api.create(number, merchant, subject="<script>alert(1)</script>")
    async with browser() as client:
        assert "<script>alert" not in (await client.get(made.json()["pay_url"])).text


async def test_deliveries_are_shown_here_and_paged(
    sandbox: SandboxProcess, api: Api, merchant: Merchant, number: str
) -> None:
    await api.create(number, merchant)
    await api.pay(number, behaviour="twice")
    await merchant.hears(lambda: len(merchant.events(number)) == 2)
    url = f"{sandbox.url}/deliveries"
    async with browser() as client:
        log = await client.get(url, params={"out_trade_no": number})
        assert log.text.count("payment.paid") == 0
        assert log.text.count("已付款") == 2
        assert "HTTP 200" in log.text
        assert (await client.get(url, params={"before": "0"})).status_code == 400
        assert (await client.get(url, headers={"x-forwarded-for": "1.2.3.4"})).status_code == 403
        assert "还没有发过通知" in (await client.get(url, params={"before": "1"})).text


def test_every_word_of_the_pages_is_translated() -> None:
    import re

    from jishi.sandbox.pages import HERE
    from jishi.sandbox.types import Event

    said = {str(event) for event in Event}
    for template in (HERE / "pages").glob("*.html"):
        text = template.read_text("utf-8")
        said |= set(re.findall(r"_\('([^']+)'", text))
        said |= set(re.findall(r"'([A-Z][^']+ [^']*\.?)'", text))
    missing = {one for one in said if one not in words.ZH and "{%" not in one}
    assert missing == set()
