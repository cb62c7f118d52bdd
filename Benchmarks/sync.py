"""First sync of many statuses, and an upload, beside curl and the sqlite3 shell in one run.

A server in this process serves pages of the changes feed from memory. `fixative sync --once` takes them in; the peer
fetches the same bytes with curl and imports them with the sqlite3 shell into tables with the same indexes and a
full-text index. Then one large picture is uploaded by both.

    sync.py PATH/TO/fixative [--statuses N] [--rounds N]
"""
import argparse
import http.server
import json
import os
import random
import resource
import shutil
import struct
import subprocess
import tempfile
import threading
import time
import zlib
from pathlib import Path

PAGE = 200
WORDS = "ink river winter portrait study light harbour cat moss copper evening glass 山水 夜景 猫 星空".split()


def png(width, height, noise):
    numbers = random.Random(3)
    rows = b"".join(
        b"\0" + (numbers.randbytes(width * 3) if noise else bytes(width * 3)) for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def account(number):
    return {
        "id": str(number), "username": f"artist{number}", "acct": f"artist{number}", "display_name": f"Artist {number}",
        "created_at": "2024-01-01T00:00:00.000Z", "note": "<p>Paints.</p>", "url": f"http://h/@artist{number}",
        "uri": f"http://h/users/{number}", "avatar": "http://h/a.png", "avatar_static": "http://h/a.png",
        "header": "", "header_static": "", "followers_count": 3, "following_count": 4, "statuses_count": 200,
        "locked": False, "bot": False, "discoverable": True, "group": False, "fields": [], "emojis": [],
    }


def pages(count):
    """The feed, the same on every machine."""
    numbers = random.Random(7)
    people = [account(number) for number in range(1, 501)]
    made = []
    for start in range(0, count, PAGE):
        created = []
        for number in range(start, min(start + PAGE, count)):
            words = [numbers.choice(WORDS) for _ in range(8)]
            tags = words[2:4]
            identifier = str(1_000_000 + number)
            seconds = 1_600_000_000 + number * 60
            date = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))
            text = f"<p>Piece {number}</p><p>{' '.join(words)}</p>"
            created.append({
                "id": identifier, "uri": f"http://h/s/{identifier}", "url": f"http://h/s/{identifier}",
                "created_at": date, "edited_at": None, "account": people[numbers.randrange(500)], "content": text,
                "visibility": "public", "sensitive": False, "spoiler_text": "", "language": "en",
                "in_reply_to_id": None, "replies_count": 0, "reblogs_count": 1, "favourites_count": 5,
                "favourited": False, "reblogged": False, "bookmarked": False, "mentions": [], "emojis": [],
                "tags": [{"name": tag, "url": f"http://h/tags/{tag}"} for tag in tags],
                "media_attachments": [{
                    "id": identifier, "type": "image", "url": f"http://127.0.0.1:PORT/files/{identifier}",
                    "preview_url": f"http://127.0.0.1:PORT/files/{identifier}s", "description": f"{words[0]} study",
                    "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                    "meta": {"original": {"width": 1024, "height": 768}, "small": {"width": 400, "height": 300}}}],
                "fixative": {"client_id": None, "mark_id": None, "license": "CC-BY-4.0", "recipe": "subtle",
                             "revision": 1},
            })
        made.append({
            "created": created, "updated": [], "destroyed": [], "state": f"s.{start // PAGE + 1}",
            "has_more": start + PAGE < count})
    return made


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body in one segment: delayed acknowledgements are not under test.
    wbufsize = 1 << 20
    disable_nagle_algorithm = True
    feed, previews, uploads = [], 0, []
    picture = png(16, 16, False)

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, kind="application/json"):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/api/v1/fixative/changes":
            state = next((p[6:] for p in query.split("&") if p.startswith("since=")), "s.0")
            number = int(state.split(".")[1])
            if number < len(self.feed):
                return self.answer(self.feed[number])
            return self.answer({"created": [], "updated": [], "destroyed": [], "state": state, "has_more": False})
        if path == "/api/v2/instance":
            return self.answer({
                "domain": "bench", "title": "bench", "version": "4.3.0", "description": "",
                "api_versions": {"mastodon": 4, "fixative-sync": 1}})
        if path == "/api/v1/accounts/verify_credentials":
            return self.answer(account(1))
        if path.endswith("/following"):
            return self.answer([account(number) for number in range(2, 42)])
        if path.startswith("/files/"):
            Handler.previews += 1
            return self.answer(self.picture, kind="image/png")
        self.answer({"error": "no such route"}, 404)

    def do_POST(self):
        start, left = time.perf_counter(), int(self.headers.get("Content-Length") or 0)
        size = left
        while left > 0:
            left -= len(self.rfile.read(min(left, 1 << 20)))
        if self.path == "/api/v2/media":
            Handler.uploads.append(size / (time.perf_counter() - start))
            return self.answer({"id": "1", "type": "image", "url": "http://127.0.0.1/x", "description": ""})
        if self.path == "/api/v1/apps":
            return self.answer({"id": "1", "name": "b", "client_id": "c", "client_secret": "s", "redirect_uri": "u"})
        if self.path == "/oauth/token":
            return self.answer(
                {"access_token": "token", "token_type": "Bearer", "scope": "read write follow", "created_at": 1})
        self.answer({"error": "no such route"}, 422)


def measured(command, **keywords):
    """(wall seconds, CPU seconds of it and its children)."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **keywords)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


SCHEMA = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
CREATE TABLE accounts (id TEXT PRIMARY KEY, acct TEXT, body TEXT) WITHOUT ROWID;
CREATE TABLE statuses (row INTEGER PRIMARY KEY, id TEXT UNIQUE, account_id TEXT, body TEXT, home INTEGER, license TEXT);
CREATE INDEX by_account ON statuses (account_id);
CREATE INDEX by_home ON statuses (home) WHERE home = 1;
CREATE TABLE tags (tag TEXT, row INTEGER, PRIMARY KEY (tag, row)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(text, alt, tags, content = '');
"""
IMPORT = """
BEGIN;
CREATE TEMP TABLE page AS SELECT value AS v FROM json_each(readfile('{0}'), '$.created');
INSERT INTO accounts SELECT v ->> '$.account.id', v ->> '$.account.acct', v -> '$.account' FROM page WHERE 1
    ON CONFLICT DO NOTHING;
INSERT INTO statuses SELECT v ->> '$.id', v ->> '$.id', v ->> '$.account.id', json_remove(v, '$.account'), 0,
    v ->> '$.fixative.license' FROM page;
INSERT OR IGNORE INTO tags SELECT t.value ->> '$.name', v ->> '$.id' FROM page, json_each(v, '$.tags') t;
INSERT INTO words (rowid, text, alt, tags) SELECT v ->> '$.id', v ->> '$.content',
    v ->> '$.media_attachments[0].description', v -> '$.tags' FROM page;
DROP TABLE page;
COMMIT;
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fixative")
    parser.add_argument("--statuses", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    fixative = Path(options.fixative).resolve()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port = server.server_address[1]
    Handler.feed = [json.dumps(page).replace("PORT", str(port)).encode() for page in pages(options.statuses)]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ours, peers = [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8",
            "XDG_DATA_HOME": f"{folder}/data", "XDG_CONFIG_HOME": f"{folder}/config",
            "XDG_CACHE_HOME": f"{folder}/cache", "XDG_STATE_HOME": f"{folder}/state"}
        for _ in range(options.rounds):
            for name in ("data", "cache", "state", "config"):
                shutil.rmtree(folder / name, ignore_errors=True)
            subprocess.run(
                [fixative, "login", f"http://127.0.0.1:{port}", "--username", "a", "--password-stdin"], input=b"p\n",
                check=True, stdout=subprocess.DEVNULL, env=environment)
            ours.append(measured([fixative, "sync", "--once"], env=environment))
            peer = folder / "peer"
            shutil.rmtree(peer, ignore_errors=True)
            peer.mkdir()
            (peer / "urls").write_text("".join(
                f'url = "http://127.0.0.1:{port}/api/v1/fixative/changes?since=s.{number}&limit=200"\n'
                f'output = "{peer}/{number}.json"\n' for number in range(len(Handler.feed))))
            fetched = measured(["curl", "-s", "-K", peer / "urls"])
            (peer / "import.sql").write_text(
                SCHEMA + "".join(IMPORT.format(peer / f"{number}.json") for number in range(len(Handler.feed))))
            with open(peer / "import.sql") as script:
                imported = measured(["sqlite3", peer / "peer.db"], stdin=script)
            peers.append((fetched[0] + imported[0], fetched[1] + imported[1]))
        size = sum(len(page) for page in Handler.feed) / 1e6
        wall, cpu = min(o[0] for o in ours), min(o[1] for o in ours)
        peer_wall, peer_cpu = min(p[0] for p in peers), min(p[1] for p in peers)
        print(f"| first sync of {options.statuses} statuses ({size:.0f} MB of JSON) | fixative | curl + sqlite3 | ratio | bar |")
        print("|---|---|---|---|---|")
        print(f"| seconds, best of {options.rounds} | {wall:.1f} | {peer_wall:.1f} | {wall / peer_wall:.2f} | ≤ 3 |")
        print(f"| CPU seconds | {cpu:.1f} | {peer_cpu:.1f} | {cpu / peer_cpu:.2f} | |")
        file = folder / "large.png"
        file.write_bytes(png(2_400, 1_800, True))
        for turn in range(options.rounds):
            subprocess.run(
                [fixative, "publish", file, "--title", f"large {turn}", "--recipe", "mark"], env=environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        blobs = sorted(folder.glob("data/fixative/accounts/*/blobs/*"), key=lambda path: path.stat().st_size)
        mine, Handler.uploads = Handler.uploads, []
        for _ in range(options.rounds):
            subprocess.run(
                ["curl", "-s", "-H", "Expect:", "-F", f"file=@{blobs[-1]};type=image/png", "-F", "description=x",
                 f"http://127.0.0.1:{port}/api/v2/media"], check=True, stdout=subprocess.DEVNULL)
        ratio = max(mine) / max(Handler.uploads)
        print(f"| upload of {blobs[-1].stat().st_size / 1e6:.0f} MB, MB/s | {max(mine) / 1e6:.0f} | {max(Handler.uploads) / 1e6:.0f} | {ratio:.2f} | ≥ 0.9 |")


main()
