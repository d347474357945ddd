"""Keep permits: shops hand them in, are told of their end, and goods go off sale and back with them."""
