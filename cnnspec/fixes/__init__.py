"""What would make a text compile: changes that are proposed, written into it, and checked before anybody sees them."""
