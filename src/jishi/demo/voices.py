"""What people of the demo say after they bought: reviews, cases of after-sale, a conversation."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from jishi.demo.month import Clerk, Returned, Written, confirm_refunds
from jishi.demo.plan import Plan
from jishi.flows.answer_aftersale import Asked, act_once
from jishi.flows.ask_aftersale.flow import ask
from jishi.flows.place_orders.types import PlannedOrder
from jishi.flows.write_review.flow import write
from jishi.kit.ids import AccountId, ShopId
from jishi.modules import messages, reviews
from jishi.modules.aftersale import Act, Case, CaseKind, Deed, Side, Wish
from jishi.modules.messages import Draft, MessageKind
from jishi.modules.messages import Side as Speaker
from jishi.modules.reviews.types import Words

REVIEWS: Final = 90
ANSWERED_EVERY: Final = 5
SAID: Final = (
    (5, "收到很快，包装严实，打开没有一点磕碰。用了几天，和页面上写的一样，会再来。"),
    (5, "第二次买了，家里人都喜欢。店家还放了一张手写的小卡片。"),
    (4, "东西不错，就是比想象的小一点，下次直接选大的。"),
    (5, "Arrived two days early and well packed. Exactly as described."),
    (5, "给爸妈买的，他们说好，又让我再下一单。"),
    (3, "质量可以，物流慢了一天，好在客服回得快。"),
    (5, "做工细，边角都处理过，这个价格很值。"),
    (4, "Good quality for the price; the colour is a little warmer than in the picture."),
    (5, "对比了好几家才下的单，没有失望。"),
    (2, "有一件角上压了一下，能用，但心里不舒服。"),
    (5, "朋友推荐来的，果然靠谱。"),
    (4, "整体满意，说明书再写清楚些就更好了。"),
)  # fmt: skip
ANSWERS: Final = (
    "谢谢您的喜欢！有任何问题随时找我们，下次下单备注一声，给您挑好的。",
    "抱歉给您添了麻烦，包装我们已经加厚了，之后有问题请直接联系我们。",
)
CHAT: Final = (
    (Speaker.BUYER, "你好，请问这个现在下单，周末前能到杭州吗？"),
    (Speaker.SHOP, "您好！每天下午四点前的订单当天发出，到杭州一般两天，周末前没问题。"),
    (Speaker.BUYER, "好的。送人的话可以不放价签吗？"),
    (Speaker.SHOP, "可以的，下单时备注“送礼”，我们换礼盒，不放任何单据。"),
    (Speaker.BUYER, "太好了，谢谢！"),
)


async def speak(clerk: Clerk, plan: Plan, written: Sequence[Written]) -> list[Returned]:
    """All of it, each through what live people pass through; the money a case gave back."""
    done = [
        (it, order, it.story.completed_at)
        for it in written
        if it.story.completed_at
        for order in it.plan.orders
    ]
    done.sort(key=lambda it: it[2], reverse=True)
    await _review(clerk, plan, done)
    await _chat(clerk, plan)
    return await _cases(clerk, plan, done)


Done = tuple[Written, PlannedOrder, datetime]


async def _review(clerk: Clerk, plan: Plan, done: Sequence[Done]) -> None:
    """Every second completed order of late, some answered by the shop."""
    owners = {clerk.world.shops[at]: clerk.world.owners[at] for at in clerk.world.shops}
    for nth, (it, order, at) in enumerate(reversed(done[1 : 2 * REVIEWS : 2])):
        stars, text = SAID[nth % len(SAID)]
        said_at = min(at + timedelta(hours=5 + nth % 40), plan.now - timedelta(minutes=90 - nth))
        made = await write(
            clerk.tx,
            order.id,
            order.lines[0].line,
            Words(stars=stars, text=text, is_anonymous=nth % 4 == 0),
            clerk.maker,
            writer_id=it.plan.buyer_id,
            now=said_at,
        )
        if nth % ANSWERED_EVERY == 0:
            await reviews.answer(
                clerk.tx,
                made.id,
                ANSWERS[stars < 4],  # noqa: PLR2004 - of those who are not content
                shop_id=order.shop_id,
                by=owners[order.shop_id],
                now=min(said_at + timedelta(hours=3), plan.now),
            )


async def _chat(clerk: Clerk, plan: Plan) -> None:
    """The printed buyer asks the first shop before buying; the last word waits for the shop."""
    buyer, shop_id = clerk.world.buyers[0], clerk.world.shops[0]
    at = plan.now - timedelta(minutes=50)
    talk = await messages.open_conversation(
        clerk.tx, shop_id, buyer, maker=clerk.maker, is_staff=False, now=at
    )
    for nth, (side, text) in enumerate(CHAT):
        await messages.say(
            clerk.tx,
            talk.id,
            Draft(kind=MessageKind.TEXT, text=text, key=f"demo:{nth}"),
            side=side,
            person_id=buyer if side is Speaker.BUYER else clerk.world.owners[0],
            maker=clerk.maker,
            now=at + timedelta(minutes=4 * nth),
        )


async def _cases(clerk: Clerk, plan: Plan, done: Sequence[Done]) -> list[Returned]:
    """In the first shop: one waits for it, one is before the market, one was settled with money."""
    first = clerk.world.shops[0]
    fresh = plan.now - timedelta(days=6)
    mine = [(it, order) for it, order, at in done if order.shop_id == first and at > fresh]
    if len(mine) < 3:  # noqa: PLR2004
        return []
    waits, argued, settled = mine[0], mine[1], mine[2]
    await _ask(
        clerk, waits, "changed_mind", CaseKind.RETURN, "尺寸和我想的不一样，没有用过。", plan
    )
    case = await _ask(
        clerk, argued, "not_arrived", CaseKind.REFUND, "显示签收了，可我没有收到。", plan
    )
    shop, now = clerk.world.owners[0], plan.now
    refused = Act(
        deed=Deed.REFUSE,
        side=Side.SHOP,
        at=now - timedelta(hours=20),
        account_id=shop,
        reason="not_proven",
        text="快递说放在门口了，有签收照片。",
    )
    await _do(clerk, case, refused)
    called = Act(
        deed=Deed.ESCALATE,
        side=Side.BUYER,
        at=now - timedelta(hours=18),
        account_id=argued[0].plan.buyer_id,
        text="照片不是我家门口，楼道和门牌都不对。",
    )
    await _do(clerk, case, called)
    case = await _ask(clerk, settled, "agreed", CaseKind.REFUND, "和店家说好了，退一件的钱。", plan)
    agreed = Act(deed=Deed.AGREE, side=Side.SHOP, at=now - timedelta(hours=22), account_id=shop)
    ended = await _do(clerk, case, agreed)
    assert ended.refund_id
    returned = [
        Returned(ended.refund_id, settled[0].plan.payment_id, ended.refunded_minor, agreed.at)
    ]
    await confirm_refunds(clerk, returned)
    return returned


async def _ask(
    clerk: Clerk,
    bought: tuple[Written, PlannedOrder],
    reason: str,
    kind: CaseKind,
    text: str,
    plan: Plan,
) -> Case:
    """About one piece of the first line, a day ago."""
    it, order = bought
    wish = Wish(line=order.lines[0].line, kind=kind, reason=reason, quantity=1, text=text)
    cases = await ask(
        clerk.tx,
        order.id,
        [wish],
        buyer_id=it.plan.buyer_id,
        maker=clerk.maker,
        now=plan.now - timedelta(hours=24),
    )
    return cases[0]


async def _do(clerk: Clerk, case: Case, act: Act) -> Case:
    is_shop = act.side is Side.SHOP
    asked = Asked(
        case_id=case.id,
        act=act,
        shop_id=ShopId(case.shop_id) if is_shop else None,
        buyer_id=None if is_shop else AccountId(case.buyer_id),
    )
    return await act_once(clerk.tx, asked, clerk.maker, confirm_after=clerk.confirm_after)
