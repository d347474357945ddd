-- Nothing was ever held there: what open after-sale cases ask is read from the cases. Owner: payouts.
DROP TABLE payout_hold;
