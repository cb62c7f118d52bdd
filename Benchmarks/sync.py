"""First sync of many statuses, and an upload, beside curl and the sqlite3 shell in one run.

A server in this process serves pages of the changes feed from memory. `fixative sync --once` takes them in; the peer
fetches the same bytes with curl and imports them with the sqlite3 shell into tables with the same indexes and a
full-text index. Then one large picture is uploaded by both.

    sync.py PATH/TO/fixative [--statuses N] [--rounds N]
"""
import argparse
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from community import PAGE, Community, client_environment, log_in, png

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


def measured(command, **keywords):
    """(wall seconds, CPU seconds of it and its children)."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **keywords)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def peer_sync(community, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    numbers = range(community.page_count)
    (folder / "urls").write_text("".join(
        f'url = "http://127.0.0.1:{community.port}/api/v1/fixative/changes?since=s.{number}&limit={PAGE}"\n'
        f'output = "{folder}/{number}.json"\n' for number in numbers))
    fetched = measured(["curl", "-s", "-K", folder / "urls"])
    (folder / "import.sql").write_text(SCHEMA + "".join(IMPORT.format(folder / f"{number}.json") for number in numbers))
    with open(folder / "import.sql") as script:
        imported = measured(["sqlite3", folder / "peer.db"], stdin=script)
    return fetched[0] + imported[0], fetched[1] + imported[1]


def uploads(community, fixative, folder, environment, rounds):
    """(ours, curl's) best throughput in MB/s, and the size in MB. Both turns alternate."""
    picture = folder / "large.png"
    picture.write_bytes(png(6_000, 4_500, True))
    mine, curls, size = [], [], 0
    for turn in range(rounds):
        community.uploads.clear()
        subprocess.run(
            [fixative, "publish", picture, "--title", f"large {turn}", "--recipe", "mark"], env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(
            [fixative, "sync", "--once"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        mine.append(community.uploads[0])
        blob = max(folder.glob("data/fixative/accounts/*/blobs/*"), key=lambda path: path.stat().st_size)
        size = blob.stat().st_size
        community.uploads.clear()
        subprocess.run(
            ["curl", "-s", "-H", "Expect:", "-F", f"file=@{blob};type=image/png", "-F", "description=x",
             f"http://127.0.0.1:{community.port}/api/v2/media"], check=True, stdout=subprocess.DEVNULL)
        curls.append(community.uploads[0])
    return *(max(bytes_ / seconds for bytes_, seconds in each) / 1e6 for each in (mine, curls)), size / 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fixative")
    parser.add_argument("--statuses", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    fixative = Path(options.fixative).resolve()
    community = Community(options.statuses, prepared=True)
    ours, peers = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = client_environment(folder)
        for _ in range(options.rounds):
            for part in ("data", "cache", "state", "config"):
                shutil.rmtree(folder / part, ignore_errors=True)
            log_in(fixative, community, environment)
            ours.append(measured([fixative, "sync", "--once"], env=environment))
            peers.append(peer_sync(community, folder / "peer"))
        size = sum(len(page) for page in community.prepared) / 1e6
        wall, cpu = (min(one[part] for one in ours) for part in (0, 1))
        peer_wall, peer_cpu = (min(one[part] for one in peers) for part in (0, 1))
        print(
            f"| first sync of {options.statuses:,} statuses ({size:.0f} MB of JSON) | fixative | curl + sqlite3 |"
            " ratio | bar |")
        print("|---|---|---|---|---|")
        print(f"| seconds, best of {options.rounds} | {wall:.1f} | {peer_wall:.1f} | {wall / peer_wall:.2f} | ≤ 3 |")
        print(f"| CPU seconds | {cpu:.1f} | {peer_cpu:.1f} | {cpu / peer_cpu:.2f} | |")
        mine, curls, size = uploads(community, fixative, folder, environment, options.rounds)
        print(f"| upload of {size:.0f} MB, MB/s | {mine:.0f} | {curls:.0f} | {mine / curls:.2f} | ≥ 0.9 |")


main()
