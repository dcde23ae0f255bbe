"""Holds the use cases of one tenant, each one function of a context and options, for the command line and for programs.

    context = Context(Project(Path("project")), "prod")
    planned = await plan(context)                      # deployer.operations.plan
    applied = await apply(context, ApplyOptions())     # deployer.operations.apply

Each returns typed data that is free of secrets, reports to `context.observer` what it does, and prints and asks nothing
by itself. Errors are `DeployerError`, refusals `RefusedError`: nothing was changed then.
"""
