"""The kinds of resources, one module each, behind one interface."""
