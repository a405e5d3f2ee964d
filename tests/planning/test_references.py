"""How issues and pull requests may be written, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.planning.world import HOME
from tinytown.domain.objective import GITHUB, IssueRef, PullRef
from tinytown.errors import PlanRefused
from tinytown.planning.references import needs_default, parse, parse_issue
from tinytown.planning.repository import Repository, repository_of

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)
hosts = st.just(GITHUB) | st.from_regex(r"[a-z0-9][a-z0-9-]{0,10}(\.[a-z]{2,5}){1,2}(:8[0-9]{3})?", fullmatch=True).filter(
    lambda host: not host.startswith(("www.", "ssh.", "api.")) and not host.startswith("github.com")
)
numbers = st.integers(1, 2**53)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", "acme/shop#12"),
        (" #12 ", "acme/shop#12"),
        ("GH-12", "acme/shop#12"),
        ("owner/repo#3", "owner/repo#3"),
        ("o.w_n-er/re.po_-#3", None),
        ("git.corp.example/owner/repo#3", "git.corp.example/owner/repo#3"),
        ("git.corp.example:8443/owner/repo#3", "git.corp.example:8443/owner/repo#3"),
        ("github.com/owner/repo#3", "owner/repo#3"),
        pytest.param("https://github.com/owner/repo/issues/77", "owner/repo#77", id="page"),
        pytest.param("http://www.GitHub.com/owner/repo/issues/77/", "owner/repo#77", id="Defect 51: trailing slash, www, http"),
        pytest.param("https://github.com/owner/repo/issues/77?q=is%3Aopen", "owner/repo#77", id="Defect 51: query"),
        pytest.param("https://github.com/owner/repo/issues/77#issuecomment-9", "owner/repo#77", id="Defect 51: anchor"),
        pytest.param("https://github.com/owner/repo/issues/77#5", "owner/repo#77", id="Defect 51: anchor of digits"),
        pytest.param("https://git.corp.example/owner/repo/issues/7", "git.corp.example/owner/repo#7", id="Defect 51: Enterprise"),
        pytest.param("https://api.github.com/repos/owner/repo/issues/7", "owner/repo#7", id="Defect 51: API"),
        pytest.param(
            "https://git.corp.example/api/v3/repos/owner/repo/issues/7", "git.corp.example/owner/repo#7", id="Defect 51: Enterprise API"
        ),
        ("github.com/owner/repo/issues/7", "owner/repo#7"),
        ("<https://github.com/owner/repo/issues/7>", "owner/repo#7"),
        ("https://user@github.com/owner/repo/issues/7", "owner/repo#7"),
    ],
)
def test_an_issue_may_be_written_in_every_common_form(text: str, expected: str | None) -> None:
    assert str(parse_issue(text, HOME)) == (text if expected is None else expected)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "0", "#0", "-3", "o/r", "o/r#", "o/r#x", "o/r#0", "o/..#3", "-o/r#3", "9" * 20, "１２", "#3 and #4", "https://github.com/o/r",
     "https://github.com/o/r/issues", "https://github.com/o/r/issues/new", "https://github.com/o/r/discussions/3", "https://github.com/o/r/issues/3x"],
)  # fmt: skip
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(PlanRefused, match="names no issue"):
        parse(text, HOME)


@pytest.mark.parametrize("text", ["12", "#12", "GH-12", "<12>"])
def test_a_number_alone_needs_a_repository(text: str) -> None:
    assert needs_default(text)
    with pytest.raises(PlanRefused, match="does not say of which repository: write owner/repo#"):
        parse(text)


@pytest.mark.parametrize(
    "text", ["https://github.com/o/r/pull/5", "https://github.com/o/r/pull/5/files?w=1#diff-9", "https://api.github.com/repos/o/r/pulls/5"]
)
def test_a_pull_request_is_known_and_is_no_objective(text: str) -> None:
    assert parse(text) == PullRef("o", "r", 5)
    with pytest.raises(PlanRefused, match="o/r#5 is a pull request; a mission works on issues"):
        parse_issue(text)


def test_short_forms_are_of_the_host_that_is_configured() -> None:
    assert parse("o/r#5", host="git.corp.example") == IssueRef("o", "r", 5, "git.corp.example")
    assert parse("github.com/o/r#5", host="git.corp.example") == IssueRef("o", "r", 5)
    assert parse("5", Repository("o", "r", "git.corp.example")) == IssueRef("o", "r", 5, "git.corp.example")


@given(owner=names, repo=names, number=numbers, host=hosts)
@example(owner="repos", repo="issues", number=1, host=GITHUB)
def test_what_is_written_can_be_read(owner: str, repo: str, number: int, host: str) -> None:
    ref = IssueRef(owner, repo, number, host)

    assert parse(str(ref)) == ref
    assert parse(ref.url) == ref
    assert parse(PullRef(owner, repo, number, host).url) == PullRef(owner, repo, number, host)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        ref = parse(text, HOME)
    except PlanRefused as error:
        assert str(error)  # noqa: PT017 - a refusal says why
    else:
        assert ref.number >= 1


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("git@github.com:acme/shop.git", "acme/shop"),
        ("github.com:acme/shop", "acme/shop"),
        ("org-1234@github.com:acme/shop.git", "acme/shop"),
        ("git@github.com-work:acme/shop.git", "acme/shop"),
        ("git@github.com:/acme/shop.git", "acme/shop"),
        ("https://github.com/acme/shop.git", "acme/shop"),
        ("https://github.com/acme/shop/", "acme/shop"),
        ("https://x-access-token:secret@github.com/acme/shop", "acme/shop"),
        ("https://www.github.com/acme/shop.js.git\n", "acme/shop.js"),
        ("ssh://git@github.com/acme/shop.git", "acme/shop"),
        ("ssh://git@ssh.github.com:443/acme/shop.git", "acme/shop"),
        ("ssh://git@git.corp.example:2222/acme/shop", "git.corp.example/acme/shop"),
        ("git@git.corp.example:acme/shop.git", "git.corp.example/acme/shop"),
        ("https://git.corp.example:8443/acme/shop.git", "git.corp.example:8443/acme/shop"),
        ("git://github.com/acme/shop", "acme/shop"),
        ("https://github.com:443/acme/shop", "acme/shop"),
        ("/srv/git/acme/shop.git", None),
        ("../shop", None),
        ("C:/acme/shop", None),
        ("file:///srv/acme/shop.git", None),
        ("https://gitlab.example/group/sub/shop.git", None),
        ("https://github.com/acme", None),
        ("git@github.com:acme/..", None),
        ("", None),
    ],
)
def test_a_remote_leads_to_its_repository(remote: str, expected: str | None) -> None:
    found = repository_of(remote)

    assert (None if found is None else str(found)) == expected


@given(st.text())
def test_any_remote_is_a_repository_or_none(text: str) -> None:
    found = repository_of(text)

    assert found is None or (found.owner and found.repo and found.host)
