"""The words of the language: the list, and the page of each."""
