"""What a template says the same on every page is worked out once, when it is compiled.

Words without facts (``_('Cart')``) and icons (``i('cart')``) become part of the text around them; as
each language has an environment of its own, its words are known by then.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

FOLDED: Final = {"_": "_", "i": "icon_part"}  # as called in templates → the global behind it


class Folding(NodeTransformer):
    """Replaces calls with constant arguments by what they give."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self._known: dict[str, Callable[..., Markup]] = {
            name: known[behind] for name, behind in FOLDED.items()
        }

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's own naming
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in self._known:
            return node
        if node.kwargs or node.dyn_args or node.dyn_kwargs:
            return node
        said = [it.value for it in node.args if isinstance(it, nodes.Const)]
        if not said or len(said) != len(node.args):
            return node
        found = self._known[node.node.name](*said)
        return nodes.MarkSafe(nodes.Const(str(found)), lineno=node.lineno)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        """Left alone: the compiler joins constants to plain text, which would be escaped again."""
        return node
