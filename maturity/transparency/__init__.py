"""The public append-only log of certificates (RFC 6962 hashing), its heads and its proofs."""
