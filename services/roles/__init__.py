"""Roles: who is the operator and who the customer."""
