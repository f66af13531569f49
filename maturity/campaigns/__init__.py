"""Campaigns: a regulator calls all enterprises of a place to assess themselves, and sees who takes part."""
