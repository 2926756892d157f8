"""The words that are no layer. What they do is in calls.py and reuse.py; their pages are in manual/forms.py."""

STRUCTURAL = frozenset({"id", "none", "reuse"})
"""The value itself, no branch, and a step once more with the same weights."""

ALSO = {"identity": "id", "skip": "id", "shortcut": "id", "passthrough": "id", "shared": "reuse", "share": "reuse"}
"""What others call them, as names are compared (register.plain)."""
