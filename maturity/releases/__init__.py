"""Releases: asked for, computed, looked through by two people, published, and receipted to those counted."""
