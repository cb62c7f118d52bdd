"""What the proofs with real processes share: a community, an artist, a recording proxy, pictures with markers.

Every proof runs the built `fixative` and `fixative-server` (the folder is the first argument) on files in memory.
"""
import atexit
import hashlib
import json
import os
import random
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import urllib.request
import zlib
from pathlib import Path


def fast_folder():
    """In memory where there is room for it (containers often give 64 MB), else with the other temporary files."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= 1 << 30:
        return memory
    return Path(os.environ.get("TMPDIR", "/tmp"))


MEMORY = fast_folder()
ROOT = MEMORY / f"fixative-proof-{os.getpid()}"
PASSWORD = "correct horse battery staple"
MARKER = b"canary-7f3a91-original"
RESTING = ("published", "cancelled", "needsAttention", "conflict")


def begin():
    """Makes the folder that everything goes into, and removes it in the end."""
    ROOT.mkdir(parents=True)
    atexit.register(shutil.rmtree, ROOT, True)


def environment(home):
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(home), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
        "TMPDIR": str(ROOT), "XDG_DATA_HOME": f"{home}/data", "XDG_CONFIG_HOME": f"{home}/config",
        "XDG_CACHE_HOME": f"{home}/cache", "XDG_STATE_HOME": f"{home}/state",
    }


def picture(seed, side=128):
    """A PNG of its own for every seed, with the marker in its metadata."""
    numbers = random.Random(seed)
    rows = b"".join(
        b"\0" + bytes((x * 3 + y * 5 + numbers.randrange(40)) & 255 for x in range(side) for _ in range(3))
        for y in range(side))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        + chunk(b"tEXt", b"Comment\0" + MARKER) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def windows(original):
    """Pieces of an original's bytes that would betray it anywhere."""
    return [original[at:at + 64] for at in range(len(original) // 8, len(original) - 64, len(original) // 8)]


class Community:
    """The server, with an account `mei`."""

    def __init__(self, binaries):
        self.binaries = binaries
        self.data = ROOT / "community"
        self.port = 0
        self.process = None
        subprocess.run(
            [binaries / "fixative-server", "account", "create", "mei", "--email", "mei@example.org",
             "--password-stdin", "--data", self.data],
            input=PASSWORD.encode(), check=True, env=environment(ROOT), stdout=subprocess.DEVNULL)
        self.start()
        atexit.register(self.kill)

    def start(self):
        self.process = subprocess.Popen(
            [self.binaries / "fixative-server", "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(ROOT))
        for line in self.process.stdout:
            if b"listening on http://127.0.0.1:" in line:
                self.port = int(line.split(b"127.0.0.1:")[1].split()[0].strip(b"/."))
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def titles(self):
        """How often each first line occurs among all statuses."""
        self.kill()
        database = sqlite3.connect(self.data / "community.db")
        texts = [row[0] for row in database.execute("SELECT text FROM statuses")]
        database.close()
        counts = {}
        for text in texts:
            title = text.split("\n")[0]
            counts[title] = counts.get(title, 0) + 1
        return counts


class RecordingProxy:
    """Between artist and community; looks for what must not be sent in every byte that passes."""

    def __init__(self, upstream, secrets=()):
        self.upstream = upstream
        self.secrets = [MARKER, *secrets]
        self.found = set()
        self.bytes = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream))
            except OSError:
                client.close()
                continue
            for source, target, watched in ((client, server, True), (server, client, False)):
                threading.Thread(target=self.copy, args=(source, target, watched), daemon=True).start()

    def copy(self, source, target, watched):
        seen = b""
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                if watched:
                    window = seen + data
                    hits = {secret for secret in self.secrets if secret in window}
                    seen = window[-80:]
                    with self.lock:
                        self.bytes += len(data)
                        self.found |= hits
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Artist:
    """Somebody with a home of their own, who types commands."""

    def __init__(self, binaries, home):
        self.binaries = binaries
        self.home = Path(home)
        self.home.mkdir(parents=True, exist_ok=True)

    def run(self, *arguments, prefix=(), stdin=b"", timeout=600):
        return subprocess.run(
            [*prefix, self.binaries / "fixative", *arguments], input=stdin, env=environment(self.home), cwd=ROOT,
            capture_output=True, timeout=timeout)

    def login(self, port):
        done = self.run(
            "login", f"http://127.0.0.1:{port}", "--username", "mei", "--password-stdin", stdin=PASSWORD.encode())
        assert done.returncode == 0, done.stderr

    def copy(self, name):
        """The same home somewhere else, as it is now."""
        target = ROOT / name
        shutil.copytree(self.home, target, symlinks=True)
        return Artist(self.binaries, target)

    @property
    def store(self):
        """The folder of the account."""
        return next((self.home / "data/fixative/accounts").iterdir())

    def items(self):
        """The queue: title to (state, status id, receipts). Looked at with SQLite itself, after its own check."""
        path = self.store / "vault.db"
        if not path.exists() or path.stat().st_size == 0:
            return {}
        database = sqlite3.connect(path, timeout=20)
        try:
            verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
            assert verdict == "ok", f"the vault is damaged: {verdict}"
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'items'").fetchone():
                return {}
            rows = database.execute(
                "SELECT draft, state, status_id, (SELECT count(*) FROM receipts r WHERE r.client_id = items.client_id)"
                " FROM items").fetchall()
        finally:
            database.close()
        found = {}
        for draft, state, status, receipts in rows:
            title = json.loads(draft)["title"]
            assert title not in found, f"{title} is in the queue twice"
            found[title] = (state, status, receipts)
        return found

    def drain(self, rounds=40):
        """Syncs until nothing moves any more."""
        for _ in range(rounds):
            if all(state in RESTING for state, _, _ in self.items().values()):
                return
            # What waits for its next try is due now: the back-off is not under test.
            database = sqlite3.connect(self.store / "vault.db", timeout=20)
            with database:
                database.execute("UPDATE items SET next_attempt = NULL WHERE next_attempt IS NOT NULL")
            database.close()
            self.run("sync", "--once")
        raise AssertionError(f"the queue never empties: {self.items()}")


def can_trace():
    """Whether strace is here and may trace: some sandboxes forbid it."""
    try:
        return subprocess.run(["strace", "-f", "-e", "trace=none", "true"], capture_output=True).returncode == 0
    except OSError:
        return False


def arguments(*names):
    """The folder of the programs and the options `--name=value` of a proof."""
    binaries = Path(sys.argv[1]).resolve()
    options = dict(word[2:].split("=", 1) for word in sys.argv[2:] if word.startswith("--"))
    unknown = set(options) - set(names)
    if unknown:
        sys.exit(f"unknown options: {sorted(unknown)}; there are {names}")
    return binaries, options


def on_workers(count, jobs, work):
    """Does every job on one of so many threads; an exception is the job's failure. Returns (results, failures)."""
    jobs = iter(list(jobs))
    results, failures, lock = [], [], threading.Lock()

    def run(worker):
        while True:
            with lock:
                job = next(jobs, None)
                if job is None or len(failures) > 20:
                    return
            try:
                result = work(worker, job)
                with lock:
                    results.append(result)
            except Exception as error:  # every kind is a finding
                with lock:
                    failures.append(f"{job}: {type(error).__name__} {error}")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results, failures


def finish(name, failures):
    for failure in failures[:10]:
        print(f"{name}: FAILED {failure}")
    sys.exit(1 if failures else 0)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def get(url, token=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()
