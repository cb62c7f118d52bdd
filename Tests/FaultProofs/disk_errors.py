"""A disk that is full or fails, at each of the first 200 calls of a publication, and writes that are short.

For each call that changes a file: it fails with ENOSPC, then with EIO (strace injects the error and the call is not
made); and each write is cut to half its length once (a preloaded library). Afterwards the disk is well again. What must
hold: an error was shown where the command did not do its work; the databases are whole; what was acknowledged or is in
the queue is published exactly once, and nothing twice.

    disk_errors.py FOLDER [--calls=N] [--every=N] [--workers=N]
"""
import shutil
import time

from common import *

CALLS = ["openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "unlink", "mkdir"]


def command(file, title):
    return ("publish", file, "--title", title, "--recipe", "mark", "--json")


def first_calls(artist, file, count):
    """The first calls that change the store, in order, as (name, how manieth of that name by its thread)."""
    log = ROOT / "calls.log"
    done = artist.run(
        *command(file, "counted"), prefix=("strace", "-f", "-y", "-o", log, "-e", "trace=" + ",".join(CALLS)))
    assert done.returncode == 0, done.stderr
    seen, found = {}, []
    for line in log.read_text(errors="replace").splitlines():
        thread, _, rest = line.partition(" ")
        rest = rest.strip()
        name = rest.split("(")[0]
        if name not in CALLS:
            continue
        seen[thread, name] = seen.get((thread, name), 0) + 1
        if str(artist.home) in rest and not (name == "openat" and "O_CREAT" not in rest):
            found.append((name, seen[thread, name]))
    return found[:count]


def library():
    """The library that shortens writes; None without a C compiler."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if not compiler:
        return None
    target = ROOT / "short_writes.so"
    source = Path(__file__).with_name("short_writes.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", target, source, "-ldl"], check=True)
    return target


def main():
    binaries, options = arguments("calls", "every", "workers")
    if not can_trace():
        print("disk errors: left out: strace is missing or may not trace here (apt: strace; ptrace must be allowed)")
        return
    begin()
    community = Community(binaries)
    original = picture(1)
    file = ROOT / "original.png"
    file.write_bytes(original)
    proxy = RecordingProxy(community.port, windows(original))
    template = Artist(binaries, ROOT / "template")
    template.login(proxy.port)
    calls = first_calls(template.copy("count"), file, int(options.get("calls", 200)))
    jobs = [(fault, name, number) for name, number in calls for fault in ("ENOSPC", "EIO")]
    short = library()
    if short:
        jobs += [("short", "write", number) for number in range(1, len(calls) + 1)]
    else:
        print("disk errors: short writes are left out: there is no C compiler")
    jobs = jobs[:: int(options.get("every", 1))]
    start = time.time()
    expected = {"counted": 1}

    def work(worker, job):
        fault, name, number = job
        title = f"piece {fault} {name} {number}"
        artist = template.copy(f"run-{worker}")
        try:
            if fault == "short":
                prefix = ("env", f"LD_PRELOAD={short}", f"SHORT_WRITE_AT={number}")
            else:
                inject = f"inject={name}:error={fault}:when={number}"
                prefix = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={name}", "-e", inject)
            done = artist.run(*command(file, title), prefix=prefix)
            said, errors = done.stdout.decode(), done.stderr.decode().strip()
            assert 0 <= done.returncode < 128, f"ended by a signal: {done.returncode} {errors[-300:]}"
            queued = artist.items().get(title)
            if done.returncode == 0:
                assert queued and queued[0] == "published", f"said that it was done, and is {queued}"
            else:
                told = errors or '"attention"' in said or '"state":"' in said
                assert told, f"failed with {done.returncode} and without a word"
            # The artist tries again what needs them; the disk is well.
            for title_of, (state, _, _) in artist.items().items():
                if state == "needsAttention":
                    listed = json.loads(artist.run("queue", "list", "--json").stdout)
                    for item in listed:
                        artist.run("queue", "retry", item["id"])
            artist.drain()
            if queued:
                after = artist.items().get(title)
                assert after and after[0] == "published" and after[2] == 1, f"left as {after}; first {errors}"
                expected[title] = 1
            else:
                assert done.returncode != 0 and '"state"' not in said, f"acknowledged and lost: {said}"
            return done.returncode != 0, bool(queued)
        finally:
            shutil.rmtree(artist.home, ignore_errors=True)

    results, failures = on_workers(int(options.get("workers", os.cpu_count() or 1)), jobs, work)
    counts = community.titles()
    failures += [f"{title}: {counts.get(title, 0)} on the server" for title in expected if counts.get(title) != 1]
    failures += [f"{title}: not expected on the server" for title in counts if title not in expected]
    failures += [f"an original was sent: {secret[:16]!r}" for secret in proxy.found]
    failed = sum(1 for has_failed, _ in results if has_failed)
    print(
        f"disk errors: {len(results)} runs over {len(calls)} calls, {failed} told an error, the others did their work "
        f"all the same: {len(failures)} failures, {time.time() - start:.0f} s")
    finish("disk errors", failures)


main()
