"""A line in a file by which it is known whether somebody has changed the file since it was made: then it is theirs."""

from __future__ import annotations

import re
from hashlib import sha256

SIGNATURE = "sha256 ?  this file without this line"
"""Where the digest is to stand."""
FORM = re.compile(r"^sha256 ([0-9a-f]{64})  this file without this line\n", re.MULTILINE)


def signed(text: str) -> str:
    """With the digest of all other lines."""
    digest = sha256(text.replace(f"{SIGNATURE}\n", "", 1).encode()).hexdigest()
    return text.replace(SIGNATURE, SIGNATURE.replace("?", digest), 1)


def is_as_made(text: str) -> bool:
    """Whether it is signed, and nothing in it was changed. Line ends do not count: Git may have other ones."""
    text = text.replace("\r\n", "\n")
    found = FORM.search(text)
    return found is not None and sha256(FORM.sub("", text, count=1).encode()).hexdigest() == found[1]
