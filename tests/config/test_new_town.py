"""Making a town of a directory: its files and its name."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

from tinytown.config import Origin, Settings, init_town_files, proposed_name
from tinytown.errors import SettingsError, TownExists

Load = Callable[..., Settings]


def test_a_new_town_is_ready_to_be_read(place: Path, user: Path, load: Load) -> None:
    path = init_town_files(place, "fresh")

    assert path == place / "tinytown.toml"
    assert load() == Settings(name="fresh")
    assert (place / ".tt" / "logs").is_dir()
    assert ".tt/" in (place / ".gitignore").read_text().splitlines()
    assert sorted(path.name for path in place.iterdir()) == [".gitignore", ".tt", "tinytown.toml"]


def test_every_setting_shown_in_the_comments_exists(place: Path, load: Load) -> None:
    """The file is an example, so what it shows must work when the marks are taken away."""
    path = init_town_files(place, "fresh")
    lines = [line.removeprefix("# ") if line.startswith("# [") or " = " in line else line for line in path.read_text().splitlines()]

    path.write_text("\n".join(lines))

    assert load().agent_clis["mine"].command == "my-agent --print"


def test_a_central_town_says_so(place: Path, load: Load) -> None:
    init_town_files(place, "fresh", central=True)

    assert load().redis_from is Origin.CENTRAL


def test_an_existing_town_is_left_alone(place: Path) -> None:
    (place / "tinytown.toml").write_text("# mine\n")

    with pytest.raises(TownExists):
        init_town_files(place, "other")

    assert [path.name for path in place.iterdir()] == ["tinytown.toml"]
    assert (place / "tinytown.toml").read_text() == "# mine\n"


def test_of_many_that_make_a_town_one_does(place: Path, load: Load) -> None:
    def make(number: int) -> str | None:
        try:
            init_town_files(place, f"town-{number}")
        except TownExists:
            return None
        return f"town-{number}"

    with ThreadPool(8) as pool:
        made = [name for name in pool.map(make, range(8)) if name is not None]

    assert [load().name] == made
    assert (place / ".gitignore").read_text().count(".tt/") == 1


@pytest.mark.parametrize("entry", [".tt", ".tt/", "/.tt", "/.tt/", "  .tt/  "])
def test_a_directory_that_git_ignores_already_is_not_listed_twice(place: Path, entry: str) -> None:
    (place / ".gitignore").write_text(f"build\n{entry}")

    init_town_files(place, "fresh")

    assert (place / ".gitignore").read_text() == f"build\n{entry}"


def test_the_entry_for_git_gets_a_line_of_its_own(place: Path) -> None:
    (place / ".gitignore").write_text("build")

    init_town_files(place, "fresh")

    assert (place / ".gitignore").read_text().splitlines()[0] == "build"


def test_a_file_in_the_way_is_named(place: Path) -> None:
    (place / ".tt").write_text("")

    with pytest.raises(SettingsError, match=r"\.tt"):
        init_town_files(place, "fresh")

    assert not (place / "tinytown.toml").exists()


def repository(path: Path, branch: str = "main") -> Path:
    """A git repository with one commit."""
    path.mkdir()
    for words in (["init", "-q", "-b", branch], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", "-C", str(path), *words], check=True)
    return path


def test_the_name_is_made_of_repository_and_branch(place: Path) -> None:
    root = repository(place / "My Project", "feature/One_two")

    assert proposed_name(root, shared=False) == "my-project-feature-one_two"


def test_a_detached_commit_is_no_branch(place: Path) -> None:
    root = repository(place / "proj")
    subprocess.run(["git", "-C", str(root), "checkout", "-q", "--detach"], check=True)

    assert proposed_name(root, shared=False) == "proj"


def test_a_linked_work_tree_has_a_branch_of_its_own(place: Path) -> None:
    root = repository(place / "proj")
    subprocess.run(["git", "-C", str(root), "worktree", "add", "-q", "-b", "side", str(place / "tree")], check=True)

    assert proposed_name(place / "tree", shared=False) == "tree-side"


def test_outside_git_the_directory_names_the_town(place: Path) -> None:
    assert proposed_name(place / "Ünï cödé", shared=False).startswith("n")
    assert proposed_name(Path("/"), shared=False) == "tinytown"


def test_two_checkouts_on_a_shared_redis_get_two_names(place: Path) -> None:
    """Names are all that keeps towns on one Redis apart."""
    (place / "a").mkdir()
    (place / "b").mkdir()
    one, two = repository(place / "a" / "proj"), repository(place / "b" / "proj")

    assert proposed_name(one, shared=True) != proposed_name(two, shared=True)
    assert proposed_name(one, shared=True) == proposed_name(one, shared=True)
    assert proposed_name(one, shared=False) == proposed_name(two, shared=False)
    assert proposed_name(two, shared=False, taken={"proj-main"}) != "proj-main"


def test_a_nameless_town_keeps_its_name_when_the_branch_changes(place: Path, user: Path) -> None:
    root = repository(place / "proj")
    (root / "tinytown.toml").touch()
    before = Settings.load(root, {}, user).name
    subprocess.run(["git", "-C", str(root), "checkout", "-q", "-b", "other"], check=True)

    assert Settings.load(root, {}, user).name == before == "proj"
