"""Keeping a product or a shop in view: joins what is kept with what there is. Owns no table."""
