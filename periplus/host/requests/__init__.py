"""What a sweep node asks for, checked and planned before anything runs."""
