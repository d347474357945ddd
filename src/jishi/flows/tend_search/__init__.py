"""What an operator does about search: synonyms, and searches that are not to be suggested.

Search and the audit record in one transaction; owns no table.
"""
