"""Edit by sheet: goods of a shop downloaded as a spreadsheet, changed there, and uploaded again.

An empty cell leaves what stands; ``-`` empties what may be empty. An upload is checked first and shown row
by row; confirmed, it is applied in the background in bounded chunks, through the rules of the audit and
with versions; within 30 days it can be undone once, as far as nobody changed the same fields since.
"""
