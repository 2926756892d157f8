"""What is likely not meant although it compiles. Each file looks for it and is its own page."""
