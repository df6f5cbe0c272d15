"""HTML as nested values: whatever is not markup itself is escaped, so no words of a draft can become markup."""

from html import escape

_EMPTY = frozenset({"meta", "img", "br"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | Markup | None


def tag(name: str, /, *children: Child, **attributes: str | None) -> Markup:
    """An element. Attributes: `class_` is "class", `aria_label` is "aria-label"; None leaves one out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: Child, between: str = "") -> Markup:
    """Elements and words after one another."""
    return Markup(
        between.join(
            child if isinstance(child, Markup) else escape(child, quote=False)
            for child in children
            if child is not None
        )
    )
