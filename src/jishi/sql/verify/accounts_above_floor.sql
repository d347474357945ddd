-- Money owed to others that has fallen below nothing.
-- out:    account and balance
SELECT kind, party_id, cell, credit_minor - debit_minor AS balance_minor FROM ledger_account
WHERE (kind = 'escrow' OR kind LIKE 'payable:%' OR kind LIKE 'deposit:%') AND debit_minor > credit_minor
