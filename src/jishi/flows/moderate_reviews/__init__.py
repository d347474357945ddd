"""What operators do about reviews: hide with a reason, show again, leave as it is. All audited."""
