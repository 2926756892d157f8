"""What editors and viewers of `.cnn` texts ask for, as pure functions over a text."""
