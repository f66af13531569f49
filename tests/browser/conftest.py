"""A real site in its own folder, served by its own supervisor with a real worker, and a real Chromium to visit it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask_migrate import upgrade
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from config import from_env
from maturity.accounts.models import User
from maturity.app import create_app
from maturity.clock import SystemClock
from maturity.db import every_tenant, writing
from maturity.extensions import db
from tests.browser.page import Faults
from tests.factories.assessments import make_assessment
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PATIENCE_MS = 30_000  # for a machine with other things to do; what is there at once costs nothing
START_SECONDS = 60
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",  # no other machine can be reached
)
WATCH_POLICY = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`security policy: ${event.violatedDirective} blocks ${event.blockedURI}`));"""


@dataclass(frozen=True, slots=True)
class Live:
    """The running site: where it is, and an app on the same database to prepare what a test begins with."""

    address: str
    app: Any

    @contextmanager
    def session(self) -> Iterator[Any]:
        """A committed session across tenants, outside any request."""
        with self.app.app_context():
            writing.set(True)
            session = db.session()
            with every_tenant(session):
                yield session
                session.commit()
            db.session.remove()


@dataclass(frozen=True, slots=True)
class Draft:
    """A started assessment: its id, its owner and a colleague, and the address it is answered at."""

    id: uuid.UUID
    owner: int
    colleague: int
    address: str


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The site with web server and worker, over a small demonstration in a folder of its own."""
    # the identity provider of a test is on this machine
    with serving_site(tmp_path_factory.mktemp("site"), MATURITY_OIDC_ALLOW_PRIVATE="1") as found:
        yield found


@contextmanager
def serving_site(data: Path, *seed: str, **configuration: str) -> Iterator[Live]:
    """A site of its own over a seeded folder; `seed` are options of the seeding beside `--small`."""
    secrets = {name: uuid.uuid4().hex * 2 for name in ("MATURITY_SECRET_KEY", "MATURITY_PASSWORD_SALT")}
    environment = {"MATURITY_ENV": "development", "MATURITY_DATA": str(data), **secrets, **configuration}
    app = create_app(from_env(environment))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        seeded = app.test_cli_runner().invoke(args=["seed", "--small", *seed])
        db.session.remove()
    assert seeded.exit_code == 0, seeded.output
    port = _free_port()
    with _serving(environment, port, data / "site.log"):
        yield Live(f"http://127.0.0.1:{port}", app)
    with app.app_context():
        db.engine.dispose()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _serving(environment: dict[str, str], port: int, log: Path) -> Iterator[None]:
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    web = ["gunicorn", "--workers", "2", "--preload", "--log-level", "warning", "--bind", f"127.0.0.1:{port}"]
    web += ["--graceful-timeout", "10"]  # at the end nobody waits for what a page of the last test still asks for
    with log.open("wb") as output:
        programs = [
            subprocess.Popen(
                [BIN / command[0], *command[1:]], cwd=ROOT, env=inherited | environment, stdout=output, stderr=output
            )
            for command in ([*web, "wsgi:app"], ["flask", "worker"])
        ]
        try:
            _wait_for(port, programs[0], log)
            yield
        finally:
            for program in programs:
                program.terminate()
            for program in programs:
                program.wait(timeout=60)


def _wait_for(port: int, web: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and web.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"The site did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("Chromium is not installed. Install it with: apt-get install --no-install-recommends chromium")
    browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
    yield browser
    browser.close()


@pytest.fixture
def faults(live: Live) -> Iterator[Faults]:
    """What went wrong on any page of the test; it must be empty at its end."""
    found = Faults(live.address)
    yield found
    assert not found.seen, "\n".join(found.seen)


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(live: Live, chromium: Browser, faults: Faults) -> Iterator[NewPage]:
    """Open a page of its own browser profile: `new_page(width, lang, user)`; every fault on it is collected."""
    contexts: list[BrowserContext] = []

    def open_page(*, width: int = 1280, lang: str = "zh", user: int | None = None, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live.address,
            viewport={"width": width, "height": 844},
            locale="zh-CN" if lang == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(WATCH_POLICY)
        context.add_cookies([_cookie(live, user, lang)])
        page = context.new_page()
        faults.watch(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def _cookie(live: Live, user_id: int | None, lang: str) -> Any:
    """The session cookie of a visitor, or of a user as a finished sign-in would have left it."""
    client = live.app.test_client()
    with live.session() as session:
        if user_id is not None:
            sign_in(client, session.get_one(User, user_id))
        with client.session_transaction() as kept:
            kept["locale"] = "zh_CN" if lang == "zh" else "en"
    cookie = client.get_cookie("session")
    return {"name": "session", "value": cookie.value, "url": live.address, "httpOnly": True, "sameSite": "Lax"}


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture
def draft(live: Live) -> Draft:
    """A fresh enterprise with an owner and an editor, and an assessment without answers."""
    clock: Any = SystemClock()
    with live.session() as session:
        owner, colleague = (make_user(session, name=name, locale="zh_CN") for name in ("李明", "王芳"))
        tenant = make_enterprise(session, owner, clock)
        add_member(session, tenant, colleague, "editor", clock)
        started = make_assessment(session, tenant, clock, clock.today().year - 1)
        return Draft(started.id, owner.id, colleague.id, f"/t/{tenant.id}/assessments/{started.id}")
