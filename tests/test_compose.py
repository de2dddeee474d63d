"""What ``docker-compose.yml`` promises of every service; ``make test-compose`` runs it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.settings import NAMES, load
from tests.golden import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
JAILED = {"worker", "grader"}
"""Where students' code runs: the workers, and the whole service in one process."""
ONCE = {"first-start", "migrate"}
PATH = "/usr/local/bin:/usr/bin:/bin"
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def filled(text: str, **given: str) -> str:
    """``text`` as compose fills it in: what is given, else the default."""
    return VARIABLE.sub(lambda found: given.get(found[1]) or found[2] or "", text).replace("$$", "$")


def megabytes(size: str) -> int:
    """Of ``512m`` or ``8g``."""
    return int(size[:-1]) * {"m": 1, "g": 1024}[size[-1]]


def mounted(service: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """By place: the volume or file, and how it is mounted."""
    parts = (filled(volume).split(":") for volume in service.get("volumes", []))
    return {part[1]: (part[0], part[2] if len(part) > 2 else "rw") for part in parts}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_confined(name: str) -> None:
    """An ordinary user, a read-only root, no capability and none to be gained, bounds on all it takes."""
    service = SERVICES[name]
    user, group = service["user"].split(":")
    assert int(user) > 0 and int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service and "privileged" not in service
    assert "no-new-privileges:true" in service["security_opt"]
    memory = filled(service["mem_limit"])
    assert 0 < megabytes(memory) <= 8 * 1024 and filled(service["memswap_limit"]) == memory
    assert 0 < int(filled(str(service["pids_limit"]))) <= 512
    assert service["ulimits"].keys() >= {"nofile", "nproc"}
    # tmpfs counts as memory: one without a size could take half of the machine.
    assert all(re.search(r":size=\d+m,", each) for each in service.get("tmpfs", []))
    assert not any("docker.sock" in place for place, _ in mounted(service).values())


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_a_health_check_or_ends_by_itself(name: str) -> None:
    """And one that goes on is started again."""
    service = SERVICES[name]
    if name in ONCE:
        assert service["healthcheck"] == {"disable": True} and service["restart"] == "no"
    else:
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
        assert service["healthcheck"].keys() >= {"interval", "timeout", "retries", "start_period"}
        assert service["restart"] == "unless-stopped"


def test_only_where_students_code_runs_may_namespaces_be_made() -> None:
    """The profile with ``clone``, ``unshare``, ``mount`` and ``pivot_root`` is the jail's alone."""
    assert {
        name for name, service in SERVICES.items() if "seccomp=./seccomp.json" in service["security_opt"]
    } == JAILED
    assert all(len(service["security_opt"]) == 1 + (name in JAILED) for name, service in SERVICES.items())
    profile = json.loads((ROOT / "seccomp.json").read_text())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"


def test_every_variable_of_a_service_is_a_setting_and_is_taken() -> None:
    """As it stands, without anything set; the files of secrets are where their volumes are mounted."""
    for name, service in SERVICES.items():
        environment = {key: filled(str(value)) for key, value in service.get("environment", {}).items()}
        ours = {key: value for key, value in environment.items() if key.startswith("GRADER_")}
        assert ours.keys() <= NAMES, name
        places = mounted(service)
        for key in [key for key in environment if key.endswith("_FILE") and environment[key]]:
            assert str(Path(environment[key]).parent) in places, (name, key)
        load({key: value for key, value in ours.items() if not key.endswith(("_FILE", "_PASSWORD"))})
        # A secret's place is a file, so that it does not stand in a container's configuration.
        assert not [key for key in environment if re.search(r"(PASSWORD|TOKEN|SECRET_KEY)$", key)], name


def test_a_service_sees_the_secrets_that_it_needs_and_changes_none() -> None:
    """The proxy has the certificate's key and no other; who makes them has no network."""
    seen = {
        name: {place.rpartition("/")[2] for place in mounted(service) if place.startswith("/run/grader/")}
        for name, service in SERVICES.items()
    }
    assert seen == {
        "proxy": {"certificate"},
        "single": {"certificate"},
        "web": {"signing", "web", "database", "broker"},
        "worker": {"signing", "database", "broker"},
        "migrate": {"signing", "database", "broker"},
        "grader": {"web"},
        "postgres": {"database"},
        "redis": {"broker"},
        "first-start": {"signing", "web", "database", "broker", "certificate"},
    }
    for name, service in SERVICES.items():
        for place, (_, mode) in mounted(service).items():
            if place.startswith("/run/grader/"):
                assert (mode == "rw") == (name == "first-start"), (name, place)
    assert SERVICES["first-start"]["network_mode"] == "none"


def test_only_the_proxy_can_be_reached_and_workers_reach_nothing_outside() -> None:
    """Students' code has no network in its jail; around that, the container has none to the world."""
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy", "single"}
    assert COMPOSE["networks"]["back"]["internal"] is True
    for name in ("worker", "postgres", "redis", "migrate"):
        assert SERVICES[name]["networks"] == ["back"]
    for name in ("proxy", "single"):
        published = [filled(port) for port in SERVICES[name]["ports"]]
        assert published == ["127.0.0.1:8000:8080", "127.0.0.1:8443:8443"]


def test_volumes_and_dependencies_are_there() -> None:
    """Each name is declared, and a service of a profile needs none of another."""
    for name, service in SERVICES.items():
        for source, _ in mounted(service).values():
            if source.startswith("./"):
                assert (ROOT / source).is_file()
            else:
                assert source in COMPOSE["volumes"], (name, source)
        assert set(service.get("networks", [])) <= COMPOSE["networks"].keys()
        for needed in service.get("depends_on", {}):
            assert SERVICES[needed].get("profiles") in (None, service.get("profiles"))


def proxy_configuration(tmp_path: Path, https_port: str) -> str:
    """What the proxy's command makes of ``nginx.conf``, run by a real shell; nginx itself is ``true``."""
    (shell, option, script) = SERVICES["proxy"]["command"]
    script = filled(script).replace("/etc/nginx/grader.conf", str(ROOT / "nginx.conf"))
    script = script.replace("/tmp/nginx.conf", f"{tmp_path}/nginx.conf").replace("exec nginx", "exec true")
    subprocess.run([shell, option, script], check=True, env={"PATH": PATH, "HTTPS_PORT": https_port})
    return (tmp_path / "nginx.conf").read_text()


@pytest.mark.parametrize(("port", "leads_to"), [("8443", "https://$host:8443$"), ("443", "https://$host$")])
def test_plain_http_leads_to_the_published_port(port: str, leads_to: str, tmp_path: Path) -> None:
    """Which the container does not know by itself."""
    text = proxy_configuration(tmp_path, port)
    assert f"return 308 {leads_to}request_uri;" in text and "@PORT@" not in text


class TestFirstStart:
    """``first-start.sh``, run as it is."""

    FILES = ("database/password", "broker/password", "signing/key", "web/metrics-token")

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """The mounted volumes, empty."""
        for name in (*(file.partition("/")[0] for file in self.FILES), "certificate"):
            (tmp_path / name).mkdir()
        return tmp_path

    @staticmethod
    def run(folder: Path, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(ROOT / "first-start.sh"), *arguments],
            env={"PATH": PATH, "GRADER_SECRETS": str(folder), "GRADER_PUBLIC_URL": url},
            capture_output=True,
            text=True,
            timeout=60,
        )

    @staticmethod
    def shown(certificate: Path) -> str:
        return subprocess.run(
            ["openssl", "x509", "-in", str(certificate), "-noout", "-ext", "subjectAltName,basicConstraints"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def state(self, folder: Path) -> dict[str, bytes]:
        return {
            str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()
        }

    def test_everything_is_made_once(self, folder: Path) -> None:
        """Each secret its own, and taken as a setting; a second start changes nothing."""
        assert self.run(folder, url="https://grader.example.org/x").returncode == 0
        made = self.state(folder)
        assert made.keys() == {
            *self.FILES,
            "certificate/full.pem",
            "certificate/key.pem",
            "certificate/self-signed",
        }
        assert len({made[name] for name in self.FILES}) == len(self.FILES)
        settings = load(
            {
                "GRADER_DATABASE_URL": "postgresql+psycopg://grader@postgres/grader",
                "GRADER_DATABASE_PASSWORD_FILE": f"{folder}/database/password",
                "GRADER_BROKER_URL": "redis://redis:6379/0",
                "GRADER_BROKER_PASSWORD_FILE": f"{folder}/broker/password",
                "GRADER_SECRET_KEY_FILE": f"{folder}/signing/key",
                "GRADER_METRICS_TOKEN_FILE": f"{folder}/web/metrics-token",
            }
        )
        assert len(settings.secret_key) == 64 and f":{made['broker/password'].decode().strip()}@" in (
            settings.broker_url or ""
        )
        shown = self.shown(folder / "certificate" / "full.pem")
        assert "DNS:localhost, DNS:grader.example.org, IP Address:127.0.0.1" in shown and "CA:FALSE" in shown
        again = self.run(folder)
        assert again.returncode == 0 and again.stdout == "" and self.state(folder) == made

    def test_a_service_with_fewer_volumes_is_given_no_more(self, tmp_path: Path) -> None:
        """Only folders that are mounted are written into."""
        (tmp_path / "web").mkdir()
        assert self.run(tmp_path).returncode == 0
        assert self.state(tmp_path).keys() == {"web/metrics-token"}

    def test_a_secret_is_rotated_alone(self, folder: Path) -> None:
        """The others stay; what is no secret is refused."""
        self.run(folder)
        before = self.state(folder)
        assert self.run(folder, "rotate", "broker/password", "certificate").returncode == 0
        after = self.state(folder)
        changed = {name for name in after if after[name] != before[name]}
        assert changed == {"broker/password", "certificate/full.pem", "certificate/key.pem"}
        refused = self.run(folder, "rotate", "../etc/passwd")
        assert (
            refused.returncode == 2 and "there is no secret" in refused.stderr and self.state(folder) == after
        )

    def test_a_certificate_of_ones_own_is_left_alone(self, folder: Path) -> None:
        """Whole it is taken, by half refused, and it is not rotated away."""
        own = folder / "certificate"
        (own / "full.pem").write_text("mine")
        alone = self.run(folder)
        assert alone.returncode == 2 and "full.pem or key.pem alone" in alone.stderr
        (own / "key.pem").write_text("mine, too")
        taken = self.run(folder)
        assert taken.returncode == 0 and "cannot be read or ends" in taken.stderr
        assert self.run(folder, "rotate", "certificate").returncode == 2
        assert (own / "full.pem").read_text() == "mine" and (own / "key.pem").read_text() == "mine, too"
