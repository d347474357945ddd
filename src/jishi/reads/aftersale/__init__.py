"""After-sale cases as their sides and the market see them: lists by deadline, one case whole."""
