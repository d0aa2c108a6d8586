"""The page that shows a saved sweep."""
