"""``make load``: what the service carries, where it stops, and what stops it there.

=================  ==================================================================================
``record``         versions and machine, and how busy the machine was before anything began
``classroom``      a course of so many students in a database, with their tokens and cookies
``students``       students who hand in and wait for their verdicts, over the JSON API
``services``       the service in both modes: one process on SQLite; pages, workers, Redis, PostgreSQL
``usage``          who used the processors meanwhile, and what the bottleneck was
``ladder``         steps of more and more students at the pages, the mix held (locust)
``deadline``       a rush, a flood, loops, slow clients, a burst of sign-ins
``growth``         what one request costs with 10³ … 10⁶ stored submissions, and with 1, 2, 4 slots
=================  ==================================================================================
"""
