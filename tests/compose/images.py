"""Images to build on where there is no registry: Debian by debootstrap, and a Redis on top of that."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from tests.compose.engine import docker

__all__ = ["Bases", "bases"]

SUITE = "bookworm"
PACKAGES = ("ca-certificates", "python3", "python3-venv")
LEFT_OUT = (
    "./dev/*", "./proc/*", "./sys/*", "./tmp/*", "./var/cache/apt/*", "./var/lib/apt/lists/*", "./var/log/*",
    "./usr/share/doc/*", "./usr/share/info/*", "./usr/share/locale/*", "./usr/share/man/*",
)  # fmt: skip
"""What images of Debian do without."""

REDIS = """
FROM {base}
RUN apt-get update -q && apt-get install --yes --no-install-recommends -q redis-server && mkdir -p /data && chown redis:redis /data
VOLUME /data
USER redis
CMD ["redis-server"]
"""


class Bases:
    """The images that ours are built on.

    TINYTOWN_TEST_PYTHON_IMAGE and TINYTOWN_TEST_REDIS_IMAGE name them on
    machines with a registry; otherwise they are made here, once.
    """

    def __init__(self) -> None:
        self.python = os.environ.get("TINYTOWN_TEST_PYTHON_IMAGE") or _made_by_debootstrap()
        self.redis = os.environ.get("TINYTOWN_TEST_REDIS_IMAGE") or _with_redis(self.python)

    @property
    def is_made_here(self) -> bool:
        """Whether no registry was asked."""
        return self.python.startswith("tinytown-debian:")


def bases() -> Bases:
    """The images to build on, made if need be."""
    return Bases()


def _made_by_debootstrap() -> str:
    tag = f"tinytown-debian:{SUITE}-{_recipe()}"
    if _exists(tag):
        return tag
    if shutil.which("debootstrap") is None:
        _install_debootstrap()
    folder = Path(tempfile.mkdtemp(prefix="tinytown-debian-"))
    try:
        _run("debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(folder))
        authorities = ssl.get_default_verify_paths().cafile
        if authorities is not None:  # where packages come through a proxy, its authority has to be believed inside, too
            shutil.copy(authorities, folder / "etc/ssl/certs/ca-certificates.crt")
        left_out = [f"--exclude={pattern}" for pattern in LEFT_OUT]
        with subprocess.Popen(["tar", "--create", "--directory", str(folder), *left_out, "."], stdout=subprocess.PIPE) as packed:
            assert packed.stdout is not None
            subprocess.run(["docker", "import", "-", tag], stdin=packed.stdout, stdout=subprocess.DEVNULL, check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tag


def _install_debootstrap() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise AssertionError(
            "there is no debootstrap to make a base image with: install it, "
            "or name images with TINYTOWN_TEST_PYTHON_IMAGE and TINYTOWN_TEST_REDIS_IMAGE"
        )
    _run("apt-get", "update", "-q")
    _run("apt-get", "install", "-yq", "--no-install-recommends", "debootstrap")


def _with_redis(base: str) -> str:
    tag = f"tinytown-redis:{base.rpartition(':')[2]}"
    if not _exists(tag):
        docker("build", "--quiet", "--tag", tag, "-", stdin=REDIS.format(base=base).encode())
    return tag


def _exists(tag: str) -> bool:
    return bool(docker("images", "--quiet", tag))


def _recipe() -> str:
    """Changes when this file does."""
    return sha256(Path(__file__).read_bytes()).hexdigest()[:12]


def _run(*words: str) -> None:
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"`{' '.join(words)}` ended with {done.returncode}:\n{done.stdout[-3000:]}")


if __name__ == "__main__":
    made = bases()
    sys.stdout.write(f"PYTHON_IMAGE={made.python}\nREDIS_IMAGE={made.redis}\n")
