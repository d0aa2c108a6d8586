"""AUTOMATIC1111's prompt language, and the scripts that it becomes."""
