"""What moves between memory and a device, what fusing saves of it, and how long the work takes."""
