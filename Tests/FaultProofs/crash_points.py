"""SIGKILL before every call that changes a file or sends something, in a complete publication.

The k-th such call of `fixative publish` is where the process dies (strace injects the signal); then an undisturbed
`fixative sync` goes on. One run starts from an empty store, so that making the tables is cut at every call too; one from
a store that has published before; and one from a store that an older version wrote, so that the backup and the migration
are cut as well.

    crash_points.py FOLDER [--every=N] [--workers=N]
"""
import shutil
import time

from common import *

CALLS = "write,pwrite64,writev,rename,renameat,renameat2,fsync,fdatasync,ftruncate,unlink,unlinkat,mkdir,link,sendto"


def count_calls(artist, file):
    """How often an undisturbed publication makes each call, by its busiest thread: so strace counts."""
    log = ROOT / "count.log"
    done = artist.run(*command(file, "counted"), prefix=("strace", "-f", "-o", log, "-e", f"trace={CALLS}"))
    assert done.returncode == 0, done.stderr
    counts = {}
    for line in log.read_text(errors="replace").splitlines():
        thread, _, rest = line.partition(" ")
        name = rest.strip().split("(")[0]
        if name in CALLS.split(","):
            counts[name, thread] = counts.get((name, thread), 0) + 1
    return {name: max(count for (other, _), count in counts.items() if other == name) for name, _ in counts}


# What the second version of the vault added (Sources/Store/Vault/VaultSchema.swift).
ADDED = {
    "items": ["upload_id", "uploaded_alt", "baseline", "publish_at"],
    "operations": ["base", "theirs", "sent", "baseline"],
}


def make_older(artist):
    """Turns a vault into one that the first version wrote."""
    database = sqlite3.connect(artist.store / "vault.db")
    for table, columns in ADDED.items():
        for column in columns:
            database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()


def check_backups(artist):
    """A backup is whole, with everything that was there before the migration, or it has no name yet."""
    for path in (artist.store / "backups").glob("vault-*.db"):
        database = sqlite3.connect(path)
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "the backup is damaged"
        assert database.execute("PRAGMA user_version").fetchone()[0] == 1, "the backup is of another version"
        assert database.execute("SELECT count(*) FROM receipts").fetchone()[0] == 1, "the backup is not complete"
        database.close()


def command(file, title):
    return ("publish", file, "--title", title, "--alt", f"alt {title}", "--recipe", "mark", "--json")


def main():
    binaries, options = arguments("every", "workers")
    if not can_trace():
        print("crash points: left out: strace is missing or may not trace here (apt: strace; ptrace must be allowed)")
        return
    begin()
    community = Community(binaries)
    original = picture(1)
    file = ROOT / "original.png"
    file.write_bytes(original)
    proxy = RecordingProxy(community.port, windows(original))
    fresh = Artist(binaries, ROOT / "fresh")
    fresh.login(proxy.port)
    used = fresh.copy("used")
    assert used.run(*command(file, "first")).returncode == 0
    older = used.copy("older")
    make_older(older)
    templates = {"empty store": fresh, "used store": used, "older store": older}
    every = int(options.get("every", 1))
    jobs = []
    for number, (name, template) in enumerate(templates.items()):
        calls = count_calls(template.copy(f"count-{number}"), file)
        jobs += [(name, call, point) for call in sorted(calls) for point in range(1, calls[call] + 1)]
    jobs = jobs[::every]
    start = time.time()
    expected = {"first": 1, "counted": len(templates)}

    def work(worker, job):
        name, call, point = job
        title = f"piece {name} {call} {point}"
        artist = templates[name].copy(f"run-{worker}")
        try:
            done = artist.run(
                *command(file, title),
                prefix=("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                        f"inject={call}:signal=KILL:when={point}"))
            said = done.stdout.decode()
            was_killed = done.returncode != 0
            queued = title in artist.items()
            if name == "older store":
                check_backups(artist)
            artist.drain()
            state = artist.items().get(title)
            assert name == "empty store" or artist.items()["first"][0] == "published", "what was there before is lost"
            if queued:
                assert state is not None, "lost"
                assert state[0] == "published" and state[2] == 1, f"left as {state}"
                expected[title] = 1
            else:
                assert not said and was_killed, "acknowledged, and not in the queue"
                # The artist types the command again, as after any program that died without a word.
                again = artist.run(*command(file, title))
                assert again.returncode == 0, again.stderr.decode()
                expected[title] = 1
            return was_killed, queued
        finally:
            shutil.rmtree(artist.home, ignore_errors=True)

    results, failures = on_workers(int(options.get("workers", os.cpu_count() or 1)), jobs, work)
    counts = community.titles()
    failures += [f"{title}: {counts.get(title, 0)} on the server" for title in expected if counts.get(title) != expected[title]]
    failures += [f"{title}: not expected on the server" for title in counts if title not in expected]
    failures += [f"an original was sent: {secret[:16]!r}" for secret in proxy.found]
    if proxy.bytes < 1_000_000 * len(results) // 100:
        failures.append("the proxy was not on the way")
    killed = sum(1 for was_killed, _ in results if was_killed)
    # A call that threads share (a wake-up at the very end) is not always made.
    if killed < 0.97 * len(results):
        failures.append(f"only {killed} of {len(results)} runs were killed")
    before = sum(1 for was_killed, queued in results if was_killed and not queued)
    print(
        f"crash points: {len(results)} runs, {killed} killed ({before} before the queue had the piece): "
        f"{len(failures)} failures, {proxy.bytes} bytes sent without a byte of an original, {time.time() - start:.0f} s")
    finish("crash points", failures)


main()
