"""Which regions could have been heard in a week."""
