"""The installation's signing keys, its certificate and time-stamp authorities, and signatures in PDF files."""
