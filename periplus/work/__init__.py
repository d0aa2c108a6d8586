"""What is to be done for a picture, in which order, and what is shared."""
