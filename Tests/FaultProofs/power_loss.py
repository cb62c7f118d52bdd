"""Every state that a power cut may leave of the store's files.

A series of commands is traced: every write, truncation, synchronisation, rename and removal under the account's folder,
every line that the program prints and every request that it sends. From the trace follow the states of the disk: at each
moment, what was synchronised is there, and of everything else any part may be: single writes, single sectors of 512
bytes of them, single entries of folders, in any combination. Each state is opened with SQLite, which recovers; then:

* `PRAGMA integrity_check` is ok, and every row's files are there, whole;
* every piece that was acknowledged is there, no further back than was said;
* before a publication was sent, its row says that its outcome is unknown.

    power_loss.py FOLDER [--states=N] [--workers=N] [--ignore=PART]   leaves out synchronising PART: must fail
"""
import itertools
import multiprocessing
import re
import time

from common import *

CALLS = (
    "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,"
    "linkat,sendto")
SECTOR = 512
ORDER = ["draft", "protecting", "protected", "uploading", "uploaded", "publishing", "published"]


# --- From the trace to events -------------------------------------------------------------------------------------


def unescape(text):
    return bytes.fromhex(text.replace("\\x", ""))


def resumed(lines):
    """Joins calls that another thread interrupted in the log."""
    open_calls = {}
    for line in lines:
        thread, _, rest = line.partition(" ")
        rest = rest.strip()
        if rest.endswith("<unfinished ...>"):
            open_calls[thread] = rest[: -len("<unfinished ...>")]
        elif rest.startswith("<..."):
            yield open_calls.pop(thread, "") + rest.split("resumed>", 1)[1]
        else:
            yield rest


def events(log, root):
    """The log as (kind, …), paths relative to the root."""
    root = str(root).encode()
    string = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
    descriptor = re.compile(r"^(\w+)\((\d+)(?:<((?:\\x[0-9a-f]{2})*)>)?")

    def inside(path):
        return path[len(root) + 1:].decode() if path.startswith(root + b"/") else "." if path == root else None

    for line in resumed(log.read_text().splitlines()):
        if "= -1 " in line or "(" not in line:
            continue
        name = line.split("(")[0]
        strings = [unescape(found) for found in string.findall(line)]
        result = line.rsplit("= ", 1)[-1]
        if name == "openat":
            path = inside(strings[0])
            if path and "O_CREAT" in line:
                yield ("create", path, "O_TRUNC" in line)
            continue
        if name in ("rename", "renameat", "renameat2"):
            old, new = inside(strings[0]), inside(strings[1])
            if old and new:
                yield ("rename", old, new)
            continue
        if name in ("unlink", "unlinkat"):
            if path := inside(strings[0]):
                yield ("unlink", path)
            continue
        if name in ("mkdir", "mkdirat"):
            if path := inside(strings[0]):
                yield ("mkdir", path)
            continue
        if name in ("link", "linkat"):
            assert not inside(strings[1]), "links are not modelled"
            continue
        found = descriptor.match(line)
        if not found:
            continue
        path = inside(unescape(found[3] or ""))
        if name == "sendto" and strings and strings[0].startswith(b"POST /api/v1/statuses "):
            yield ("send",)
        elif name == "write" and found[2] == "1":
            yield ("say", strings[0])
        elif path is None:
            continue
        elif name in ("fsync", "fdatasync"):
            yield ("sync", path)
        elif name == "ftruncate":
            yield ("truncate", path, int(line[: line.rindex(")")].rsplit(", ", 1)[1]))
        elif name == "write":
            yield ("append", path, strings[0][: int(result.split()[0])])
        elif name == "pwrite64":
            offset = int(line[: line.rindex(")")].rsplit(", ", 1)[1])
            yield ("write", path, offset, strings[0][: int(result.split()[0])])


# --- From events to states ----------------------------------------------------------------------------------------


class Disk:
    """What is surely on the disk, and what may be."""

    def __init__(self, files, folders, ignore):
        self.inodes = {number: bytes(data) for number, data in enumerate(files.values())}
        self.live = {name: number for number, name in enumerate(files)}  # as the program sees it
        self.names = dict(self.live)  # as the disk surely has it
        self.folders = set(folders)
        self.data = []  # [(inode, "write", offset, bytes) or (inode, "size", n)] not yet synchronised
        self.entries = []  # [(folder, name, inode or None)] not yet synchronised
        self.sizes = {number: len(data) for number, data in self.inodes.items()}
        self.ignore = ignore

    def folder(self, path):
        return path.rsplit("/", 1)[0] if "/" in path else "."

    def enter(self, path, inode):
        if inode is None:
            self.live.pop(path, None)
        else:
            self.live[path] = inode
        self.entries.append((self.folder(path), path, inode))

    def apply(self, event):
        kind, path = event[0], event[1] if len(event) > 1 else None
        if kind == "create":
            if path not in self.live:
                number = len(self.inodes)
                self.inodes[number], self.sizes[number] = b"", 0
                self.enter(path, number)
        elif kind == "mkdir":
            # An entry like any other: what lies below is reachable only with it.
            number = len(self.inodes)
            self.inodes[number], self.sizes[number] = None, 0
            self.enter(path + "/", number)
        elif kind == "rename":
            inode = self.live[path]
            self.enter(path, None)
            self.enter(event[2], inode)
        elif kind == "unlink":
            self.enter(path, None)
        elif kind in ("write", "append", "truncate"):
            inode = self.live[path]
            if kind == "truncate":
                self.data.append((inode, "size", event[2]))
                self.sizes[inode] = event[2]
            else:
                offset = event[2] if kind == "write" else self.sizes[inode]
                self.data.append((inode, "write", offset, event[-1]))
                self.sizes[inode] = max(self.sizes[inode], offset + len(event[-1]))
        elif kind == "sync":
            if self.ignore and self.ignore in path:
                return
            if path in self.live:
                inode = self.live[path]
                self.inodes[inode] = patched(self.inodes[inode], [op for op in self.data if op[0] == inode])
                self.data = [op for op in self.data if op[0] != inode]
            else:
                for folder, name, inode in self.entries:
                    if folder == path:
                        if inode is None:
                            self.names.pop(name, None)
                        else:
                            self.names[name] = inode
                self.entries = [entry for entry in self.entries if entry[0] != path]

    def states(self, limit, numbers):
        """Combinations of what may have reached the disk: all of them where they are few, else the most telling ones
        and a draw."""
        atoms = [("entry", entry) for entry in self.entries]
        for op in self.data:
            atoms.append(("data", op))
        count = len(atoms)
        if 2 ** count <= limit:
            choices = itertools.product((False, True), repeat=count)
        else:
            telling = [[False] * count, [True] * count]
            # Where a folder is never synchronised what may be lost grows without end: the newest tell the most.
            for index in range(max(0, count - 64), count):
                telling.append([number < index for number in range(count)])
                telling.append([number == index for number in range(count)])
                telling.append([number != index for number in range(count)])
            draw = ([numbers.random() < 0.5 for _ in range(count)] for _ in range(max(0, limit - len(telling))))
            choices = itertools.chain(telling, draw)
        for choice in choices:
            chosen = [atom for atom, is_there in zip(atoms, choice) if is_there]
            yield self.state([a[1] for a in chosen if a[0] == "data"], [a[1] for a in chosen if a[0] == "entry"])
        # Torn: of each write, any of its sectors.
        torn = [op for op in self.data if op[1] == "write" and len(op[3]) > SECTOR]
        for _ in range(min(limit // 2, 24) if torn else 0):
            data = []
            for op in self.data:
                if op[1] != "write":
                    data += [op] if numbers.random() < 0.5 else []
                    continue
                inode, _, offset, content = op
                for start in range(0, len(content), SECTOR):
                    if numbers.random() < 0.5:
                        data.append((inode, "write", offset + start, content[start:start + SECTOR]))
            yield self.state(data, [entry for entry in self.entries if numbers.random() < 0.5])

    def state(self, data, entries):
        names = dict(self.names)
        for _, name, inode in entries:
            if inode is None:
                names.pop(name, None)
            else:
                names[name] = inode
        made = {name[:-1] for name in names if name.endswith("/")}
        there = self.folders | made
        files = {}
        for name, inode in names.items():
            if name.endswith("/"):
                continue
            above = self.folder(name)
            while above != "." and above in there:
                above = self.folder(above)
            if above == ".":
                files[name] = patched(self.inodes[inode], [op for op in data if op[0] == inode])
        return files


def patched(data, ops):
    if not ops:
        return data
    content = bytearray(data)
    for op in ops:
        if op[1] == "size":
            if op[2] < len(content):
                del content[op[2]:]
            else:
                content.extend(bytes(op[2] - len(content)))
        else:
            end = op[2] + len(op[3])
            if end > len(content):
                content.extend(bytes(end - len(content)))
            content[op[2]:end] = op[3]
    return bytes(content)


# --- What must hold -----------------------------------------------------------------------------------------------


def judge(folder, files, account, said, sent):
    """Opens a state and raises what is wrong with it."""
    for name in ("vault.db", "vault.db-journal", "vault.db-wal"):
        path = folder / name
        content = files.get(f"{account}/{name}")
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content)
    rows = {}
    if f"{account}/vault.db" in files:
        database = sqlite3.connect(folder / "vault.db", isolation_level=None)
        try:
            verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
            assert verdict == "ok", f"corrupt: {verdict}"
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'items'").fetchone():
                for row in database.execute(
                    "SELECT draft, state, original, blob, outcome_unknown, (SELECT count(*) FROM receipts r WHERE"
                    " r.client_id = items.client_id) FROM items"):
                    rows[json.loads(row[0])["title"]] = row[1:]
        except sqlite3.DatabaseError as error:
            raise AssertionError(f"corrupt: {error}") from error
        finally:
            database.close()
    for title, state in said.items():
        assert title in rows, f"{title} was acknowledged as {state} and is missing"
        found = rows[title][0]
        assert ORDER.index(found) >= ORDER.index(state), f"{title} was acknowledged as {state} and is {found}"
    for title, (state, original, blob, unknown, receipts) in rows.items():
        if state != "published":
            data = files.get(f"{account}/originals/{original}")
            assert data is not None and sha256(data) == original, f"the original of {title} ({state}) is not there"
        else:
            assert receipts == 1, f"{title} is published without its receipt"
        if blob:
            data = files.get(f"{account}/blobs/{blob}")
            assert data is not None and sha256(data) == blob, f"the blob of {title} ({state}) is not there"
    for title in sent:
        state, unknown = rows[title][0], rows[title][3]
        assert state == "published" or unknown, f"{title} was sent, and its row does not know ({state})"


def check(job):
    number, batch, account = job
    folder = ROOT / f"worker-{multiprocessing.current_process().name}"
    folder.mkdir(parents=True, exist_ok=True)
    failures = []
    for moment, files, said, sent in batch:
        try:
            judge(folder, files, account, said, sent)
        except Exception as error:
            failures.append(f"at {moment}: {type(error).__name__} {error}")
    return len(batch), failures


def snapshot(root):
    files, folders = {}, set()
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_dir():
            folders.add(name)
        elif path.is_file():
            files[name] = path.read_bytes()
    return files, folders


def main():
    binaries, options = arguments("states", "workers", "ignore")
    if not can_trace():
        print("power loss: left out: strace is missing or may not trace here (apt: strace; ptrace must be allowed)")
        return
    begin()
    goal = int(options.get("states", 100_000))
    community = Community(binaries)
    originals = [picture(number) for number in range(4)]
    proxy = RecordingProxy(community.port, [piece for data in originals for piece in windows(data)])
    artist = Artist(binaries, ROOT / "artist")
    root = artist.home / "data"
    log = ROOT / "trace.log"
    trace = ("strace", "-f", "-y", "-xx", "-s", "10000000", "-o", log, "-e", f"trace={CALLS}")
    # The login makes the folders; what it leaves is where the trace begins, not yet surely on the disk.
    recorded = []
    root.mkdir(parents=True)

    def traced(command, stdin=b""):
        done = artist.run(*command, prefix=trace, stdin=stdin)
        assert done.returncode == 0, done.stderr
        recorded.extend(events(log, root))

    traced(
        ("login", f"http://127.0.0.1:{proxy.port}", "--username", "mei", "--password-stdin"), PASSWORD.encode())
    for number, data in enumerate(originals):
        file = ROOT / f"original-{number}.png"
        file.write_bytes(data)
        traced(
            ("publish", file, "--title", f"piece {number}", "--recipe", "mark", "--json",
             *(["--later"] if number == 1 else [])))
    traced(("sync", "--once"))
    account = next(str(path.relative_to(root)) for path in (root / "fixative/accounts").iterdir())
    start = time.time()
    # The cache can be fetched again, and logs and locks prove nothing: they are left out.
    recorded = [
        event for event in recorded
        if event[0] in ("say", "send") or not any(part in event[1] for part in ("cache.db", "/locks", ".lock"))]
    if options.get("ignore"):
        # What may be lost grows without end when it is never synchronised; the beginning is enough to be found out.
        recorded = recorded[:200]
    moments = len(recorded)
    # Many moments have few states, and some states are those of other moments.
    limit = max(8, goal * 8 // moments)
    disk = Disk({}, set(), options.get("ignore"))
    numbers = random.Random(11)
    seen, jobs, batch = set(), [], []
    said, sent, current = {}, [], 0
    for moment, event in enumerate(recorded):
        if event[0] == "say":
            for line in event[1].decode().splitlines():
                if line.startswith("{"):
                    item = json.loads(line)
                    if "draft" in item:
                        said = {**said, item["draft"]["title"]: item["state"]}
                        current += 1
        elif event[0] == "send":
            sent = [*sent, f"piece {len(sent)}"]  # the oldest first
        else:
            disk.apply(event)
        for files in disk.states(limit, numbers):
            relevant = {n: c for n, c in files.items() if n.startswith(account + "/")}
            key = hash((frozenset((n, hash(c)) for n, c in relevant.items()), len(said), len(sent)))
            if key in seen:
                continue
            seen.add(key)
            batch.append((f"{moment} {event[:2]}", relevant, said, sent))
            if len(batch) == 200:
                jobs.append((len(jobs), batch, account))
                batch = []
    jobs.append((len(jobs), batch, account))
    with multiprocessing.Pool(int(options.get("workers", os.cpu_count() or 1))) as pool:
        results = pool.map(check, jobs, chunksize=1)
    failures = [failure for _, found in results for failure in found]
    count = sum(number for number, _ in results)
    print(
        f"power loss: {count} different states of {moments} moments, {len(said)} acknowledged, {len(sent)} sent: "
        f"{len(failures)} wrong, {time.time() - start:.0f} s")
    if options.get("ignore"):
        # A disk that loses what it was told to keep must be found out, or this proof proves nothing.
        print(f"power loss: without synchronising {options['ignore']}: " + (failures or ["nothing was found"])[0])
        sys.exit(0 if failures else 1)
    if count < goal:
        failures.append(f"only {count} states")
    failures += [f"an original was sent: {secret[:16]!r}" for secret in proxy.found]
    if not proxy.bytes:
        failures.append("the proxy was not on the way")
    finish("power loss", failures)


main()
