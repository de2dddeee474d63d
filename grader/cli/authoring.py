"""``grade check``, ``new`` and ``publish``: what an author does at a terminal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from grader.authoring.codes import lines as named
from grader.authoring.findings import Proof
from grader.authoring.kinds import asked
from grader.authoring.new import begin
from grader.authoring.proof import prove
from grader.authoring.writing import write as write_what_follows
from grader.cli.inputs import write as write_text
from grader.cli.options import Slug, debug_option, echo, library_of, options, settings_now
from grader.errors import UsageError
from grader.grading import Truths
from grader.grading.plan import make_plan
from grader.grading.published import publish as published
from grader.sandbox.pool import Pool

SOUND, UNSOUND = 0, 2
COLLAPSE_FROM = 4
"""From so many exercises on, 0.7 s spent on huge pages come back."""


@click.command(short_help="Prove exercises sound (all of them by default).")
@click.argument("slugs", metavar="[EXERCISE]...", nargs=-1, type=Slug())
@click.option(
    "--draws",
    metavar="N",
    type=click.IntRange(0, 1000),
    default=0,
    help="Hand every submission in with N other draws of the hidden cases, too.",
)
@click.option("--matrix", is_flag=True, help="Print how far right and wrong answers lie apart.")
@click.option(
    "--write",
    is_flag=True,
    help="First write what follows: what each submission scores and is told, and visible.json.",
)
@click.option(
    "--write-rejected", is_flag=True, help="The same, and a rejected submission of each misconception."
)
@debug_option
def check(
    slugs: tuple[str, ...],
    draws: int,
    matrix: bool,
    write: bool,
    write_rejected: bool,
    debug: bool,  # noqa: ARG001
) -> int:
    """Prove exercises sound.

    Autograd against the author's closed form, forward mode and differences; every accepted and rejected
    submission; the starter; how far right and wrong answers lie apart at the hidden cases; whether the checks
    notice a changed reference, a table of what is shown, and a backward that ignores what comes in; both
    languages and their LaTeX. What is found is printed as FILE:LINE: WHAT, causes before consequences.
    """
    known = settings_now()
    library = library_of(known)
    wanted = list(dict.fromkeys(slugs)) or library.slugs()
    if not wanted:
        raise UsageError(f"there is no exercise in {known.exercises}: begin one with 'grade new NAME'")
    for slug in slugs:
        if slug not in library.slugs():
            library.get(slug)  # says which one was meant
    truths = Truths()
    with (
        Pool(slots=2, spares=2, collapse=len(wanted) >= COLLAPSE_FROM) as pool,
        ThreadPoolExecutor(2) as threads,
    ):
        proofs = []
        if write or write_rejected:
            for slug in wanted:
                for written in write_what_follows(library, slug, pool, truths, rejected=write_rejected):
                    echo(f"  {_shown(written.path)}: {written.what}")
            # What was loaded is old now.
            library, truths = library_of(known), Truths()
        for proof in threads.map(lambda slug: prove(library, slug, pool, truths, draws=draws), wanted):
            proofs.append(proof)
            for finding in proof.findings:
                echo(str(finding), err=True)
            echo(_line(proof))
            for survivor in proof.survivors:
                echo(f"    unnoticed change: {survivor}")
            if matrix or len(wanted) == 1:
                _print_matrix(proof)
                for line in named(proof.named):
                    echo(f"  {line}")
    unsound = [proof for proof in proofs if not proof.sound]
    if len(proofs) > 1:
        echo(f"{len(proofs) - len(unsound)} of {len(proofs)} exercises are sound.")
    return UNSOUND if unsound else SOUND


def _line(proof: Proof) -> str:
    total = proof.caught + len(proof.survivors)
    nearest = min((row.tolerances for row in proof.separation), default=float("inf"))
    apart = "all differ in form" if nearest == float("inf") else f"≥ {nearest:.2g} tolerances apart"
    mark = "✓" if proof.sound else "✗"
    equivalent = f" ({len(proof.equivalent)} equivalent)" if proof.equivalent else ""
    variants = f"{proof.variants} variants · " if proof.variants else ""
    return (
        f"{mark} {proof.slug:<22} {proof.submissions:>3} submissions · {variants}{apart} · "
        f"mutants {proof.caught}/{total}{equivalent} · {proof.seconds:.1f} s"
    )


def _print_matrix(proof: Proof) -> None:
    """For each check, the distance of each pair of answers in tolerances."""
    for check_id in dict.fromkeys(row.check for row in proof.separation):
        rows = [row for row in proof.separation if row.check == check_id]
        names = list(dict.fromkeys(["right", *(n for row in rows for n in (row.one, row.other))]))
        apart = {frozenset((row.one, row.other)): row.tolerances for row in rows}
        width = max(len(name) for name in names)
        echo(f"  {check_id}, tolerances apart:")
        for n, name in enumerate(names[1:], 1):
            cells = [f"{apart.get(frozenset((name, other)), 0.0):>9.2g}" for other in names[:n]]
            echo(f"    {name:<{width}} {' '.join(cells)}")
        echo(f"    {'':<{width}} {' '.join(f'{name[:9]:>9}' for name in names[:-1])}")


@click.command(short_help="Begin a new exercise.")
@click.argument("slug")
@click.option("--title", default=None, help="Its title in English (default: made of the slug).")
@click.option("--title-zh", default=None, help="Its title in Chinese.")
@click.option("--function", metavar="NAME", default=None, help="The function it is about (f).")
@click.option(
    "--kind",
    "kinds",
    metavar="KIND",
    multiple=True,
    help="A kind of check to begin with; may be given several times (value, gradient and prediction).",
)
@click.option(
    "--input",
    "inputs",
    metavar="NAME",
    multiple=True,
    help="An input of the function; may be given several times (x). The first is differentiated by.",
)
@debug_option
def new(
    slug: str,
    title: str | None,
    title_zh: str | None,
    function: str | None,
    kinds: tuple[str, ...],
    inputs: tuple[str, ...],
    debug: bool,  # noqa: ARG001
) -> None:
    """Begin a new exercise: exercises/SLUG and solutions/SLUG, small and sound, to be changed.

    With --function, --kind or --input it holds exactly what is named, with a TODO wherever its author has to
    write something.
    """
    known = settings_now()
    plan = asked(function, kinds, inputs) if function or kinds or inputs else None
    for path in begin(slug, known.exercises, known.solutions, title, title_zh, plan):
        echo(_shown(path))
    echo(f"Make it yours, and prove it: grade check --write {slug}")


@click.command()
@options(click.argument("slugs", metavar="[EXERCISE]...", nargs=-1, type=Slug()), debug_option)
def publish(slugs: tuple[str, ...], debug: bool) -> None:  # noqa: ARG001
    """Write visible.json, by which a copy without solutions/ judges (all exercises by default)."""
    library, truths = library_of(settings_now()), Truths()
    with Pool(slots=1) as pool:
        for slug in slugs or library.slugs():
            plan = make_plan(library.get(slug), 0)
            path = library.folder(slug) / "visible.json"
            write_text(str(path), published(plan, truths.of(plan, pool)))
            echo(path)


def _shown(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
