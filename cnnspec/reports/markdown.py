"""Text that Markdown leaves as it is."""


def escaped(text: str) -> str:
    """Nothing in it is Markdown or HTML, in a cell of a table or outside."""
    for each in "\\|*_`<[":
        text = text.replace(each, "&lt;" if each == "<" else f"\\{each}")
    return text


def code(text: str) -> str:
    """As code in a cell of a table: what would end it is written otherwise."""
    if not text:
        return ""
    return f"`{text}`" if "`" not in text and "|" not in text else escaped(text)
