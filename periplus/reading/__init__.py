"""How a picture was made, read from its file."""
