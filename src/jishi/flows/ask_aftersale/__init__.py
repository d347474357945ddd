"""A buyer opens after-sale cases about lines of an order: choose units, what they want, why, how much."""

from jishi.flows.ask_aftersale.flow import ask as ask
