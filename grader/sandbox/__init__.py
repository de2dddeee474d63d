"""The jail and its warm pool: code and inputs go in, observations come out.

``wire`` is the protocol, ``jail`` the outer walls, ``syscalls`` the allow-list,
``zygote`` the process that forks, ``child`` the inner walls, ``harness`` what runs the
student's code, ``conversation`` one job with one child, ``pool`` the warm children,
``probe`` what this machine gives.
"""
