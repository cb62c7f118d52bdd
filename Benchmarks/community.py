"""A community of any size, the same on every machine, served from memory: what the benchmarks of sync and store read.

The changes feed is made page by page when it is asked for, so a million statuses need no more memory than ten.
"""
import http.server
import json
import os
import random
import struct
import subprocess
import threading
import time
import zlib

PAGE = 200
PEOPLE = 500
WORDS = (
    "ink river winter portrait study light harbour cat moss copper evening glass lantern bridge garden smoke paper "
    "orchard thunder market violin mountain silver window"
).split() + "山水 夜景 猫 夏の海 水墨 星空 水彩 桜".split()
# The first few words are in every second piece, the last in every tenth thousandth: as in any language (Zipf).
RARE = [f"pigment{number}" for number in range(2_000)]


def png(width, height, noise):
    """A picture: a gradient, or noise that no compression makes smaller."""
    numbers = random.Random(3)
    if noise:
        rows = b"".join(b"\0" + numbers.randbytes(width * 3) for _ in range(height))
    else:
        rows = b"".join(
            b"\0" + bytes(v for x in range(width) for v in (x * 255 // width, y * 255 // height, 128))
            for y in range(height))

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


ACCOUNTS = [account(number) for number in range(1, PEOPLE + 1)]


def status(number, port):
    numbers = random.Random(number)
    words = [WORDS[min(int(numbers.expovariate(0.12)), len(WORDS) - 1)] for _ in range(8)]
    if numbers.random() < 0.3:
        words.append(numbers.choice(RARE))
    identifier = str(1_000_000 + number)
    date = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(1_600_000_000 + number * 60))
    return {
        "id": identifier, "uri": f"http://h/s/{identifier}", "url": f"http://h/s/{identifier}", "created_at": date,
        "edited_at": None, "account": ACCOUNTS[numbers.randrange(PEOPLE)],
        "content": f"<p>Piece {number}</p><p>{' '.join(words)}</p>", "visibility": "public", "sensitive": False,
        "spoiler_text": "", "language": "en", "in_reply_to_id": None, "replies_count": 0, "reblogs_count": 1,
        "favourites_count": 5, "favourited": False, "reblogged": False, "bookmarked": False, "mentions": [],
        "emojis": [], "tags": [{"name": tag, "url": f"http://h/tags/{tag}"} for tag in sorted(set(words[2:4]))],
        "media_attachments": [{
            "id": identifier, "type": "image", "url": f"http://127.0.0.1:{port}/files/{identifier}",
            "preview_url": f"http://127.0.0.1:{port}/files/{identifier}s", "description": f"{words[0]} study",
            "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
            "meta": {"original": {"width": 1024, "height": 768}, "small": {"width": 400, "height": 300}}}],
        "fixative": {
            "client_id": None, "mark_id": None, "license": "CC-BY-4.0", "recipe": "subtle", "revision": 1},
    }


class Community:
    """The server. `pages` prepared ones are answered as bytes, so that making them is not measured."""

    def __init__(self, count, prepared):
        self.count, self.previews = count, 0
        # (bytes, seconds) of whole uploads, and of the resumable one under way: [bytes expected, bytes here, begun at].
        self.uploads, self.resumable = [], None
        self.picture = png(400, 300, False)
        self.server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"community": self}))
        self.port = self.server.server_address[1]
        self.prepared = [self.page(number) for number in range(self.page_count)] if prepared else None
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def page_count(self):
        return -(-self.count // PAGE)

    def page(self, number):
        start = number * PAGE
        end = min(start + PAGE, self.count)
        created = [status(one, self.port) for one in range(start, end)] if start < end else []
        return json.dumps({
            "created": created, "updated": [], "destroyed": [], "state": f"s.{number + 1 if created else number}",
            "has_more": end < self.count}).encode()


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, address):
        """A client that is closed in the middle of an answer is no news."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body in one segment: delayed acknowledgements are not under test.
    wbufsize = 1 << 20
    disable_nagle_algorithm = True
    community = None

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
            prepared = self.community.prepared
            if prepared and number < len(prepared):
                return self.answer(prepared[number])
            return self.answer(self.community.page(number))
        if path == "/api/v2/instance":
            return self.answer({
                "domain": "bench", "title": "bench", "version": "4.3.0", "description": "",
                "api_versions": {"mastodon": 4, "fixative-sync": 1}})
        if path == "/api/v1/accounts/verify_credentials":
            return self.answer(account(1))
        if path.endswith("/following"):
            return self.answer(ACCOUNTS[1:80])
        if path.startswith("/files/"):
            self.community.previews += 1
            return self.answer(self.community.picture, kind="image/png")
        self.answer({"error": "no such route"}, 404)

    def read_body(self):
        size = left = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            left -= len(self.rfile.read(min(left, 1 << 20)))
        return size

    def tus(self, status):
        size, here, _ = self.community.resumable
        self.send_response(status)
        self.send_header("Tus-Resumable", "1.0.0")
        self.send_header("Location", "/api/v1/fixative/uploads/1")
        self.send_header("Upload-Offset", str(here))
        self.send_header("Upload-Length", str(size))
        self.send_header("Content-Length", "0")
        if here == size:
            self.send_header("Fixative-Media-Id", "1")
        self.end_headers()

    def do_HEAD(self):
        self.tus(200)

    def do_PATCH(self):
        upload = self.community.resumable
        upload[1] += self.read_body()
        if upload[1] == upload[0]:
            self.community.uploads.append((upload[0], time.perf_counter() - upload[2]))
        self.tus(204)

    def do_POST(self):
        start, size = time.perf_counter(), self.read_body()
        if self.path == "/api/v1/fixative/uploads":
            self.community.resumable = [int(self.headers["Upload-Length"]), 0, start]
            return self.tus(201)
        if self.path == "/api/v2/media":
            self.community.uploads.append((size, time.perf_counter() - start))
            return self.answer({"id": "1", "type": "image", "url": "http://127.0.0.1/x", "description": ""})
        if self.path == "/api/v1/apps":
            return self.answer({"id": "1", "name": "b", "client_id": "c", "client_secret": "s", "redirect_uri": "u"})
        if self.path == "/oauth/token":
            return self.answer(
                {"access_token": "token", "token_type": "Bearer", "scope": "read write follow", "created_at": 1})
        self.answer({"error": "no such route"}, 422)


def client_environment(folder):
    """Where a client of the benchmark keeps everything."""
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "XDG_DATA_HOME": f"{folder}/data",
        "XDG_CONFIG_HOME": f"{folder}/config", "XDG_CACHE_HOME": f"{folder}/cache", "XDG_STATE_HOME": f"{folder}/state"}


def log_in(fixative, community, environment):
    subprocess.run(
        [fixative, "login", f"http://127.0.0.1:{community.port}", "--username", "a", "--password-stdin"], input=b"p\n",
        check=True, stdout=subprocess.DEVNULL, env=environment)
