"""Does a script call its callback exactly once? An abstract run of the script, with asynchronous continuations."""
