"""Files: written whole, named safely, read with distrust."""
