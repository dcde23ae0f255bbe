"""Compiles a template with work limits to leaner Python, which counts and refuses the same as Jinja's own code.

Jinja's own code calls everything by way of `environment.call`, prints through three functions and finds macros by
exceptions. Templates of scripts are mostly macros that print, so that this is most of what rendering takes.
"""

from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE

if TYPE_CHECKING:
    Finalize = CodeGenerator._FinalizeInfo  # noqa: SLF001 - for the type alone


class ScriptCodeGenerator(CodeGenerator):
    """Jinja's code generator with direct calls where it is known at compile time what is called."""

    def enter_frame(self, frame: Frame) -> None:
        """Remember which names the template looks up in what it is given."""
        super().enter_frame(frame)
        if self.name is not None:
            for action, name in frame.symbols.loads.values():
                if action == VAR_LOAD_RESOLVE and name is not None:
                    self.environment.note_read(self.name, name)  # type: ignore[attr-defined]

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """Call what `add_work_limits` put in as a method of the environment: no template can name one."""
        if not isinstance(node.node, nodes.EnvironmentAttribute):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write(f"environment.{node.node.name}(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: "Finalize") -> None:
        """Print through one function, which one being known as long as nothing can change `autoescape` on the way."""
        if frame.eval_ctx.volatile:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.print_code(" if frame.eval_ctx.autoescape else "environment.print_text(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: "Finalize") -> None:
        if frame.eval_ctx.volatile:
            super()._output_child_post(node, frame, finalize)
        else:
            self.write(")")
