"""The terminal interface and the store over a large cache, beside `less` and Python's sqlite3 in one run.

A community of a million statuses is fetched once by `fixative sync`. Then the real program runs in a pseudo-terminal
(160x50, true colour) and keys are pressed: from writing a key to the end of the frame that follows is one time. `less`
turns the pages of a file with the same texts in the same harness. Pages and searches are timed inside the program
(`fixative store-bench`) and in a database that Python's sqlite3 filled from the same statuses, with the same queries.

    store.py PATH/TO/fixative [--statuses N] [--keys N] [--work FOLDER]
"""
import argparse
import fcntl
import json
import os
import pty
import random
import select
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile
import termios
import time
from pathlib import Path

from community import RARE, WORDS, Community, client_environment, log_in, status

ROWS, COLUMNS = 50, 160
FRAME_END = b"\x1b[?2026l"
ANSWERS = ((b"\x1b[?2026$p", b"\x1b[?2026;2$y"), (b"\x1b[c", b"\x1b[?62;22c"))


class Screen:
    """A program in a pseudo-terminal that says it can show frames whole (mode 2026)."""

    def __init__(self, command, environment):
        self.begun = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(command[0], [str(part) for part in command], environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def read(self, timeout):
        """What comes within so many seconds; None when nothing does."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return None
        try:
            data = os.read(self.fd, 1 << 18)
        except OSError:
            return b""
        for question, answer in ANSWERS:
            if question in data:
                os.write(self.fd, answer)
        return data

    def until(self, wanted, seconds=20):
        """Reads on to the given bytes; the time at which they were here."""
        seen, end = b"", time.perf_counter() + seconds
        while time.perf_counter() < end:
            seen += self.read(0.5) or b""
            if wanted in seen:
                return time.perf_counter()
        raise SystemExit(f"The screen never showed {wanted!r}.")

    def settle(self, quiet=0.12, most=5):
        end = time.perf_counter() + most
        while time.perf_counter() < end and self.read(quiet):
            pass

    def press(self, key, frame_end):
        """Milliseconds from the key to the end of its frame; None where the screen had nothing to change."""
        start = time.perf_counter()
        os.write(self.fd, key)
        seen, last = b"", None
        while True:
            data = self.read(0.3 if last is None else 0.01)
            if not data:
                return None if last is None else (last - start) * 1e3
            seen, last = seen + data, time.perf_counter()
            if frame_end and frame_end in seen:
                return (last - start) * 1e3

    def memory(self):
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))}

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        self.settle(most=2)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def percentiles(times):
    times = sorted(times)
    return times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)], times[-1]


def keys(count):
    """Browsing: mostly moving on, pages, jumps, other timelines, a search now and then. The same every time."""
    numbers = random.Random(5)
    down, page, back = b"j", b"\x06", b"\x02"
    for turn in range(count):
        if turn % 100 == 60:
            yield from (b"/", *(bytes([letter]) for letter in WORDS[turn % 20].encode()), b"\r")
            yield from (page, down, b"q")
        if turn % 40 == 39:
            yield numbers.choice([b"1", b"2", b"g"])
        yield numbers.choices([down, b"l", page, back, b"k"], [40, 20, 25, 5, 10])[0]


def terminal(fixative, environment, count, peer_file):
    environment = dict(environment, TERM="xterm-256color", COLORTERM="truecolor", LESS="")
    starts, peer_starts, times, peer_times = [], [], [], []
    for _ in range(7):
        screen = Screen([fixative], environment)
        starts.append((screen.until(b"Piece") - screen.begun) * 1e3)
        screen.close()
        less = Screen([shutil.which("less"), peer_file], environment)
        peer_starts.append((less.until(b"Piece") - less.begun) * 1e3)
        less.close()
    screen = Screen([fixative], environment)
    screen.until(b"Piece")
    screen.settle()
    for key in keys(count):
        taken = screen.press(key, FRAME_END)
        if taken is not None:
            times.append(taken)
        screen.settle(quiet=0.03, most=0.5)
    memory = screen.memory()
    screen.close()
    less = Screen([shutil.which("less"), peer_file], environment)
    less.until(b"Piece")
    less.settle()
    for turn in range(count // 2):
        taken = less.press(b"f" if turn % 3 else b"j", None)
        if taken is not None:
            peer_times.append(taken)
        less.settle(quiet=0.02, most=0.3)
    less.close()
    return starts, peer_starts, times, peer_times, memory


def queries(count):
    numbers = random.Random(9)
    for turn in range(count):
        word, other = numbers.choice(WORDS), numbers.choice(WORDS)
        yield (word, f"{word} {other}", f"{word[:2]}*", f"tag:{word}", numbers.choice(RARE))[turn % 5]


def peer_store(path, community):
    """Seconds to fill a plain database with the same statuses."""
    start = time.perf_counter()
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("""
        PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE TABLE statuses (row INTEGER PRIMARY KEY, body TEXT);
        CREATE TABLE tags (tag TEXT, row INTEGER, PRIMARY KEY (tag, row)) WITHOUT ROWID;
        CREATE VIRTUAL TABLE words USING fts5(text, content = '');
    """)
    for begin in range(0, community.count, 10_000):
        db.execute("BEGIN")
        for number in range(begin, min(begin + 10_000, community.count)):
            made = status(number, community.port)
            tags = [tag["name"] for tag in made["tags"]]
            db.execute("INSERT INTO statuses VALUES (?, ?)", (number, json.dumps(made)))
            # One token a character for Chinese and Japanese, as ours.
            text = "".join(f" {c} " if ord(c) > 0x2E80 else c for c in made["content"].replace("<p>", "")
                           .replace("</p>", " ") + made["media_attachments"][0]["description"] + " " + " ".join(tags))
            db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, text))
            db.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", [(tag, number) for tag in tags])
        db.execute("COMMIT")
    return db, time.perf_counter() - start


def peer_searches(db, texts):
    def phrase(word):
        return '"' + " ".join(word) + '"' if ord(word[0]) > 0x2E80 else word

    times = []
    for text in texts:
        start = time.perf_counter()
        if text.startswith("tag:"):
            rows = db.execute(
                "SELECT body FROM statuses WHERE row IN (SELECT row FROM tags WHERE tag = ? ORDER BY row DESC LIMIT 40)"
                " ORDER BY row DESC", (text[4:],)).fetchall()
        else:
            expression = " ".join(part if part.endswith("*") and ord(part[0]) < 0x2E80 else phrase(part.rstrip("*"))
                                  for part in text.split())
            rows = db.execute(
                "SELECT body FROM statuses WHERE row IN (SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC"
                " LIMIT 40) ORDER BY row DESC", (expression,)).fetchall()
        for (body,) in rows:
            json.loads(body)
        times.append((time.perf_counter() - start) * 1e3)
    return times


def peer_pages(db, count, total):
    numbers, times = random.Random(2), []
    for _ in range(count):
        below = numbers.randrange(40, total)
        start = time.perf_counter()
        for (body,) in db.execute("SELECT body FROM statuses WHERE row < ? ORDER BY row DESC LIMIT 40", (below,)):
            json.loads(body)
        times.append((time.perf_counter() - start) * 1e3)
    return times


def row(name, ours, peer, bar, form="{:.1f}"):
    ratio = f"{ours / peer:.2f}" if peer else "–"
    print(f"| {name} | {form.format(ours)} | {form.format(peer) if peer else '–'} | {ratio} | {bar} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fixative")
    parser.add_argument("--statuses", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, default=1_000)
    parser.add_argument("--work", help="kept between runs: the filled stores are used again")
    options = parser.parse_args()
    fixative = Path(options.fixative).resolve()
    community = Community(options.statuses, prepared=False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(options.work or name).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        environment = client_environment(folder)
        filled = 0.0
        if not (folder / "filled").exists():
            log_in(fixative, community, environment)
            start = time.perf_counter()
            subprocess.run([fixative, "sync", "--once"], check=True, stdout=subprocess.DEVNULL, env=environment)
            filled = time.perf_counter() - start
            (folder / "filled").touch()
        if (folder / "peer.db").exists():
            db, peer_filled = sqlite3.connect(folder / "peer.db"), 0.0
        else:
            db, peer_filled = peer_store(folder / "peer.db", community)
        texts = list(queries(1_000))
        (folder / "queries").write_text("\n".join(texts))
        inside = json.loads(subprocess.run(
            [fixative, "store-bench", "--queries", folder / "queries", "--json"], check=True, capture_output=True,
            env=environment).stdout)
        searches, pages = peer_searches(db, texts), peer_pages(db, 1_000, options.statuses)
        peer_file = folder / "less.txt"
        with open(peer_file, "w") as lines:
            for number in range(options.statuses):
                lines.write(f"Piece {number} {WORDS[number % len(WORDS)]} {WORDS[number * 7 % len(WORDS)]}\n")
        starts, peer_starts, times, peer_times, memory = terminal(fixative, environment, options.keys, peer_file)
    print(f"| {options.statuses:,} statuses in the cache | fixative | peer | ratio | bar |")
    print("|---|---|---|---|---|")
    if filled and peer_filled:
        print(f"| filling it, s (ours over HTTP, from a server in Python; peer: Python's sqlite3) | {filled:.0f} |"
              f" {peer_filled:.0f} | {filled / peer_filled:.2f} | |")
    for place, name, bar in ((0, "p50", ""), (1, "p99", "≤ 16"), (2, "worst", "")):
        row(f"key → screen, {name}, ms ({len(times)} keys; peer: less)", percentiles(times)[place],
            percentiles(peer_times)[place], bar)
    row("start → first frame, median, ms (peer: less)", percentiles(starts)[0], percentiles(peer_starts)[0], "≤ 150")
    row("start → first frame, worst of 7, ms", max(starts), max(peer_starts), "")
    row("resident memory after browsing, MB", memory["VmRSS"], None, "≤ 120", "{:.0f}")
    row("the most it ever had, MB", memory["VmHWM"], None, "", "{:.0f}")
    for name, mine, theirs, bar in (
            ("page of 40", inside["pages"], pages, ""), ("offline search", inside["searches"], searches, "≤ 20")):
        for place, part in ((0, "p50"), (1, "p99"), (2, "worst")):
            row(f"{name}, {part}, ms (peer: Python's sqlite3)", percentiles(mine)[place], percentiles(theirs)[place],
                bar if part == "p99" else "", "{:.2f}")


main()
