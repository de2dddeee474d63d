"""``grade``, the command line: a module for each group of commands; ``main`` finds the one that is called."""
