"""Text that people type or read."""

import unicodedata


def mark(message: str) -> str:
    """Marks an English message for translation; the edge translates it."""
    return message


def clean(text: str) -> str:
    """One line as a person meant it: NFC, no control characters, single spaces, trimmed."""
    kept = text if text.isprintable() else "".join(_visible(c) for c in text)
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def _visible(sign: str) -> str:
    return " " if unicodedata.category(sign)[0] in "CZ" else sign


def clean_lines(text: str) -> str:
    """Several lines: as ``clean`` in each, at most one empty line in a row."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        cleaned = clean(line)
        if cleaned or (lines and lines[-1]):
            lines.append(cleaned)
    return "\n".join(lines).strip()


def like_literal(text: str) -> str:
    """A text as LIKE takes it literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
