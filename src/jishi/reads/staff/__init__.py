"""A shop's staff page: who works there under which name, and the invitations one could still use."""
