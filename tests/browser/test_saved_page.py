"""The page of a saved sweep, opened as a file: every feature, by mouse and by keyboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from .saved_sweeps import HOSTILE, save_page

CFG = ("cfg", ("3", "5", "7"))
SAMPLER = ("sampler", ("euler", "heun"))
SEED = ("seed", ("11", "12"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A sweep of 3 x 2 x 2 cells, of which the last one failed."""
    folder = tmp_path_factory.mktemp("saved")
    return save_page(folder, {"x": CFG, "y": SAMPLER, "z": SEED}, failed=[11]).as_uri()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's fresh profile; at the end of a test, nothing may have complained."""
    complaints: list[str] = []
    allowed = ["clipboard-read", "clipboard-write"]
    context = browser.new_context(locale="en-US", permissions=allowed)
    context.on("console", lambda message: complaints.append(message.text))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return page


def cell(page: Page, name: str) -> Locator:
    return page.get_by_role("gridcell", name=name, exact=True)


def detail(page: Page) -> Locator:
    return page.get_by_role("dialog")


def clipboard(page: Page) -> str:
    expect(page.get_by_role("status")).to_have_text("Copied")
    return page.evaluate("navigator.clipboard.readText()")


# What it shows


def test_every_cell_is_shown_under_labels_that_stay_in_sight(page: Page) -> None:
    expect(page.get_by_role("heading", name="cfg × sampler × seed")).to_be_visible()
    expect(page.get_by_role("gridcell")).to_have_count(12)
    expect(page.get_by_role("grid")).to_have_count(2)
    expect(page.locator(".frame img")).to_have_count(11)
    for _ in range(12):
        page.keyboard.press("+")
    sheet = page.locator(".sheet")
    sheet.evaluate("sheet => sheet.scrollTo(300, 300)")

    corner = page.get_by_role("grid", name="seed 11").get_by_role("columnheader").first
    box, around = corner.bounding_box(), sheet.bounding_box()
    assert box and around
    assert box["x"] == around["x"]
    assert around["y"] <= box["y"] <= around["y"] + 40


def test_a_hostile_prompt_is_shown_as_it_is_and_runs_nothing(page: Page) -> None:
    cell(page, "cfg 3, sampler euler, seed 11").click()
    detail(page).get_by_text("The same in every cell").click()

    assert HOSTILE in detail(page).locator("dd").all_text_contents()
    assert page.title() == "cfg × sampler × seed"
    assert page.locator("img[onerror]").count() == 0


def test_a_failed_cell_says_why(page: Page) -> None:
    failed = cell(page, "cfg 7, sampler heun, seed 12, failed")
    assert HOSTILE in (failed.text_content() or "")
    failed.click()
    expect(detail(page).get_by_text("failed", exact=True)).to_be_visible()


def test_a_small_failed_cell_says_so_without_a_torn_reason(page: Page) -> None:
    failed = cell(page, "cfg 7, sampler heun, seed 12, failed")
    expect(failed.locator("span")).to_be_visible()
    for _ in range(4):
        page.keyboard.press("-")
    expect(failed.locator("span")).to_be_hidden()
    frame, word = (failed.locator(name).bounding_box() for name in (".frame", "strong"))
    assert frame and word
    assert frame["y"] <= word["y"]
    assert word["y"] + word["height"] <= frame["y"] + frame["height"]
    expect(failed).to_have_attribute("title", HOSTILE)
    for _ in range(20):
        page.keyboard.press("-")
    expect(failed.locator("strong")).to_be_hidden()


def test_a_long_label_leaves_the_buttons_of_a_cell_in_sight(
    context: BrowserContext, tmp_path: Path
) -> None:
    prompt = "an old sailor with a weathered face, oil on canvas, " * 40
    page = context.new_page()
    page.goto(save_page(tmp_path, {"x": ("prompt", (prompt, "a cat"))}).as_uri())
    page.get_by_role("gridcell").first.click()
    expect(detail(page).get_by_role("button", name="Star")).to_be_in_viewport()
    assert prompt in detail(page).locator("dd").all_text_contents()

    page.keyboard.press("c")
    page.keyboard.press("ArrowRight")  # compared, the short one is as readable as the long one
    long, short = detail(page).locator("td").all()
    widths = [box["width"] for cell in (long, short) if (box := cell.bounding_box())]
    assert widths[0] == pytest.approx(widths[1], abs=1)
    expect(short).to_have_text("a cat")


def test_the_page_asks_the_network_for_nothing(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    cell(page, "cfg 3, sampler euler, seed 11").click()

    folder = address.rpartition("/")[0]
    assert asked and all(url.startswith(folder) for url in asked)


def test_the_page_is_not_allowed_to_ask_the_network(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    refused = page.evaluate(
        "new Promise(done => { document.addEventListener('securitypolicyviolation',"
        " event => done(event.effectiveDirective)); new Image().src = 'http://127.0.0.1:9/x'; })"
    )
    page.close()
    assert refused == "img-src"


# Walking and looking


def test_a_click_shows_a_cell_and_arrows_walk_along_the_axes(page: Page) -> None:
    cell(page, "cfg 3, sampler euler, seed 11").click()
    picture = detail(page).locator(".stage img")
    expect(picture).to_have_attribute("alt", "cfg 3, sampler euler, seed 11")
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => image.naturalWidth") == 64

    page.keyboard.press("ArrowRight")
    expect(picture).to_have_attribute("alt", "cfg 5, sampler euler, seed 11")
    expect(detail(page).locator("dd.changed")).to_have_text("5was 3")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowDown")  # there is nothing below
    expect(picture).to_have_attribute("alt", "cfg 5, sampler heun, seed 12")
    page.keyboard.press("Escape")
    expect(cell(page, "cfg 5, sampler heun, seed 12")).to_be_focused()


def test_the_keyboard_alone_reaches_and_opens_a_cell(page: Page) -> None:
    first = cell(page, "cfg 3, sampler euler, seed 11")
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    expect(cell(page, "cfg 5, sampler euler, seed 12")).to_be_focused()
    page.keyboard.press("Enter")
    expect(detail(page)).to_have_attribute("aria-label", "cfg 5, sampler euler, seed 12")


def test_two_cells_are_compared_with_a_slider(page: Page) -> None:
    cell(page, "cfg 3, sampler euler, seed 11").click()
    page.keyboard.press("c")
    page.keyboard.press("ArrowRight")

    pictures = detail(page).locator(".compare img")
    expect(pictures.first).to_have_attribute("alt", "cfg 5")
    expect(pictures.last).to_have_attribute("alt", "cfg 3")
    expect(detail(page).get_by_role("row")).to_have_count(1)
    slider = detail(page).get_by_role("slider")
    slider.press("ArrowLeft")
    assert slider.input_value() == "490"
    left = detail(page).locator(".layer.left")
    assert "51%" in left.evaluate("layer => getComputedStyle(layer).clipPath")
    page.keyboard.press("s")  # what else is done leaves the slider where it is
    expect(slider).to_be_focused()
    assert slider.input_value() == "490"
    star = detail(page).get_by_role("button", name="Star")
    expect(star).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop comparing").click()
    cell(page, "cfg 5, sampler euler, seed 11, starred").click()
    expect(detail(page).get_by_role("slider")).to_have_count(0)


def test_a_failed_cell_that_is_compared_says_so(page: Page) -> None:
    cell(page, "cfg 5, sampler heun, seed 12").click()
    page.keyboard.press("c")
    page.keyboard.press("ArrowRight")

    caption = detail(page).locator(".compare .caption.right")
    expect(caption).to_have_text(f"cfg 7 · failed · {HOSTILE}")


def test_a_short_text_is_read_beside_a_long_one(context: BrowserContext, tmp_path: Path) -> None:
    texts = ("a ship", "a lighthouse at the end of a long pier in the evening, " * 4)
    page = context.new_page()
    page.goto(save_page(tmp_path, {"x": ("positive prompt", texts)}).as_uri())
    page.get_by_role("gridcell").first.click()
    page.keyboard.press("c")
    page.keyboard.press("ArrowRight")

    row = detail(page).get_by_role("row")
    widths = row.locator("th, td").evaluate_all("parts => parts.map(part => part.clientWidth)")
    assert len(widths) == 3
    assert min(widths) > 80


# Arranging


def test_axes_are_swapped_and_values_hidden(page: Page) -> None:
    page.get_by_text("Axes", exact=True).click()
    page.get_by_label("Columns").select_option(label="seed")
    grids = page.get_by_role("grid")
    expect(grids).to_have_count(3)
    first = grids.first.get_by_role("columnheader")
    assert first.all_text_contents()[1:] == ["11", "12"]

    page.get_by_role("checkbox", name="heun").uncheck()
    expect(page.get_by_role("gridcell")).to_have_count(6)
    page.get_by_role("button", name="Swap").click()
    assert grids.first.get_by_role("columnheader").all_text_contents()[1:] == ["euler"]
    assert grids.first.get_by_role("rowheader").all_text_contents() == ["11", "12"]
    expect(page.get_by_role("checkbox", name="euler")).to_be_disabled()  # the last one stays


# Marking and copying


def test_stars_and_rejects_stay_when_the_page_is_opened_again(page: Page) -> None:
    starred, rejected = "cfg 3, sampler euler, seed 11", "cfg 5, sampler euler, seed 11"
    cell(page, starred).focus()
    page.keyboard.press("s")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.reload()

    expect(cell(page, f"{starred}, starred")).to_be_visible()
    expect(cell(page, f"{rejected}, rejected")).to_be_visible()
    page.get_by_text("Axes", exact=True).click()
    page.get_by_role("checkbox", name="euler").uncheck()  # hidden, it still is a starred one
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Copy the starred").click()
    assert clipboard(page).startswith(f"{starred}\tcells/z01 seed 11/")
    page.get_by_text("Axes", exact=True).click()
    page.get_by_role("checkbox", name="euler").check()
    page.get_by_label("Show", exact=True).select_option(label="Starred")
    expect(page.locator(".frame img").nth(0)).to_be_visible()
    expect(page.locator(".frame img").nth(1)).to_be_hidden()


def test_marks_work_where_the_browser_keeps_nothing(context: BrowserContext, address: str) -> None:
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })"
    )
    page = context.new_page()
    page.goto(address)
    cell(page, "cfg 3, sampler euler, seed 11").focus()
    page.keyboard.press("s")
    expect(cell(page, "cfg 3, sampler euler, seed 11, starred")).to_be_visible()


def test_the_recipe_is_copied_as_it_is(page: Page) -> None:
    cell(page, "cfg 5, sampler heun, seed 12").click()
    detail(page).get_by_role("button", name="Copy recipe").click()

    expected = {"positive": HOSTILE, "steps": 20, "cfg": "5", "sampler": "heun", "seed": "12"}
    assert json.loads(clipboard(page)) == expected


# Other readers


def test_a_phone_shows_what_is_said_whole(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en")
    page = context.new_page()
    page.goto(address)
    word = page.locator(".frame.failed strong")
    word.scroll_into_view_if_needed()
    top = "element => element.getBoundingClientRect().top"
    assert word.evaluate(top) >= page.locator(".frame.failed").evaluate(top)

    cell(page, "cfg 3, sampler euler, seed 11").click()
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error()))")
    detail(page).get_by_role("button", name="Copy recipe").click()
    message = page.get_by_role("status")
    expect(message).to_have_text("The browser does not allow copying")
    assert message.evaluate("element => element.offsetHeight") < 50, "it has one line"
    context.close()


@pytest.mark.parametrize(
    ("locale", "word"), [("ru-RU", "Оси"), ("zh-CN", "轴设置"), ("de", "Axes")]
)
def test_the_words_are_the_readers(browser: Browser, address: str, locale: str, word: str) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".menu summary")).to_have_text(word)
    context.close()


def test_dark_and_light_are_the_readers_until_chosen(browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme="dark", locale="en")
    page = context.new_page()
    page.goto(address)
    body = page.locator("body")
    expect(body).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Light or dark").click()
    page.reload()
    expect(body).to_have_attribute("data-theme", "light")
    context.close()


@pytest.mark.parametrize("width", [360, 3840])
def test_nothing_leaves_the_window(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700}, locale="ru")
    page = context.new_page()
    page.goto(address)
    for part in (".toolbar", ".detail"):
        if part == ".detail":
            page.get_by_role("gridcell").first.click()
        boxes = page.locator(f"{part} button:visible, {part} select:visible").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().right)"
        )
        assert boxes and max(boxes) <= width
    context.close()


# Many and several


def test_no_whole_picture_is_read_while_200_cells_are_panned(
    context: BrowserContext, tmp_path: Path
) -> None:
    axes = {"x": ("cfg", [*map(str, range(20))]), "y": ("steps", [*map(str, range(10))])}
    page = context.new_page()
    page.goto(save_page(tmp_path, axes, side=320).as_uri())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.mouse.move(800, 600)
    page.mouse.down()
    page.mouse.move(300, 250, steps=30)

    sheet = page.locator(".sheet")
    assert sheet.evaluate("sheet => [sheet.scrollLeft > 100, sheet.scrollTop > 100]") == [True] * 2
    assert [url for url in asked if "/cells/" in url] == []
    page.mouse.up()
    expect(page.get_by_role("dialog")).to_have_count(0)  # it was no click
    for _ in range(10):
        page.keyboard.press("+")
    expect(page.locator('.frame img[src^="cells/"]').first).to_be_visible()


def test_the_pictures_of_a_batch_are_shown_one_by_one(
    context: BrowserContext, tmp_path: Path
) -> None:
    page = context.new_page()
    page.goto(save_page(tmp_path, {"x": CFG}, batch=3).as_uri())
    expect(page.locator(".frame img")).to_have_count(9)
    cell(page, "cfg 5").click()
    page.keyboard.press(".")
    picture = detail(page).locator(".stage img")
    expect(picture).to_have_attribute("src", "cells/x02%20cfg%205%20(02).png")


def test_zooming_keeps_what_is_under_the_pointer(page: Page) -> None:
    target = cell(page, "cfg 5, sampler heun, seed 11")
    before = target.bounding_box()
    assert before
    x, y = int(before["x"]) + 50, int(before["y"]) + 50
    across, down = (x - before["x"]) / before["width"], (y - before["y"]) / before["height"]
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_function("width => document.querySelector('.cell').clientWidth > width", arg=500)

    after = target.bounding_box()
    assert after
    assert abs(after["x"] + across * after["width"] - x) < 2
    assert abs(after["y"] + down * after["height"] - y) < 2
