"""Check out: the cart, the page one buys from, paying, and what a buyer does with an order.

Owns no table: lines are kept by carts, orders are placed by place_orders, money is payments'. What a page
shows is quoted anew each time; what has changed since the buyer saw it is told at its line, and buying
goes on with one tap once it is seen.
"""
