"""What a class's attempts say to who teaches it: misconceptions, how they go, what nobody has named yet.

Rows come in, values go out: nothing here opens a file or a database. Every figure is returned with the number
of students that it is taken over.
"""
