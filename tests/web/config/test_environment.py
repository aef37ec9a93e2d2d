"""The settings of an installation: local without any, safe with hosts, all faults at once."""

import subprocess
import sys
from pathlib import Path

from bevlogen_web.config import environment

SECRET = "s" * environment.SECRET_LENGTH
SAFE = {
    "BEVLOGEN_HOSTS": "bevlogen.example, www.bevlogen.example",
    "BEVLOGEN_SECRET_KEY": SECRET,
    "BEVLOGEN_MAIL_URL": "smtp://user:pass%40word@mail.example:2525",
    "BEVLOGEN_MAIL_FROM": "bevlogen@bevlogen.example",
}


def test_nothing_set_is_a_local_installation(tmp_path):
    read = environment.read({"BEVLOGEN_HOME": str(tmp_path)})
    assert read.local
    assert read.faults() == ()
    assert not read.second_factor


def test_hosts_with_all_they_need_is_safe():
    read = environment.read(SAFE)
    assert read.faults() == ()
    assert read.hosts == ("bevlogen.example", "www.bevlogen.example")
    assert read.url == "https://bevlogen.example"
    assert read.second_factor


def test_every_fault_is_named_at_once(tmp_path):
    bare = {
        "BEVLOGEN_HOME": str(tmp_path),
        "BEVLOGEN_HOSTS": "*",
        "BEVLOGEN_DATABASE_URL": "mysql://db",
        "BEVLOGEN_OIDC_URL": "https://login.example",
    }
    assert environment.read(bare).faults() == (
        "BEVLOGEN_DATABASE_URL must begin with postgresql://; leave it out for SQLite.",
        "BEVLOGEN_OIDC_URL, BEVLOGEN_OIDC_CLIENT and BEVLOGEN_OIDC_SECRET belong together; give all three.",
        "BEVLOGEN_SECRET_KEY is missing or shorter than 40 characters.",
        "BEVLOGEN_HOSTS holds *; name the hosts.",
        "BEVLOGEN_MAIL_URL is missing; give smtp://user:password@host:587.",
        "BEVLOGEN_MAIL_FROM is missing; give the sender's address.",
    )


def test_unsafe_installation_refuses_to_start_with_one_message(tmp_path):
    env = {"BEVLOGEN_HOSTS": "bevlogen.example", "BEVLOGEN_HOME": str(tmp_path), "PATH": "/usr/bin"}
    command = [sys.executable, "-m", "bevlogen_web", "check"]
    answer = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Bevlogen does not start: BEVLOGEN_SECRET_KEY is missing")
    assert "Traceback" not in answer.stderr


def test_secret_is_made_once_and_for_its_owner_only(tmp_path):
    data = tmp_path / "data"
    environment.make_secret(data)
    first = (data / "keys" / "secret").read_text()
    environment.make_secret(data)
    assert (data / "keys" / "secret").read_text() == first
    assert environment.read({"BEVLOGEN_HOME": str(data)}).secret_key == first
    assert (data / "keys" / "secret").stat().st_mode & 0o077 == 0
    assert data.stat().st_mode & 0o077 == 0


def test_no_database_url_is_sqlite_in_the_data_folder():
    assert environment.database("", Path("/data"))["NAME"] == Path("/data/bevlogen.sqlite3")


def test_database_url_is_postgresql():
    read = environment.database("postgresql://me:p%40ss@db:5433/bevlogen?sslmode=require", Path())
    assert (read["USER"], read["PASSWORD"], read["HOST"], read["PORT"]) == ("me", "p@ss", "db", "5433")
    assert read["OPTIONS"] == {"sslmode": "require"}


def test_mail_url_is_smtp_with_starttls():
    read = environment.mail(SAFE["BEVLOGEN_MAIL_URL"], Path())
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"], read["EMAIL_HOST_PASSWORD"]) == ("mail.example", 2525, "pass@word")
    assert (read["EMAIL_USE_TLS"], read["EMAIL_USE_SSL"]) == (True, False)


def test_mail_url_may_ask_for_tls_from_the_start():
    read = environment.mail("smtps://mail.example", Path())
    assert (read["EMAIL_PORT"], read["EMAIL_USE_TLS"], read["EMAIL_USE_SSL"]) == (465, False, True)
