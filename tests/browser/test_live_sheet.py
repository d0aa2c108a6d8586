"""The sheet that fills in on a sweep node: what it shows, and when it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from scripts.comfy_server import ComfyServer
from tests.host.graphs import Graph

from .frontend import Frontend

MODULES = "/extensions/periplus/js/live_sheet"
SETTING = "Periplus.Sweep.LiveSheet"
ENDLESS = 10_000
"""Steps that no test waits for."""

COLOURS = """canvas => {
    const {width, height} = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true});
    copy.drawImage(canvas, 0, 0);
    const bytes = copy.getImageData(0, 0, width, height).data;
    return new Set(new Uint32Array(bytes.buffer)).size;
}"""
"""The number of colours on a canvas: many where there are pictures, else those of the text."""
PICTURED = 200

NODE = "app.graph.nodes.find(({type}) => type.startsWith('PeriplusSweep'))"


@pytest.fixture
def frontend(frontend: Frontend, server: ComfyServer) -> Iterator[Frontend]:
    """The page, with nothing running before and after."""
    yield frontend
    server.cancel_all()


def sweep_of(samplers: str, steps: str) -> dict[str, Any]:
    graph = Graph()
    graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Sampler", values=samplers),
        y_axis=graph.axis("Number", parameter="steps", values=steps),
    )
    return graph.prompt


def queue(frontend: Frontend, prompt: dict[str, Any]) -> None:
    frontend.load_prompt(prompt)
    frontend.page.evaluate("app.queuePrompt(0)")


def line(frontend: Frontend) -> Locator:
    return frontend.page.locator(".periplus-live-line")


def canvas(frontend: Frontend) -> Locator:
    return frontend.page.locator(".periplus-live canvas")


def expect_pictures(frontend: Frontend) -> None:
    frontend.page.wait_for_function(
        f"least => ({COLOURS})(document.querySelector('.periplus-live canvas')) > least",
        arg=PICTURED,
    )


def test_the_sheet_fills_in_and_says_why_a_cell_failed(frontend: Frontend) -> None:
    page = frontend.page
    frontend.load_prompt(sweep_of("euler, capsizing", "1, 2"))
    assert canvas(frontend).count() == 0
    saved = f"{NODE}.serialize().widgets_values"
    before, prompt = page.evaluate(saved), frontend.prompt()

    page.evaluate("app.queuePrompt(0)")

    expect(line(frontend)).to_have_text("2 of 4 cells, 2 failed")
    expect(page.locator(".periplus-live [role=status]")).to_have_text("2 of 4 cells, 2 failed")
    expect(canvas(frontend)).to_have_attribute("aria-label", re.compile("^2 of 4 cells, 2 failed"))
    expect_pictures(frontend)
    canvas(frontend).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    caption = page.locator(".periplus-live-caption")
    expect(caption).to_have_text("capsizing, 2 · failed: cannot sample: the sampler has capsized")
    page.keyboard.press("ArrowLeft")
    expect(caption).to_have_text(re.compile(r"^euler, 2 · \d+\.\d s$"))
    after = [value for value in page.evaluate(saved) if value is not None]
    assert after == before, "nothing of the sheet is saved"
    assert frontend.prompt() == prompt
    assert frontend.complaints == []


def test_the_sheet_is_hidden_by_a_setting_and_outlives_a_change_of_workflow(
    frontend: Frontend,
) -> None:
    page = frontend.page
    queue(frontend, sweep_of("euler", "1"))
    expect(line(frontend)).to_have_text("1 of 1 cells")
    height = page.evaluate(f"{NODE}.size[1]")

    page.evaluate(f"app.extensionManager.setting.set('{SETTING}', false)")
    expect(canvas(frontend)).to_have_count(0)
    assert page.evaluate(f"{NODE}.size[1]") < height
    page.evaluate(f"app.extensionManager.setting.set('{SETTING}', true)")
    expect(line(frontend)).to_be_visible()

    page.evaluate("app.extensionManager.command.execute('Comfy.NewBlankWorkflow')")
    expect(canvas(frontend)).to_have_count(0)
    page.evaluate("app.extensionManager.command.execute('Workspace.PreviousOpenedWorkflow')")
    expect(line(frontend)).to_have_text("1 of 1 cells")
    expect_pictures(frontend)
    assert frontend.complaints == []


def test_the_view_zooms_with_the_pointer_on_the_sheet(frontend: Frontend) -> None:
    page = frontend.page
    queue(frontend, sweep_of("euler", "1"))
    expect(line(frontend)).to_have_text("1 of 1 cells")
    frontend.centre(canvas(frontend))
    before = page.evaluate("app.canvas.ds.scale")

    canvas(frontend).hover()
    page.mouse.wheel(0, -100)

    page.wait_for_function("before => app.canvas.ds.scale > before", arg=before)


def test_a_reloaded_page_finds_the_running_sweep_and_hears_of_its_cancel(
    frontend: Frontend, server: ComfyServer
) -> None:
    queue(frontend, sweep_of("euler", f"1, {ENDLESS}"))
    expect(line(frontend)).to_have_text("1 of 2 cells")

    frontend.reload()

    expect(line(frontend)).to_have_text("1 of 2 cells")
    expect_pictures(frontend)
    server.interrupt()
    expect(line(frontend)).to_have_text("1 of 2 cells, stopped")
    assert [text for text in frontend.complaints if "periplus" in text.lower()] == []


HOLD_SOCKETS = """() => {
    const Socket = window.WebSocket;
    const closing = (name, listener) => name === "close" && setTimeout(listener, 100);
    window.WebSocket = function () {
        return {addEventListener: closing, close() {}};
    };
    window.letSocketsThrough = () => {
        window.WebSocket = Socket;
    };
    app.api.socket.close();
}"""
"""Cut the page off its server: every new connection closes at once."""


def test_a_page_that_was_cut_off_learns_how_its_sweep_has_ended(
    frontend: Frontend, server: ComfyServer
) -> None:
    queue(frontend, sweep_of("euler", f"1, {ENDLESS}"))
    expect(line(frontend)).to_have_text("1 of 2 cells")
    forecast = frontend.page.locator(".periplus-line-text").filter(has_text="10,000 steps")
    expect(forecast).to_have_count(0)

    frontend.page.evaluate(HOLD_SOCKETS)
    server.cancel_all()
    frontend.page.evaluate("window.letSocketsThrough()")

    expect(line(frontend)).to_have_text("1 of 2 cells, stopped")
    expect(forecast).to_have_count(1)


LONG = "a lighthouse at the end of a pier in the evening, with many gulls above it, in oil"

SHOW_NARROW = f"""async ({{label}}) => {{
    const {{SweepState}} = await import("{MODULES}/sweep_state.js");
    const {{SheetView}} = await import("{MODULES}/sheet_view.js");
    const {{Pictures}} = await import("{MODULES}/pictures.js");
    const {{wordsFor}} = await import("{MODULES}/words.js");
    const axis = (name, ...labels) => ({{name, labels}});
    const axes = {{x: axis("cfg", "1", "2"), y: axis("", ""), z: axis("prompt", label, "b")}};
    const state = new SweepState("1", {{}}, axes);
    const failed = {{status: "failed", reason: "out of memory", files: [], sizes: []}};
    state.setAll([{{...failed, x: 0, y: 0, z: 0}}]);
    const view = new SheetView(state, new Pictures(() => ""), wordsFor("ru"), () => {{}});
    const place = document.createElement("div");
    place.id = "narrow";
    place.style.cssText = "position: fixed; width: 240px; z-index: 9999";
    place.style.height = `${{view.heightAt(240) - 20}}px`;
    place.append(view.element);
    document.body.append(place);
    view.update();
}}"""


def test_a_long_label_leaves_room_for_the_reason_of_a_failure(frontend: Frontend) -> None:
    page = frontend.page
    page.evaluate(SHOW_NARROW, {"label": LONG})
    shown = page.locator("#narrow")
    shown.locator("canvas").focus()
    page.keyboard.press("ArrowRight")

    caption = shown.locator(".periplus-live-caption")
    expect(caption).to_contain_text("out of memory")
    expect(shown.locator("canvas")).to_have_attribute("title", re.compile(re.escape(LONG)))
    pager = shown.locator(".periplus-live-pages")
    assert pager.evaluate("element => element.offsetHeight") == 24
    assert caption.evaluate("element => element.scrollHeight <= element.clientHeight")
    page.evaluate("document.getElementById('narrow').remove()")


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "37 of 168 cells, 2 failed, about 3 min left"),
        ("ru", "Ячеек: 37 из 168, с ошибкой: 2, осталось около 3 мин"),
        ("zh", "已完成 37 / 168 个单元格，2 个失败，剩余约 3 分钟"),
        ("zh-TW", "已完成 37 / 168 个单元格，2 个失败，剩余约 3 分钟"),
        ("fr", "37 of 168 cells, 2 failed, about 3 min left"),
    ],
)
def test_the_line_is_in_the_language_of_the_page(
    frontend: Frontend, locale: str, expected: str
) -> None:
    progress = {"finished": 37, "total": 168, "failed": 2, "stopped": False, "secondsLeft": 190}

    found = frontend.page.evaluate(
        f"""async ([locale, progress]) => {{
            const {{wordsFor, progressLine}} = await import("{MODULES}/words.js");
            return progressLine(wordsFor(locale), progress);
        }}""",
        [locale, progress],
    )

    assert found == expected


def test_a_run_that_made_all_that_was_wanted_has_not_stopped(frontend: Frontend) -> None:
    found = frontend.page.evaluate(
        f"""async () => {{
            const {{SweepState}} = await import("{MODULES}/sweep_state.js");
            const axis = {{name: "steps", labels: ["1", "2"]}};
            const none = {{name: "", labels: [""]}};
            const stopped = (...ends) => {{
                const state = new SweepState("1", {{}}, {{x: axis, y: none, z: none}});
                state.isRunning = true;
                for (const early of ends) state.stop(early);
                return state.progress(0).stopped;
            }};
            return [stopped(true), stopped(false), stopped(undefined), stopped(false, true)];
        }}"""
    )

    assert found == [True, False, True, False]


def test_a_cell_that_is_made_anew_is_drawn_anew(frontend: Frontend) -> None:
    found = frontend.page.evaluate(
        f"""async () => {{
            const {{Pictures}} = await import("{MODULES}/pictures.js");
            const canvas = document.createElement("canvas");
            const context = document.createElement("canvas").getContext("2d");
            const state = {{shape: [1, 1, 1], aspect: 1}};
            const pictures = new Pictures(() => "");
            const shown = [];
            for (const colour of ["red", "lime"]) {{
                const paint = canvas.getContext("2d");
                paint.fillStyle = colour;
                paint.fillRect(0, 0, canvas.width, canvas.height);
                const thumbnail = canvas.toDataURL();
                const cell = {{x: 0, y: 0, z: 0, status: "done", files: ["f"], thumbnail}};
                const drawn = new Promise((resolve) => (pictures.onDrawn = resolve));
                pictures.want(state, cell);
                await drawn;
                pictures.draw(context, cell, [0, 0, 9, 9]);
                shown.push([...context.getImageData(4, 4, 1, 1).data]);
            }}
            return shown;
        }}"""
    )

    assert found == [[255, 0, 0, 255], [0, 255, 0, 255]]


def test_a_cell_that_has_failed_since_shows_no_picture_and_a_lost_one_is_asked_for_again(
    frontend: Frontend,
) -> None:
    found = frontend.page.evaluate(
        f"""async () => {{
            const {{Pictures}} = await import("{MODULES}/pictures.js");
            const canvas = document.createElement("canvas");
            const context = canvas.getContext("2d");
            const addresses = ["data:image/png;base64,", canvas.toDataURL()];
            const asked = [];
            const pictures = new Pictures(() => (asked.push(0), addresses[asked.length - 1]));
            const state = {{shape: [1, 1, 1], aspect: 1}};
            const cell = {{x: 0, y: 0, z: 0, status: "done", files: ["f"]}};
            pictures.want(state, cell);
            await new Promise((resolve) => setTimeout(resolve));
            pictures.want(state, cell);
            const before = asked.length;
            const drawn = new Promise((resolve) => (pictures.onDrawn = resolve));
            pictures.retry();
            pictures.want(state, cell);
            await drawn;
            const draw = (status) => pictures.draw(context, {{...cell, status}}, [0, 0, 9, 9]);
            return [before, asked.length, draw("done"), draw("failed")];
        }}"""
    )

    assert found == [1, 2, True, False]


def test_the_time_left_is_measured_from_the_cells_of_this_run(frontend: Frontend) -> None:
    found = frontend.page.evaluate(
        f"""async () => {{
            const {{SweepState}} = await import("{MODULES}/sweep_state.js");
            const axis = {{name: "steps", labels: ["1", "2", "3", "4", "5", "6"]}};
            const none = {{name: "", labels: [""]}};
            const state = new SweepState("1", {{}}, {{x: axis, y: none, z: none}});
            state.isRunning = true;
            const left = [];
            const add = (x, status, done, now) => {{
                state.setCell({{x, y: 0, z: 0, status, sizes: [], bar: [done, 60]}}, now);
                left.push(state.progress(now).secondsLeft);
            }};
            add(0, "reused", 0, 0);
            add(1, "done", 20, 500_000);  // with the loading of the model
            add(2, "done", 30, 510_000);
            add(3, "done", 40, 520_000);
            left.push(state.progress(525_000).secondsLeft);
            state.stop();
            left.push(state.progress(525_000).secondsLeft);
            return left;
        }}"""
    )

    assert found == [None, None, None, 20, 15, None]
