"""Certification: from an application to a decision, between an enterprise and a certification body."""
