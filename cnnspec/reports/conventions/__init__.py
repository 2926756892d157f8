"""What other tools print for a network, and where it parts from ours."""
