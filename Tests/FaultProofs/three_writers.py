"""Three programs on one store, and kills.

The terminal interface in a pseudo-terminal, the service (`sync --watch`) and the command line, which queues a picture
every moment, all work on one store; every few seconds one of them is killed and started again. In the end everything
that the command line acknowledged is on the server exactly once, both databases are whole, and no piece was ever in two hands.

    three_writers.py FOLDER [--seconds=N] [--seed=N]
"""
import fcntl
import pty
import termios
import time

from common import *


class Terminal:
    """The terminal interface, as somebody sees it who types a key now and then."""

    def __init__(self, artist):
        self.process, self.master = pty.fork()
        if self.process == 0:
            os.chdir(ROOT)
            os.execve(artist.binaries / "fixative", ["fixative"], environment(artist.home))
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.reader = threading.Thread(target=self.drain, daemon=True)
        self.reader.start()

    def drain(self):
        try:
            while os.read(self.master, 65536):
                pass
        except OSError:
            pass

    def type(self, keys):
        try:
            os.write(self.master, keys)
        except OSError:
            pass

    @property
    def is_running(self):
        return os.waitpid(self.process, os.WNOHANG) == (0, 0)

    def kill(self):
        os.kill(self.process, 9)
        os.waitpid(self.process, 0)
        os.close(self.master)


class ClaimLog:
    """Every change of hands, written down by triggers in the vault itself, so that none is missed."""

    TRIGGERS = """
        CREATE TABLE proof_log (seq INTEGER PRIMARY KEY, what TEXT, piece TEXT, before TEXT, after TEXT, fence INTEGER);
        CREATE TRIGGER proof_claims AFTER UPDATE ON items WHEN NEW.worker IS NOT OLD.worker BEGIN
            INSERT INTO proof_log (what, piece, before, after, fence)
            VALUES ('hold', NEW.client_id, OLD.worker, NEW.worker, NEW.fence);
        END;
        CREATE TRIGGER proof_fences AFTER UPDATE ON items WHEN NEW.fence < OLD.fence BEGIN
            INSERT INTO proof_log (what, piece) VALUES ('fence fell', NEW.client_id);
        END;
        CREATE TRIGGER proof_deaths AFTER DELETE ON leases BEGIN
            INSERT INTO proof_log (what, before) VALUES ('dead', OLD.worker);
        END;
        """

    def __init__(self, artist):
        self.path = artist.store / "vault.db"
        database = sqlite3.connect(self.path)
        database.executescript(self.TRIGGERS)
        database.close()

    def judge(self):
        """Returns (number of claims, what was wrong)."""
        database = sqlite3.connect(self.path)
        rows = database.execute("SELECT what, piece, before, after FROM proof_log ORDER BY seq").fetchall()
        database.close()
        holder, dead, claims, wrong = {}, set(), 0, []
        for what, piece, before, after in rows:
            if what == "dead":
                dead.add(before)
            elif what == "fence fell":
                wrong.append(f"the fence of {piece} fell")
            else:
                if holder.get(piece) != before:
                    wrong.append(f"{piece} changed hands unseen")
                if before and after:
                    wrong.append(f"{piece} was taken from one worker by another")
                if after:
                    claims += 1
                    # Whoever was declared dead must have been: it never does anything again.
                    if after in dead:
                        wrong.append(f"{piece} was claimed by a worker that was taken for dead")
                holder[piece] = after
        return claims, wrong


def main():
    binaries, options = arguments("seconds", "seed")
    seconds = float(options.get("seconds", 60))
    numbers = random.Random(int(options.get("seed", 5)))
    begin()
    community = Community(binaries)
    originals = [picture(number) for number in range(12)]
    for number, data in enumerate(originals):
        (ROOT / f"original-{number}.png").write_bytes(data)
    proxy = RecordingProxy(community.port, [piece for data in originals for piece in windows(data)])
    artist = Artist(binaries, ROOT / "artist")
    artist.login(proxy.port)
    artist.run("queue", "list")
    config = artist.home / "config/fixative"
    config.mkdir(parents=True, exist_ok=True)
    (config / "config.toml").write_text("sync_interval_seconds = 5\n")

    def watch():
        return subprocess.Popen(
            [binaries / "fixative", "sync", "--watch"], env=environment(artist.home), cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    claims = ClaimLog(artist)
    terminal, service = Terminal(artist), watch()
    acknowledged, attempted, failures = [], 0, []
    kills = {"terminal": 0, "service": 0, "command": 0}
    end = time.time() + seconds
    next_kill = time.time() + 2
    while time.time() < end:
        attempted += 1
        title = f"piece {attempted}"
        command = [
            binaries / "fixative", "publish", ROOT / f"original-{attempted % 12}.png", "--title", title, "--recipe",
            "mark", "--json", *(["--later"] if numbers.random() < 0.7 else [])]
        running = subprocess.Popen(
            command, env=environment(artist.home), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if numbers.random() < 0.2:
            time.sleep(numbers.random() * 0.2)
            if running.poll() is None:
                running.kill()
                kills["command"] += 1
        said, errors = running.communicate(timeout=600)
        if b'"state"' in said:
            acknowledged.append(title)
        elif running.returncode not in (0, -9) and not errors:
            failures.append(f"{title}: failed without a word")
        terminal.type(numbers.choice([b"j", b"k", b"g", b"\t", b"2", b"1", b"3", b"r"]))
        if time.time() > next_kill:
            next_kill = time.time() + numbers.uniform(0.5, 3)
            if numbers.random() < 0.5:
                if not terminal.is_running:
                    failures.append("the terminal interface ended by itself")
                else:
                    terminal.kill()
                kills["terminal"] += 1
                terminal = Terminal(artist)
            else:
                if service.poll() is not None:
                    failures.append(f"the service ended by itself: {service.returncode}")
                service.kill()
                service.wait()
                kills["service"] += 1
                service = watch()
        time.sleep(numbers.random() * 0.3)
    terminal.kill()
    service.kill()
    service.wait()
    artist.drain(200)
    held, wrong = claims.judge()
    items = artist.items()
    for database in ("vault.db", "cache.db"):
        connection = sqlite3.connect(artist.store / database)
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%fixative%'")]
        # The cache's index needs our tokenizer, which Python's SQLite does not have: the program checks it itself.
        if not tables:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if verdict != "ok":
                failures.append(f"{database}: {verdict}")
        connection.close()
    doctor = artist.run("doctor", "--json")
    if doctor.returncode != 0:
        failures.append(f"doctor: {doctor.stdout.decode()} {doctor.stderr.decode()}")
    counts = community.titles()
    failures += wrong
    failures += [f"{title} was acknowledged and is not in the queue" for title in acknowledged if title not in items]
    for title, (state, _, receipts) in items.items():
        if state != "published" or receipts != 1:
            failures.append(f"{title} is {state} with {receipts} receipts")
        if counts.get(title) != 1:
            failures.append(f"{title}: {counts.get(title, 0)} on the server")
    failures += [f"{title}: not from this queue" for title in counts if title not in items]
    failures += [f"an original was sent: {secret[:16]!r}" for secret in proxy.found]
    print(
        f"three writers: {seconds:.0f} s, {len(items)} pieces, {len(acknowledged)} acknowledged, kills {kills}, "
        f"{held} claims: {len(failures)} failures")
    finish("three writers", failures)


main()
