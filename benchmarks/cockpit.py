"""The cockpit of a large organisation: ``scripts/with-postgresql python -m benchmarks cockpit``.

5,000 units x 8 waves x 20 constructs, gunicorn with two workers as ``bevlogen serve`` runs it, on PostgreSQL where
one is given and else on SQLite. To reach: director's page and team page p95 under 150 ms on the server, first view
under 1 s in Chromium, page weight under 400 KB, and a heat map of 5,000 rows that scrolls without a task over 100 ms.
"""

from __future__ import annotations

import http.client
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.feedback import Server, free_port
from benchmarks.measured import run

REQUESTS = 200
CHROMIUM = "/usr/bin/chromium"
_PAGES = {
    "director": [f"cockpit/?unit=unit-{i % 51}" for i in range(REQUESTS)],
    "team": [f"cockpit/teams/unit-{100 + i % 100}/" for i in range(REQUESTS)],
    "heat": [f"cockpit/heat/?by=engagement&from={60 * (i % 80)}" for i in range(REQUESTS)],
    "rows": [f"cockpit/heat/rows/?by=loyalty&from={120 * (i % 40)}&n=120" for i in range(REQUESTS)],
    "map": ["cockpit/map/"] * (REQUESTS // 4),
}
_WATCH = (
    "window.longest = 0; new PerformanceObserver(list => list.getEntries().forEach("
    "one => { longest = Math.max(longest, one.duration) })).observe({type: 'longtask'})"
)
_WEIGHT = """() => {
  const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  return { bytes: all.reduce((sum, one) => sum + one.transferSize, 0), paint: paint ? paint.startTime : NaN,
           loaded: performance.getEntriesByType('navigation')[0].loadEventEnd };
}"""


def main() -> None:
    """Print the figures."""
    database = os.environ.get("BEVLOGEN_TEST_DATABASE_URL", "")
    print(f"5,000 units x 8 waves x 20 constructs, {'PostgreSQL' if database else 'SQLite'}, two workers")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        server = Server(folder, free_port(), database, None)
        made = run(sys.executable, "-m", "benchmarks.cockpit_site", env=server.environment()).answer
        print(f"cutting a release into sheets and storing them: {made['cut_seconds']:.1f} s")
        server.start()
        try:
            _serve(server.port, made["cookies"])
            _browse(server.port, made["cookies"]["director"])
        finally:
            server.kill()


def _serve(port: int, cookies: dict[str, str]) -> None:
    for name, paths in _PAGES.items():
        cookie = cookies["manager" if name == "team" else "director"]
        times, size = [], 0
        for path in paths:
            start = time.perf_counter()
            body = _get(port, f"/o/groot/{path}", cookie)
            times.append(1000 * (time.perf_counter() - start))
            size = max(size, len(body))
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name}: median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms, longest {max(times):.0f} ms, "
              f"{size / 1000:.0f} KB before packing")  # fmt: skip


def _get(port: int, path: str, cookie: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Cookie": f"bevlogen_session={cookie}", "Accept-Language": "nl"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    connection.close()
    return body


def _browse(port: int, cookie: str) -> None:
    if not Path(CHROMIUM).exists():
        print("chromium: left out, it is not installed")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, path in (("director", ""), ("team", "teams/unit-100/"), ("map", "map/"), ("heat", "heat/")):
            page = _page(browser, port, cookie)
            page.goto(f"http://127.0.0.1:{port}/o/groot/cockpit/{path}", wait_until="load")
            page.wait_for_timeout(500)
            found = page.evaluate(_WEIGHT)
            print(f"{name} in Chromium, nothing kept: first paint {found['paint']:.0f} ms, loaded "
                  f"{found['loaded']:.0f} ms, {found['bytes'] / 1000:.0f} KB over the line")  # fmt: skip
            page.context.close()
        page = _page(browser, port, cookie)
        page.goto(f"http://127.0.0.1:{port}/o/groot/cockpit/heat/")
        page.wait_for_timeout(1500)
        page.evaluate(_WATCH)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        costs = []
        for _step in range(130):
            before = _busy(session)
            page.locator("#heat").evaluate("box => box.scrollBy(0, 1700)")
            page.wait_for_timeout(50)
            costs.append(_busy(session) - before)
        rows = page.locator("#heat tbody tr[aria-rowindex]").count()
        end = page.locator("#heat").evaluate("box => box.scrollTop + box.clientHeight >= box.scrollHeight - 5")
        print(f"heat map scrolled through 5,000 rows (to the end: {end}), {rows} lines in the page: longest task "
              f"{page.evaluate('longest'):.0f} ms by the clock; a screen of rows costs at most {max(costs):.0f} ms of "
              "processor, all tasks together")  # fmt: skip
        browser.close()


def _busy(session: Any) -> float:
    """Milliseconds of processor that the page has taken so far."""
    found = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(float(one["value"]) for one in found if one["name"] == "TaskDuration")


def _page(browser: Any, port: int, cookie: str) -> Any:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="nl")
    context.add_cookies([{"name": "bevlogen_session", "value": cookie, "url": f"http://127.0.0.1:{port}"}])
    return context.new_page()
