"""What the outside may rely on: exit codes, and the variable by which a shell asks for completions."""

CLEAN = 0
FINDINGS = 1
USAGE = 2
"""Wrong options, or a file that cannot be read or written."""
FAULT = 3
INTERRUPTED = 130

FULL = "full"
FORMS = (FULL, "concise", "json", "github", "sarif")
"""How `check` shows findings; all but the first are for other programs."""

COMPLETE = "_CNNSPEC_COMPLETE"
