"""The words of this flow: refusals of decisions."""

from jishi.kit.errors import Kind, Refusal


class AuditOutdated(Refusal):
    kind, code = Kind.CONFLICT, "audit.outdated"
    text = "The shop changed this product since; it is looked at as it is now."


class AuditOvertaken(Refusal):
    kind, code = Kind.CONFLICT, "audit.overtaken"
    text = "The shop changed the same fields since: {fields}. Send the edit back."


class NothingChosen(Refusal):
    code, text = "audit.nothing_chosen", "Choose at least one."


class TooManyChosen(Refusal):
    kind, code = Kind.TOO_LARGE, "audit.too_many_chosen"
    text = "At most {limit} at once; these are {count}."
