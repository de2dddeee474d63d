"""Store: users, courses, submissions, verdicts. Tables, migrations, typed reads and writes.

Callers open a transaction (``store.read()`` or ``store.write()``) and hand its session to the
functions of the noun's module: :mod:`users`, :mod:`passwords`, :mod:`tokens`, :mod:`courses`,
:mod:`enrolments`, :mod:`submissions`, :mod:`queue`, :mod:`gradebook`, :mod:`audit` and others. Rows stay
readable after the transaction has ended.
"""
