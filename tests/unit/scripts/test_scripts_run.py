from __future__ import annotations

import io
import socket
import struct
import threading
from pathlib import Path
from typing import Any

import pytest

from scripts.comfy_run import Message, Run, describe_refusal
from scripts.demo import find_workflow, limit_size, saved_sheet
from scripts.progress_bar import ProgressBar, node_title, render
from scripts.steps import CommandError
from scripts.web_socket import BINARY, CONTINUATION, FINAL, PING, PONG, TEXT, WebSocket


def run(*events: tuple[str, dict[str, Any]], status: str = "success", **outputs: Any) -> Run:
    history = {"status": {"status_str": status, "messages": list(events)}, "outputs": outputs}
    return Run("p", (), history)


def test_a_run_says_how_it_ended() -> None:
    assert run().status == "success"
    assert run(("execution_error", {}), status="error").status == "error"
    assert run(("execution_interrupted", {}), status="error").status == "interrupted"


def test_an_error_names_the_node_and_carries_the_traceback() -> None:
    data = {
        "node_id": "4",
        "node_type": "KSampler",
        "exception_type": "ValueError",
        "exception_message": "bad latent\n",
        "traceback": ["line 1\n", "line 2\n"],
    }
    assert run(("execution_error", data)).error == (
        "Node 4 (KSampler): ValueError: bad latent\n\nline 1\nline 2\n"
    )
    assert run().error == ""


def test_a_run_tells_executed_nodes_from_cached_ones() -> None:
    messages = (
        Message("execution_cached", {"nodes": ["1", "2"]}),
        Message("executing", {"node": "3", "prompt_id": "p"}),
        Message("executing", {"node": "3.0.0.1", "prompt_id": "p"}),
        Message("executing", {"node": None, "prompt_id": "p"}),
    )
    ended = Run("p", messages, {})
    assert ended.executed == ("3", "3.0.0.1")
    assert ended.cached == {"1", "2"}


def test_only_the_prompts_own_last_message_ends_it() -> None:
    assert Message("executing", {"node": None, "prompt_id": "p"}).ends("p")
    assert not Message("executing", {"node": None, "prompt_id": "other"}).ends("p")
    assert not Message("executing", {"node": "3", "prompt_id": "p"}).ends("p")


def test_a_refusal_lists_every_problem_with_its_node() -> None:
    problem = {"message": "Value not in list", "details": "sampler_name: 'eulr'"}
    answer = {
        "error": {"message": "Prompt has no outputs", "details": ""},
        "node_errors": {"4": {"class_type": "KSampler", "errors": [problem]}},
    }
    assert describe_refusal(answer) == (
        "Prompt has no outputs\n  node 4 (KSampler): Value not in list: sampler_name: 'eulr'"
    )
    assert describe_refusal({"error": answer["error"], "node_errors": []}).count("\n") == 0


PROMPT = {"4": {"_meta": {"title": "Sweep"}}}


def test_inner_nodes_go_by_the_title_of_the_node_they_belong_to() -> None:
    assert node_title(PROMPT, "4") == "Sweep"
    assert node_title(PROMPT, "4.0.0.2") == "Sweep"
    assert node_title(PROMPT, "7") == "node 7"


def test_the_bar_fills_with_the_steps() -> None:
    assert render("Sweep", 0, 40, 0) == f"Sweep [{'-' * 30}] 0/40  0:00"
    assert render("Sweep", 20, 40, 65.9) == f"Sweep [{'#' * 15}{'-' * 15}] 20/40  1:05"
    assert render("Sweep", 40, 40, 600) == f"Sweep [{'#' * 30}] 40/40  10:00"


def test_away_from_a_terminal_the_bar_is_a_line_for_every_tenth() -> None:
    stream = io.StringIO()
    bar = ProgressBar(PROMPT, stream)
    for step in range(101):
        bar.show(Message("progress", {"node": "4", "value": step, "max": 100}))
    bar.show(Message("executed", {"node": "4"}))
    bar.end()
    assert [line.split()[2] for line in stream.getvalue().splitlines()] == [
        f"{step}/100" for step in range(0, 101, 10)
    ]


def test_the_sheet_is_the_last_picture_that_stays() -> None:
    first = {"filename": "a.png", "subfolder": "", "type": "output"}
    last = {"filename": "b.png", "subfolder": "x", "type": "output"}
    preview = {"filename": "c.png", "subfolder": "", "type": "temp"}
    ended = run(**{"1": {"images": [first, last]}, "2": {"images": [preview]}, "3": {"text": [""]}})
    assert saved_sheet(ended, Path("out")) == Path("out/x/b.png")


def test_a_run_that_saved_nothing_is_an_error() -> None:
    with pytest.raises(CommandError, match="saved no picture"):
        saved_sheet(run(), Path("out"))


def test_pictures_are_made_smaller_but_never_larger() -> None:
    prompt = {"1": {"inputs": {"width": 512, "height": 64}}, "2": {"inputs": {"width": ["1", 0]}}}
    assert limit_size(prompt, 192)
    assert prompt["1"]["inputs"] == {"width": 192, "height": 64}
    assert not limit_size(prompt, 192)


def test_an_unknown_example_is_refused_with_the_list() -> None:
    with pytest.raises(CommandError, match=r"(?s)no example 'nothing'.*There are:"):
        find_workflow("nothing")


class Peer:
    """A WebSocket server for one client, in a thread of its own."""

    def __init__(self, answer: bytes, frames: bytes = b"") -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.request = b""
        self.sent = b""
        self._thread = threading.Thread(target=self._serve, args=(answer, frames))
        self._thread.start()

    def _serve(self, answer: bytes, frames: bytes) -> None:
        connection, _ = self._listener.accept()
        with connection, self._listener:
            while b"\r\n\r\n" not in self.request:
                self.request += connection.recv(4096)
            connection.sendall(answer + frames)
            connection.shutdown(socket.SHUT_WR)
            while data := connection.recv(4096):
                self.sent += data

    def join(self) -> None:
        self._thread.join(timeout=30)


ACCEPT = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes([opcode, size]) + payload
    if size < 1 << 16:
        return struct.pack(">BBH", opcode, 126, size) + payload
    return struct.pack(">BBQ", opcode, 127, size) + payload


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_messages_of_every_length_class_arrive(size: int) -> None:
    peer = Peer(ACCEPT, frame(FINAL | BINARY, b"x" * size))
    with WebSocket("127.0.0.1", peer.port, "/ws?clientId=1") as client:
        assert client.receive() == b"x" * size
    peer.join()
    assert peer.request.startswith(b"GET /ws?clientId=1 HTTP/1.1\r\n")


def test_a_message_in_pieces_is_put_together_around_a_ping() -> None:
    pieces = frame(TEXT, b"per") + frame(FINAL | PING, b"?") + frame(FINAL | CONTINUATION, b"iplus")
    peer = Peer(ACCEPT, pieces)
    with WebSocket("127.0.0.1", peer.port, "/ws") as client:
        assert client.receive() == "periplus"
    peer.join()
    mask, body = peer.sent[2:6], peer.sent[6:]
    assert peer.sent[0] == FINAL | PONG
    assert bytes(byte ^ mask[at % 4] for at, byte in enumerate(body)) == b"?"


def test_a_broken_connection_is_an_error() -> None:
    peer = Peer(ACCEPT, b"\x81")
    with (
        WebSocket("127.0.0.1", peer.port, "/ws") as client,
        pytest.raises(ConnectionError, match="broke off"),
    ):
        client.receive()
    peer.join()


def test_a_refused_websocket_is_an_error() -> None:
    peer = Peer(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    with pytest.raises(ConnectionError, match="403 Forbidden"):
        WebSocket("127.0.0.1", peer.port, "/ws")
    peer.join()
