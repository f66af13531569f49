"""Reviewing a case: the sample, the file, verdicts and corrections, the letter and the minutes."""
