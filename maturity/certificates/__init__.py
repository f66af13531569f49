"""Certificates: what they say, their number, their paper, and their standing after issue."""
