"""Words and icons that are the same on every page are part of the compiled template, with the same result."""

import pytest

from jishi.web.i18n import LOCALES
from jishi.web.pages import environment


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "template",
    [
        "{{ _('Cart') }}",
        "{{ i('cart') }}{{ i('cart', 'i--sm') }}",
        "{% set text = _('Cart') %}<b title=\"{{ text }}\">{{ text }}</b>",
        "{{ i('cart') ~ ' & ' ~ _('Cart') }}",
        "{{ (_('Cart') if yes else _('Orders')) ~ who }}",
        "{{ _('{n} pieces', n=who) }}",
        "{% for i in [1, 2] %}{{ i }}{% endfor %}",
    ],
)
def test_a_folded_template_says_what_it_would_have_said(locale: str, template: str) -> None:
    """Asked through a name that is not folded, the same functions give the same."""
    plain = template.replace("_(", "gettext(").replace("i('", "icon_part('")
    made = environment(locale)
    facts = {"yes": True, "who": "<Ann>"}
    head = "{% from 'm.html' import i %}"
    assert made.from_string(head + template).render(facts) == made.from_string(plain).render(facts)


def test_words_without_facts_are_looked_up_once() -> None:
    compiled = environment("zh-CN").compile("{{ _('Cart') }}", raw=True)
    assert "购物车" in compiled
    assert "gettext" not in compiled
