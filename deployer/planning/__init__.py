"""Compares what is desired with what is live: plans, plan files, drift, leftovers and the checks of all of them."""
