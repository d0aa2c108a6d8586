"""Sheets: measured, laid out, drawn and written."""
