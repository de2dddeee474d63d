"""The jail and its warm pool: code and inputs go in, observations come out.

``wire`` is the protocol, ``jail`` the outer walls, ``syscalls`` the allow-list (seccomp), ``zygote`` the warm
process that forks, ``session`` one job with one child, ``runner`` a job to its end, ``pool`` the warm
children, ``probe`` what this machine gives; ``inside`` is what runs in the jail.
"""
