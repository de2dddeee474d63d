"""One file a revision: ``revision_0001.py``, ``revision_0002.py`` …"""
