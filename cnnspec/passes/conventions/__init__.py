"""What other tools count, a file a tool: rules about torch's steps, which are what these tools see of a network."""
