"""Verifying without an account, the registers, and the supervision of certification bodies."""
