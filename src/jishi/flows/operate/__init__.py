"""What operators do by hand: send a failed refund again, replay or discard parked events. All audited."""
