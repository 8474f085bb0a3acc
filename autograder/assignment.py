"""An assignment as `assignment.toml` describes it, and where its files are in each room."""

import hashlib
import os
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from autograder.errors import StaffError

TOML = "assignment.toml"
ROOT_VARIABLE = "AUTOGRADER_ROOT"
_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_ROOMS = ("assignments", "solutions")

PlainName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
PythonFile = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*\.py$")]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
QualName = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Limits(_Model):
    """What one submission may use; the clock is kept on the trusted side."""

    import_s: Seconds = 10.0
    call_s: Seconds = 5.0
    exercise_s: Seconds = 20.0
    submission_s: Seconds = 120.0
    memory_mb: Count = 1024
    gpu_memory_mb: Count = 4096
    processes: Count = 64


class Rules(_Model):
    """What the source of a submission may not do anywhere."""

    forbid_imports: tuple[QualName, ...] = ()


class Exercise(_Model):
    """One graded exercise: its functions in one file, its points, and its own rules."""

    name: Identifier
    file: PythonFile
    points: Annotated[float, Field(gt=0)]
    summary: Annotated[str, Field(min_length=1)]
    functions: tuple[QualName, ...] = ()
    requires: tuple[Identifier, ...] = ()
    no_loops: bool | tuple[QualName, ...] = False
    forbid_calls: tuple[QualName, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _default_functions(cls, data: Any) -> Any:
        if isinstance(data, dict) and "name" in data and not data.get("functions"):
            return {**data, "functions": (data["name"],)}
        return data

    @model_validator(mode="after")
    def _known_functions(self) -> Self:
        unknown = set(self.loop_free) - set(self.functions)
        if unknown:
            raise ValueError(f"no_loops names {_quoted(unknown)}, not among its functions")
        return self

    @property
    def loop_free(self) -> tuple[str, ...]:
        """The functions that may hold no Python loop."""
        if isinstance(self.no_loops, bool):
            return self.functions if self.no_loops else ()
        return self.no_loops


class Assignment(_Model):
    """Everything an `assignment.toml` says, and the folders that belong to its slug."""

    slug: str
    root: Path
    title: Annotated[str, Field(min_length=1)]
    runtime: Literal["numpy", "torch"]
    files: Annotated[tuple[PythonFile, ...], Field(min_length=1)]
    data: tuple[PlainName, ...] = ()
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.]*$")] = "1"
    due: AwareDatetime | None = None
    question_points: Annotated[float, Field(ge=0)] = 0.0
    limits: Limits = Limits()
    rules: Rules = Rules()
    exercises: Annotated[tuple[Exercise, ...], Field(min_length=1, validation_alias="exercise")]

    @field_validator("files", "data")
    @classmethod
    def _distinct(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if twice := _repeated([name.lower() for name in names]):
            raise ValueError(f"{_quoted(twice)} stands there twice")
        return names

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for problem in (*_exercise_problems(self), *_file_problems(self)):
            raise ValueError(problem)
        return self

    def exercise(self, name: str) -> Exercise:
        """Return the exercise of that name; StaffError when there is none."""
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        known = ", ".join(exercise.name for exercise in self.exercises)
        raise StaffError(f"no exercise {name!r}; there are: {known}", _toml_name(self.slug))

    @property
    def max_score(self) -> float:
        """The points of all exercises together (100)."""
        return float(sum(exercise.points for exercise in self.exercises))

    @property
    def toml(self) -> Path:
        """The file that describes this assignment."""
        return self.root / _toml_name(self.slug)

    @property
    def handout(self) -> Path:
        """The notebook's source, as Markdown."""
        return self.root / "assignments" / self.slug / "handout.md"

    @property
    def data_dir(self) -> Path:
        """Data files that travel with the release."""
        return self.root / "assignments" / self.slug / "data"

    @property
    def solutions(self) -> Path:
        """The reference implementation."""
        return self.root / "solutions" / self.slug

    @property
    def starter(self) -> Path:
        """The generated starter code."""
        return self.root / "starter_code" / self.slug

    @property
    def hidden(self) -> Path:
        """The graded suite."""
        return self.root / "tests" / "hidden" / self.slug

    @property
    def visible(self) -> Path:
        """The checks that travel with the release."""
        return self.root / "tests" / "visible" / self.slug

    @property
    def mutants(self) -> Path:
        """Wrong and right variants that put the suite on trial."""
        return self.root / "tests" / "mutants" / self.slug


def find_root(start: Path | None = None) -> Path:
    """Return the course's folder: the nearest one upwards that holds assignments/ and solutions/.

    The environment's AUTOGRADER_ROOT wins. Without a `start`, the working folder is looked at first
    and then the checkout that this package was installed from.
    """
    if told := os.environ.get(ROOT_VARIABLE):
        if _is_root(Path(told)):
            return Path(told).resolve()
        raise StaffError(f"{told} has no assignments/ and solutions/", where=ROOT_VARIABLE)
    first = [start] if start is not None else [Path.cwd(), Path(__file__)]
    for place in first:
        for folder in (place.resolve(), *place.resolve().parents):
            if _is_root(folder):
                return folder
    raise StaffError(f"no folder upwards of {first[0]} has assignments/ and solutions/")


def slugs(root: Path) -> list[str]:
    """Return the slugs of all assignments, sorted."""
    return sorted(path.parent.name for path in (root / "assignments").glob(f"*/{TOML}"))


def load(slug: str, root: Path) -> Assignment:
    """Read and validate one assignment; a StaffError names the file and the key."""
    where = _toml_name(slug)
    if not _SLUG.fullmatch(slug):
        raise StaffError(f"the slug {slug!r} is not lower-case letters, digits and underscores")
    said = _read_toml(root / where, where)
    if taken := {"slug", "root", "exercises"} & said.keys():
        raise StaffError(f"{min(taken)}: unknown key", where)
    try:
        return Assignment.model_validate({**said, "slug": slug, "root": root.resolve()})
    except ValidationError as error:
        raise StaffError(_first_problem(error, said), where) from None


def suite_hash(assignment: Assignment) -> str:
    """A digest of everything that decides a verdict: assignment, hidden suite, solutions, data."""
    decides = assignment.model_dump_json(exclude={"root", "version", "due", "question_points"})
    digest = hashlib.sha256(decides.encode())
    places = sorted(assignment.hidden.rglob("*.py"))
    places += [assignment.solutions / name for name in assignment.files]
    places += [assignment.data_dir / name for name in assignment.data]
    for path in places:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(assignment.root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return f"sha256:{digest.hexdigest()}"


def _toml_name(slug: str) -> str:
    return f"assignments/{slug}/{TOML}"


def _is_root(folder: Path) -> bool:
    return all((folder / room).is_dir() for room in _ROOMS)


def _read_toml(path: Path, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StaffError("no such file", where) from None
    except UnicodeDecodeError:
        raise StaffError("not UTF-8 text", where) from None
    except tomllib.TOMLDecodeError as error:
        raise StaffError(str(error), where) from None  # the message holds line and column


def _first_problem(error: ValidationError, said: dict[str, Any]) -> str:
    """Say the first problem in one line: which exercise, which key, what is wrong."""
    first = error.errors(include_url=False)[0]
    place = list(first["loc"])
    parts = []
    if len(place) > 1 and place[0] == "exercise" and isinstance(place[1], int):
        said_name = said["exercise"][place[1]]
        name = said_name.get("name") if isinstance(said_name, dict) else None
        parts.append(f"exercise {name!r}" if name else f"exercise number {place[1] + 1}")
        place = place[2:]
    if place:
        parts.append(".".join(str(step) for step in place))
    unknown = first["type"] == "extra_forbidden"
    parts.append("unknown key" if unknown else first["msg"].removeprefix("Value error, "))
    return ": ".join(parts)


def _file_problems(assignment: Assignment) -> list[str]:
    named = {exercise.file for exercise in assignment.exercises}
    return [
        *(
            f"exercise {exercise.name!r}: file: {exercise.file!r} is not among files"
            for exercise in assignment.exercises
            if exercise.file not in assignment.files
        ),
        *(f"files: no exercise uses {name!r}" for name in assignment.files if name not in named),
    ]


def _exercise_problems(assignment: Assignment) -> list[str]:
    names = [exercise.name for exercise in assignment.exercises]
    problems = [f"exercise {name!r} stands there twice" for name in _repeated(names)]
    earlier: set[str] = set()
    for exercise in assignment.exercises:
        if unknown := set(exercise.requires) - earlier:
            problems.append(
                f"exercise {exercise.name!r}: requires: {_quoted(unknown)} is no earlier exercise"
            )
        earlier.add(exercise.name)
    if abs(assignment.max_score - 100) > 1e-9:
        problems.append(f"points of all exercises add up to {assignment.max_score:g}, not 100")
    return problems


def _repeated(names: Sequence[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _quoted(names: Sequence[str] | set[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))
