"""SIGKILL before every call that changes a file or sends something, in a complete publication.

The k-th such call of `fixative publish` is where the process dies (strace injects the signal); then an undisturbed
`fixative sync` goes on. One run starts from an empty store (so the migration is cut at every call too), one from a
store that has published before.

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
    templates = {"empty store": fresh, "used store": used}
    every = int(options.get("every", 1))
    jobs = []
    for number, (name, template) in enumerate(templates.items()):
        calls = count_calls(template.copy(f"count-{number}"), file)
        jobs += [(name, call, point) for call in sorted(calls) for point in range(1, calls[call] + 1)]
    jobs = jobs[::every]
    start = time.time()
    expected = {"first": 1, "counted": 2}

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
            artist.drain()
            state = artist.items().get(title)
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
