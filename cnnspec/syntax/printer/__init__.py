"""From tree to text, in the one layout of the language; docs/format.md says what it is."""
