"""What a stand-alone script of a clause has in the place of a function that serves the host above all."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])


def alone(definition: str) -> Callable[[Function], Function]:
    """Mark a function of a chapter. definition: of the same name, in a line, as a script has it."""
    return lambda function: function
