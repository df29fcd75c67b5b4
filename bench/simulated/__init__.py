"""Parts of measurements that play something on a clock set by hand."""
