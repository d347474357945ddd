"""A case as programs read it."""

from typing import Any

from jishi.modules.aftersale.types import Case


def case_json(case: Case) -> dict[str, Any]:
    """A case as programs read it. Ids are text, amounts minor units, instants ISO 8601 in UTC."""
    return {
        "id": str(case.id),
        "shop_id": str(case.shop_id),
        "order_id": str(case.order_id),
        "line": case.line,
        "quantity": case.quantity,
        "kind": case.kind.value,
        "stage": case.stage.value,
        "reason": case.reason,
        "state": case.state.value,
        "amount_minor": case.amount_minor,
        "offer_minor": case.offer_minor,
        "refunded_minor": case.refunded_minor,
        "refund_id": str(case.refund_id) if case.refund_id else None,
        "freight_minor": case.freight_minor,
        "freight_refunded_minor": case.freight_refunded_minor,
        "freight_owed_minor": case.freight_owed_minor,
        "swap_sku_id": str(case.swap_sku_id) if case.swap_sku_id else None,
        "return_address": case.return_address,
        "evidence_until": case.evidence_until,
        "deadline": case.deadline,
        "version": case.version,
        "asked_at": case.asked_at,
    }
