"""What a layer is: the facts it states, the plain data they are stated in, and the register of all words."""
