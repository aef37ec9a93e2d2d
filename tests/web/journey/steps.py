"""What people do on the way from an empty installation to a steering picture, each as in a browser."""

import re
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.message import EmailMessage

import pypdfium2
import zxingcpp
from checks import assert_accessible
from playwright.sync_api import Browser, BrowserContext, Page, Response

PASSWORD = "a-long-enough-pass-phrase"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
SECONDS_TO_MAIL = 60
MOST_BYTES = 60_000  # of all that a respondent's page loads, as it goes over the line

UNITS = "onderdeel;naam;valt onder;dienst\nW;Zorggroep De Brug;;\nN;Team Noord;W;Wijkzorg\nZ;Team Zuid;W;Wijkzorg\n"
EMPLOYEES = "personeelsnummer;naam;e-mail;onderdeel;taal\n" + "".join(
    f"{number};Mens {number};mens{number}@brug.example;{'NZ'[number % 2]};nl\n" for number in range(1, 13)
)


@dataclass
class Site:
    """A running installation at ``address``, the browser people use, and the mail it has sent."""

    address: str
    browser: Browser
    mail: list[EmailMessage]
    contexts: list[BrowserContext] = field(default_factory=list)

    def visitor(self, *, phone: bool = False, language: str = "nl", script: bool = True) -> Page:
        """A browser of somebody new."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            locale=language,
            java_script_enabled=script,
        )
        self.contexts.append(context)
        return context.new_page()

    def leave(self) -> None:
        """Close every browser."""
        for context in self.contexts:
            context.close()

    def links(self, to: str, path: str, number: int) -> list[str]:
        """Wait until ``number`` mails with a link to ``path`` have come for ``to``, and give those links."""
        latest = time.monotonic() + SECONDS_TO_MAIL
        while True:
            found = [
                link[0]
                for message in list(self.mail)
                if to in message["To"]
                and (link := re.search(rf"{self.address}/{path}\S+", message.get_body(("plain",)).get_content()))
            ]
            if len(found) >= number:
                return found
            assert time.monotonic() < latest, f"{len(found)} of {number} mails"
            time.sleep(0.2)


def set_up_organisation(site: Site) -> Page:
    """Open a new installation and make the organisation; gives the administrator's browser."""
    page = site.visitor()
    page.goto("/")
    assert_accessible(page)
    page.get_by_label("Naam van uw organisatie").fill("Zorggroep De Brug")
    page.get_by_label("Uw naam").fill("Ada Beheer")
    page.get_by_label("Uw e-mailadres").fill("ada@brug.example")
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.locator("main form button").click()
    page.get_by_role("heading", name="Zorggroep De Brug").wait_for()
    return page


def import_file(page: Page, kind: str, name: str, text: str) -> None:
    """Bring a file as Dutch Excel writes it, look at what it would do, and apply it."""
    page.goto(f"{home(page)}import/{kind}/")
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode("cp1252")}
    )
    page.get_by_role("button", name="Bekijk het bestand").click()
    assert_accessible(page)
    page.get_by_role("button", name="Verwerken", exact=True).click()
    page.wait_for_url(f"**/{kind}/")


def open_round(page: Page) -> None:
    """Prepare a round for everyone, look at what people will read, and open it."""
    page.goto(f"{home(page)}rounds/new/")
    page.get_by_label("Naam").fill("Najaar")
    page.get_by_label("Vragen", exact=True).select_option(label="Hoe gaat het met uw werk?")
    page.get_by_label("Laatste dag om te antwoorden").fill(str(date.today() + timedelta(days=14)))
    page.locator("main form button.button").click()
    page.get_by_role("link", name="Bekijken en openen").click()
    page.get_by_text("12 mensen worden uitgenodigd").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="De ronde openen en de uitnodigingen versturen").click()


def answer(site: Site, link: str, level: int) -> None:
    """Fill in everything on a phone without script, and hand it in; every page is small."""
    page = site.visitor(phone=True, script=False)
    weights = [_weight(page, lambda: page.goto(link))]
    assert link not in page.url
    weights.append(_weight(page, lambda: page.get_by_role("link", name="Beginnen").tap()))
    while "/page/" in page.url:
        for question in page.locator("fieldset.question").all():
            question.locator(f"label:has(input[value='{level}'])").tap()
        weights.append(_weight(page, lambda: page.get_by_role("button", name="Bewaren en verder").tap()))
    page.get_by_role("button", name="inleveren").tap()
    page.get_by_role("heading", name="Dank u wel").wait_for()
    assert max(weights) < MOST_BYTES, weights


def make_poster(page: Page) -> str:
    """Make a way to ask customers of Team Noord, print its poster, and read the QR code on it as a phone does."""
    page.goto(f"{home(page)}feedback/new/")
    page.get_by_label("Over welk onderdeel").select_option(label="Team Noord")
    page.get_by_label("Vragen", exact=True).select_option(label="Hoe was het contact?")
    page.locator("main form select[name=kind], main form input[name=kind]").first.wait_for()
    choose(page, "kind", "poster")
    page.locator("main form button.button").click()
    poster = page.get_by_role("link", name="A4").first.get_attribute("href")
    sheet = pypdfium2.PdfDocument(page.request.get(poster).body())[0].render(scale=2).to_numpy()
    (found,) = zxingcpp.read_barcodes(sheet)
    return found.text


def give_feedback(site: Site, link: str) -> None:
    """Follow the QR code on a phone: three taps, and a little more."""
    page = site.visitor(phone=True)
    weights = [_weight(page, lambda: page.goto(link))]
    assert_accessible(page)
    for key, value in (("cus_conduct", 5), ("cus_craft", 4)):
        page.locator(f"#q-{key} label:has(input[value='{value}'])").tap()
    weights.append(_weight(page, lambda: page.locator("#q-cus_satisfied button[value='5']").tap()))
    page.get_by_role("heading", name="Dank u wel").wait_for()
    assert_accessible(page)
    page.locator("#q-cus_needs label:has(input[value='4'])").tap()
    page.get_by_role("button", name="Verstuur dit ook").tap()
    page.get_by_role("heading", name="Dank u wel").wait_for()
    assert max(weights) < MOST_BYTES, weights


def invite_director(site: Site, page: Page) -> Page:
    """Ask the director in by mail; gives her browser once she has made her account."""
    page.goto(f"{home(page)}colleagues/")
    page.get_by_label("E-mailadres").fill("dora@brug.example")
    choose(page, "role", "director")
    page.locator("main form button.button").first.click()
    (link,) = site.links("dora@brug.example", "accounts/join/", 1)
    director = site.visitor(phone=True)
    director.goto(link)
    assert_accessible(director)
    director.get_by_label("Uw naam").fill("Dora Directeur")
    director.get_by_label("Wachtwoord").fill(PASSWORD)
    director.locator("main form button").click()
    director.get_by_role("heading", name="Zorggroep De Brug").wait_for()
    return director


def choose(page: Page, name: str, value: str) -> None:
    """Choose in a list or among radio buttons."""
    listed = page.locator(f"main select[name={name}]")
    if listed.count():
        listed.select_option(value)
    else:
        page.locator(f"main input[name={name}][value={value}]").check()


def home(page: Page) -> str:
    """The address of the organisation a page belongs to."""
    return re.match(r".*?/o/[^/]+/", page.url)[0]


def _weight(page: Page, act) -> int:
    """Bytes of everything a page loads, headers apart, while ``act`` leads to it."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    with page.expect_navigation(wait_until="load"):
        act()
    page.remove_listener("response", note)
    return sum(answer.request.sizes()["responseBodySize"] for answer in answers)
