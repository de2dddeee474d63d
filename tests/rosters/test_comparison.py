"""A list beside a course: who is new, changed, the same or gone."""

from __future__ import annotations

from grader.rosters.comparison import Member, compare
from grader.rosters.rows import Person

ADA = Member("ada", "Ada Nord", "ada@example.org")
BO = Member("1002", "Bo Li")
CY = Member("cy@example.org", "Cy")
ROBIN = Member("robin", "Robin", student=False)


def test_an_account_is_found_by_login_number_or_address() -> None:
    """In any case; what the list does not say changes nothing."""
    people = [
        Person(2, "", "ADA", "", ""), Person(3, "Bo Li", "boli", "", "1002"),
        Person(4, "Cy", "", "CY@example.org", ""),
        Person(5, "Ada", "adam", "", ""),
    ]  # fmt: skip
    found, problems = compare(people, [ADA, BO, CY, ROBIN])
    assert [(one.state, one.was) for one in found] == [
        ("same", ()), ("changed", (("login", "1002"),)), ("same", ()), ("new", ()),
    ]  # fmt: skip
    assert problems == []


def test_who_is_not_in_the_list_is_gone_unless_teaching() -> None:
    """They are listed last."""
    found, _ = compare([Person(2, "Dee", "dee", "", "")], [ADA, ROBIN])
    assert [(one.person.login, one.state) for one in found] == [("dee", "new"), ("ada", "gone")]


def test_two_lines_that_mean_one_account_are_a_problem() -> None:
    """By its login, and by its address."""
    people = [Person(2, "Ada Nord", "ada", "", ""), Person(3, "Ada Nord", "an", "ada@example.org", "")]
    _, problems = compare(people, [ADA])
    assert [problem.line for problem in problems] == [3] and "as is line 2" in problems[0].message
