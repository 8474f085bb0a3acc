"""A class to try the platform with, made from the solutions, mutants and attacks at run time."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder import hostile
from autograder.assignment import Assignment
from autograder.audit import mutants
from autograder.release import starter

Files = Mapping[str, bytes]

SLUG = "a1_linear"
# Who makes which famous mistake: exercise and mutant of tests/mutants/.
MISTAKES = {
    "ben": ("softmax_loss", "no_shift"),
    "cleo": ("svm_loss_vectorized", "gradient_not_averaged"),
    "dana": ("predict_labels", "nearest_of_tied"),
    "emil": ("hog", "not_folded"),
    "fay": ("linear_classifier", "uphill"),
    "gus": ("eval_numerical_gradient", "forward_difference"),
    "hana": ("iterations", "always_down"),
}
# Who attack the grader: some of tests/hostile/.
ATTACKS = {
    "always_equal",
    "endless_loop",
    "frame_walk",
    "junk_on_stdout",
    "memory_hog",
    "treasure_hunt",
}


def write_class(assignment: Assignment, folder: Path) -> list[str]:
    """Write the demo class into `folder`, an entry a student; their names."""
    solution = {name: (assignment.solutions / name).read_bytes() for name in assignment.files}
    folder.mkdir(parents=True, exist_ok=True)
    everyone = _honest(assignment, solution) | _attacking(assignment, solution)
    for name, files in everyone.items():
        _write_folder(folder / name, files)
    _write_zip(folder / "alma.zip", solution)
    _write_tar(folder / "anton.tar.gz", solution)
    (folder / "zoe.zip").write_bytes(b"Rar!\x1a\x07\x01\x00 this is not a zip file")
    return sorted(entry.name for entry in folder.iterdir())


def _honest(assignment: Assignment, solution: Files) -> dict[str, Files]:
    """Perfect, one famous mistake each, and those who did not get far."""
    stubs = {Path(name).name: text.encode() for name, text in starter.generate(assignment).items()}
    first, *others = assignment.files
    broken = solution[first] + b"\n\ndef unfinished(x:\n    return x\n"
    students: dict[str, Files] = {
        "ada": solution,
        "nils_starter_untouched": stubs,
        "olga_one_file_missing": {name: solution[name] for name in others},
        "pia_syntax_error": {**solution, first: broken},
    }
    known = {(each.exercise, each.name): each for each in mutants.load(assignment).mutants}
    for name, mistake in MISTAKES.items():
        students[f"{name}_{mistake[1]}"] = mutants.apply(known[mistake], solution)
    return students


def _attacking(assignment: Assignment, solution: Files) -> dict[str, Files]:
    chosen = [each for each in hostile.load(assignment) if each.name in ATTACKS]
    return {f"x_{each.name}": each.applied(solution) for each in chosen}


def _write_folder(folder: Path, files: Files) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _write_zip(path: Path, files: Files) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(f"my work/{name}"), content)


def _write_tar(path: Path, files: Files) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
