"""The words of this flow: refusals of closing."""

from jishi.kit.errors import Kind, Refusal


class OrdersOpen(Refusal):
    kind, code = Kind.CONFLICT, "closing.orders_open"
    text = "{count} orders are not ended yet. Close the shop when the last one is."


class CasesOpen(Refusal):
    kind, code = Kind.CONFLICT, "closing.cases_open"
    text = "A case against the shop is not ended yet. See Standing."


class ClosedAlready(Refusal):
    kind, code = Kind.CONFLICT, "closing.closed_already"
    text = "The shop is closed already."


class NameUnlike(Refusal):
    code, text = "closing.name_unlike", "Type the shop's name as it stands above to close it."
