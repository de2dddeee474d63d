"""Lists of people as schools send them: read whatever wrote them, and filled in with scores byte by byte.

Bytes come in, values go out: nothing here opens a file or a database.
"""
