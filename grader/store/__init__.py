"""What is remembered: people, courses, submissions, verdicts. Tables, migrations, typed reads and writes.

Callers open a transaction (``store.read()`` or ``store.write()``) and hand its session to the
functions of the noun's module: :mod:`people`, :mod:`courses`, :mod:`submissions`,
:mod:`gradebook`, :mod:`audit`. Rows stay readable after the transaction has ended.
"""
