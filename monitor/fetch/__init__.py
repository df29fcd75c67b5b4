"""The network edge: the only package that opens client sockets."""
