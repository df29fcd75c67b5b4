"""The sample newsroom: invented outlets served over HTTP on loopback."""
