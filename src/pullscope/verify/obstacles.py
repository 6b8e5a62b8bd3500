"""What keeps a case from being made, raised where it is met and turned into evidence by `run_case`."""

from pullscope.verify.evidence import Hindrance, Obstacle


class ObstacleError(Exception):
    """The case cannot be made, or not be observed; `obstacle` goes into the evidence."""

    def __init__(self, text: str, *, kind: Hindrance = "failed") -> None:
        super().__init__(text)
        self.obstacle = Obstacle(kind, text)
