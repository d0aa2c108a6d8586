"""A headless ComfyUI as a subprocess, with temporary folders of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from .comfy_run import Message, Run, describe_refusal, read_binary
from .steps import CommandError, tail
from .web_socket import WebSocket

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE_IMAGE = "example.png"
"""The picture that comes with ComfyUI and that its LoadImage shows at first."""
LAUNCH = Path(__file__).with_name("launch.py")
HOST = "127.0.0.1"

# A proxy set for the outside world must not be asked for this machine's own server.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class PromptRefusedError(CommandError):
    """ComfyUI did not accept a prompt.

    Args:
        answer: the JSON body of its answer ({"error": ..., "node_errors": ...}).
    """

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        super().__init__(f"ComfyUI refused the workflow. {describe_refusal(answer)}")


class ComfyServer:
    """One ComfyUI server on a free port; a context manager that starts and stops it.

    Its base folder is new and temporary; ``models``, ``input``, ``user`` and the rest may be
    prepared there before :meth:`start`.

    Args:
        comfyui: ComfyUI's source tree.
        python: the Python that runs it.
        models: folders to link below ``models/``, by their place there ("checkpoints/demo").
        packs: node packs to link below ``custom_nodes/``, by the folder's name there; this
            checkout as "periplus" by default.
        output: where pictures are written; in the base folder by default, and gone with it.
        cpu: run on the CPU.
        threads: torch's threads for one operation; None leaves the choice to torch.
        arguments: more command-line arguments for ComfyUI.
        environment: more environment variables.
    """

    def __init__(
        self,
        comfyui: Path,
        python: Path,
        *,
        models: Mapping[str, Path] | None = None,
        packs: Mapping[str, Path] | None = None,
        output: Path | None = None,
        cpu: bool = True,
        threads: int | None = 1,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="periplus-"))
        self.output = output or self.base / "output"
        self.log = self.base / "comfyui.log"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("models", "custom_nodes", "input", "temp", "user"):
            (self.base / name).mkdir()
        example = comfyui / "input" / EXAMPLE_IMAGE
        if example.is_file():
            shutil.copyfile(example, self.base / "input" / EXAMPLE_IMAGE)
        self.output.mkdir(parents=True, exist_ok=True)
        for place, folder in (models or {}).items():
            link_folder(folder, self.base / "models" / place)
        for name, folder in ({"periplus": ROOT} if packs is None else packs).items():
            link_folder(folder, self.base / "custom_nodes" / name)
        options = {
            "--base-directory": self.base,
            "--output-directory": self.output,
            "--port": self.port,
            "--database-url": "sqlite:///:memory:",
        }
        self._command = [
            *(python, LAUNCH, "--end-with-stdin", comfyui, comfyui / "main.py"),
            *(part for option in options.items() for part in option),
            *("--disable-api-nodes", "--disable-auto-launch"),
            *(["--cpu"] if cpu else []),
            *arguments,
        ]
        self._environment = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            # Waiting threads that spin take the cores from those that work.
            "OMP_WAIT_POLICY": "PASSIVE",
            **({} if threads is None else {"OMP_NUM_THREADS": str(threads)}),
            **(environment or {}),
        }

    @property
    def address(self) -> str:
        """The server's address, without a slash at its end."""
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """The id of the server's process."""
        assert self._process is not None
        return self._process.pid

    def start(self, timeout: float = 180.0) -> None:
        """Start the server and wait until it answers.

        Raises:
            CommandError: it ended, or did not answer within ``timeout`` seconds.
        """
        with self.log.open("ab") as sink:
            self._process = subprocess.Popen(
                [str(part) for part in self._command],
                # Never written to: it closes when this process ends, however it ends.
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self.base,
                # Ctrl-C is for the command; it stops the server by itself.
                start_new_session=True,
            )
        deadline = time.monotonic() + timeout
        while not self._answers():
            if self._process.poll() is not None:
                self._fail(f"ComfyUI ended with status {self._process.returncode}")
            if time.monotonic() > deadline:
                self._fail(f"ComfyUI did not answer within {timeout:.0f} s")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            self.get("/system_stats")
        except (urllib.error.URLError, OSError):
            return False
        return True

    def _fail(self, reason: str) -> None:
        end_of_log = tail(self.log)
        self.stop()
        raise CommandError(f"{reason}. The end of its log:\n\n{end_of_log}")

    def stop(self) -> None:
        """End the server for sure, and remove its base folder."""
        self.end()
        shutil.rmtree(self.base, ignore_errors=True)

    def end(self) -> None:
        """End the server for sure; the base folder stays, and it can be started again."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def wait(self) -> None:
        """Wait until the server ends by itself."""
        assert self._process is not None
        self._process.wait()

    def kill(self) -> None:
        """End the server as a crash would, without warning; the base folder stays."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> ComfyServer:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def get(self, path: str) -> Any:
        """Return the JSON that the server answers to a GET."""
        return json.loads(self.fetch(path))

    def fetch(self, path: str) -> bytes:
        """Return the bytes that the server answers to a GET."""
        with _OPENER.open(self.address + path, timeout=60) as answer:
            return answer.read()

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send JSON by POST; return the JSON of the answer, None where it is empty."""
        request = urllib.request.Request(
            self.address + path,
            data=json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with _OPENER.open(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def object_info(self, node_type: str = "") -> dict[str, Any]:
        """Return ComfyUI's description of all node types, or of one."""
        return self.get(f"/object_info/{node_type}" if node_type else "/object_info")

    def history(self, prompt_id: str) -> dict[str, Any]:
        """Return the history entry of a prompt that has ended."""
        return self.get(f"/history/{prompt_id}")[prompt_id]

    def queue(self) -> dict[str, Any]:
        """Return what runs ("queue_running") and what waits ("queue_pending")."""
        return self.get("/queue")

    def interrupt(self) -> None:
        """Cancel what runs, as the Cancel button does."""
        self.post("/interrupt")

    def cancel_all(self, timeout: float = 60.0) -> None:
        """Forget what waits and cancel what runs; return once nothing runs.

        Raises:
            TimeoutError: something still runs after ``timeout`` seconds.
        """
        self.post("/queue", {"clear": True})
        deadline = time.monotonic() + timeout
        while self.queue()["queue_running"]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"what runs was not cancelled within {timeout:g} s")
            # ComfyUI forgets a cancel that comes before the prompt's first node.
            self.interrupt()
            time.sleep(0.1)

    def free(self) -> None:
        """Unload all models and forget all cached results, before the next prompt."""
        self.post("/free", {"unload_models": True, "free_memory": True})

    def view(self, filename: str, subfolder: str = "", kind: str = "output") -> bytes:
        """Return a picture as the browser gets it; ``kind`` is output, temp or input."""
        query = {"filename": filename, "subfolder": subfolder, "type": kind}
        return self.fetch(f"/view?{urllib.parse.urlencode(query)}")

    def submit(
        self, prompt: Mapping[str, Any], *, client_id: str = "", workflow: Any = None
    ) -> str:
        """Queue a prompt in API format; return its id.

        Args:
            client_id: the connection that is to hear about it.
            workflow: the workflow in the frontend's format, to be saved in the pictures.

        Raises:
            PromptRefusedError: ComfyUI did not accept it.
        """
        body: dict[str, Any] = {"prompt": prompt, "client_id": client_id}
        if workflow is not None:
            body["extra_data"] = {"extra_pnginfo": {"workflow": workflow}}
        try:
            answer = self.post("/prompt", body)
        except urllib.error.HTTPError as error:
            content = error.read()
            if error.code != 400:
                raise CommandError(f"ComfyUI answered {error}: {content.decode()}") from error
            raise PromptRefusedError(json.loads(content)) from error
        if answer["node_errors"]:
            # ComfyUI runs the outputs that are right and drops the others: half a run is no run.
            self.post("/queue", {"delete": [answer["prompt_id"]]})
            self.post("/interrupt", {"prompt_id": answer["prompt_id"]})
            first = {"message": "Some outputs of the workflow are wrong", "details": ""}
            raise PromptRefusedError({"error": first, "node_errors": answer["node_errors"]})
        return answer["prompt_id"]

    def run(
        self,
        prompt: Mapping[str, Any],
        *,
        workflow: Any = None,
        on_message: Callable[[Message], None] | None = None,
        timeout: float = 600.0,
    ) -> Run:
        """Queue a prompt, follow it to its end and return what happened.

        An error while it runs is not raised: see :attr:`Run.status` and :attr:`Run.error`.

        Args:
            prompt, workflow: as for :meth:`submit`.
            on_message: called with every message as it comes; may call :meth:`interrupt`.
            timeout: seconds without any message after which the run counts as lost.

        Raises:
            PromptRefusedError: ComfyUI did not accept it.
            CommandError: the server ended or fell silent meanwhile.
        """
        client_id = uuid.uuid4().hex
        messages: list[Message] = []
        with WebSocket(HOST, self.port, f"/ws?clientId={client_id}") as connection:
            prompt_id = self.submit(prompt, client_id=client_id, workflow=workflow)
            try:
                for message in follow(connection, prompt_id, timeout):
                    messages.append(message)
                    if on_message is not None:
                        on_message(message)
            except (ConnectionError, TimeoutError) as error:
                raise CommandError(
                    f"ComfyUI was lost while it ran: {error}. The end of its log:\n\n"
                    f"{tail(self.log)}"
                ) from error
        return Run(prompt_id, tuple(messages), self.history(prompt_id))


def follow(connection: WebSocket, prompt_id: str, timeout: float) -> Iterator[Message]:
    """Yield ComfyUI's messages up to the one that ends the prompt."""
    while True:
        content = connection.receive(timeout)
        if isinstance(content, bytes):
            message = read_binary(content)
        else:
            parsed = json.loads(content)
            message = Message(parsed["type"], parsed["data"])
        yield message
        if message.ends(prompt_id):
            return


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def link_folder(folder: Path, link: Path) -> None:
    """Make ``link`` lead to an existing folder: a symlink, a junction on Windows."""
    link.parent.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        # Unlike symlinks, junctions need no special right there.
        subprocess.run(
            ["cmd", "/c", "mklink", "/J", str(link), str(folder)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    else:
        link.symlink_to(folder, target_is_directory=True)
