"""The words of the language as records: what each says of itself, and an example of each worked out.

A reference page, `cnnspec words` and an editor's hover text are all made of these; how they look is decided elsewhere.
"""
