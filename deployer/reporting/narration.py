"""Shows the story of the demo between the commands that it runs."""

from rich.text import Text

from deployer.reporting.terminal import console


class Narration:
    """Shows sentences as comments of a shell, and command lines behind its prompt."""

    def say(self, words: str) -> None:
        """Show sentences."""
        console().print()
        console().print(Text(f"# {words}".replace("\n", "\n# "), "strong"))

    def command(self, command: str) -> None:
        """Show the command line that follows."""
        console().print(Text.assemble(("$ ", "muted"), (command, "command")))
        console().print()

    def file(self, text: str) -> None:
        """Show what is in a file."""
        console().print(Text(text, "muted"))
