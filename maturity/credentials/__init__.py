"""Certificates as verifiable credentials, with status lists and selective disclosure."""
